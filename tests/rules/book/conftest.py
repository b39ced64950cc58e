"""A casino under a regulator, and the people who write, approve and publish its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pitboss.core.registry import Candidate, installed
from pitboss.core.tenancy import PLATFORM_ID, toggle
from pitboss.core.testing.web import PART, client_of
from tests.rules import casino
from tests.rules.book import regulator

ROOT = "/api/v1/rules"


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE, regulator.CANDIDATE]


def reward(key: str = "cashback", **more: Any) -> dict[str, Any]:
    """Return a reward of a tenth of what was lost, from 100 on."""
    return {
        "kind": "reward",
        "key": key,
        "on": ["casino.round_played"],
        "when": {"net_loss_min": 100},
        "then": [{"action": "casino.pay", "formula": "net_loss * 0.10", "max_amount": 500}],
        "tests": [{"facts": {"net_loss": 620}, "expect": {"match": True, "amount": 62}}],
        **more,
    }


def formula(key: str = "share", text: str = "net_loss * 0.10", **more: Any) -> dict[str, Any]:
    """Return a formula that rules may call."""
    return {"kind": "formula", "key": key, "formula": text, **more}


class Desk:
    """Somebody at work on rules over HTTP: each change names the rule as it is read just before."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", query_string=query)

    def post(self, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
        return self.client.post(f"{ROOT}{path}", json=body, headers=headers)

    def etag(self, key: str) -> dict[str, str]:
        return {"If-Match": self.get(f"/{key}").headers["ETag"]}

    def create(self, document: Any, **more: Any) -> Any:
        return self.post("", document=document, **more)

    def save(self, document: Any, **more: Any) -> Any:
        body = {"document": document, **more}
        key = document["key"]
        return self.client.put(f"{ROOT}/{key}", json=body, headers=self.etag(key))

    def step(self, key: str, step: str, **body: Any) -> Any:
        return self.post(f"/{key}/{step}", self.etag(key), **body)

    def delete(self, key: str, headers: dict[str, str] | None = None) -> Any:
        return self.client.delete(f"{ROOT}/{key}", headers=headers or self.etag(key))


@pytest.fixture
def desk_of(app, tenant) -> Callable[..., Desk]:
    """Seat somebody: `desk_of("ann")`, who may do everything with rules."""

    def seat(
        name: str, *permissions: str, of: Any = tenant, kind: str = "operator", home: Any = None
    ) -> Desk:
        client = client_of(app, of, kind, permissions or ("rules.*",))
        client.principal = replace(client.principal, name=f"{name}@acme.test", home_id=home)
        app.extensions[PART][client.environ_base["HTTP_X_SIGNED_IN"]] = client.principal
        return Desk(client)

    return seat


@pytest.fixture
def ann(desk_of) -> Desk:
    """Somebody who writes rules."""
    return desk_of("ann")


@pytest.fixture
def bob(desk_of) -> Desk:
    """Somebody who approves them."""
    return desk_of("bob")


@pytest.fixture
def platform_desk(desk_of) -> Callable[..., Desk]:
    """Seat an operator of the platform in a tenant."""
    return lambda of: desk_of("root", of=of, home=PLATFORM_ID)


@pytest.fixture
def publish(ann, bob) -> Callable[..., Any]:
    """Bring documents all the way to being live."""

    def through(*documents: dict[str, Any]) -> Any:
        for document in documents:
            key = document["key"]
            known = ann.get(f"/{key}").status_code == 200
            saved = ann.save(document) if known else ann.create(document)
            assert saved.status_code < 300, saved.json
            for desk, step in ((ann, "submit"), (bob, "approve"), (ann, "publish")):
                answer = desk.step(key, step)
                assert answer.status_code == 200, answer.json
        return answer.json

    return through


@pytest.fixture
def settle(kernel, tenant) -> Callable[..., None]:
    """Change settings of the rulebook: `settle(approvals_required=2)`."""

    def change(**settings: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            toggle.configure(ctx, "rules", settings)
        kernel.tenants.forget(tenant.id)

    return change


def sentences(answer: Any) -> str:
    """Return all that a problem document says."""
    body = answer.json
    errors = [f"{e['pointer']} {e['detail']}" for e in body.get("errors", [])]
    return "\n".join((body.get("detail", ""), *errors, *body.get("reasons", [])))
