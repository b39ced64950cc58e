"""A casino with live rules, and players who lose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core.clock import uuid7
from pitboss.core.identity.players import register_player
from pitboss.core.registry import Candidate, installed
from pitboss.rules.runtime.tables import DecisionRow
from tests.rules import casino
from tests.rules.publishing import put_to_work


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE]


@pytest.fixture
def player(kernel, tenant) -> Callable[[], UUID]:
    """Register a player of the tenant."""

    def make() -> UUID:
        with kernel.context(tenant.id) as ctx:
            return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id

    return make


@pytest.fixture
def live(kernel, tenant) -> Callable[..., None]:
    """Have rules at work, without the way through approval: `live({...}, {...})`."""

    def publish(*documents: dict[str, Any]) -> None:
        with kernel.context(tenant.id) as ctx:
            put_to_work(ctx, *documents)

    return publish


@pytest.fixture
def lose(kernel, tenant, worker) -> Callable[..., Any]:
    """Have a player lose at a game and rules judge it: `lose(player_id, 5_000)`, in cents."""

    def play(player_id: UUID, stake: int, **more: Any) -> Any:
        with kernel.context(tenant.id) as ctx:
            event = casino.lose(ctx, player_id, stake, **more)
        worker()
        return event

    return play


@pytest.fixture
def seen(kernel, tenant) -> Any:
    """Read what was paid and decided."""

    class Seen:
        def payouts(self, **more: Any) -> list[tuple[str, int]]:
            with kernel.context(tenant.id) as ctx:
                return casino.payouts(ctx, **more)

        def decisions(self, rule: str | None = None) -> list[tuple[str, str, int | None]]:
            with kernel.context(tenant.id) as ctx:
                query = select(DecisionRow).order_by(DecisionRow.id)
                rows = ctx.session.scalars(query if rule is None else query.where(DecisionRow.rule == rule))
                return [(row.rule, row.outcome, row.amount) for row in rows]

    return Seen()


def reward(key: str = "cashback", **more: Any) -> dict[str, Any]:
    """Return a reward of a tenth of what was lost, from 10.00 on."""
    return {
        "kind": "reward",
        "key": key,
        "on": ["casino.round_played"],
        "when": {"net_loss_min": 10},
        "then": [{"action": "casino.pay", "formula": "net_loss * 0.10"}],
        **more,
    }
