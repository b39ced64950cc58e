"""Close what is over: markets whose time to bet has passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.events import Event
from pitboss.plugins.betting.markets import dynamic, postponing, reading, states
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION
from pitboss.plugins.betting.slips.tables import BetLeg

LEG = BetLeg.__table__
PIECE = 50
"""Markets that are closed in one transaction: bets on them wait meanwhile."""


def close_due(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Close every market whose time has come; return how many. A bet looks at the time itself."""
    total = 0
    while due := _due(ctx):
        for market_id in due:
            states.close(ctx, reading.find(ctx, market_id, is_locked=True))
        total += len(due)
        if ctx.job is not None:
            ctx.job.checkpoint({"closed": total})
    return total


def _due(ctx: Context) -> Sequence[UUID]:
    query = (
        select(MARKET.c.id)
        .where(
            MARKET.c.tenant_id == ctx.tenant.id,
            MARKET.c.status.in_(states.LIVE),
            MARKET.c.closes_at <= ctx.clock.now(),
        )
        .order_by(MARKET.c.id)
        .limit(PIECE)
    )
    return ctx.connection.scalars(query).all()


def note_prices(ctx: Context, event: Event) -> None:
    """Keep the last price beside each leg that was struck on a market that closed: how good its price was."""
    market_id = UUID(event.payload["market_id"])
    last = select(SELECTION.c.odds).where(
        SELECTION.c.tenant_id == LEG.c.tenant_id, SELECTION.c.id == LEG.c.selection_id
    )
    mine = (LEG.c.tenant_id == ctx.tenant.id) & (LEG.c.market_id == market_id)
    ctx.connection.execute(update(LEG).where(mine).values(closing_odds=last.scalar_subquery()))


LISTENERS = (Listener("betting.market_closed", note_prices),)
TASKS: tuple[Task, ...] = (
    Task(name="betting.close_markets", title="Close markets", run=close_due, cron="* * * * *"),
    *postponing.TASKS,
    *dynamic.TASKS,
)
