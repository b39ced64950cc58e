"""Players who play, and a sender who tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Variable
from pitboss.core.identity import register_player
from pitboss.plugins.loyalty.laws import broken_of
from pitboss.plugins.loyalty.play import checks, history, ingestion
from pitboss.plugins.loyalty.play import facts as facts_terms
from pitboss.plugins.loyalty.play.incoming import read

PATH = "/api/v1/loyalty/transactions"


def item(
    player: Any, kind: str = "wager", amount: str | None = "10.00", id_: str = "t-1", **more: Any
) -> Any:
    """Return a transaction as it is sent."""
    said = {"id": id_, "kind": kind, "player": str(player), **more}
    return said if amount is None else {**said, "amount": amount}


def rollback(player: Any, of: str, id_: str | None = None) -> Any:
    """Return a rollback as it is sent."""
    return item(player, "rollback", None, id_ or f"r-{of}", rolls_back=of)


def tell(kernel: Any, tenant: Any, said: dict[str, Any]) -> None:
    """Take a transaction as the API takes it, but for the request."""
    with kernel.context(tenant.id) as ctx:
        [taken] = ingestion.take(ctx, [read(ctx, "feed", said)])
    assert taken.error is None, taken


def statuses(results: list[dict[str, Any]]) -> list[str]:
    """Return what became of each."""
    return [result["status"] for result in results]


PLAY = [
    term
    for term in facts_terms.TERMS
    if (term.window and term.window.metric in history.METRICS)
    # What identity knows is copied when a player's row is locked, and is no figure.
    or (term in facts_terms.LIFETIME and not term.name.endswith((".registered_at", ".country")))
]


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

    def make(of: Any = tenant, **more: Any) -> UUID:
        with kernel.context(of.id) as ctx:
            return register_player(ctx, email=f"{uuid7()}@players.test", password=None, **more).id

    return make


@pytest.fixture
def send(make_client) -> Callable[..., Any]:
    """Send transactions with an API key, and return the answers for each."""
    key = make_client("api_key", "loyalty.ingest")

    def post(*items: Any, by: Any = key) -> list[dict[str, Any]]:
        answer = by.post(PATH, json=list(items))
        assert answer.status_code == 200, answer.json
        results: list[dict[str, Any]] = answer.json["results"]
        return results

    return post


@pytest.fixture
def known(kernel, tenant) -> Callable[..., Any]:
    """Read what is known of a player, by bare names."""

    def read(player_id: UUID, *names: str, of: Any = tenant) -> Any:
        with kernel.context(of.id) as ctx:
            found = facts.read(ctx, player_id, [f"loyalty.{name}" for name in names])
            values = [found[f"loyalty.{name}"] for name in names]
            return values[0] if len(values) == 1 else values

    return read


@pytest.fixture(autouse=True)
def _figures_are_those_of_the_transactions(kernel, tenant) -> Iterator[None]:
    """After each test, what is known of every player is what a rebuild makes of the transactions."""
    yield
    check_figures(kernel, tenant)


def check_figures(kernel: Any, tenant: Any) -> None:
    """Compare the live figures with the rebuilt ones, of every player."""
    with kernel.context(tenant.id) as ctx:
        names = bulk_names(ctx)
        before = facts.read_page(ctx, names)
        for player_id in before.player_ids:
            history.rebuild(ctx, player_id)
        after = facts.read_page(ctx, names)
        broken = broken_of(ctx, checks.LAWS)
    assert {n: before.values[n] for n in names} == {n: after.values[n] for n in names}
    assert not broken


def bulk_names(ctx: Any) -> list[str]:
    """Return the stored facts of play: those that transactions come to, whatever else follows from them."""
    terms = [owned.item for owned in ctx.view.terms.values() if isinstance(owned.item, Variable)]
    return [term.name for term in terms if term in PLAY]
