"""Whatever providers tell, as often and in whatever order: money is made once, and goes one way."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.errors import PitbossError
from pitboss.core.ledger import Leg
from pitboss.core.ledger.tables import JOURNAL
from pitboss.core.money import Money
from pitboss.plugins.payments import book, deposits, logbook, methods, receiving, settling, withdrawals
from pitboss.plugins.payments.ports import News
from tests.plugins.payments.flows.conftest import registered
from tests.plugins.payments.samples import sequences

_serial = count(1)

TOLD = (
    {"kind": "pending"},
    {"kind": "action_required"},
    {"kind": "completed"},
    {"kind": "completed", "amount": 90_00},
    {"kind": "failed"},
    {"kind": "expired"},
    {"kind": "refunded", "reversal": "r1", "amount": 30_00},
    {"kind": "refunded", "reversal": "r2", "amount": 50_00},
    {"kind": "charged_back", "reversal": "d1", "amount": 60_00},
    {"kind": "charged_back", "reversal": "d2", "amount": 100_00},
    {"kind": "reinstated", "reversal": "d1"},
)
news = st.lists(st.tuples(st.sampled_from(TOLD), st.integers(0, 6)), max_size=12)
"""What is told, and under which of seven ids: the same id twice is the same news told again."""


def tell(ctx: Any, payment_id: UUID, told: list[tuple[dict[str, Any], int]]) -> None:
    first: dict[int, dict[str, Any]] = {}
    for said, id_ in told:
        once = first.setdefault(id_, said)
        item = msgspec.convert({"id": f"{payment_id}:{id_}", "payment_id": str(payment_id), **once}, News)
        receiving.take(ctx, "cards", [item])


def pending(ctx: Any, player: UUID, amount: int = 100_00) -> Any:
    method = methods.add(ctx, player, provider="cards", token=f"tok_pending_{next(_serial)}")
    made = deposits.make(
        ctx, player, method_id=method.id, amount=Money(amount, "EUR"), request_key=str(next(_serial))
    )
    return deposits.start(ctx, made.id)


def moved(ctx: Any, key: str) -> int:
    """Return how often a key stands in the books."""
    return len(ctx.connection.execute(select(JOURNAL.c.id).where(JOURNAL.c.key == key)).all())


@sequences
@given(told=news, spent=st.sampled_from([0, 40_00, 100_00]), after=st.integers(0, 12))
def test_no_deposit_is_credited_twice_and_the_books_always_balance(
    kernel, tenant, told, spent, after
) -> None:
    player = registered(kernel, tenant)
    with kernel.context(tenant.id) as ctx:
        payment = pending(ctx, player)
        tell(ctx, payment.id, told[:after])
        cash = ledger.purse(player, "cash", "EUR")
        lost = min(spent, ledger.balance(ctx.connection, cash))
        if lost:
            legs = [Leg(cash, ledger.house("house", "EUR"), lost)]
            ledger.post(ctx.connection, key=f"lost:{player}", op="lost", legs=legs)
        tell(ctx, payment.id, told)

        found = book.find(ctx, payment.id)
        wallet = ledger.read_wallet(ctx.connection, player, "EUR")
        assert wallet.cash - wallet.owed + lost == found.settled - found.taken_back
        assert 0 <= found.taken_back <= found.settled
        assert moved(ctx, settling.key_of(payment)) == int(found.settled > 0)
        assert (found.state == "reversed") == (0 < found.settled == found.taken_back)
        assert set(ledger.verify(ctx.connection).values()) == {0}


@sequences
@given(order=st.permutations(range(5)), again=st.lists(st.integers(0, 4), max_size=4))
def test_the_order_of_news_does_not_matter(kernel, tenant, order, again) -> None:
    told = [TOLD[n] for n in (0, 2, 6, 8, 10)]
    player = registered(kernel, tenant)
    with kernel.context(tenant.id) as ctx:
        payment = pending(ctx, player)
        tell(ctx, payment.id, [(told[n], n) for n in (*order, *again)])

        found = book.find(ctx, payment.id)
        assert (found.state, found.settled, found.taken_back) == ("completed", 100_00, 30_00)
        assert ledger.balance(ctx.connection, ledger.purse(player, "cash", "EUR")) == 70_00
        assert all(row.posted_at for row in logbook.reversals(ctx, payment.id))


@sequences
@given(
    told=news,
    decisions=st.lists(st.sampled_from(["approve", "reject", "send", "cancel"]), max_size=4),
    after=st.integers(0, 12),
)
def test_no_withdrawal_is_both_paid_and_returned(kernel, tenant, told, decisions, after) -> None:
    player = registered(kernel, tenant)
    with kernel.context(tenant.id) as ctx:
        paid_in = pending(ctx, player)
        tell(ctx, paid_in.id, [(TOLD[2], 0)])
        made = withdrawals.request(
            ctx, player, amount=Money(60_00, "EUR"), method_id=None, request_key=str(next(_serial))
        )
        payment = made.items[0]
        for decision in decisions:
            try:
                decide(ctx, payment.id, decision, player)
            except PitbossError:
                continue
        tell(ctx, payment.id, told[:after])
        withdrawals.send(ctx, payment.id)
        tell(ctx, payment.id, told)

        found = book.find(ctx, payment.id)
        wallet = ledger.read_wallet(ctx.connection, player, "EUR")
        expected = {"completed": (40_00, 0), "failed": (100_00, 0), "rejected": (100_00, 0)}
        assert (wallet.cash, wallet.locked) == expected.get(found.state, (40_00, 60_00))
        assert moved(ctx, f"close:{settling.key_of(payment)}") == int(found.state in expected)
        assert set(ledger.verify(ctx.connection).values()) == {0}


def decide(ctx: Any, payment_id: UUID, decision: str, player: UUID) -> None:
    ctx.actor = replace(ctx.actor, id=uuid7())
    if decision == "approve":
        withdrawals.approve(ctx, payment_id)
    elif decision == "reject":
        withdrawals.reject(ctx, payment_id, reason="no")
    elif decision == "send":
        withdrawals.send(ctx, payment_id)
    else:
        withdrawals.cancel(ctx, payment_id, player_id=player)
