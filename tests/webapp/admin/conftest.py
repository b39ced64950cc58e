"""The admin over a test kernel: clients signed in as operators with chosen permissions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from pitboss.core.contracts import Owned
from pitboss.core.identity import players
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant


@pytest.fixture
def admin(make_client: Callable[..., Any]) -> Any:
    """An operator who may do everything."""
    return make_client("operator", "*")


@pytest.fixture
def player_in(kernel: Kernel) -> Callable[[Tenant], UUID]:
    """Register a player in a tenant; return the id."""

    def make(tenant: Tenant) -> UUID:
        with kernel.context(tenant.id) as ctx:
            return players.register_player(
                ctx, email="grace@mail.test", password=None, display_name="Grace Hopper"
            ).id

    return make


@pytest.fixture
def part_of_sample(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change what the sample plugin brings to the admin: `part_of_sample(find=function)`."""

    def change(**parts: Any) -> None:
        known = kernel.registry.all

        def with_them(owned: Owned[Any]) -> Owned[Any]:
            is_its = owned.owner == "acme_sample" and getattr(owned.item, "area", "") == "admin"
            return replace(owned, item=replace(owned.item, **parts)) if is_its else owned

        monkeypatch.setattr(kernel.registry, "all", lambda hook: [with_them(one) for one in known(hook)])

    return change
