"""A demo pool: a few players stake on a match that is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.database.wire import savepoint
from pitboss.core.errors import PitbossError
from pitboss.plugins.betting.markets.reading import MARKET
from pitboss.plugins.betting.pools import book

TEMPLATE = "match_result"
STAKES_MINOR = (20_00, 10_00, 5_00, 5_00)


def load_demo(ctx: Context, players: Sequence[UUID]) -> None:
    """Open one pool with entries; loading twice changes nothing."""
    fixture_id = _upcoming(ctx)
    if fixture_id is None or book.listed(ctx, limit=1):
        return
    # A tenant's guards may refuse a demo's players, as they would anybody.
    try:
        with savepoint(ctx.connection):
            pool = book.open_pool(ctx, fixture_id, kind="tote", template=TEMPLATE, terms={})
            codes = book.codes_of(pool)
            for number, (player_id, stake) in enumerate(zip(players, STAKES_MINOR, strict=False)):
                code = codes[number % len(codes)]
                book.enter(ctx, pool.id, player_id, selection=code, stake=stake, reference="demo-pool")
    except PitbossError:
        return


def _upcoming(ctx: Context) -> UUID | None:
    """Return the last of the matches that have the question."""
    query = select(MARKET.c.fixture_id).where(
        MARKET.c.tenant_id == ctx.tenant.id,
        MARKET.c.template == TEMPLATE,
        MARKET.c.status == "open",
        MARKET.c.closes_at > ctx.clock.now(),
    )
    found: UUID | None = ctx.connection.scalar(query.order_by(MARKET.c.closes_at.desc()).limit(1))
    return found
