"""Clients for tests: they speak HTTP to the whole application, signed in as whom the test wants.

Who calls is told through the hook `identify`, by a part that is loaded for tests alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.identity.principal import Principal
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate
from pitboss.core.tenancy import Tenant

ENTRY_POINTS = "pitboss.wsgi"
"""Where the web layer says how its application is built; the core does not import it."""
PART = "signing_in"
_HEADER = "HTTP_X_SIGNED_IN"


class Client(FlaskClient):
    """A test client that calls as `principal`, with a new Idempotency-Key at each call."""

    principal: Principal | None = None

    @property
    def player_id(self) -> UUID:
        """The id of the player that is signed in."""
        assert self.principal is not None
        return self.principal.player_id

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self.environ_base["HTTP_IDEMPOTENCY_KEY"] = str(uuid4())
        return super().open(*args, **kwargs)


def build_app(kernel: Kernel) -> Flask:
    """Build the application, with a door for the clients of tests."""
    found = [entry for entry in entry_points(group=ENTRY_POINTS) if entry.name == "app"]
    if not found:
        pytest.skip("no web layer is installed: nothing answers HTTP")
    callers: dict[str, Principal] = {}
    kernel.registry.add(_part(callers))
    kernel.tenants.forget()
    app: Flask = found[0].load()(kernel)
    app.test_client_class = Client
    app.extensions[PART] = callers
    return app


def client_of(app: Flask, tenant: Tenant, kind: str | None, permissions: Sequence[str]) -> Client:
    """Return a client that is signed in as somebody of that kind, or as nobody."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.environ_base["HTTP_X_TENANT"] = tenant.code
    # What a browser says of a form of our own pages.
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    if kind is not None:
        token = str(uuid4())
        client.principal = _principal(tenant, kind, permissions)
        client.environ_base[_HEADER] = token
        app.extensions[PART][token] = client.principal
    return client


def _principal(tenant: Tenant, kind: str, permissions: Sequence[str]) -> Principal:
    name = f"{kind}@{tenant.code}.test"
    return Principal(
        kind=kind,  # type: ignore[arg-type]  # a wrong kind fails the test that asked for it
        tenant_id=tenant.id,
        id=uuid7(),
        name=name,
        permissions=frozenset(permissions),
    )


def _part(callers: dict[str, Principal]) -> Candidate:
    @hookimpl
    def plugin_manifest() -> Manifest:
        return Manifest(name=PART, version="1", title="Signing in, for tests")

    @hookimpl
    def identify(request: Request) -> Principal | None:
        return callers.get(request.environ.get(_HEADER, ""))

    part = SimpleNamespace(plugin_manifest=plugin_manifest, identify=identify)
    return Candidate(PART, lambda: part, always_on=True)
