"""A tenant that has sports, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitboss.core.tenancy import toggle

ROOT = "/api/v1/sports"


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A tenant with sports switched on."""
    return make_tenant("sports", country="GB", currency="GBP", time_zone="Europe/London")


@pytest.fixture
def other_tenant(make_tenant) -> Any:
    """A second one."""
    return make_tenant("sports")


@pytest.fixture
def configure(kernel, tenant) -> Callable[..., None]:
    """Set settings of the tenant: `configure(result={"confirmation": "none"})`."""

    def change(**settings: Any) -> None:
        with kernel.context(tenant.id) as ctx:
            toggle.configure(ctx, "sports", settings)
        kernel.tenants.forget(tenant.id)

    return change


@pytest.fixture
def acting(kernel, tenant) -> Callable[..., Any]:
    """Open a unit of work in which somebody acts: `with acting("ann") as ctx:`."""

    def as_operator(name: str) -> Any:
        return kernel.context(tenant.id, actor_name=name)

    return as_operator
