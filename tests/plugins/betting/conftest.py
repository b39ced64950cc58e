"""Tenants that take bets on fixtures which a test makes up, players with cash, and traders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import toggle
from pitboss.core.testing.web import PART
from tests.plugins.betting.fixtures import WORLD, World, stand_in

BETTING = "/api/v1/betting"


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """What is installed, with a stand-in for the fixtures."""
    return [*(c for c in installed() if c.name != "sports"), stand_in()]


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant that takes bets."""
    return make_tenant("sports", "betting")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("sports", "betting")


@pytest.fixture
def world() -> Iterator[World]:
    """The fixtures of this test."""
    WORLD.clear()
    yield WORLD
    WORLD.clear()


@pytest.fixture
def player(kernel, tenant) -> UUID:
    """A registered player."""
    with kernel.context(tenant.id) as ctx:
        return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id


@pytest.fixture
def me(app, make_client, player) -> Any:
    """A client that is signed in as the player."""
    client = make_client("player")
    client.principal = replace(client.principal, id=player)
    app.extensions[PART][client.environ_base["HTTP_X_SIGNED_IN"]] = client.principal
    return client


@pytest.fixture
def trader(make_client) -> Any:
    """An operator who may do all of betting."""
    return make_client("operator", "betting.*")


@pytest.fixture
def pay_in(kernel, tenant, player) -> Callable[..., None]:
    """Give the player cash: `pay_in(100_00)`."""

    def add(minor: int, *, to: UUID = player, of: Any = tenant) -> None:
        unit = of.currency
        with kernel.context(of.id) as ctx:
            leg = ledger.Leg(ledger.house("clearing", unit), ledger.player(to, "wallet", unit), minor)
            ledger.post(ctx.connection, key=f"pay-in:{uuid7()}", op="test.deposit", legs=[leg])

    return add


@pytest.fixture
def cash(kernel, tenant, player) -> Callable[..., int]:
    """Read an account of the player: `cash()`, `cash("hold")`."""

    def read(kind: str = "wallet", *, of: UUID = player) -> int:
        with kernel.context(tenant.id) as ctx:
            return int(ledger.balance(ctx.connection, ledger.player(of, kind, tenant.currency)))

    return read


@pytest.fixture
def configure(kernel, tenant) -> Callable[..., None]:
    """Set what the tenant sets of betting: `configure(price_age_seconds_max=60)`."""

    def change(**values: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            toggle.configure(ctx, "betting", values)
        kernel.tenants.forget(tenant.id)

    return change
