"""With the mapping of the demo, payments reach the facts of loyalty, where that is installed."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import facts
from pitboss.core.money import Money
from pitboss.core.registry import Candidate, installed
from pitboss.core.settings import default_config_folder
from pitboss.core.tenancy import toggle
from pitboss.plugins.payments import book, deposits, methods, receiving
from pitboss.plugins.payments.ports import News
from tests.plugins.payments.flows.conftest import registered

DEMO = tomllib.loads((default_config_folder() / "tenants" / "demo.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The platform and both plugins."""
    found = [c for c in installed() if c.always_on or c.name in ("payments", "loyalty")]
    if "loyalty" not in {c.name for c in found}:
        pytest.skip("loyalty is not installed")
    return found


@pytest.fixture
def tenant(kernel, make_tenant) -> Any:
    """A tenant that is set as the demo is."""
    made = make_tenant("payments", "loyalty", currency="GBP")
    with kernel.context(made.id) as ctx:
        for plugin in ("payments", "loyalty"):
            toggle.configure(ctx, plugin, DEMO["plugins"][plugin]["settings"])
    kernel.tenants.forget(made.id)
    return kernel.tenants.get(made.id)


def test_a_deposit_reaches_the_facts_of_loyalty_and_leaves_them_when_it_is_reversed(
    kernel, tenant, worker
) -> None:
    player = registered(kernel, tenant)
    with kernel.context(tenant.id) as ctx:
        method = methods.add(ctx, player, provider="cards", token="tok_ok")
        made = deposits.make(ctx, player, method_id=method.id, amount=Money(40_00, "GBP"), request_key="1")
        deposits.start(ctx, made.id)
    worker()
    assert known(kernel, tenant, player) == (40_00, 1)

    with kernel.context(tenant.id) as ctx:
        payment = book.find(ctx, made.id, for_update=True)
        receiving.apply(ctx, payment, News(kind="charged_back", reversal="d-1"))
    worker()
    assert known(kernel, tenant, player) == (0, 0)


def known(kernel: Any, tenant: Any, player: UUID) -> tuple[int, int]:
    with kernel.context(tenant.id) as ctx:
        found = facts.read(ctx, player)
    return found["loyalty.total_deposited"], found["loyalty.deposit_count"]
