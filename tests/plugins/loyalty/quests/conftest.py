"""Players on missions, friends who were referred, and the books that must be right after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import facts, ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.loyalty import checks
from pitboss.plugins.loyalty.quests import book
from pitboss.plugins.loyalty.quests.counting import _read, recount
from pitboss.plugins.loyalty.quests.tables import ProgressRow
from tests.rules.runtime.conftest import live  # noqa: F401 - a fixture

ROOT = "/api/v1/loyalty"
CASH = {"action": "loyalty.grant_cash", "amount": "5.00"}


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant with loyalty switched on."""
    return make_tenant("loyalty")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("loyalty")


@pytest.fixture
def player(kernel, tenant) -> Callable[..., UUID]:
    """Register a player."""

    def make(of: Any = None, **more: Any) -> UUID:
        with kernel.context((of or tenant).id) as ctx:
            return register_player(ctx, email=f"{uuid7()}@players.test", password=None, **more).id

    return make


@pytest.fixture
def acting(make_client) -> Callable[..., Any]:
    """Return a client that calls as one player: `acting(player_id)`."""

    def client(player_id: UUID, **more: Any) -> Any:
        made = make_client("player", **more)
        object.__setattr__(made.principal, "id", player_id)
        return made

    return client


@pytest.fixture
def staff(make_client) -> Any:
    """An operator of loyalty."""
    return make_client("operator", "loyalty.*")


@pytest.fixture
def send(make_client, worker) -> Callable[..., Any]:
    """Have transactions taken, and what follows from them done: `send(player_id, "wager", "10.00")`."""
    key = make_client("api_key", "loyalty.ingest")

    def post(player_id: UUID, kind: str = "wager", amount: str | None = "10.00", **more: Any) -> str:
        item = {"id": more.pop("id", uuid7().hex), "kind": kind, "player": str(player_id), **more}
        item |= {} if amount is None else {"amount": amount}
        answer = key.post(f"{ROOT}/transactions", json=[item])
        assert answer.status_code == 200, answer.json
        assert answer.json["results"][0]["status"] != "error", answer.json
        worker()
        return str(item["id"])

    return post


@pytest.fixture
def roll_back(send) -> Callable[..., Any]:
    """Roll a transaction back: `roll_back(player_id, id)`."""
    return lambda player_id, of: send(player_id, "rollback", None, rolls_back=of)


@pytest.fixture
def cash(kernel, tenant) -> Callable[..., int]:
    """Return a player's cash, in cents."""

    def read(player_id: UUID, of: Any = None) -> int:
        where = of or tenant
        with kernel.context(where.id) as ctx:
            wallet = ledger.player(player_id, "wallet", where.currency)
            return int(ledger.balance(ctx.connection, wallet))

    return read


@pytest.fixture
def known(kernel, tenant) -> Callable[..., Any]:
    """Read a fact of a player by its bare name."""

    def read(player_id: UUID, name: str, of: Any = None) -> Any:
        with kernel.context((of or tenant).id) as ctx:
            return facts.read(ctx, player_id, [f"loyalty.{name}"])[f"loyalty.{name}"]

    return read


@pytest.fixture
def mission(staff) -> Callable[..., Any]:
    """Write a mission and let it count: `mission(goal={...}, reward=CASH)`."""

    def write(key: str = "ten-bets", kind: str = "mission", *, by: Any = None, **definition: Any) -> Any:
        times = {name: definition.pop(name) for name in ("starts_at", "ends_at") if name in definition}
        said = {"on": ["wager"], "goal": {"kind": "count", "target": "3", "unit": "bets"}, **definition}
        body = {"key": key, "kind": kind, "title": "Ten bets", "definition": said, **times}
        made = (by or staff).post(f"{ROOT}/missions", json=body)
        assert made.status_code == 201, made.json
        answer = (by or staff).post(f"{ROOT}/missions/{key}/activate", json={})
        assert answer.status_code == 200, answer.json
        return answer.json

    return write


@pytest.fixture
def progress(acting) -> Callable[..., Any]:
    """Return how a player sees a mission, or an achievement."""

    def read(player_id: UUID, key: str = "ten-bets", what: str = "missions") -> Any:
        answer = acting(player_id).get(f"{ROOT}/me/{what}")
        assert answer.status_code == 200, answer.json
        return next(card for card in answer.json["items"] if card["key"] == key)

    return read


@pytest.fixture(autouse=True)
def _books_are_right(kernel, tenant) -> Iterator[None]:
    """After each test no law of the books is broken, and each tally is that of its marks."""
    yield
    with kernel.context(tenant.id) as ctx:
        assert checks.broken(ctx) == {}
        check_tallies(ctx)


def check_tallies(ctx: Any) -> None:
    """Compare every tally with a recount."""
    for row in ctx.connection.execute(ProgressRow.__table__.select()).all():
        mission = book.read(ctx, book.find(ctx, row.mission))
        assert _read(row).tally == recount(ctx, mission, row.player_id, row.period_start)
