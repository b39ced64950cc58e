"""Close what is over: markets whose time to bet has passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.events import Event
from pitboss.plugins.betting.markets import dynamic, postponing, reading, states
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION, Book
from pitboss.plugins.betting.slips.tables import BetLeg

LEG = BetLeg.__table__
PIECE = 50
"""Markets that are closed in one transaction: bets on them wait meanwhile."""


def close_due(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Close every market whose time has come; return how many. A bet looks at the time itself."""
    total = 0
    while due := _due(ctx):
        for market_id in due:
            _end(ctx, reading.find(ctx, market_id, is_locked=True))
        total += len(due)
        if ctx.job is not None:
            ctx.job.checkpoint({"closed": total})
    return total


def _end(ctx: Context, book: Book) -> None:
    goes_on = book.market.goes_in_play and not book.market.is_in_play
    (states.wait_for_start if goes_on else states.close)(ctx, book)


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
    """Keep the last price beside each leg that was struck before the start: how good its own price was.

    A market that went in play had its last such price there.
    """
    market_id = UUID(event.payload["market_id"])
    if reading.find(ctx, market_id).market.is_in_play:
        return
    last = select(SELECTION.c.odds).where(
        SELECTION.c.tenant_id == LEG.c.tenant_id, SELECTION.c.id == LEG.c.selection_id
    )
    mine = LEG.c.market_id == market_id
    ctx.connection.execute(_struck_before(ctx).where(mine).values(closing_odds=last.scalar_subquery()))


def note_prices_in_play(ctx: Context, event: Event) -> None:
    """Do the same when a market goes in play: since then its prices may have moved."""
    mine = (LEG.c.market_id == bindparam("of_market")) & (LEG.c.selection_id == bindparam("of_selection"))
    rows = [
        {
            "of_market": UUID(event.payload["market_id"]),
            "of_selection": UUID(one["selection_id"]),
            "to_odds": None if one["odds"] is None else Decimal(one["odds"]),
        }
        for one in event.payload["prices"]
    ]
    ctx.connection.execute(_struck_before(ctx).where(mine).values(closing_odds=bindparam("to_odds")), rows)


def _struck_before(ctx: Context) -> Update:
    return update(LEG).where(LEG.c.tenant_id == ctx.tenant.id, LEG.c.is_in_play.is_(False))


LISTENERS = (
    Listener("betting.market_closed", note_prices),
    Listener("betting.market_in_play", note_prices_in_play),
)
TASKS: tuple[Task, ...] = (
    Task(name="betting.close_markets", title="Close markets", run=close_due, cron="* * * * *"),
    *postponing.TASKS,
    *dynamic.TASKS,
)
