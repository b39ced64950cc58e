"""The channels that an alert goes over.

`in_app`, `email` and `webhook` go to the player; `staff` is the inbox of the operators, and
`staff.email` their mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pitboss.core.errors import nearest
from pitboss.core.notifications import Channel
from pitboss.core.texts import gettext as _

PLAYER = tuple(channel.value for channel in Channel)
STAFF = {"staff": Channel.IN_APP, "staff.in_app": Channel.IN_APP, "staff.email": Channel.EMAIL}
ALL = (*PLAYER, *STAFF)


def of_player(channels: Iterable[str]) -> list[str]:
    """Return the channels to the player, each once."""
    return [name for name in dict.fromkeys(channels) if name in PLAYER]


def of_staff(channels: Iterable[str]) -> list[str]:
    """Return the channels to the operators, each once, as they are written."""
    found = {STAFF[name]: name for name in channels if name in STAFF}
    return sorted(found.values())


def problems(channels: Sequence[str]) -> list[str]:
    """Return what is wrong with the channels of an alert, in words."""
    return [
        _("no channel %(name)s: %(cure)s", name=repr(name), cure=nearest(name, list(ALL)))
        for name in channels
        if name not in ALL
    ]
