"""A tenant with a test provider and a manual one, players who pay, and operators who look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.ledger import Leg
from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import toggle
from pitboss.core.testing.web import PART
from tests.plugins.payments.flows import house

ROOT = "/api/v1/payments"


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The platform, payments, and a plugin that watches and refuses."""
    own = [c for c in installed() if c.always_on or c.name == "payments"]
    return [*own, house.CANDIDATE]


@pytest.fixture
def tenant(kernel, make_tenant) -> Any:
    """A tenant in euros that takes both kinds of payments."""
    made = make_tenant("payments", "house", currency="EUR")
    configure(kernel, made)
    return kernel.tenants.get(made.id)


def configure(kernel: Any, tenant: Any, *, test: Any = None, **settings: Any) -> None:
    """Set what a tenant sets; `test` adds to the settings of the test provider."""
    providers = [
        {"name": "cards", "term": "payments.test_provider", "title": "Cards", **(test or {})},
        {"name": "bank", "term": "payments.manual_provider", "title": "Bank transfer"},
        {"name": "foreign", "term": "house.pay"},
    ]
    with kernel.context(tenant.id) as ctx:
        toggle.configure(ctx, "payments", {"providers": providers, **settings})
    kernel.tenants.forget(tenant.id)


@pytest.fixture
def settle(kernel, tenant) -> Callable[..., None]:
    """Change settings of the tenant."""
    return lambda **settings: configure(kernel, tenant, **settings)


@pytest.fixture
def player(kernel, tenant) -> UUID:
    """A registered player."""
    return registered(kernel, tenant)


def registered(kernel: Any, tenant: Any, **more: Any) -> UUID:
    """Register a player."""
    with kernel.context(tenant.id) as ctx:
        return register_player(ctx, email=f"{uuid7()}@players.test", password=None, **more).id


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
    """An operator who may do all of payments."""
    return make_client("operator", "payments.*")


@pytest.fixture
def add_method(me) -> Callable[..., str]:
    """Add a method of the player; returns its id."""

    def add(token: str = "tok_ok_4242", provider: str = "cards", by: Any = None) -> str:
        sent = {"provider": provider, "token": token}
        answer = (by or me).post(f"{ROOT}/methods", json=sent)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    return add


@pytest.fixture
def pay_in(me, add_method) -> Callable[..., Any]:
    """Have the player pay in; returns the answer."""

    def pay(
        amount: str = "100.00", method: str | None = None, token: str = "tok_ok_4242", **more: Any
    ) -> Any:
        sent = {"method_id": method or add_method(token), "amount": euros(amount)}
        return me.post(f"{ROOT}/deposits", json=sent, **more)

    return pay


@pytest.fixture
def draw(me) -> Callable[..., Any]:
    """Have the player ask for money; returns the answer."""

    def ask(amount: str = "60.00", method: str | None = None) -> Any:
        return me.post(f"{ROOT}/withdrawals", json={"amount": euros(amount), "method_id": method})

    return ask


@pytest.fixture
def wallet(kernel, tenant, player) -> Callable[[], tuple[int, int, int]]:
    """Return the player's cash, what is set aside, and what is owed."""

    def read() -> tuple[int, int, int]:
        with kernel.context(tenant.id) as ctx:
            found = ledger.read_wallet(ctx.connection, player, "EUR")
            return found.cash, found.locked, found.owed

    return read


@pytest.fixture
def spend(kernel, tenant, player) -> Callable[[int], None]:
    """Have the player lose money of the wallet."""

    def lose(amount: int) -> None:
        with kernel.context(tenant.id) as ctx:
            leg = Leg(ledger.purse(player, "cash", "EUR"), ledger.house("house", "EUR"), amount)
            ledger.post(ctx.connection, key=f"lost:{uuid7()}", op="lost", legs=[leg])

    return lose


@pytest.fixture(autouse=True)
def _the_books_are_in_order(kernel, tenant) -> Iterator[None]:
    """After each test, every law of the ledger holds."""
    yield
    for told in (house.asked, house.refusing, house.outages):
        told.clear()
    with kernel.context(tenant.id) as ctx:
        assert set(ledger.verify(ctx.connection).values()) == {0}


def euros(amount: str) -> dict[str, str]:
    """Return money as the API speaks it."""
    return {"amount": amount, "currency": "EUR"}
