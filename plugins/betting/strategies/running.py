"""Run strategies: look at what is open, pick once on a market, and bet where the player follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy import Row, exists, func, insert, select

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Event, Task, Term
from pitboss.core.errors import PitbossError
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.betting.settling.reading import BET, MARKET, SELECTION
from pitboss.plugins.betting.slips import placing
from pitboss.plugins.betting.slips.asked import AskedBet, AskedLeg, Sum
from pitboss.plugins.betting.strategies import book
from pitboss.plugins.betting.strategies.book import PICK, STRATEGY
from pitboss.plugins.betting.strategies.seeing import Moment
from pitboss.plugins.betting.strategies.testing import first_choice

RUN_ALL = "betting.run_strategies"
RUN_ONE = "betting.run_strategy"
MARKETS_LOOKED_MAX = 500
"""Markets that a strategy looks at in one run, those that begin first."""


def run_all(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Ask for a run of each strategy that is on."""
    query = select(STRATEGY.c.id).where(STRATEGY.c.tenant_id == ctx.tenant.id, STRATEGY.c.mode != "off")
    for strategy_id in ctx.connection.scalars(query.order_by(STRATEGY.c.id)).all():
        ctx.enqueue(RUN_ONE, {"strategy_id": str(strategy_id)})


def run_one(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Let one strategy look at the markets that are open, each pick in a transaction of its own."""
    strategy_id = UUID(payload["strategy_id"])
    strategy = book.find(ctx, strategy_id)
    document = book.document_of(ctx, strategy)
    for market in _open(ctx, strategy, document):
        strategy = book.find(ctx, strategy_id, is_locked=True)
        if strategy.mode == "off" or not _goes_on(ctx, strategy, document["stops"]):
            return
        _look(ctx, strategy, document, market)
        if ctx.job is not None:
            ctx.job.checkpoint({"market_id": str(market.id)})


def _goes_on(ctx: Context, strategy: Row[Any], stops: Mapping[str, Any]) -> bool:
    """Tell whether its stops allow one more bet today; a day's loss switches it off."""
    midnight = datetime.combine(ctx.clock.now().astimezone(ctx.tenant.zone).date(), time.min, ctx.tenant.zone)
    mine = (PICK.c.tenant_id == ctx.tenant.id, PICK.c.strategy_id == strategy.id)
    loss = (
        select(func.sum(BET.c.stake - BET.c.payout))
        .join(PICK, (PICK.c.tenant_id == BET.c.tenant_id) & (PICK.c.bet_id == BET.c.id))
        .where(*mine, BET.c.settled_at >= midnight)
    )
    lost = int(ctx.connection.scalar(loss) or 0)
    if lost >= stops["day_loss_max"]:
        book.stop(ctx, strategy, marked(f"day_loss_max: lost {lost} of {stops['day_loss_max']} today"))
        return False
    count = select(func.count()).where(*mine, PICK.c.at >= midnight, PICK.c.state != "refused")
    return bool(int(ctx.connection.scalar(count) or 0) < stops["day_bets_max"])


def _look(ctx: Context, strategy: Row[Any], document: Mapping[str, Any], market: Row[Any]) -> None:
    now = ctx.clock.now()
    selections = _selections(ctx, market.id)
    prices = {one.code: one.odds for one in selections}
    opening: dict[str, Decimal] = {}
    for move in book.moves_of(ctx, [market.id]).get(market.id, []):
        if move.odds is not None:
            opening.setdefault(move.code, move.odds)
    moment = Moment(now, market.odds_version, prices, opening)
    found = first_choice(document, book.question_of(market), [moment] if prices else [])
    if found is None:
        return
    _, code, facts = found
    chosen = next(one for one in selections if one.code == code)
    pick = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "strategy_id": strategy.id,
        "version": strategy.version,
        "market_id": market.id,
        "selection_id": chosen.id,
        "code": code,
        "name": f"{market.fixture_name}: {market.name}, {chosen.name}",
        "odds": chosen.odds,
        "odds_version": market.odds_version,
        "stake": document["stake"],
        "facts": facts,
        "at": now,
    }
    ended = {"state": "dry"} if strategy.mode == "dry_run" else _bet(ctx, strategy, pick)
    ctx.connection.execute(insert(PICK), pick | ended)


def _bet(ctx: Context, strategy: Row[Any], pick: Mapping[str, Any]) -> dict[str, Any]:
    """Place the bet of a pick, at the price that was judged or a better one; a refusal is kept with it."""
    unit = ctx.tenant.currency
    stake = ctx.tenant.currencies.text(Money(pick["stake"], unit))
    leg = AskedLeg(
        selection_id=pick["selection_id"],
        odds=format(pick["odds"].normalize(), "f"),
        odds_version=pick["odds_version"],
    )
    asked = AskedBet(
        legs=[leg],
        stake=Sum(amount=stake, currency=unit),
        price_policy="higher_only",
        reference=f"strategy:{strategy.id}:{pick['market_id']}",
    )
    try:
        placed = placing.place(ctx, asked, strategy.player_id)
    except PitbossError as error:
        return {"state": "refused", "refused_because": str(error)[:1_000]}
    return {"state": "placed", "bet_id": placed.bet["id"]}


def _open(ctx: Context, strategy: Row[Any], document: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Return the open markets that a strategy may look at and has not picked on."""
    picked = exists().where(
        PICK.c.tenant_id == ctx.tenant.id,
        PICK.c.strategy_id == strategy.id,
        PICK.c.market_id == MARKET.c.id,
    )
    query = select(MARKET).where(
        MARKET.c.tenant_id == ctx.tenant.id,
        MARKET.c.status == "open",
        MARKET.c.starts_at > ctx.clock.now(),
        MARKET.c.template.in_(document["templates"]),
        ~picked,
    )
    if document["sport_codes"]:
        query = query.where(MARKET.c.sport.in_(document["sport_codes"]))
    return ctx.connection.execute(
        query.order_by(MARKET.c.starts_at, MARKET.c.id).limit(MARKETS_LOOKED_MAX)
    ).all()


def _selections(ctx: Context, market_id: UUID) -> Sequence[Row[Any]]:
    query = select(SELECTION).where(
        SELECTION.c.tenant_id == ctx.tenant.id,
        SELECTION.c.market_id == market_id,
        SELECTION.c.status == "active",
        SELECTION.c.odds.is_not(None),
    )
    return ctx.connection.execute(query.order_by(SELECTION.c.position)).all()


class StoppedStrategy(Schema):
    """A strategy that one of its stops switched off."""

    strategy_id = fields.String(required=True)
    name = fields.String(required=True)
    because = fields.String(required=True)


TASKS: tuple[Task, ...] = (
    Task(name=RUN_ALL, title="Run the strategies of players", run=run_all, cron="*/5 * * * *"),
    Task(name=RUN_ONE, title="Run one strategy", run=run_one),
)
TERMS: tuple[Term, ...] = (
    Event(
        name="betting.strategy_stopped",
        title="Strategy stopped",
        doc="One of its stops switched a player's strategy off.",
        schema=StoppedStrategy,
        example={
            "strategy_id": "0195f2d0-0000-7000-8000-000000000001",
            "name": "Short favourites",
            "because": "day_loss_max: lost 2000 of 2000 today",
        },
    ),
)
