"""Pay decided bets: journals, settlements, books, figures and events of a whole piece, in few statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from pitboss.core import events, ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.database.rows import Piece, Written, ahead, insert_rows, one_of
from pitboss.core.errors import PitbossError
from pitboss.core.texts import marked
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.exact import text
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.settling.deciding import Decided
from pitboss.plugins.betting.settling.reading import BET, SETTLEMENT, Found
from pitboss.plugins.betting.slips import books
from pitboss.plugins.betting.slips.tables import FreeBet

_FREE_BET = FreeBet.__table__
_INSERT = insert(SETTLEMENT)
_SETTLE = (
    update(BET)
    .where(BET.c.tenant_id == bindparam("of_tenant"), BET.c.id == bindparam("of_id"))
    .values(
        state=bindparam("to_state"),
        reason=bindparam("to_reason"),
        payout=BET.c.payout + bindparam("more"),
        settlement_version=bindparam("to_version"),
        settled_at=bindparam("to_settled_at"),
    )
)
_PAID = (
    select(SETTLEMENT.c.payout)
    .where(
        SETTLEMENT.c.tenant_id == BET.c.tenant_id,
        SETTLEMENT.c.bet_id == BET.c.id,
        SETTLEMENT.c.version == BET.c.settlement_version + 1,
    )
    .scalar_subquery()
)
_SETTLE_FIRST = update(BET).values(
    state="settled",
    payout=BET.c.payout + _PAID,
    settlement_version=BET.c.settlement_version + 1,
    settled_at=bindparam("to_settled_at"),
)
"""The same from the rows of their settlements, for all bets of a piece at once."""
_REOPEN = (
    update(_FREE_BET)
    .where(
        _FREE_BET.c.tenant_id == bindparam("of_tenant"),
        _FREE_BET.c.id == bindparam("of_id"),
        _FREE_BET.c.state == "used",
    )
    .values(state="open", bet_id=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One bet that is to be paid, for the first time or again."""

    found: Found
    decided: Decided
    cause: str
    """result, correction or void."""
    reason: str = ""
    """Why an operator voided it: then it is final."""

    @property
    def version(self) -> int:
        """Return which settlement of the bet it is."""
        version: int = self.found.bet.settlement_version
        return version + 1

    @property
    def is_first(self) -> bool:
        """Tell whether the bet was open until now."""
        return self.found.before is None

    @property
    def stake(self) -> int:
        """Return the stake that it settles."""
        stake: int = self.found.bet.running_stake
        return stake

    @property
    def own_stake(self) -> int:
        """Return the part of it that the player paid: nothing of a free bet."""
        return 0 if self.found.bet.free_bet_id is not None else self.stake

    @property
    def before(self) -> int:
        """Return what the settlement before this one paid."""
        return 0 if self.found.before is None else int(self.found.before.payout)

    @property
    def change(self) -> int:
        """Return what the player gets more, or less."""
        return self.decided.payout - self.before


@dataclass(frozen=True, slots=True)
class Tally:
    """What a piece came to."""

    settled: int = 0
    paid: int = 0
    taken_back: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.settled + other.settled, self.paid + other.paid, self.taken_back + other.taken_back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that paying some bets writes, as far as it can be made before they are locked."""

    payments: Sequence[Paid]
    at: datetime
    """One instant for all, so that what a player won and lost adds up to one entry."""
    told: Sequence[events.Event]
    """What the world is told of them."""
    told_rows: Sequence[Piece | Written]
    """Rows of the same."""
    postings: Sequence[ledger.Posting]
    """Of those that are paid for the first time."""
    settlements: Sequence[Piece | Written]
    """Rows of the same."""
    figures: Sequence[Piece | Written]
    """What counts the settlements of all."""


def prepare(ctx: Context, payments: Sequence[Paid], run_id: UUID | None = None) -> Prepared:
    """Return what paying the bets will write; nothing is read or written."""
    now = ctx.clock.now()
    first = [payment for payment in payments if payment.is_first]
    postings = [_posting(ctx, payment, now) for payment in first]
    pairs = zip(first, postings, strict=True)
    settlements = [_settlement(ctx, one, [posting.key], run_id, now) for one, posting in pairs]
    figures = [_figures(payment, now) for payment in payments]
    told = _told(ctx, payments, now)
    return Prepared(
        payments=payments,
        at=now,
        told=told,
        told_rows=ahead(ctx.connection, *events.rows_of(ctx, told)),
        postings=postings,
        settlements=ahead(ctx.connection, Piece(_INSERT, settlements)),
        figures=ahead(ctx.connection, *keeping.settled_rows(ctx, figures)),
    )


def pay(ctx: Context, payments: Sequence[Paid], run_id: UUID | None = None) -> Tally:
    """Pay bets that are locked, all or none; a second time finds them settled already."""
    return write(ctx, prepare(ctx, payments, run_id), run_id)


def write(ctx: Context, ready: Prepared, run_id: UUID | None = None) -> Tally:
    """Write what was prepared for bets that are locked, and are still as they were then."""
    payments, now = ready.payments, ready.at
    if not payments:
        return Tally()
    again = [payment for payment in payments if not payment.is_first]
    books.take_off(ctx.connection, ctx.tenant.id, [p.found.bet.exposures for p in payments if p.is_first])
    events.record(ctx, ready.told, ready.told_rows)
    _post(ctx, ready.postings)
    settled_again = [_settlement(ctx, one, _post_again(ctx, one, now), run_id, now) for one in again]
    insert_rows(ctx.connection, *ready.figures, *ready.settlements, Piece(_INSERT, settled_again))
    _mark(ctx, payments, now)
    _return_free_bets(ctx, payments)
    return Tally(
        settled=len(payments),
        paid=sum(p.decided.payout for p in payments),
        taken_back=sum(p.before for p in payments),
    )


# -- money ---------------------------------------------------------------------------------------------


def _post(ctx: Context, postings: Sequence[ledger.Posting]) -> None:
    for answer in ledger.post_many(ctx.connection, postings):
        if isinstance(answer, PitbossError):
            raise answer


def _post_again(ctx: Context, payment: Paid, now: datetime) -> list[str]:
    """Take back what was paid, and pay anew; what was spent meanwhile is owed until the new payment."""
    bet, before = payment.found.bet, payment.found.before
    assert before is not None, "a bet that is settled again was settled before"
    known: list[str] = before.explanation["journals"]
    if not payment.change and not _moves_free_stake(payment):
        return known
    reason = marked(f"settled again: {payment.cause}")
    ledger.reverse(
        ctx.connection, key=known[-1], shortfall="receivable", actor=ctx.actor.label, reason=reason
    )
    back = f"reverse:{known[-1]}"
    posting = _posting(ctx, payment, now, owed=_owed(ctx, [*_earlier(ctx, bet), back], bet))
    ledger.submit(ctx.connection, posting)
    return [back, posting.key]


def _owed(ctx: Context, keys: Sequence[str], bet: Any) -> int:
    """Return what reversals of a bet could not take from the player's cash, and nothing paid since."""
    debt = ledger.player(bet.player_id, "receivable", bet.currency)
    legs = [leg for key in keys for leg in ledger.find_journal(ctx.connection, key).legs]
    taken = sum(leg.amount for leg in legs if leg.debit == debt)
    return taken - sum(leg.amount for leg in legs if leg.credit == debt)


def _earlier(ctx: Context, bet: Any) -> list[str]:
    """Return the keys of all journals that settled a bet again before."""
    query = select(SETTLEMENT.c.explanation).where(
        SETTLEMENT.c.tenant_id == ctx.tenant.id, SETTLEMENT.c.bet_id == bet.id, SETTLEMENT.c.version > 1
    )
    # A settlement that moved nothing names the journals of the one before it.
    return list(dict.fromkeys(key for said in ctx.connection.scalars(query) for key in said["journals"]))


def _posting(ctx: Context, payment: Paid, now: datetime, *, owed: int = 0) -> ledger.Posting:
    bet = payment.found.bet
    return ledger.Posting(
        key=accounts.settle_key(bet.id, payment.version),
        op=accounts.OP_VOID if payment.reason else accounts.OP_SETTLE,
        legs=list(legs_of(payment, owed=owed)),
        actor=ctx.actor.label,
        reason=payment.reason or None,
        at=now,
        # What a reversal left owed depends on balances; the settlement does not.
        request=f"{payment.stake}:{payment.decided.payout}:{payment.decided.kind}",
    )


def legs_of(payment: Paid, *, owed: int = 0) -> Iterator[ledger.Leg]:
    """Yield the transfers: the stake to the book, and from there what the bet pays, debts first."""
    bet, paid = payment.found.bet, payment.decided.payout
    is_free = bet.free_bet_id is not None
    held = accounts.hold(bet.player_id, bet.currency, is_free=is_free)
    if is_free and payment.decided.kind == "void":
        yield ledger.Leg(held, accounts.source(bet.player_id, bet.currency, is_free=True), payment.stake)
        return
    book, cash = accounts.book(bet.currency), accounts.wallet(bet.player_id, bet.currency)
    debt = min(owed, paid)
    yield ledger.Leg(held, book, payment.stake)
    if debt:
        yield ledger.Leg(book, cash.sibling("receivable"), debt)
    if paid > debt:
        yield ledger.Leg(book, cash, paid - debt)


def _moves_free_stake(payment: Paid) -> bool:
    """Tell whether a free bet became void, or is void no more: then its stake goes another way."""
    bet, before = payment.found.bet, payment.found.before
    if bet.free_bet_id is None or before is None:
        return False
    was_void: bool = before.explanation["kind"] == "void"
    return was_void != (payment.decided.kind == "void")


# -- rows ----------------------------------------------------------------------------------------------


def _settlement(
    ctx: Context, payment: Paid, journals: list[str], run_id: UUID | None, now: datetime
) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "bet_id": payment.found.bet.id,
        "version": payment.version,
        "run_id": run_id,
        "cause": payment.cause,
        "stake": payment.stake,
        "payout": payment.decided.payout,
        "explanation": _explanation(payment, journals),
        "at": now,
    }


def _mark(ctx: Context, payments: Sequence[Paid], now: datetime) -> None:
    """Let the bets be known as settled or void."""
    first = [one.found.bet.id for one in payments if one.is_first and not one.reason]
    others = [_changes(ctx, one) for one in payments if not one.is_first or one.reason]
    if first:
        chosen = (BET.c.tenant_id == ctx.tenant.id, one_of(ctx.connection, BET.c.id, first))
        ctx.connection.execute(_SETTLE_FIRST.where(*chosen), {"to_settled_at": now})
    if others:
        ctx.connection.execute(_SETTLE, others)


def _explanation(payment: Paid, journals: list[str]) -> dict[str, Any]:
    return {
        "kind": payment.decided.kind,
        "exact": payment.decided.exact,
        "legs": payment.decided.legs,
        "journals": journals,
    }


def _changes(ctx: Context, payment: Paid) -> dict[str, Any]:
    bet = payment.found.bet
    return {
        "of_tenant": ctx.tenant.id,
        "of_id": bet.id,
        "to_state": "voided" if payment.reason else "settled",
        "to_reason": payment.reason or bet.reason,
        "more": payment.change,
        "to_version": payment.version,
        "to_settled_at": bet.settled_at or ctx.clock.now(),
    }


def _return_free_bets(ctx: Context, payments: Sequence[Paid]) -> None:
    """Give free bets whose bet is void back; one that expired meanwhile ends at the next expiry."""
    rows = [
        {"of_tenant": ctx.tenant.id, "of_id": payment.found.bet.free_bet_id}
        for payment in payments
        if payment.found.bet.free_bet_id is not None and payment.decided.kind == "void"
    ]
    if rows:
        ctx.connection.execute(_REOPEN, rows)


# -- figures and events --------------------------------------------------------------------------------


def _figures(payment: Paid, now: datetime) -> keeping.Settled:
    bet, own, is_first, change = payment.found.bet, payment.own_stake, payment.is_first, payment.change
    has_won = payment.decided.payout > own
    had_won = payment.before > own
    ended = own if is_first else 0
    return keeping.Settled(
        player_id=bet.player_id,
        stake=ended,
        returned=change,
        net_loss=ended - change,
        is_first=is_first,
        wins=has_won - (had_won and not is_first),
        profit=payment.decided.payout - own,
        at=bet.settled_at or now,
    )


def _told(ctx: Context, payments: Sequence[Paid], now: datetime) -> list[events.Event]:
    """Return what the world is told of a piece; the first event of each name is checked for all."""
    found: dict[str, list[events.Event]] = {}
    for payment in payments:
        player_id = payment.found.bet.player_id
        for name, said in _said(payment):
            same = found.setdefault(name, [])
            if same:
                same.append(events.Event(uuid7(), name, said, now, player_id))
            else:
                same.append(events.prepare(ctx, name, said, player_id=player_id))
    return [event for same in found.values() for event in same]


def _said(payment: Paid) -> Iterator[tuple[str, dict[str, Any]]]:
    bet, said = payment.found.bet, told_of(payment)
    if payment.is_first:
        yield "betting.bet_settled", said
    else:
        again = {
            "previous_settlement": f"{bet.id}:{payment.version - 1}",
            "previous_payout": payment.before,
            "cause": payment.cause,
        }
        yield "betting.bet_resettled", said | again
    if payment.reason:
        void = {"bet_id": str(bet.id), "stake": payment.stake, "currency": bet.currency}
        yield "betting.bet_voided", void | {"reason": payment.reason}


def told_of(payment: Paid) -> dict[str, Any]:
    """Return what the world is told of a settlement."""
    bet, legs = payment.found.bet, payment.found.legs
    bet_id, own_stake, payout = str(bet.id), payment.own_stake, payment.decided.payout
    sports = {leg.sport for leg in legs}
    return {
        "bet_id": bet_id,
        "settlement": f"{bet_id}:{payment.version}",
        "kind": bet.kind,
        "stake": own_stake,
        "free_stake": payment.stake - own_stake,
        "payout": payout,
        "profit": payout - own_stake,
        "currency": bet.currency,
        "sport": sports.pop() if len(sports) == 1 else "several",
        "odds": _odds(bet, legs),
        "outcome": payment.decided.kind,
        "is_free": bet.free_bet_id is not None,
        "is_in_play": any(leg.is_in_play for leg in legs),
        "legs": len(legs),
        "settlement_version": payment.version,
        "placed_at": bet.placed_at.isoformat(),
    }


def _odds(bet: Any, legs: Sequence[Any]) -> str | None:
    """Return the total odds; None of a system, whose lines have odds of their own."""
    if bet.builder_odds is not None:
        return _product((bet.builder_odds,))
    return None if bet.kind == "system" else _product(tuple(leg.odds for leg in legs))


@lru_cache(maxsize=4_096)
def _product(odds: tuple[Decimal, ...]) -> str:
    return text(prod((Fraction(each) for each in odds), start=Fraction(1)))
