"""Read what a piece of settlement needs: bets under lock, their legs, the answers of all their markets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_

from pitboss.core.context import Context
from pitboss.core.database.rows import one_of
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.settling.deciding import Answer, Ground
from pitboss.plugins.betting.settling.rule4 import Withdrawal
from pitboss.plugins.betting.settling.tables import MarketResult, Settlement
from pitboss.plugins.betting.slips.tables import Bet, BetLeg

BET, LEG = Bet.__table__, BetLeg.__table__
MARKET, SELECTION = Market.__table__, Selection.__table__
RESULT, SETTLEMENT = MarketResult.__table__, Settlement.__table__

OPEN = "accepted"
SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Found:
    """A bet with its legs, and the settlement that it has."""

    bet: Row[Any]
    legs: list[Row[Any]]
    before: Row[Any] | None


def touched(
    ctx: Context, fixture_id: UUID, market_id: UUID | None, *, after: UUID | None, limit: int
) -> list[UUID]:
    """Return the next bets with a leg on a fixture, or on one of its markets, in the order of their ids."""
    query = select(LEG.c.bet_id).where(*_touching(ctx, fixture_id, market_id)).distinct()
    if after is not None:
        query = query.where(LEG.c.bet_id > after)
    return list(ctx.connection.scalars(query.order_by(LEG.c.bet_id).limit(limit)))


def count_touched(ctx: Context, fixture_id: UUID, market_id: UUID | None) -> int:
    """Return how many bets that are."""
    query = select(func.count(LEG.c.bet_id.distinct())).where(*_touching(ctx, fixture_id, market_id))
    return int(ctx.connection.scalar(query) or 0)


def marks(ctx: Context, ids: Sequence[UUID], *, is_locked: bool = False) -> Sequence[Row[Any]]:
    """Return what of bets changes when anything happens to them that settlement depends on."""
    columns: tuple[Any, ...] = (
        BET.c.id,
        BET.c.state,
        BET.c.settlement_version,
        BET.c.running_stake,
        BET.c.payout,
    )
    query = select(*columns).where(_mine(ctx, BET), one_of(ctx.connection, BET.c.id, ids)).order_by(BET.c.id)
    return ctx.connection.execute(query.with_for_update() if is_locked else query).all()


def find(ctx: Context, ids: Sequence[UUID], states: Sequence[str], *, is_locked: bool = False) -> list[Found]:
    """Return those of the bets that are in one of the states, with what belongs to them."""
    query = select(BET).where(_mine(ctx, BET), one_of(ctx.connection, BET.c.id, ids)).order_by(BET.c.id)
    rows = ctx.connection.execute(query.with_for_update() if is_locked else query).all()
    bets = [bet for bet in rows if bet.state in states]
    kept = [bet.id for bet in bets]
    legs = _legs(ctx, kept)
    before = _before(ctx, [bet.id for bet in bets if bet.settlement_version])
    return [Found(bet, legs[bet.id], before.get(bet.id)) for bet in bets]


def ground_of(ctx: Context, legs: Iterable[Any]) -> Ground:
    """Return what bets with these legs are decided on."""
    legs = list(legs)
    markets = sorted({leg.market_id for leg in legs})
    versions = rulebook.rules_by_id(ctx, {leg.rules_id for leg in legs})
    return Ground(
        answers=answers(ctx, markets),
        rules={rules_id: version.rules for rules_id, version in versions.items()},
        withdrawals=_withdrawals(ctx, markets),
    )


def answers(ctx: Context, markets: Sequence[UUID]) -> dict[UUID, Answer]:
    """Return the newest answer of each market that has one."""
    query = (
        select(RESULT.c.market_id, RESULT.c.version, RESULT.c.outcomes)
        .where(_mine(ctx, RESULT), RESULT.c.market_id.in_(markets))
        .order_by(RESULT.c.version)
    )
    return {row.market_id: Answer(row.version, row.outcomes) for row in ctx.connection.execute(query)}


def _legs(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    chosen = one_of(ctx.connection, LEG.c.bet_id, ids)
    query = select(LEG).where(_mine(ctx, LEG), chosen).order_by(LEG.c.bet_id, LEG.c.number)
    found: dict[UUID, list[Row[Any]]] = {id_: [] for id_ in ids}
    for row in ctx.connection.execute(query).all():
        found[row.bet_id].append(row)
    return found


def _before(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    if not ids:
        return {}
    query = select(SETTLEMENT).where(_mine(ctx, SETTLEMENT), one_of(ctx.connection, SETTLEMENT.c.bet_id, ids))
    rows = ctx.connection.execute(query.order_by(SETTLEMENT.c.version))
    return {row.bet_id: row for row in rows}


def _withdrawals(ctx: Context, markets: Sequence[UUID]) -> dict[UUID, list[Withdrawal]]:
    query = select(SELECTION.c.market_id, SELECTION.c.withdrawn_at, SELECTION.c.withdrawn_odds).where(
        _mine(ctx, SELECTION),
        SELECTION.c.market_id.in_(markets),
        SELECTION.c.withdrawn_at.is_not(None),
        SELECTION.c.withdrawn_odds.is_not(None),
    )
    found: dict[UUID, list[Withdrawal]] = {}
    for row in ctx.connection.execute(query):
        found.setdefault(row.market_id, []).append(Withdrawal(row.withdrawn_odds, row.withdrawn_at))
    return found


def _touching(ctx: Context, fixture_id: UUID, market_id: UUID | None) -> tuple[Any, ...]:
    subject = LEG.c.fixture_id == fixture_id if market_id is None else LEG.c.market_id == market_id
    return (_mine(ctx, LEG), subject)


def _mine(ctx: Context, table: Any) -> Any:
    return table.c.tenant_id == ctx.tenant.id


def ends_of(ctx: Context, bets: Iterable[Any]) -> dict[UUID, str]:
    """Return how settled bets ended by their newest settlement: won, lost, part or void."""
    wanted = [(bet.id, bet.settlement_version) for bet in bets if bet.settlement_version]
    if not wanted:
        return {}
    query = select(SETTLEMENT.c.bet_id, SETTLEMENT.c.explanation["kind"].as_string().label("kind")).where(
        SETTLEMENT.c.tenant_id == ctx.tenant.id,
        tuple_(SETTLEMENT.c.bet_id, SETTLEMENT.c.version).in_(wanted),
    )
    return {row.bet_id: row.kind for row in ctx.connection.execute(query)}
