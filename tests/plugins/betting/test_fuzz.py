"""Nothing that is sent to betting makes it fail: every operation of the document, by who may call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.identity import register_player
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.tokens import open_session
from pitboss.core.settings import Settings
from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import SOON
from tests.webapp.http.test_fuzz import _hammer, operations_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limit of requests: it would hide what is behind it."""
    return replace(settings, rate_limit_per_minute=1_000_000)


class Things:
    """What there is, by the name that paths give it."""

    def __init__(self, **known: UUID | str) -> None:
        self._known = known

    def of(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the same parameters, naming what there is."""
        return {name: str(self._known.get(name, value)) for name, value in parameters.items()}


@pytest.fixture
def headers(kernel, tenant) -> Callable[[str], dict[str, str]]:
    """Return what a kind of caller sends."""
    with kernel.context(tenant.id) as ctx:
        player = register_player(ctx, email="fuzz@players.test", password=None).id
        key = create_key(ctx, "fuzz", permissions=["*"], requests_per_minute=1_000_000).secret

    def sent(who: str) -> dict[str, str]:
        if who == "nobody":
            return {"X-Tenant": tenant.code}
        if who == "key":
            return {"X-Api-Key": key, "If-Match": "*"}
        with kernel.context(tenant.id) as ctx:
            return {"Authorization": f"Bearer {open_session(ctx, player).access_token}", "If-Match": "*"}

    return sent


def test_nothing_that_is_sent_makes_betting_fail(app, kernel, tenant, world, clock, headers):
    match = world.match("Leeds", "Hull", at=clock.now() + SOON)
    with kernel.context(tenant.id) as ctx:
        book = books.publish(ctx, match, home="1.88", draw="3.14", away="4.71")
    things = Things(market_id=book.market.id, fixture_id=match, key="football")
    statuses: list[int] = []

    for operation, who in operations_of(app):
        if operation.path.startswith(BETTING):
            _hammer(operation, lambda who=who: headers(who), things, statuses)

    assert any(status < 300 for status in statuses)
