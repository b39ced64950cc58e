"""Explain a settled bet: results, rules, arithmetic and journals, and do the sum again to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, tuple_

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.ledger import Account, Journal
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.exact import text
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.settling.deciding import decide_again
from pitboss.plugins.betting.settling.reading import RESULT, SETTLEMENT, Found, find
from pitboss.plugins.betting.slips.tables import CashOut

_CASH_OUT = CashOut.__table__
STATES = ("accepted", "settled", "voided", "cashed_out", "pending", "rejected")


def explain(ctx: Context, bet_id: UUID, *, player_id: UUID | None = None) -> dict[str, Any]:
    """Return how a bet came to what it paid: every settlement of it, and all its money."""
    found = _found(ctx, bet_id, player_id)
    versions = rulebook.rules_by_id(ctx, {leg.rules_id for leg in found.legs})
    results = _results(ctx, _settlements(ctx, bet_id), found.legs)
    settlements = [_settlement(found, row, versions, results) for row in _settlements(ctx, bet_id)]
    journals = list(_journals(ctx, found.bet))
    return {
        "bet_id": bet_id,
        "state": found.bet.state,
        "reason": found.bet.reason,
        "currency": found.bet.currency,
        "stake": found.bet.stake,
        "payout": found.bet.payout,
        "settlements": settlements,
        "journals": [_journal(one) for one in journals],
        "balance": _balance(journals),
    }


def _settlement(
    found: Found,
    row: Row[Any],
    versions: Mapping[UUID, rulebook.RulesVersion],
    results: Mapping[tuple[UUID, int], Row[Any]],
) -> dict[str, Any]:
    used = row.explanation["legs"]
    rules = {rules_id: version.rules for rules_id, version in versions.items()}
    again = decide_again(found.bet, found.legs, used, rules, stake=row.stake)
    legs = [
        _leg(leg, one, versions[leg.rules_id], results.get((leg.market_id, one["answer"])))
        for leg, one in zip(found.legs, used, strict=True)
    ]
    return {
        "version": row.version,
        "cause": row.cause,
        "at": row.at,
        "kind": row.explanation["kind"],
        "stake": row.stake,
        "payout": row.payout,
        "legs": legs,
        "sum": again.explanation,
        "journals": row.explanation["journals"],
        "replay": {
            "payout": again.payout_minor,
            "exact": text(again.exact),
            "is_same": again.payout_minor == row.payout and text(again.exact) == row.explanation["exact"],
        },
    }


def _leg(
    leg: Row[Any], used: Mapping[str, Any], rules: rulebook.RulesVersion, result: Row[Any] | None
) -> dict[str, Any]:
    return {
        "number": leg.number,
        "name": leg.name,
        "market_id": leg.market_id,
        "selection": leg.selection_code,
        "odds": leg.odds,
        "outcome": used["outcome"],
        # Those of the settlement, where they were counted at the off; else those agreed on with the bet.
        "place_terms": used.get("place") or leg.place_terms or None,
        "rules": {"key": rules.key, "version": rules.version},
        "answer": used["answer"],
        "result_version": None if result is None else result.result_version,
        "source": {} if result is None else result.source,
    }


# -- rows ----------------------------------------------------------------------------------------------


def _found(ctx: Context, bet_id: UUID, player_id: UUID | None) -> Found:
    found = find(ctx, [bet_id], STATES)
    if not found or player_id not in (None, found[0].bet.player_id):
        raise NotFound(f"no bet {bet_id}")
    return found[0]


def _settlements(ctx: Context, bet_id: UUID) -> Sequence[Row[Any]]:
    query = select(SETTLEMENT).where(SETTLEMENT.c.tenant_id == ctx.tenant.id, SETTLEMENT.c.bet_id == bet_id)
    return ctx.connection.execute(query.order_by(SETTLEMENT.c.version)).all()


def _results(
    ctx: Context, settlements: Sequence[Row[Any]], legs: Sequence[Row[Any]]
) -> dict[tuple[UUID, int], Row[Any]]:
    """Return the answers that the settlements went by."""
    wanted = {
        (leg.market_id, used["answer"])
        for row in settlements
        for leg, used in zip(legs, row.explanation["legs"], strict=True)
    }
    query = select(RESULT).where(
        RESULT.c.tenant_id == ctx.tenant.id,
        tuple_(RESULT.c.market_id, RESULT.c.version).in_(sorted(wanted)),
    )
    return {(row.market_id, row.version): row for row in ctx.connection.execute(query)}


def _journals(ctx: Context, bet: Row[Any]) -> Iterator[Journal]:
    for key in _keys(ctx, bet):
        try:
            yield ledger.find_journal(ctx.connection, key)
        except NotFound:
            # A bet that is pending or was rejected has not all of them.
            continue


def _keys(ctx: Context, bet: Row[Any]) -> Iterator[str]:
    yield accounts.place_key(bet.id)
    yield accounts.reject_key(bet.id)
    numbers = select(_CASH_OUT.c.number).where(
        _CASH_OUT.c.tenant_id == ctx.tenant.id, _CASH_OUT.c.bet_id == bet.id
    )
    for number in sorted(ctx.connection.scalars(numbers)):
        yield accounts.cash_out_key(bet.id, number)
    told: set[str] = set()
    for row in _settlements(ctx, bet.id):
        fresh = [key for key in row.explanation["journals"] if key not in told]
        told.update(fresh)
        yield from fresh


# -- money ---------------------------------------------------------------------------------------------


def _journal(journal: Journal) -> dict[str, Any]:
    return {
        "id": journal.id,
        "key": journal.key,
        "op": journal.op,
        "transfers": [
            {"debit": str(leg.debit), "credit": str(leg.credit), "amount": leg.amount} for leg in journal.legs
        ],
    }


def _balance(journals: Sequence[Journal]) -> dict[str, Any]:
    """Return what each account gained or lost by all journals of a bet: the sum is zero."""
    gained: dict[Account, int] = {}
    for journal in journals:
        for leg in journal.legs:
            gained[leg.debit] = gained.get(leg.debit, 0) - leg.amount
            gained[leg.credit] = gained.get(leg.credit, 0) + leg.amount
    by_account = {str(account): amount for account, amount in gained.items() if amount}
    return {"accounts": by_account, "sum": sum(gained.values())}
