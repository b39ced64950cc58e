"""The admin over a test kernel: clients signed in as operators with chosen permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

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
