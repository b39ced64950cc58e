"""A brand with loyalty in all its states."""

from __future__ import annotations

from typing import Any

import pytest

from tests.plugins.loyalty.admin import scene


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant with loyalty switched on."""
    return make_tenant("loyalty", country="GB", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("loyalty")


@pytest.fixture
def shown(kernel, tenant) -> scene.Scene:
    """The scene."""
    return scene.fill(lambda operator: kernel.context(tenant.id, operator), tenant)
