"""Which settlements go on only when somebody says so, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core import counting
from pitboss.core.context import Context
from pitboss.core.contracts import Concern
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, marked_plural, translated
from pitboss.plugins.betting.settling import operating

WAITS = {
    "waiting": (
        marked_plural("%(count)s correction waits", "%(count)s corrections wait"),
        marked("A result changed after bets were settled: see what it would change, and confirm it."),
    ),
    "held": (
        marked_plural("%(count)s settlement is held", "%(count)s settlements are held"),
        marked("A guard held it: nobody is paid until it is released."),
    ),
    "stopped": (
        marked_plural("%(count)s settlement was stopped", "%(count)s settlements were stopped"),
        marked("Somebody stopped it half-way: the bets that are left wait."),
    ),
}
"""What is told of runs that wait for a person."""


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield how many runs wait for a person, by what they wait for."""
    for state, count in operating.waiting_counts(ctx).items():
        named, text = WAITS[state]
        url, is_grave = url_for("betting_settling_admin.settlements", state=state), state == "held"
        yield from counting.waiting(count, named, translated(text), url, _("Settlements"), is_grave=is_grave)
