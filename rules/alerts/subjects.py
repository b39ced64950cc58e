"""What an alert is judged of: the player of an event, or what the event is about.

An event without a player is about what the first of its fields names that is called `id` or ends in
`_id`, `_key` or `_code`, in the order of its schema; without such a field it is the first text, and
without any text the event as a whole.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2s
from uuid import UUID

from marshmallow import Schema, fields

from pitboss.core import contracts
from pitboss.core.context import Context
from pitboss.core.events import Event
from pitboss.rules.alerts.tables import ABOUT_LENGTH_MAX

_DIGEST_BYTES = 16
_ENDINGS = ("_id", "_key", "_code")


def about_of(ctx: Context, event: Event) -> str:
    """Return what an event is about, empty where it names nothing."""
    term = ctx.view.term(event.name, contracts.Event)
    named = (event.payload.get(name) for name in _naming(term.schema))
    return shortened(str(next((value for value in named if value not in (None, "")), "")))


def subject_of(ctx: Context, event: Event) -> str:
    """Return whose state an alert has on an event."""
    if event.player_id is not None:
        return f"player:{event.player_id.hex}"
    return f"about:{about_of(ctx, event)}"


def subscribed(subscription_id: UUID, about: str) -> str:
    """Return whose state an alert has for one who subscribed: each thing that it tells of has its own."""
    return f"{subscribed_all(subscription_id)}{about}"


def subscribed_all(subscription_id: UUID) -> str:
    """Return how all states of one subscription begin."""
    return f"sub:{subscription_id.hex}:"


def shortened(about: str) -> str:
    """Return a name that fits its column, and is no other's."""
    if len(about) <= ABOUT_LENGTH_MAX:
        return about
    digest = blake2s(about.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{about[: ABOUT_LENGTH_MAX - len(digest) - 1]}~{digest}"


@lru_cache(maxsize=1024)
def _naming(schema: type[Schema]) -> tuple[str, ...]:
    found = schema().fields
    ids = [name for name in found if name == "id" or name.endswith(_ENDINGS)]
    texts = [name for name, field in found.items() if isinstance(field, fields.String) and name not in ids]
    return (*ids, *texts)
