"""A casino with its rulebook in all states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pitboss.core.registry import Candidate, installed
from pitboss.core.testing.web import PART
from tests.rules import casino
from tests.rules.admin import cardroom, scene
from tests.rules.book import regulator


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE, cardroom.CANDIDATE, regulator.CANDIDATE]


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A casino, without a regulator."""
    return make_tenant("casino", "cardroom", country="GB", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("casino")


@pytest.fixture
def shown(kernel, tenant, worker) -> scene.Scene:
    """The scene."""
    return scene.fill(lambda operator: kernel.context(tenant.id, operator), tenant, worker)


@pytest.fixture
def seat(make_client, app):
    """Sign somebody in by name: `seat("olga", "rules.read")`."""

    def sign_in(name: str, *permissions: str, **more: Any) -> Any:
        client = make_client("operator", *(permissions or ("*",)), **more)
        client.principal = replace(client.principal, name=f"{name}@acme.test")
        app.extensions[PART][client.environ_base["HTTP_X_SIGNED_IN"]] = client.principal
        return client

    return sign_in


@pytest.fixture
def otto(seat) -> Any:
    """Who approves what Olga wrote."""
    return seat("otto")


@pytest.fixture
def olga(seat) -> Any:
    """Who wrote the rules of the scene."""
    return seat("olga")
