"""The web application over a test kernel, called in process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pitboss.core.identity import register_player
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.tokens import open_session
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import PLATFORM_ID, Tenant

Headers = dict[str, str]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without credentials."""
    return app.test_client()


@pytest.fixture
def key_of(kernel: Kernel) -> Callable[..., Headers]:
    """Make the headers of an API key: `key_of(tenant, "core.audit")`."""

    def make(tenant: Tenant, *permissions: str, **more: Any) -> Headers:
        with kernel.context(tenant.id) as ctx:
            new = create_key(ctx, "test", permissions=permissions or ("*",), **more)
        return {"X-Api-Key": new.secret}

    return make


@pytest.fixture
def key(key_of: Callable[..., Headers], tenant: Tenant) -> Headers:
    """The headers of a key that may do everything in the tenant."""
    return key_of(tenant)


@pytest.fixture
def platform_key(key_of: Callable[..., Headers], kernel: Kernel) -> Headers:
    """The headers of a key of the platform."""
    return key_of(kernel.tenants.get(PLATFORM_ID))


@pytest.fixture
def player_of(kernel: Kernel) -> Callable[[Tenant], tuple[Any, Headers]]:
    """Make a player of a tenant who is signed in: its id, and the headers."""

    def make(tenant: Tenant) -> tuple[Any, Headers]:
        with kernel.context(tenant.id) as ctx:
            player = register_player(ctx, email="ann@players.test", password=None)
            tokens = open_session(ctx, player.id)
            return player.id, {"Authorization": f"Bearer {tokens.access_token}"}

    return make
