"""Whatever happens to points, in whatever order: lots are wallets, and nothing is paid twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict
from pitboss.core.identity import register_player
from pitboss.plugins.loyalty import checks, players
from pitboss.plugins.loyalty.catalogue import items, redemptions
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.points import book
from pitboss.plugins.loyalty.points.tasks import expire_points, warn_of_points
from pitboss.plugins.loyalty.tiers.tasks import judge_due
from tests.plugins.loyalty.points.conftest import registered
from tests.plugins.loyalty.samples import law

ITEM = {
    "title": "Mug",
    "text": "",
    "price": 7,
    "unit": "PTS",
    "offer": {"by_hand": "a mug"},
    "stock": None,
    "per_player_max": None,
    "tier_min": None,
    "is_active": True,
}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("stake"), st.integers(1, 20_000)),
        st.tuples(st.just("grant"), st.integers(1, 40)),
        st.tuples(st.sampled_from(["roll_back", "cancel", "deliver"]), st.integers(0, 5)),
        st.tuples(st.just("redeem"), st.just(0)),
        st.tuples(st.just("wait"), st.sampled_from([1, 9, 30])),
    ),
    min_size=3,
    max_size=14,
)


class Life:
    """One player, what was done, and how it is done."""

    def __init__(self, ctx: Any, clock: Any, player: UUID) -> None:
        self.ctx, self.clock, self.player = ctx, clock, player
        self.bets: list[Transaction] = []
        self.taken: list[UUID] = []

    def stake(self, amount: int) -> None:
        now = self.clock.now()
        bet = Transaction(
            id=uuid7(), player_id=self.player, kind="wager", amount=amount, bonus_amount=0, at=now
        )
        book.taken(self.ctx, bet)
        self.bets.append(bet)

    def grant(self, points: int) -> None:
        book.give(self.ctx, self.player, points, unit="PTS", cause_id=uuid7(), expiry_hours=24 * 9)

    def roll_back(self, place: int) -> None:
        # Twice: the second time must change nothing.
        for bet in self.bets[place : place + 1] * 2:
            book.rolled_back(self.ctx, bet)

    def redeem(self, _: int) -> None:
        key = str(uuid7())
        for _ in range(2):
            self.taken.append(redemptions.redeem(self.ctx, self.player, "mug", key=key).id)

    def cancel(self, place: int) -> None:
        for redemption_id in self.taken[place : place + 1]:
            redemptions.cancel(self.ctx, redemption_id, reason="law")

    def deliver(self, place: int) -> None:
        for redemption_id in self.taken[place : place + 1]:
            redemptions.deliver(self.ctx, redemption_id, note="")

    def wait(self, days: int) -> None:
        self.clock.set(self.clock.now() + timedelta(days=days))
        for task in (expire_points, warn_of_points, judge_due):
            task(self.ctx, {})


@settings(law, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_sequence_breaks_the_lots(kernel, tenant, clock, steps) -> None:
    player = registered(kernel, tenant)
    with kernel.context(tenant.id) as ctx:
        life = Life(ctx, clock, player)
        if not items.list_items(ctx):
            items.create(ctx, "mug", ITEM)
        for name, value in steps:
            try:
                with ctx.connection.begin_nested():
                    getattr(life, name)(value)
            except Conflict:
                continue
            assert checks.broken(ctx) == {}


@settings(law, max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 20_000), min_size=1, max_size=6), data=st.data())
def test_rollbacks_leave_what_the_others_earned(kernel, tenant, clock, amounts, data) -> None:
    undone = data.draw(st.sets(st.integers(0, len(amounts) - 1)))
    kept = [amount for place, amount in enumerate(amounts) if place not in undone]
    with kernel.context(tenant.id) as ctx:
        life = Life(ctx, clock, registered_in(ctx))
        for amount in amounts:
            life.stake(amount)
        for place in data.draw(st.permutations(sorted(undone))):
            life.roll_back(place)
        found = players.find(ctx, life.player)
    assert (found.points, found.points_part) == (sum(kept) // 1000, sum(kept) % 1000 / 1000)


def test_a_law_that_is_broken_is_found(kernel, tenant, player) -> None:
    """Rules would read points that no wallet holds and no movement brought."""
    ctx = kernel.context(tenant.id)
    try:
        players.lock(ctx, player)
        players.change(ctx, player, points=5)
        found = checks.broken(ctx)
    finally:
        ctx.rollback()
    assert set(found.values()) == {1}
    assert len(found) == 2


def registered_in(ctx: Any) -> UUID:
    """Register a player in an open unit of work."""
    return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id
