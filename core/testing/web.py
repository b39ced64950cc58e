"""Clients for tests: they speak HTTP to the whole application, signed in as whom the test wants.

Who calls is told through the hook `identify`, by a part that is loaded for tests alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, Request, current_app
from flask.testing import FlaskClient

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.identity.principal import Principal
from pitboss.core.kernel import Kernel
from pitboss.core.registry import Candidate, Registry
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


class Apps:
    """The applications of one test process: to build one takes longer than most tests."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[Registry, Flask]] = {}

    def of(self, kernel: Kernel) -> Flask:
        """Return an application that answers for a kernel, with a door for the clients of tests."""
        what = (id(kernel.registry), replace(kernel.settings, data=Path(), database_url=""))
        registry, app = self._kept.get(what, (None, None))
        # The registry is kept too, so that its id is not given to another one.
        if registry is not kernel.registry or app is None:
            app = _load("app")(kernel)
            self._kept[what] = kernel.registry, app
        else:
            _load("serve")(app, kernel)
        app.extensions[PART] = {}
        return app


@cache
def _load(name: str) -> Any:
    found = [entry for entry in entry_points(group=ENTRY_POINTS) if entry.name == name]
    if not found:
        pytest.skip("no web layer is installed: nothing answers HTTP")
    return found[0].load()


def client_of(app: Flask, tenant: Tenant, kind: str | None, permissions: Sequence[str]) -> Client:
    """Return a client that is signed in as somebody of that kind, or as nobody."""
    client = Client(app, app.response_class)
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


class _SigningIn:
    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name=PART, version="1", title="Signing in, for tests")

    @hookimpl
    def identify(self, request: Request) -> Principal | None:
        callers: dict[str, Principal] = current_app.extensions.get(PART, {})
        return callers.get(request.environ.get(_HEADER, ""))


SIGNING_IN = Candidate(PART, _SigningIn, always_on=True)
