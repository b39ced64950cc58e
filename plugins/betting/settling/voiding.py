"""Void a market, a selection or a bet: stakes go back, whether or not it was settled before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.settling import answering, reading, runs
from pitboss.plugins.betting.settling.comparing import UNDECIDED, Outcomes, difference, merged
from pitboss.plugins.betting.settling.deciding import decide_void
from pitboss.plugins.betting.settling.outcomes import Outcome, outcome_as_json
from pitboss.plugins.betting.settling.paying import Paid, pay
from pitboss.plugins.betting.settling.reading import MARKET


def void_market(ctx: Context, market_id: UUID, *, reason: str) -> UUID | None:
    """Void all selections of a market for good; return the run that gives the stakes back."""
    market = _market(ctx, market_id)
    if market.status == "void":
        return None
    outcomes = void_outcomes(ctx, market, reason=reason)
    run_id = _begin(ctx, market, outcomes, reason)
    answering.mark(ctx, [market_id], status="void", result_version=market.result_version)
    audit.record(
        ctx,
        "betting.void_market",
        f"market:{market_id}",
        old={"status": market.status},
        new={"status": "void"},
        reason=reason,
    )
    return run_id


def void_selection(
    ctx: Context, market_id: UUID, code: str, *, reason: str, is_final: bool = True
) -> UUID | None:
    """Void one selection, such as a runner that does not start; return the run, None when it was void."""
    market = _market(ctx, market_id)
    outcomes = void_outcomes(ctx, market, code=code, reason=reason, is_final=is_final)
    known = reading.answers(ctx, [market_id]).get(market_id)
    if known is not None and not difference(known.outcomes, outcomes):
        return None
    run_id = _begin(ctx, market, outcomes, reason)
    new = {"code": code}
    audit.record(ctx, "betting.void_selection", f"market:{market_id}", new=new, reason=reason)
    return run_id


def void_bet(ctx: Context, bet_id: UUID, *, reason: str) -> Row[Any]:
    """Void one bet for good: its stake goes back, and no result changes that any more."""
    found = reading.find(ctx, [bet_id], (reading.OPEN, reading.SETTLED), is_locked=True)
    if not found:
        raise _not_voidable(ctx, bet_id)
    one = found[0]
    versions = rulebook.rules_by_id(ctx, {leg.rules_id for leg in one.legs})
    rules = {rules_id: version.rules for rules_id, version in versions.items()}
    decided = decide_void(one.bet, one.legs, rules, reason=reason)
    pay(ctx, [Paid(found=one, decided=decided, cause="void", reason=reason)])
    old = {"state": one.bet.state, "payout": one.bet.payout}
    audit.record(ctx, "betting.void_bet", f"bet:{bet_id}", old=old, new={"state": "voided"}, reason=reason)
    return _bet(ctx, bet_id)


def void_outcomes(
    ctx: Context, market: Row[Any], *, code: str = "", reason: str, is_final: bool = True
) -> Outcomes:
    """Return the answer that voids a market, or one of its selections."""
    codes = [one.code for one in answering.selections_of(ctx, [market.id])[market.id]]
    if code and code not in codes:
        raise InvalidInput(
            f"market {market.id} has no selection {code!r}: {nearest(code, codes)}",
            {"selection": ["Unknown."]},
        )
    void = outcome_as_json(Outcome(state="void", reason=reason)) | {"is_final": is_final}
    wanted = [code] if code else codes
    rules = answering.rules_in_use(ctx, [market])[market.id]
    return {str(rules_id): dict.fromkeys(wanted, void) for rules_id in sorted(rules)}


def _begin(ctx: Context, market: Row[Any], outcomes: Outcomes, reason: str) -> UUID | None:
    known = reading.answers(ctx, [market.id]).get(market.id)
    version = answering.write(
        ctx,
        market.id,
        merged(UNDECIDED if known is None else known.outcomes, outcomes),
        result_version=0,
        source={"reason": reason, "confirmed_by": ctx.actor.label, "at": ctx.clock.now().isoformat()},
    )
    return runs.begin(
        ctx,
        f"void:{market.id}:{version}",
        market.fixture_id,
        kind="void",
        result_version=0,
        market_id=market.id,
        detail={"reason": reason},
    )


def find_market(ctx: Context, market_id: UUID) -> Row[Any]:
    """Return a market."""
    return _found(ctx, market_id, lambda query: query)


def _market(ctx: Context, market_id: UUID) -> Row[Any]:
    return _found(ctx, market_id, lambda query: query.with_for_update())


def _found(ctx: Context, market_id: UUID, how: Callable[[Any], Any]) -> Row[Any]:
    query = select(MARKET).where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.id == market_id)
    row: Row[Any] | None = ctx.connection.execute(how(query)).first()
    if row is None:
        raise NotFound(f"no market {market_id}")
    return row


def _bet(ctx: Context, bet_id: UUID) -> Row[Any]:
    bet = reading.BET
    query = select(bet).where(bet.c.tenant_id == ctx.tenant.id, bet.c.id == bet_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no bet {bet_id}")
    return row


def _not_voidable(ctx: Context, bet_id: UUID) -> Conflict:
    state = _bet(ctx, bet_id).state
    cures: Sequence[tuple[str, str]] = (
        ("pending", marked("wait until it is accepted or rejected")),
        ("cashed_out", marked("its player has been paid by agreement")),
        ("voided", marked("it is void already")),
        ("rejected", marked("it never stood")),
    )
    return Conflict(
        f"bet {bet_id} is {state} and cannot be voided: {dict(cures).get(state, marked('see its state'))}"
    )
