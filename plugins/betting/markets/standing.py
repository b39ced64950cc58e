"""Which markets take no bets although they begin soon, for the dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import url_for
from sqlalchemy import or_

from pitboss.core import counting
from pitboss.core.context import Context
from pitboss.core.contracts import Concern
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked_plural
from pitboss.plugins.betting.markets.tables import Market

SOON = timedelta(days=1)
SHUT = marked_plural(
    "%(count)s market of the next 24 hours takes no bets",
    "%(count)s markets of the next 24 hours take no bets",
)
_MARKET = Market.__table__


def concerns(ctx: Context) -> Iterator[Concern]:
    """Yield how many of the next day's markets are drafts or suspended, if any are."""
    now = ctx.clock.now()
    is_shut = _MARKET.c.status.in_(("draft", "suspended"))
    is_ahead = or_(_MARKET.c.closes_at.is_(None), _MARKET.c.closes_at > now)
    count = counting.some(ctx, _MARKET, is_shut, is_ahead, _MARKET.c.starts_at < now + SOON)
    text = _("They are drafts or suspended: a trader prices, resumes or closes them.")
    yield from counting.waiting(count, SHUT, text, url_for("betting_desk.index"), _("Trading desk"))
