"""Whatever is asked of the ledger in whatever order, it agrees with a dictionary."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pitboss.core.database import Database
from pitboss.core.errors import Conflict, InsufficientFunds
from pitboss.core.ledger import (
    Account,
    Leg,
    Posting,
    authorise,
    balance,
    capture,
    house,
    player,
    pool,
    post,
    post_many,
    release,
    reverse,
    roll_up,
    verify,
)

CLEARING = house("clearing", "EUR")
ACCOUNTS = [CLEARING, pool("jackpot:1", "EUR"), *(player(name, "wallet", "EUR") for name in "abc")]
WALLETS = ACCOUNTS[2:]

amounts = st.integers(1, 100)
legs = st.lists(
    st.builds(
        lambda pair, amount: Leg(pair[0], pair[1], amount),
        st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(ACCOUNTS)).filter(
            lambda pair: pair[0] != pair[1]
        ),
        amounts,
    ),
    min_size=1,
    max_size=3,
)
_tenants = count(10_000)


class Books(RuleBasedStateMachine):
    """The ledger, and beside it the sixty lines that say what it must do."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.tenant_id = next(_tenants)
        self.model: dict[Account, int] = {}
        self.done: dict[str, list[Leg]] = {}
        self.reversed: set[str] = set()
        self.holds: dict[str, tuple[Account, int]] = {}
        self.serial = count()

    def try_model(self, moved: list[Leg]) -> bool:
        after = dict(self.model)
        for leg in moved:
            after[leg.debit] = after.get(leg.debit, 0) - leg.amount
            after[leg.credit] = after.get(leg.credit, 0) + leg.amount
        if any(held < 0 for account, held in after.items() if account.nature.floor is not None):
            return False
        self.model = after
        return True

    def both(self, moved: list[Leg], act: Any) -> bool:
        """Do it to the model and to the ledger; both must allow it, or both refuse."""
        allowed = self.try_model(moved)
        try:
            with self.database.transaction(self.tenant_id) as connection:
                act(connection)
        except InsufficientFunds:
            assert not allowed
        else:
            assert allowed
        return allowed

    @rule(moved=legs)
    def post_something(self, moved: list[Leg]) -> None:
        key = f"post:{next(self.serial)}"
        if self.both(moved, lambda connection: post(connection, key=key, op="x", legs=moved)):
            self.done[key] = moved

    @rule(pick=st.randoms(use_true_random=False))
    def replay(self, pick: Any) -> None:
        if self.done:
            key = pick.choice(list(self.done))
            with self.database.transaction(self.tenant_id) as connection:
                assert post(connection, key=key, op="x", legs=self.done[key]).replayed

    @rule(pick=st.randoms(use_true_random=False))
    def reverse_something(self, pick: Any) -> None:
        if self.done:
            key = pick.choice(list(self.done))
            back = [Leg(leg.credit, leg.debit, leg.amount) for leg in self.done[key]]
            if key in self.reversed:
                back = []
            if self.both(back, lambda connection: reverse(connection, key=key)):
                self.reversed.add(key)

    @rule(wallet=st.sampled_from(WALLETS), amount=amounts)
    def hold(self, wallet: Account, amount: int) -> None:
        key = f"hold:{next(self.serial)}"
        moved = [Leg(wallet, wallet.sibling("hold"), amount)]
        if self.both(moved, lambda connection: authorise(connection, key=key, amounts={wallet: amount})):
            self.holds[key] = (wallet, amount)

    @rule(pick=st.randoms(use_true_random=False), part=st.integers(1, 100))
    def close(self, pick: Any, part: int) -> None:
        if not self.holds:
            return
        key = pick.choice(list(self.holds))
        wallet, amount = self.holds.pop(key)
        taken = amount * part // 100
        held = wallet.sibling("hold")
        moved = [Leg(held, CLEARING, taken)] if taken else []
        if taken < amount:
            moved.append(Leg(held, wallet, amount - taken))

        def act(connection: Any) -> None:
            if taken:
                capture(connection, key=key, target=CLEARING, amount=taken)
            else:
                release(connection, key=key)

        self.both(moved, act)

    @rule(batch=st.lists(legs, min_size=1, max_size=6))
    def post_a_batch(self, batch: list[list[Leg]]) -> None:
        postings = [Posting(key=f"many:{next(self.serial)}", op="x", legs=moved) for moved in batch]
        with self.database.transaction(self.tenant_id) as connection:
            answers = post_many(connection, postings)
        # What may fail is tried last, and in order: so is it here.
        applied = [
            one for one, answer in zip(postings, answers, strict=True) if not isinstance(answer, Conflict)
        ]
        while applied:
            fit = next(one for one in applied if self.try_model(list(one.legs)))
            applied.remove(fit)
            self.done[fit.key] = list(fit.legs)
        refused = [one for one, answer in zip(postings, answers, strict=True) if isinstance(answer, Conflict)]
        if refused:
            assert len(refused) < len(postings) or not self.would_fit(refused[0])

    def would_fit(self, posting: Posting) -> bool:
        before = self.model
        fits = self.try_model(list(posting.legs))
        self.model = before
        return fits

    @rule()
    def roll(self) -> None:
        with self.database.transaction(self.tenant_id) as connection:
            roll_up(connection)

    @invariant()
    def agree(self) -> None:
        with self.database.transaction(self.tenant_id) as connection:
            assert {account: balance(connection, account) for account in self.model} == self.model

    def teardown(self) -> None:
        with self.database.transaction(self.tenant_id) as connection:
            assert not any(verify(connection).values())


def test_the_ledger_agrees_with_a_model(database: Database) -> None:
    machine = type("Books", (Books,), {"database": database})
    bounded = settings(
        max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=bounded)
