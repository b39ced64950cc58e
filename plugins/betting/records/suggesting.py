"""Bets that are suggested: logged with what they came from, and withheld from whom a guard protects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import Row, insert, select, update

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Action, Event, Term
from pitboss.core.errors import Conflict, InvalidInput, NotFound, Refused
from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.records.tables import REFERENCE_LENGTH_MAX, WHY_LENGTH_MAX, Suggestion
from pitboss.plugins.betting.slips.tables import Bet

SUGGESTION = Suggestion.__table__
OPERATION = "betting.suggest_bet"
LEGS_MAX = 12
_MARKET, _SELECTION, _BET = Market.__table__, Selection.__table__, Bet.__table__
_ID = "0195f2d0-0000-7000-8000-000000000001"


def suggest(
    ctx: Context,
    *,
    key: str,
    selections: Sequence[str],
    model: str,
    why: str,
    model_version: str = "",
    inputs: dict[str, Any] | None = None,
    reasons: Sequence[str] = (),
) -> UUID:
    """Suggest a bet to the subject, once for each key; a guard may withhold it."""
    player_id = ctx.subject
    if player_id is None:
        raise InvalidInput("a suggestion is for a player: say which with ctx.of(player_id)")
    known = ctx.connection.scalar(
        select(SUGGESTION.c.id).where(*_mine(ctx, player_id), SUGGESTION.c.key == key)
    )
    if known is not None:
        return UUID(str(known))
    legs = _legs(ctx, [UUID(one) for one in selections], reasons)
    held = _withheld(ctx, {"player_id": player_id, "model": model, "legs": legs})
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "player_id": player_id,
        "key": key,
        "model": model,
        "model_version": model_version,
        "inputs": dict(inputs or {}),
        "legs": legs,
        "why": why,
        "state": "withheld" if held else "offered",
        "withheld_because": held,
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(SUGGESTION), row)
    if not held:
        said = {"suggestion_id": str(row["id"]), "model": model, "legs": len(legs)}
        ctx.emit("betting.bet_suggested", said, player_id=player_id)
    return row["id"]  # type: ignore[return-value]  # as it was put in


def offered(ctx: Context, player_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return what a player is shown, the newest first: nothing while a guard protects them."""
    if _withheld(ctx.of(player_id), {"player_id": player_id, "model": "", "legs": []}):
        return []
    return everything(ctx, player_id, states=("offered", "followed", "dismissed"), before=before, limit=limit)


def everything(
    ctx: Context,
    player_id: UUID,
    *,
    states: Sequence[str] = (),
    before: UUID | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return all that was suggested to a player, also what was withheld, the newest first."""
    query = select(SUGGESTION).where(*_mine(ctx, player_id)).order_by(SUGGESTION.c.id.desc()).limit(limit)
    if states:
        query = query.where(SUGGESTION.c.state.in_(states))
    return list(ctx.connection.execute(query if before is None else query.where(SUGGESTION.c.id < before)))


def end(ctx: Context, suggestion_id: UUID, *, player_id: UUID, bet_id: UUID | None = None) -> Row[Any]:
    """Note that a player followed a suggestion with a bet, or dismissed it."""
    row = _one(ctx, suggestion_id, player_id)
    if row.state != "offered":
        raise Conflict(f"suggestion {suggestion_id} is {row.state} already")
    if bet_id is not None:
        mine = (_BET.c.tenant_id == ctx.tenant.id, _BET.c.id == bet_id, _BET.c.player_id == player_id)
        if ctx.connection.scalar(select(_BET.c.id).where(*mine)) is None:
            raise NotFound(f"no bet {bet_id}")
    state = "dismissed" if bet_id is None else "followed"
    ctx.connection.execute(
        update(SUGGESTION)
        .where(*_mine(ctx, player_id), SUGGESTION.c.id == suggestion_id)
        .values(state=state, bet_id=bet_id, ended_at=ctx.clock.now())
    )
    return _one(ctx, suggestion_id, player_id)


def _one(ctx: Context, suggestion_id: UUID, player_id: UUID) -> Row[Any]:
    query = select(SUGGESTION).where(*_mine(ctx, player_id), SUGGESTION.c.id == suggestion_id)
    row = ctx.connection.execute(query.where(SUGGESTION.c.state != "withheld")).first()
    if row is None:
        raise NotFound(f"no suggestion {suggestion_id}")
    return row


def _withheld(ctx: Context, asked: dict[str, Any]) -> str:
    try:
        ctx.guard(OPERATION, asked)
    except Refused as error:
        return "; ".join(error.reasons)[:1_000]
    return ""


def _legs(ctx: Context, ids: Sequence[UUID], reasons: Sequence[str]) -> list[dict[str, Any]]:
    query = (
        select(_SELECTION, _MARKET.c.fixture_id, _MARKET.c.fixture_name, _MARKET.c.name.label("market_name"))
        .join(
            _MARKET,
            (_MARKET.c.tenant_id == _SELECTION.c.tenant_id) & (_MARKET.c.id == _SELECTION.c.market_id),
        )
        .where(_SELECTION.c.tenant_id == ctx.tenant.id, _SELECTION.c.id.in_(ids))
    )
    found = {row.id: row for row in ctx.connection.execute(query)}
    missing = [id_ for id_ in ids if id_ not in found or found[id_].odds is None]
    if missing:
        raise NotFound(f"selection {missing[0]} is not there, or has no price: suggest what can be bet on")
    return [
        {
            "selection_id": str(id_),
            "market_id": str(found[id_].market_id),
            "fixture_id": str(found[id_].fixture_id),
            "name": f"{found[id_].fixture_name}: {found[id_].market_name}, {found[id_].name}",
            "odds": format(found[id_].odds.normalize(), "f"),
            "why": reasons[number] if number < len(reasons) else "",
        }
        for number, id_ in enumerate(ids)
    ]


def _mine(ctx: Context, player_id: UUID) -> tuple[Any, ...]:
    return (SUGGESTION.c.tenant_id == ctx.tenant.id, SUGGESTION.c.player_id == player_id)


class SuggestParameters(Schema):
    """What is suggested, by which model, from what, and why."""

    key = fields.String(required=True, validate=validate.Length(1, REFERENCE_LENGTH_MAX))
    selections = fields.List(
        fields.String(validate=validate.Length(36, 36)), required=True, validate=validate.Length(1, LEGS_MAX)
    )
    model = fields.String(required=True, validate=validate.Length(1, 200))
    model_version = fields.String(load_default="", validate=validate.Length(max=64))
    inputs = fields.Dict(keys=fields.String(), load_default=dict)
    why = fields.String(required=True, validate=validate.Length(1, WHY_LENGTH_MAX))
    reasons = fields.List(fields.String(validate=validate.Length(max=500)), load_default=list)
    """Why each of the selections."""


class SuggestedBet(Schema):
    """A bet was suggested to a player."""

    suggestion_id = fields.String(required=True)
    model = fields.String(required=True)
    legs = fields.Integer(required=True)


TERMS: tuple[Term, ...] = (
    Action(
        name="betting.suggest_bet",
        title="Suggest a bet",
        doc="Log a bet that is suggested to the player, unless a guard protects them from it.",
        schema=SuggestParameters,
        run=suggest,
        example={"key": "daily:2026-12-01", "selections": [_ID], "model": "elo", "why": "Form at home"},
    ),
    Event(
        name="betting.bet_suggested",
        title="Bet suggested",
        doc="A bet was suggested to a player.",
        schema=SuggestedBet,
        example={"suggestion_id": _ID, "model": "elo", "legs": 1},
    ),
)
