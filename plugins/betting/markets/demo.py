"""Demo markets: priced fixtures as a trader would have them, one that waits and one that is suspended."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.clock import ManualClock
from pitboss.core.context import Context
from pitboss.core.events import EventRow
from pitboss.plugins.betting.markets import catalogue, publishing, reading, states
from pitboss.plugins.betting.markets.publishing import TAKES_MARKETS, Wanted
from pitboss.plugins.betting.markets.reading import Book
from pitboss.plugins.betting.markets.templates import answers, winners_of

FIXTURES_MAX = 60
OPENED_BEFORE = timedelta(days=1)
"""How long before a match began its markets were opened, where it began before the demo was loaded."""
DRAFT_SHARE = 0.08
"""How many of the markets to come wait for a trader."""
_PLACES = Decimal("0.0001")
_LOG = EventRow.__table__


def load_demo(ctx: Context) -> None:
    """Publish markets on every fixture that was scheduled and has none; loading twice changes nothing."""
    fixtures = ctx.value("sports.fixtures", [str(one) for one in _scheduled(ctx)])
    taking = [one for one in fixtures if one["status"] in TAKES_MARKETS]
    known = {b.market.fixture_id for b in reading.of_fixtures(ctx, [UUID(one["id"]) for one in taking])}
    fresh = [one for one in taking if UUID(one["id"]) not in known]
    for number, fixture in enumerate(fresh):
        starts_at = datetime.fromisoformat(fixture["starts_at"])
        if starts_at <= ctx.clock.now() and not fixture["is_live"]:
            with back_then(ctx, starts_at - OPENED_BEFORE):
                _publish(ctx, fixture)
            continue
        if fixture["is_live"] and publishing.publish_followed(ctx, UUID(fixture["id"])):
            # In play, nothing else keeps up with the match.
            continue
        books = _publish(ctx, fixture, draft_share=DRAFT_SHARE)
        if books and number % 9 == 4:
            states.suspend(ctx, books[0], "trader", reason="team news")


@contextmanager
def back_then(ctx: Context, at: datetime) -> Iterator[None]:
    """Do what a demo tells of yesterday with the clock of yesterday."""
    clock, ctx.clock = ctx.clock, ManualClock(at)
    try:
        yield
    finally:
        ctx.clock = clock


def _scheduled(ctx: Context) -> list[UUID]:
    """Return the fixtures that the event log tells of: the only list that another plugin can read."""
    mine = (_LOG.c.tenant_id == ctx.tenant.id, _LOG.c.name == "sports.fixture_scheduled")
    rows = ctx.connection.scalars(select(_LOG.c.payload).where(*mine).order_by(_LOG.c.id).limit(FIXTURES_MAX))
    return list(dict.fromkeys(UUID(payload["fixture_id"]) for payload in rows))


def _publish(ctx: Context, fixture: Mapping[str, Any], *, draft_share: float = 0) -> list[Book]:
    # The same demo each time, and nothing secret.
    chance = random.Random(fixture["name"])  # noqa: S311
    made = []
    for one in catalogue.default_set(ctx, fixture["sport"]):
        template = catalogue.template_of(ctx, one["template"])
        codes = [a.code for a in answers(template, fixture, one["line"])]
        winners = winners_of(template, one["line"])
        # What is not one answer of several would need prices that agree with those of the others.
        if winners != 1 or (template.is_field and fixture["is_live"]):
            continue
        wanted = Wanted(
            template=template.code,
            line=one["line"],
            probabilities=_probabilities(chance, codes),
            goes_in_play=not template.is_field,
            is_draft=chance.random() < draft_share,
        )
        made.append(publishing.publish(ctx, UUID(fixture["id"]), wanted))
    return made


def _probabilities(chance: random.Random, codes: Sequence[str]) -> dict[str, Decimal]:
    """Return chances that add up to 1, none of them near certain."""
    weights = [chance.uniform(1, 3) for _ in codes]
    shares = _rounded(weight / sum(weights) for weight in weights)
    shares[0] += 1 - sum(shares)
    return dict(zip(codes, shares, strict=True))


def _rounded(shares: Iterable[float]) -> list[Decimal]:
    return [Decimal(share).quantize(_PLACES) for share in shares]
