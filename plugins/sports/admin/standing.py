"""What of sports waits for a person, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from pitboss.core import counting
from pitboss.core.context import Context
from pitboss.core.contracts import Concern
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked_plural
from pitboss.plugins.sports.fixtures.tables import FixtureRow
from pitboss.plugins.sports.live.tables import LiveRow

UNCONFIRMED = marked_plural("%(count)s result to confirm", "%(count)s results to confirm")
SILENT = marked_plural("%(count)s live feed is stalled", "%(count)s live feeds are stalled")
_FIXTURE, _LIVE = FixtureRow.__table__, LiveRow.__table__


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield results that somebody has to confirm, and feeds that fell silent."""
    unconfirmed = counting.some(ctx, _FIXTURE, _FIXTURE.c.result_state == "provisional")
    text = _("Bets on them are settled once somebody else than who entered it agrees.")
    yield from counting.waiting(unconfirmed, UNCONFIRMED, text, _page("confirm"), _("Sports"))
    silent = counting.some(ctx, _LIVE, ~_LIVE.c.is_over, _LIVE.c.is_stalled)
    text = _("Markets in play are suspended until it is heard again, or somebody takes over.")
    yield from counting.waiting(silent, SILENT, text, _page("live"), _("Sports"), is_grave=True)


def _page(show: str) -> str:
    return url_for("sports_admin.fixtures", show=show)
