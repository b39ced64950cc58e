"""An empty tenant in Great Britain, and the people of its brand, who do everything over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.testing.web import PART
from pitboss.plugins.loyalty import checks
from tests.rules.book.conftest import desk_of

__all__ = ["desk_of"]

API = "/api/v1"
LOYALTY = f"{API}/loyalty"
SESSION = {"kind": "session", "seconds": 600}


def deposit(amount: str) -> dict[str, Any]:
    """Return a deposit as a platform tells of it."""
    return {"kind": "deposit", "amount": amount}


def wager(amount: str, **more: Any) -> dict[str, Any]:
    """Return a wager as a platform tells of it."""
    return {"kind": "wager", "amount": amount, **more}


@pytest.fixture
def tenant(kernel, make_tenant) -> Iterator[Any]:
    """A tenant with nothing in it; at the end no law of its books is broken."""
    made = make_tenant(country="GB", currency="GBP")
    yield made
    with kernel.context(made.id) as ctx:
        assert checks.broken(ctx) == {}
        assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}


@pytest.fixture
def staff(make_client) -> Any:
    """An operator who runs the brand, but for its rules."""
    return make_client("operator", "core.plugins", "core.players", "core.events", "loyalty.*")


@pytest.fixture
def switch_on(staff) -> Callable[..., None]:
    """Switch a plugin on, with settings: `switch_on("loyalty", bonus_bet_max=500)`."""

    def switch(plugin: str, **settings: Any) -> None:
        path = f"{API}/plugins/{plugin}"
        answer = staff.post(f"{path}/enable", json={})
        if settings:
            etag = {"If-Match": staff.get(path).headers["ETag"]}
            answer = staff.put(f"{path}/settings", json={"settings": settings}, headers=etag)
        assert answer.status_code == 200, answer.json

    return switch


@pytest.fixture
def register(make_client) -> Callable[..., Any]:
    """Register a player: `register("Ann")` returns a client that is signed in as them."""
    numbers = count(1)

    def sign_up(name: str) -> Any:
        number, visitor = next(numbers), make_client()
        # From an address of their own: who shares one looks a little alike, and may only try so often.
        visitor.environ_base["REMOTE_ADDR"] = f"198.51.{number // 250}.{number % 250 + 1}"
        said = {"email": f"p{number}@players.test", "password": "seven blue lamps", "display_name": name}
        answer = visitor.post(f"{API}/auth/register", json=said)
        assert answer.status_code == 201, answer.json
        return _signed_in(make_client("player"), UUID(answer.json["player"]["id"]))

    return sign_up


def _signed_in(client: Any, player_id: UUID) -> Any:
    # Access tokens last for minutes, and the clock of a journey moves by weeks.
    client.principal = replace(client.principal, id=player_id)
    client.application.extensions[PART][client.environ_base["HTTP_X_SIGNED_IN"]] = client.principal
    return client


@pytest.fixture
def platform(make_client) -> Any:
    """The sportsbook or casino that tells what players do: an API key."""
    return make_client("api_key", "loyalty.ingest")


@pytest.fixture
def send(platform) -> Callable[..., list[dict[str, Any]]]:
    """Tell what a player did: `send(ann, deposit("20.00"), SESSION)` returns what became of each."""

    def tell(player: Any, *items: dict[str, Any]) -> list[dict[str, Any]]:
        sent = [{"id": str(uuid7()), "player": str(player.player_id), **item} for item in items]
        answer = platform.post(f"{LOYALTY}/transactions", json=sent)
        assert answer.json["accepted"] == len(sent), answer.json
        results: list[dict[str, Any]] = answer.json["results"]
        return results

    return tell


@pytest.fixture
def due(kernel, tenant, worker) -> Callable[..., None]:
    """Stand in for the scheduler: do periodic work once, however many of its periods have passed."""

    def work(*tasks: str) -> None:
        with kernel.context(tenant.id) as ctx:
            for task in tasks:
                ctx.enqueue(f"loyalty.{task}")
        worker()

    return work


def purse(player: Any, name: str) -> str:
    """Return what a player has in a purse."""
    amount: str = player.get(f"{LOYALTY}/me/wallets").json[name]["amount"]
    return amount


def inbox(player: Any) -> list[str]:
    """Return the subjects of a player's messages, the newest first."""
    return [one["subject"] for one in player.get(f"{API}/notifications/inbox").json["items"]]


@pytest.fixture
def register_in(kernel, make_client) -> Callable[[Any], Any]:
    """Register a player of a tenant, with 100.00 in cash: a client that is signed in as them."""
    from pitboss.core.identity import register_player

    def make(tenant: Any) -> Any:
        with kernel.context(tenant.id) as ctx:
            player = register_player(ctx, email=f"{uuid7()}@players.test", password=None).id
            unit = tenant.currency
            leg = ledger.Leg(ledger.house("clearing", unit), ledger.player(player, "wallet", unit), 100_00)
            ledger.post(ctx.connection, key=f"pay-in:{uuid7()}", op="test.deposit", legs=[leg])
        return _signed_in(make_client("player", of=tenant), player)

    return make
