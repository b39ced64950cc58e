"""Players with rewards, play that counts towards them, and the books that must be right after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.notifications import inbox
from pitboss.core.tenancy import toggle
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty.bonuses import purses
from pitboss.plugins.loyalty.rewards import book
from tests.plugins.loyalty.play.conftest import tell
from tests.plugins.loyalty.samples import euros

ROOT = "/api/v1/loyalty"


SETTINGS = {
    "contributions": {"slot50": "0.5", "blackjack": "0.05", "roulette": "0.10", "excluded": "0"},
    "bonus_bet_max": 500,
}
"""As in the oracle."""


@pytest.fixture
def tenant(kernel, make_tenant) -> Any:
    """A tenant with loyalty switched on."""
    made = make_tenant("loyalty")
    with kernel.context(made.id) as ctx:
        toggle.configure(ctx, "loyalty", SETTINGS)
    kernel.tenants.forget(made.id)
    return kernel.tenants.get(made.id)


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("loyalty")


@pytest.fixture
def player(kernel, tenant) -> UUID:
    """A player of the tenant."""
    with kernel.context(tenant.id) as ctx:
        return register_player(ctx, email=f"{uuid7()}@players.test", password=None).id


@pytest.fixture
def act(kernel, tenant, player) -> Callable[..., Any]:
    """Have an action done for the player: `act("grant_bonus", amount=1000)`; each with a key of its own."""

    def run(noun: str, *, of: UUID = player, **parameters: Any) -> Any:
        parameters.setdefault("key", str(uuid7()))
        with kernel.context(tenant.id) as ctx:
            return ctx.of(of).act(f"loyalty.{noun}", **parameters)

    return run


@pytest.fixture
def play(kernel, tenant, player) -> Any:
    """Tell of play, as the API does: `play.wager("slot", "5")` gives its id, `play.roll_back(id)`."""

    def send(**item: Any) -> str:
        item = {"id": str(uuid7()), "player": str(player), **item}
        tell(kernel, tenant, item)
        return item["id"]

    def wager(game: str, amount: str, **more: Any) -> str:
        return send(kind="wager", game=game, amount=amount, **more)

    def roll_back(id: str) -> str:
        return send(kind="rollback", rolls_back=id)

    return SimpleNamespace(wager=wager, roll_back=roll_back, send=send)


@pytest.fixture
def money(kernel, tenant, player) -> Any:
    """Give the player cash, and read accounts as text: `money("wallet")`, `money("bonus", id)`."""

    class Money:
        def add(self, cents: int, key: str = "cash") -> None:
            with kernel.context(tenant.id) as ctx:
                leg = ledger.Leg(
                    ledger.house("clearing", "EUR"), ledger.player(player, "wallet", "EUR"), cents
                )
                ledger.post(ctx.connection, key=key, op="test.deposit", legs=[leg])

        def __call__(self, kind: str, bonus: UUID | None = None, unit: str = "EUR") -> str:
            named = f"{kind}:{bonus}" if bonus else kind
            with kernel.context(tenant.id) as ctx:
                return euros(ledger.balance(ctx.connection, ledger.player(player, named, unit)))

        def house(self, kind: str) -> str:
            with kernel.context(tenant.id) as ctx:
                return euros(ledger.balance(ctx.connection, ledger.house(kind, "EUR")))

    return Money()


@pytest.fixture
def reward(kernel, tenant) -> Callable[[UUID], Any]:
    """Read a reward as it stands."""

    def read(reward_id: UUID) -> Any:
        with kernel.context(tenant.id) as ctx:
            return book.find(ctx, reward_id)

    return read


@pytest.fixture
def wagered(kernel, tenant) -> Callable[[UUID], str]:
    """Read how much of a bonus is wagered."""

    def read(bonus_id: UUID) -> str:
        with kernel.context(tenant.id) as ctx:
            return euros(purses.bonus_of(purses.find(ctx, bonus_id)).progress)

    return read


@pytest.fixture
def told(kernel, tenant, player, worker) -> Callable[[], list[str]]:
    """Read the subjects of what the player was told, in order."""

    def read() -> list[str]:
        worker()
        with kernel.context(tenant.id) as ctx:
            return [message.subject for message in reversed(inbox(ctx, player))]

    return read


@pytest.fixture
def run(kernel, tenant, worker) -> Callable[[str], None]:
    """Have a periodic task done now: `run("expire_rewards")`."""

    def do(noun: str) -> None:
        with kernel.context(tenant.id) as ctx:
            ctx.enqueue(f"loyalty.{noun}")
        worker()

    return do


@pytest.fixture
def mine(make_client, player) -> Any:
    """A client that is signed in as the player."""
    client = make_client("player")
    signed_in, token = client.application.extensions["signing_in"], client.environ_base["HTTP_X_SIGNED_IN"]
    signed_in[token] = client.principal = replace(client.principal, id=player)
    return client


@pytest.fixture(autouse=True)
def _the_books_are_right(kernel, tenant) -> Iterator[None]:
    """After each test no law of loyalty's books is broken."""
    yield
    with kernel.context(tenant.id) as ctx:
        assert checks.broken(ctx) == {}
        assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}
