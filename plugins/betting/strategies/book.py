"""Strategies of players: written, changed by new versions, switched, and evaluated on the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound, Stale
from pitboss.plugins.betting.markets import catalogue, rulebook
from pitboss.plugins.betting.markets.tables import PriceMove
from pitboss.plugins.betting.settling.reading import MARKET, RESULT, SELECTION
from pitboss.plugins.betting.strategies import testing, wording
from pitboss.plugins.betting.strategies.seeing import Move, Question
from pitboss.plugins.betting.strategies.tables import (
    Strategy,
    StrategyEvaluation,
    StrategyPick,
    StrategyVersion,
)
from pitboss.plugins.betting.strategies.testing import Played, Tried

STRATEGY, VERSION = Strategy.__table__, StrategyVersion.__table__
PICK, EVALUATION = StrategyPick.__table__, StrategyEvaluation.__table__
MOVE = PriceMove.__table__
MODES = ("off", "dry_run", "follow")
STRATEGIES_MAX = 50
"""Of one player."""
MARKETS_EVALUATED_MAX = 2_000
BETS_KEPT_MAX = 200
"""Bets that an evaluation lists; its figures count them all."""


# -- writing -------------------------------------------------------------------------------------------


def write(ctx: Context, player_id: UUID, *, name: str, document: Mapping[str, Any]) -> Row[Any]:
    """Write a strategy down; it is off."""
    if len(of_player(ctx, player_id)) >= STRATEGIES_MAX:
        raise Conflict(f"you have {STRATEGIES_MAX} strategies, and there cannot be more: change one of them")
    made, now = uuid7(), ctx.clock.now()
    row = {"tenant_id": ctx.tenant.id, "id": made, "player_id": player_id, "name": name, "version": 1}
    row |= {"mode": "off", "made_at": now, "changed_at": now}
    checked = _checked(ctx, document)
    ctx.connection.execute(insert(STRATEGY), row)
    _write_version(ctx, made, 1, checked)
    return find(ctx, made, player_id=player_id)


def change(
    ctx: Context, strategy_id: UUID, *, player_id: UUID, version: int, document: Mapping[str, Any]
) -> Row[Any]:
    """Write the next version on top of `version`."""
    row = find(ctx, strategy_id, player_id=player_id, is_locked=True)
    if row.version != version:
        raise Stale(f"strategy {row.name!r} is at version {row.version}, not {version}: read it again")
    _write_version(ctx, strategy_id, version + 1, _checked(ctx, document))
    _update(ctx, strategy_id, version=version + 1)
    return find(ctx, strategy_id, player_id=player_id)


def switch(ctx: Context, strategy_id: UUID, *, player_id: UUID, mode: str) -> Row[Any]:
    """Switch a strategy off, to a dry run, or let it bet; guards are asked about the last."""
    row = find(ctx, strategy_id, player_id=player_id, is_locked=True)
    if mode == "follow":
        asked = {"player_id": player_id, "strategy_id": str(row.id), "document": document_of(ctx, row)}
        ctx.of(player_id).guard("betting.follow_strategy", asked)
    _update(ctx, strategy_id, mode=mode, stopped_because="")
    return find(ctx, strategy_id, player_id=player_id)


def stop(ctx: Context, strategy: Row[Any], because: str) -> None:
    """Switch a strategy off, by one of its stops."""
    _update(ctx, strategy.id, mode="off", stopped_because=because)
    said = {"strategy_id": str(strategy.id), "name": strategy.name, "because": because}
    ctx.emit("betting.strategy_stopped", said, player_id=strategy.player_id)


def _checked(ctx: Context, document: Mapping[str, Any]) -> dict[str, Any]:
    checked = wording.check(document)
    for code in checked["templates"]:
        catalogue.template_of(ctx, code)
    return checked


def _write_version(ctx: Context, strategy_id: UUID, version: int, document: dict[str, Any]) -> None:
    row = {"tenant_id": ctx.tenant.id, "strategy_id": strategy_id, "version": version}
    row |= {"document": document, "made_by": ctx.actor.label, "at": ctx.clock.now()}
    ctx.connection.execute(insert(VERSION), row)


def _update(ctx: Context, strategy_id: UUID, **values: Any) -> None:
    mine = (STRATEGY.c.tenant_id == ctx.tenant.id, STRATEGY.c.id == strategy_id)
    ctx.connection.execute(update(STRATEGY).where(*mine).values(changed_at=ctx.clock.now(), **values))


# -- reading -------------------------------------------------------------------------------------------


def find(
    ctx: Context, strategy_id: UUID, *, player_id: UUID | None = None, is_locked: bool = False
) -> Row[Any]:
    """Return a strategy; with a player, only of theirs."""
    query = select(STRATEGY).where(STRATEGY.c.tenant_id == ctx.tenant.id, STRATEGY.c.id == strategy_id)
    if player_id is not None:
        query = query.where(STRATEGY.c.player_id == player_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no strategy {strategy_id}")
    return row


def of_player(ctx: Context, player_id: UUID) -> list[Row[Any]]:
    """Return a player's strategies, the newest first."""
    query = select(STRATEGY).where(STRATEGY.c.tenant_id == ctx.tenant.id, STRATEGY.c.player_id == player_id)
    return list(ctx.connection.execute(query.order_by(STRATEGY.c.id.desc())))


def document_of(ctx: Context, strategy: Row[Any], version: int = 0) -> dict[str, Any]:
    """Return what a version of a strategy says; 0 is the newest."""
    query = select(VERSION.c.document).where(
        VERSION.c.tenant_id == ctx.tenant.id,
        VERSION.c.strategy_id == strategy.id,
        VERSION.c.version == (version or strategy.version),
    )
    document: dict[str, Any] | None = ctx.connection.scalar(query)
    if document is None:
        raise NotFound(f"strategy {strategy.id} has no version {version}")
    return document


def picks(ctx: Context, strategy_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return what a strategy picked, the newest first."""
    query = select(PICK).where(PICK.c.tenant_id == ctx.tenant.id, PICK.c.strategy_id == strategy_id)
    if before is not None:
        query = query.where(PICK.c.id < before)
    return list(ctx.connection.execute(query.order_by(PICK.c.id.desc()).limit(limit)))


# -- evaluating ----------------------------------------------------------------------------------------


def evaluate(
    ctx: Context, strategy: Row[Any], *, begins_at: datetime, ends_at: datetime, version: int = 0
) -> dict[str, Any]:
    """Evaluate a version on the markets that began in a span of the past, and keep what came out."""
    if not begins_at < ends_at <= ctx.clock.now():
        raise InvalidInput(
            "begins_at must lie before ends_at, and both in the past", {"ends_at": ["Not in the past."]}
        )
    document = document_of(ctx, strategy, version)
    tried = testing.try_out(document, played(ctx, document, begins_at=begins_at, ends_at=ends_at))
    found = testing.figures(tried)
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "strategy_id": strategy.id,
        "version": version or strategy.version,
        "begins_at": begins_at,
        "ends_at": ends_at,
        "figures": {"count": found.count, "staked": found.staked, "returned": found.returned},
        "bets": [_told(one) for one in tried[:BETS_KEPT_MAX]],
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(EVALUATION), row)
    return row | {"measures": found}


def played(
    ctx: Context, document: Mapping[str, Any], *, begins_at: datetime, ends_at: datetime
) -> list[Played]:
    """Return the markets of the past that a strategy would have looked at."""
    query = select(MARKET).where(
        MARKET.c.tenant_id == ctx.tenant.id,
        MARKET.c.status.in_(("settled", "void")),
        MARKET.c.starts_at >= begins_at,
        MARKET.c.starts_at < ends_at,
        MARKET.c.template.in_(document["templates"]),
    )
    if document["sport_codes"]:
        query = query.where(MARKET.c.sport.in_(document["sport_codes"]))
    ordered = query.order_by(MARKET.c.starts_at, MARKET.c.id).limit(MARKETS_EVALUATED_MAX)
    markets = ctx.connection.execute(ordered).all()
    ids = [market.id for market in markets]
    moves, answers = moves_of(ctx, ids), _answers(ctx, ids)
    versions = rulebook.rules_by_id(ctx, {market.rules_id for market in markets})
    return [
        Played(
            name=f"{market.fixture_name}: {market.name}",
            question=question_of(market),
            moves=moves.get(market.id, []),
            outcomes=answers[market.id].outcomes.get(str(market.rules_id), {}),
            rules=versions[market.rules_id].rules,
            settled_at=answers[market.id].at,
        )
        for market in markets
        if market.id in answers
    ]


def question_of(market: Row[Any]) -> Question:
    """Return a market as conditions look at it."""
    return Question(
        sport=market.sport,
        competition=market.competition,
        template=market.template,
        starts_at=market.starts_at,
    )


def moves_of(ctx: Context, market_ids: Sequence[UUID]) -> dict[UUID, list[Move]]:
    """Return all that was offered on markets, in order."""
    query = (
        select(MOVE.c.market_id, SELECTION.c.code, MOVE.c.odds, MOVE.c.odds_version, MOVE.c.at)
        .join(
            SELECTION,
            (SELECTION.c.tenant_id == MOVE.c.tenant_id) & (SELECTION.c.id == MOVE.c.selection_id),
        )
        .where(MOVE.c.tenant_id == ctx.tenant.id, MOVE.c.market_id.in_(market_ids))
        .order_by(MOVE.c.market_id, MOVE.c.odds_version, SELECTION.c.position)
    )
    found: dict[UUID, list[Move]] = {}
    for row in ctx.connection.execute(query):
        found.setdefault(row.market_id, []).append(Move(row.code, row.odds, row.odds_version, row.at))
    return found


def _answers(ctx: Context, market_ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    query = select(RESULT).where(RESULT.c.tenant_id == ctx.tenant.id, RESULT.c.market_id.in_(market_ids))
    return {row.market_id: row for row in ctx.connection.execute(query.order_by(RESULT.c.version))}


def _told(one: Tried) -> dict[str, Any]:
    return {
        "name": one.name,
        "selection": one.code,
        "at": one.at.isoformat(),
        "odds": str(one.odds),
        "closing_odds": None if one.closing_odds is None else str(one.closing_odds),
        "stake": one.stake,
        "returned": one.returned,
    }
