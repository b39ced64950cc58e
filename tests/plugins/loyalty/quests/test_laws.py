"""Whatever happens in whatever order: progress is what a recount says, and each reward is there once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.loyalty.play import ingestion
from pitboss.plugins.loyalty.play.incoming import read
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.quests import book, counting, days
from pitboss.plugins.loyalty.quests.goals import progress
from pitboss.plugins.loyalty.quests.tables import ProgressRow
from pitboss.plugins.loyalty.rewards.tables import RewardRow
from tests.plugins.loyalty.quests.conftest import CASH, check_tallies

GOALS = (
    {"kind": "count", "target": "3"},
    {"kind": "sum", "of": "stake", "target": "25.00"},
    {"kind": "distinct", "of": "game", "target": "2"},
    {"kind": "streak", "target": "2"},
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["wager", "wager", "rollback"]),
        st.integers(0, 5),
        st.sampled_from(["slots", "poker"]),
        st.sampled_from(["5.00", "20.00"]),
        st.integers(2, 5),
    ),
    max_size=14,
)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_progress_is_a_recount_and_each_reward_is_there_once(kernel, tenant, steps: Any) -> None:
    with kernel.context(tenant.id) as ctx:
        _missions(ctx)
        ann = register_player(ctx, email=f"{uuid7()}@players.test", password=None).id
    with kernel.context(tenant.id) as ctx:
        _play(ctx, ann, steps)
    with kernel.context(tenant.id) as ctx:
        check_tallies(ctx)
        for row in ctx.connection.execute(select(ProgressRow.__table__)).all():
            mission = book.read(ctx, book.find(ctx, row.mission))
            tally = counting.standing(ctx, row.mission, row.player_id, row.period_start).tally
            assert (row.completed_at is not None) == progress(mission.goal, tally).is_complete
        assert _standing_rewards(ctx, ann) == _completed(ctx, ann)
        assert days.streak_of(ctx, ann).best >= 0
        assert sorted(days._days(ctx, ann)) == _days_of(ctx, ann)


def _missions(ctx: Any) -> None:
    if book.list_missions(ctx):
        return
    for n, goal in enumerate(GOALS):
        definition = {"on": ["wager"], "goal": goal, "reward": CASH}
        key = f"m-{n}"
        book.create(ctx, {"key": key, "kind": "mission", "title": key, "definition": definition})
        book.switch(ctx, key, is_active=True)


def _play(ctx: Any, ann: Any, steps: Sequence[Any]) -> None:
    for n, (kind, of, game, amount, day) in enumerate(steps):
        item = {"id": f"{ann}-{kind}-{of}", "kind": kind, "player": str(ann)}
        if kind == "wager":
            item |= {"amount": amount, "game": game, "at": f"2026-01-0{day}T11:00:00Z"}
        else:
            item |= {"id": f"{ann}-{kind}-{n}", "rolls_back": f"{ann}-wager-{of}"}
        ingestion.take(ctx, [read(ctx, "feed", item)])


def _standing_rewards(ctx: Any, ann: Any) -> int:
    query = select(func.count()).where(
        RewardRow.tenant_id == ctx.tenant.id, RewardRow.player_id == ann, RewardRow.status == "completed"
    )
    return int(ctx.connection.scalar(query))


def _completed(ctx: Any, ann: Any) -> int:
    query = select(func.count(ProgressRow.completed_at)).where(
        ProgressRow.tenant_id == ctx.tenant.id, ProgressRow.player_id == ann
    )
    return int(ctx.connection.scalar(query))


def _days_of(ctx: Any, ann: Any) -> list[Any]:
    query = select(Transaction.at).where(
        Transaction.tenant_id == ctx.tenant.id,
        Transaction.player_id == ann,
        Transaction.kind == "wager",
        Transaction.rolled_back_at.is_(None),
    )
    return sorted({days.local_day(ctx, at) for at in ctx.connection.scalars(query)})
