"""The record of what was not taken, and of why what was taken was allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import NotFound, PitbossError
from pitboss.plugins.betting.slips import limiting
from pitboss.plugins.betting.slips.limiting import Check
from pitboss.plugins.betting.slips.oddstext import text
from pitboss.plugins.betting.slips.preparing import Prepared
from pitboss.plugins.betting.slips.problems import PLACE, code_of
from pitboss.plugins.betting.slips.settings import LEGS_MAX
from pitboss.plugins.betting.slips.tables import Refusal

REASON_LENGTH_MAX = 2_000

REFUSAL = Refusal.__table__


def decision(
    ctx: Context, prepared: Prepared | None, checks: Sequence[Check] | None = None
) -> dict[str, Any]:
    """Return what a bet was judged on: limits with what was used, prices, and who was asked."""
    if prepared is None:
        return {}
    found: dict[str, Any] = {
        "limits": [check.recorded() for check in (prepared.checks if checks is None else checks)],
        "prices": [
            {
                "selection_id": str(offer.selection_id),
                "odds": None if offer.odds is None else text(offer.odds),
                "odds_version": offer.odds_version,
                "status": offer.market_status,
            }
            for offer in prepared.offered.values()
        ],
        "price_policy": prepared.policy,
        "asked": sorted({owned.owner for owned in ctx.view.guarding(PLACE)}),
    }
    most = limiting.tightest(prepared.bounds, limiting.PAYOUT_MAX)
    return found if most is None else found | {"payout_max": most.amount}


def record(
    ctx: Context,
    operation: str,
    player_id: UUID,
    asked: Any,
    error: PitbossError,
    decided: Mapping[str, Any],
) -> UUID:
    """Keep a refusal in a transaction of its own, and let the error name it."""
    refusal_id, code = uuid7(), code_of(error)[:40]
    row = {
        "tenant_id": ctx.tenant.id,
        "id": refusal_id,
        "player_id": player_id,
        "operation": operation,
        "code": code,
        "reason": str(error)[:REASON_LENGTH_MAX],
        "asked": _asked(asked),
        "decision": {**decided, "problems": list(error.details.get("problems", []))[:LEGS_MAX]},
        "actor": ctx.actor.label,
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(REFUSAL), row)
    if operation == PLACE:
        said = {"bet_id": None, "refusal_id": str(refusal_id), "code": code, "reason": row["reason"]}
        ctx.emit("betting.bet_rejected", said, player_id=player_id)
    ctx.commit()
    error.with_details(code=code, refusal_id=str(refusal_id))
    return refusal_id


def find(ctx: Context, refusal_id: UUID, *, of_player: UUID | None = None) -> Row[Any]:
    """Return a refusal, a player's own where one is named."""
    query = select(REFUSAL).where(REFUSAL.c.tenant_id == ctx.tenant.id, REFUSAL.c.id == refusal_id)
    row = ctx.connection.execute(query).first()
    if row is None or of_player not in (None, row.player_id):
        raise NotFound(f"no refusal {refusal_id}")
    return row


def search(
    ctx: Context, wanted: Mapping[str, Any], *, before: UUID | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return the refusals that fit, the newest first."""
    query = select(REFUSAL).where(REFUSAL.c.tenant_id == ctx.tenant.id)
    for name in ("player_id", "code"):
        if name in wanted:
            query = query.where(REFUSAL.c[name] == wanted[name])
    if "player_ids" in wanted:
        query = query.where(REFUSAL.c.player_id.in_(wanted["player_ids"]))
    if before is not None:
        query = query.where(REFUSAL.c.id < before)
    return list(ctx.connection.execute(query.order_by(REFUSAL.c.id.desc()).limit(limit)))


def _asked(asked: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    legs = plain.get("legs", ())
    return plain if len(legs) <= LEGS_MAX else plain | {"legs": legs[:LEGS_MAX], "leg_count": len(legs)}
