"""Whatever happens in whatever order: no account below zero, the books balance, nothing is paid twice."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Cause
from pitboss.core.errors import Conflict
from pitboss.core.ledger.tables import JournalRow
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty.bonuses import book as bonuses
from pitboss.plugins.loyalty.bonuses import funding, purses
from pitboss.plugins.loyalty.bonuses.tables import BonusRow
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.rewards import expiring, lifecycle
from tests.plugins.loyalty.samples import law

AMOUNTS = st.integers(1, 300)
WAGERS = st.integers(200, 501)
"""The last one is above the maximum bet."""
STEPS = st.one_of(
    st.tuples(st.just("grant"), AMOUNTS, st.sampled_from(["plain", "sticky", "capped", "phantom", "strict"])),
    st.tuples(st.just("cash"), AMOUNTS),
    st.tuples(st.just("stake"), AMOUNTS),
    st.tuples(st.just("pay"), st.integers(0, 9), st.integers(0, 2_000)),
    st.tuples(st.just("wager"), WAGERS),
    st.tuples(st.just("roll_back"), st.integers(0, 9)),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("withdraw"), AMOUNTS),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)
TERMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "sticky": {"sticky": True},
    "capped": {"max_conversion_multiple": 1},
    "phantom": {"phantom": True, "sticky": True},
    "strict": {"max_bet": 5, "breach_policy": "forfeit"},
}
_JOURNAL, _BONUS = JournalRow.__table__, BonusRow.__table__


class World:
    """One player, and all that may happen to what they have."""

    def __init__(self, ctx: Any, clock: Any) -> None:
        self.ctx, self.clock, self.player = ctx, clock, uuid7()
        self.wagers: list[Transaction] = []
        self.stakes: list[str] = []
        self.causes: list[Cause] = []
        self.given: list[UUID] = []

    def do(self, step: tuple[Any, ...]) -> None:
        # A refusal leaves no trace, as it would over HTTP.
        with suppress(Conflict), self.ctx.connection.begin_nested():
            getattr(self, step[0])(*step[1:])

    def grant(self, amount: int, terms: str) -> None:
        cause = Cause(uuid7(), "law", 1)
        self.ctx.cause = cause
        more = {"wagering_requirement": 2, "expiry_hours": 72, **TERMS[terms]}
        self.given.append(self.ctx.of(self.player).act("loyalty.grant_bonus", amount=amount, **more))
        self.causes.append(cause)
        self.ctx.cause = None

    def cash(self, amount: int) -> None:
        self.ctx.of(self.player).act("loyalty.grant_cash", amount=amount, key=str(uuid7()))

    def stake(self, amount: int) -> None:
        key = str(uuid7())
        funding.stake(self.ctx, self.player, amount, key=key)
        self.stakes.append(key)

    def pay(self, number: int, amount: int) -> None:
        if self.stakes:
            funding.pay_return(self.ctx, self.stakes[number % len(self.stakes)], amount)

    def wager(self, amount: int) -> None:
        self.wagers.append(
            Transaction(
                id=uuid7(),
                player_id=self.player,
                kind="wager",
                amount=amount,
                bonus_amount=0,
                at=self.clock.now(),
            )
        )
        bonuses.taken(self.ctx, self.wagers[-1])

    def roll_back(self, number: int) -> None:
        if self.wagers:
            bonuses.rolled_back(self.ctx, self.wagers.pop(number % len(self.wagers)))

    def undo(self, number: int) -> None:
        if self.causes:
            lifecycle.undo(self.ctx, self.causes[number % len(self.causes)])

    def cancel(self, number: int) -> None:
        if self.given:
            lifecycle.cancel(self.ctx, self.given[number % len(self.given)], reason="a law")

    def withdraw(self, amount: int) -> None:
        funding.withdrawal(self.ctx, self.player, amount, key=str(uuid7()))

    def wait(self, hours: int) -> None:
        self.clock.advance(hours=hours)
        expiring.expire_due(self.ctx, {})

    # -- laws --------------------------------------------------------------------------------------

    def check(self) -> None:
        held = ledger.balances(self.ctx.connection, f"player:{self.player}")
        assert all(balance >= 0 for account, balance in held.items() if account.kind != "receivable"), held
        assert all(balance <= 0 for account, balance in held.items() if account.kind == "receivable"), held
        assert checks.broken(self.ctx) == {}

    def check_conversions(self) -> None:
        rows = self.ctx.connection.execute(select(_BONUS).where(_BONUS.c.tenant_id == self.ctx.tenant.id))
        for row in rows:
            assert self._converted(row.id) == row.converted + row.withheld

    def _converted(self, bonus_id: UUID) -> int:
        """Count what was converted of a bonus, by the journals that no other reverses."""
        mine = _JOURNAL.c.tenant_id == self.ctx.tenant.id
        reversed_ = select(_JOURNAL.c.reverses).where(mine, _JOURNAL.c.reverses.is_not(None))
        keys = self.ctx.connection.scalars(
            select(_JOURNAL.c.key).where(
                mine, _JOURNAL.c.key.startswith(f"bonus:{bonus_id}:convert"), _JOURNAL.c.id.not_in(reversed_)
            )
        )
        journals = [ledger.find_journal(self.ctx.connection, key) for key in keys.all()]
        return sum(leg.amount for journal in journals for leg in journal.legs)


@settings(law, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=6, max_size=25))
def test_no_order_of_things_breaks_the_books(kernel, tenant, clock, steps) -> None:
    ctx = kernel.context(tenant.id)
    try:
        world = World(ctx, clock)
        for step in steps:
            world.do(step)
            world.check()
        world.check_conversions()
        assert {name: n for name, n in ledger.verify(ctx.connection).items() if n} == {}
    finally:
        ctx.rollback()


def test_a_purse_holds_nothing_once_its_bonus_is_taken_back(kernel, tenant, clock) -> None:
    """Walk the longest way there is: granted, staked, won, completed, rolled back, undone."""
    with kernel.context(tenant.id) as ctx:
        world = World(ctx, clock)
        for step in (
            ("grant", 400, "capped"),
            ("stake", 400),
            ("wager", 500),
            ("wager", 300),
            ("pay", 0, 2_000),
            ("withdraw", 300),
            ("roll_back", 0),
            ("wager", 500),
            ("undo", 0),
        ):
            world.do(step)
            world.check()
            world.check_conversions()
        row = purses.find(ctx, world.given[0])
        assert (row.state, row.end_count, purses.held(ctx, row)) == ("cancelled", 3, 0)
