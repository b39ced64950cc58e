"""A casino that tells of what happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.identity.tables import Operator, OperatorRole, Role, Status
from pitboss.core.notifications import list_notifications
from tests.rules.runtime.conftest import candidates, live, lose, player, seen  # noqa: F401 - fixtures


@pytest.fixture
def priced(kernel, tenant, worker) -> Callable[..., None]:
    """Have a price move, which concerns no player: `priced("m1", 2.5)`."""

    def move(market: str, odds: float) -> None:
        with kernel.context(tenant.id) as ctx:
            ctx.emit("casino.price_moved", {"market": market, "odds": odds})
        worker()

    return move


@pytest.fixture
def fired(events) -> Callable[[], list[str]]:
    """Return the messages of the alerts that fired, in order."""
    return lambda: [event.payload["message"] for event in events("rules.alert_fired")]


@pytest.fixture
def told(kernel, tenant) -> Callable[[], list[tuple[Any, str, str]]]:
    """Return what was sent: to whom, over what, and why, in order."""

    def read() -> list[tuple[Any, str, str]]:
        with kernel.context(tenant.id) as ctx:
            found = list_notifications(ctx)
        rows = sorted(found, key=lambda row: row["id"])
        return [(row["target_id"], row["channel"], row["category"]) for row in rows]

    return read


@pytest.fixture
def operator(kernel, tenant) -> Callable[[str], UUID]:
    """Have an operator with one permission: `operator("rules.read")`."""

    def make(permission: str) -> UUID:
        with kernel.context(tenant.id) as ctx:
            mail, role = f"{uuid7()}@staff.test", f"may-{permission}"
            made = Operator(email=mail, name="Ann", status=Status.ACTIVE, created_at=ctx.clock.now())
            ctx.session.add_all([made, Role(name=role, title=role, permissions=[permission])])
            ctx.flush()
            now = ctx.clock.now()
            ctx.session.add(OperatorRole(operator_id=made.id, role=role, given_at=now))
            return made.id

    return make


def alert(key: str = "big-loss", **more: Any) -> dict[str, Any]:
    """Return an alert of players who lost 100.00 or more."""
    return {
        "kind": "alert",
        "key": key,
        "on": ["casino.round_played"],
        "when": {"net_loss_min": 100},
        "message": "lost {net_loss}",
        **more,
    }


def price_alert(key: str = "value", **more: Any) -> dict[str, Any]:
    """Return an alert that players subscribe to: odds over a threshold of their own."""
    return {
        "kind": "alert",
        "key": key,
        "on": ["casino.price_moved"],
        "when": "event.odds >= threshold",
        "message": "{event.odds} is {threshold} or more",
        **more,
    }
