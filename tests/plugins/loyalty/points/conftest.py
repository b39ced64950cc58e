"""Players who stake, who spend points, and operators who watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.tenancy import toggle
from pitboss.core.testing.web import PART
from pitboss.plugins.loyalty import checks, players
from pitboss.plugins.loyalty.points import book, lots
from pitboss.plugins.loyalty.tiers import ladder
from tests.plugins.loyalty.play.conftest import tell

LOYALTY = "/api/v1/loyalty"
TITLES = (("BASIC", 0), ("SILVER", 100), ("GOLD", 500), ("PLATINUM", 1000))


def tiers(**changes: Any) -> dict[str, Any]:
    """Return a ladder as operators write it: the tiers of the oracle, by balance and without mercy."""
    return {
        "mode": "balance",
        "tiers": [{"code": code, "title": code.title(), "entry": entry} for code, entry in TITLES],
        **changes,
    }


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant with loyalty switched on."""
    return make_tenant("loyalty")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("loyalty")


@pytest.fixture
def player(kernel, tenant) -> UUID:
    """A registered player."""
    return registered(kernel, tenant)


def registered(kernel: Any, tenant: Any) -> UUID:
    """Register a player."""
    with kernel.context(tenant.id) as ctx:
        return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id


@pytest.fixture
def me(app, make_client, player) -> Any:
    """A client that is signed in as the player."""
    return signed_in(app, make_client("player"), player)


def signed_in(app: Any, client: Any, player_id: UUID) -> Any:
    """Let a client call as a registered player."""
    client.principal = replace(client.principal, id=player_id)
    app.extensions[PART][client.environ_base["HTTP_X_SIGNED_IN"]] = client.principal
    return client


@pytest.fixture
def staff(make_client) -> Any:
    """An operator who may do all of loyalty."""
    return make_client("operator", "loyalty.read", "loyalty.edit", "loyalty.grant", "loyalty.ingest")


@pytest.fixture
def stake(kernel, tenant, player) -> Callable[..., Any]:
    """Tell of a wager of the player's, as the API does; returns the sender's id of it."""

    def send(amount: str, **more: Any) -> str:
        sent = {"id": str(uuid7()), "kind": "wager", "player": str(player), "amount": amount, **more}
        tell(kernel, tenant, sent)
        return str(sent["id"])

    return send


@pytest.fixture
def take_back(kernel, tenant, player) -> Callable[[str], Any]:
    """Tell of the rollback of a wager."""

    def send(of: str) -> str:
        said = {"id": str(uuid7()), "kind": "rollback", "player": str(player), "rolls_back": of}
        tell(kernel, tenant, said)
        return str(said["id"])

    return send


@pytest.fixture
def give(kernel, tenant, player) -> Callable[..., UUID]:
    """Give the player points as one lot."""

    def points(amount: int, *, unit: str = "PTS", hours: int | None = None, to: UUID = player) -> UUID:
        with kernel.context(tenant.id) as ctx:
            return book.give(ctx, to, amount, unit=unit, cause_id=uuid7(), expiry_hours=hours)

    return points


@pytest.fixture
def known(kernel, tenant, player) -> Callable[[], Any]:
    """Read the player's row."""

    def read(player_id: UUID = player) -> Any:
        with kernel.context(tenant.id) as ctx:
            return players.find(ctx, player_id)

    return read


@pytest.fixture
def lots_left(kernel, tenant, player) -> Callable[..., list[int]]:
    """Read what is left of the player's lots, the first earned leading."""

    def read(unit: str = "PTS") -> list[int]:
        table = lots.LOT
        query = select(table.c.left).where(table.c.player_id == player, table.c.unit == unit)
        with kernel.context(tenant.id) as ctx:
            return list(ctx.connection.scalars(query.order_by(table.c.id)))

    return read


@pytest.fixture
def save_tiers(kernel, tenant) -> Callable[..., None]:
    """Save a ladder of the tenant's own."""

    def save(**changes: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            ladder.save(ctx, tiers(**changes), reason="for a test")

    return save


@pytest.fixture
def due(kernel, tenant, worker) -> Callable[[], None]:
    """Do what is due: the periodic work once, however many periods were missed."""

    def work() -> None:
        with kernel.context(tenant.id) as ctx:
            for task in ("expire_points", "warn_of_points", "judge_tiers"):
                ctx.enqueue(f"loyalty.{task}")
        worker()

    return work


@pytest.fixture(autouse=True)
def _points_add_up(kernel, tenant) -> Iterator[None]:
    """After each test the lots are the wallets, and every balance is the sum of its postings."""
    yield
    check(kernel, tenant)


def inbox(client: Any) -> list[str]:
    """Return the subjects of a player's messages, the newest first."""
    return [one["subject"] for one in client.get("/api/v1/notifications/inbox").json["items"]]


def configure(kernel: Any, tenant: Any, **values: Any) -> None:
    """Set what the tenant sets of loyalty."""
    with kernel.context(tenant.id) as ctx:
        toggle.configure(ctx, "loyalty", values)
    kernel.tenants.forget(tenant.id)


def check(kernel: Any, tenant: Any) -> None:
    """Refuse what does not add up."""
    with kernel.context(tenant.id) as ctx:
        assert checks.broken(ctx) == {}
        assert ledger.rebuild(ctx.connection) == {}
