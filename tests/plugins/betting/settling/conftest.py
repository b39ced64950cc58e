"""A player with cash, and a match with a market."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate
from tests.plugins.betting.settling import ground

OBJECTIONS: list[str] = []
"""Why the guard of these tests holds settlements now."""


@hookimpl
def plugin_manifest():
    return Manifest(name="watchman", version="1", title="A guard, for tests")


@hookimpl
def register_listeners():
    return [Guard("betting.settle", lambda _ctx, _asked: "; ".join(OBJECTIONS) or None)]


@pytest.fixture(scope="session")
def candidates(candidates):
    """A plugin more, that may hold settlements."""
    part = SimpleNamespace(plugin_manifest=plugin_manifest, register_listeners=register_listeners)
    return [*candidates, Candidate("watchman", lambda: part)]


@pytest.fixture
def tenant(make_tenant):
    """A tenant that takes bets, with that guard."""
    return make_tenant("sports", "betting", "watchman")


@pytest.fixture
def objections():
    """Let the guard object: `objections.append("odd stakes")`."""
    yield OBJECTIONS
    OBJECTIONS.clear()


@pytest.fixture
def match(world, clock):
    """A football match in two hours."""
    return world.match("Leeds", "Hull", at=clock.now() + timedelta(hours=2))


@pytest.fixture
def result(kernel, tenant, world, worker):
    """Record a result and do what follows: `result(match, score(2, 1))`."""

    def record(fixture_id, outcome, **more):
        with kernel.context(tenant.id) as ctx:
            version = world.result(ctx, fixture_id, outcome, **more)
        worker()
        return version

    return record


@pytest.fixture
def bet(kernel, tenant, player, pay_in):
    """Take a bet: `bet([(market, "home", "1.88")], 1000)`."""
    pay_in(1_000_00)

    def take(legs, stake=1000, **more):
        with kernel.context(tenant.id) as ctx:
            return ground.bet(ctx, player, [ground.leg(ctx, *one) for one in legs], stake, **more)

    return take


@pytest.fixture
def market(kernel, tenant):
    """Open a market: `market(match)`."""

    def make(fixture_id, *args, **more):
        with kernel.context(tenant.id) as ctx:
            return ground.market(ctx, fixture_id, *args, **more)

    return make


@pytest.fixture
def state(kernel, tenant):
    """Read a bet as it stands."""

    def read(bet_id):
        with kernel.context(tenant.id) as ctx:
            return ground.state(ctx, bet_id)

    return read
