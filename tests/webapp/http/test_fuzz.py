"""Schemathesis over the whole document, as who may call: nothing that is sent makes the platform fail."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from pitboss.core.events import EventRow
from pitboss.core.identity import register_player
from pitboss.core.identity.keys import create_key
from pitboss.core.identity.tables import ApiKey, TokenFamily
from pitboss.core.identity.tokens import open_session
from pitboss.core.jobs import JobRow
from pitboss.core.kernel import Kernel
from pitboss.core.notifications import list_templates, notify
from pitboss.core.registry import Candidate, installed
from pitboss.core.settings import Settings
from pitboss.core.tenancy import PLATFORM_ID
from pitboss.core.webhooks.tables import DeliveryRow
from tests.e2e.scene import PLUGIN, Scene, set_up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

EXAMPLES = int(os.environ.get("PITBOSS_TEST_FUZZ", "5"))
"""Requests for each operation and each kind of caller."""
STREAM = "/api/v1/events/stream"
"""OpenAPI 3.1 has no word for the lines of a stream: its schema is a text."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""In this order, so that what is looked at and changed is still there."""
CALLERS = {
    "public": ("nobody",),
    "signed_in": ("key", "player"),
    "player": ("player",),
    "staff": ("key",),
    "platform": ("platform",),
}
REFUSALS = {401, 403}

Headers = dict[str, str]


class OneLook:
    """Ends an event stream when it has looked once for events."""

    def __init__(self) -> None:
        self._asked = 0

    def is_set(self) -> bool:
        self._asked += 1
        return self._asked % 2 == 0

    def wait(self, _seconds: float) -> None:
        """Return at once."""


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The platform and the sample plugin."""
    return [candidate for candidate in installed() if candidate.always_on or candidate.name == PLUGIN]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limit of requests: it would hide what is behind it."""
    return replace(settings, rate_limit_per_minute=1_000_000)


@pytest.fixture
def scene(kernel: Kernel) -> Scene:
    return set_up(kernel, f"-{uuid4().hex[:8]}")


class Callers:
    """Credentials of each kind."""

    def __init__(self, kernel: Kernel, scene: Scene) -> None:
        self._kernel, self._scene = kernel, scene
        with kernel.context(scene.tenant.id) as ctx:
            self.player = register_player(ctx, email="fuzz@players.test", password=None).id
            texts = [text for text in list_templates(ctx) if "operator" not in text.key]
            for text in texts[:3]:
                notify(ctx, self.player, text.key, dict.fromkeys(text.placeholders or (), "x"))
        self._keys = {"key": self._key_of(scene.tenant.id), "platform": self._key_of(PLATFORM_ID)}

    def headers(self, who: str) -> Headers:
        """Return what such a caller sends."""
        return {"If-Match": "*", **self._credentials(who)}

    def _credentials(self, who: str) -> Headers:
        if who == "nobody":
            return {"X-Tenant": self._scene.tenant.code}
        if who != "player":
            return self._keys[who]
        # A new session each time, because some requests end their own.
        with self._kernel.context(self._scene.tenant.id) as ctx:
            return {"Authorization": f"Bearer {open_session(ctx, self.player).access_token}"}

    def _key_of(self, tenant_id: int) -> Headers:
        with self._kernel.context(tenant_id) as ctx:
            key = create_key(ctx, "fuzz", permissions=["*"], requests_per_minute=1_000_000)
        return {"X-Api-Key": key.secret}


class Things:
    """What there is, by the name that paths give it."""

    def __init__(self, kernel: Kernel, scene: Scene, callers: Callers) -> None:
        self._kernel, self._tenant_id = kernel, scene.tenant.id
        callers.headers("player")
        key, channel, locale = scene.template.split("/")
        self._known: dict[str, Any] = {
            "channel": channel,
            "code": scene.other.code,
            "delivery_id": self._first(DeliveryRow),
            "endpoint_id": scene.endpoint,
            "event_id": self._first(EventRow),
            "job_id": self._first(JobRow),
            "key": key,
            "key_id": self._first(ApiKey),
            "locale": locale,
            "message_id": scene.notification,
            "name": "support",
            "notification_id": scene.notification,
            "operator_id": scene.operator,
            "player_id": scene.players[0],
            "plugin": PLUGIN,
            "session_id": self._first(TokenFamily),
        }

    def of(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the same parameters, naming what there is."""
        return {name: str(self._known.get(name, value)) for name, value in parameters.items()}

    def _first(self, row: Any) -> UUID:
        table = row.__table__
        with self._kernel.context(self._tenant_id) as ctx:
            query = select(table.c.id).where(table.c.tenant_id == self._tenant_id).order_by(table.c.id)
            oldest: UUID = ctx.connection.scalars(query.limit(1)).one()
        return oldest


def operations_of(app: Flask) -> Iterator[tuple[Any, str]]:
    """Return every operation of the document, with each kind of caller who may call it."""
    # Imported here: it is heavy, and every run of any test would pay for it.
    import schemathesis

    # Credentials are ours to choose: one that is made up would hide the handler behind a 401.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app, config=config)
    access = app.extensions["pitboss_document"].access
    found = [result.ok() for result in schema.get_all_operations()]
    for operation in sorted(found, key=lambda one: METHODS.index(one.method.upper())):
        for who in CALLERS[access(operation.path, operation.method).who]:
            yield operation, who


def test_nothing_that_is_sent_makes_it_fail(
    app: Flask, kernel: Kernel, scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    app.extensions["pitboss_streams"].stopping = OneLook()
    callers = Callers(kernel, scene)
    things = Things(kernel, scene, callers)
    statuses: dict[str, list[int]] = defaultdict(list)
    public: set[str] = set()

    for operation, who in operations_of(app):
        name = f"{operation.method.upper()} {operation.path}"
        public |= {name} if who == "nobody" else set()
        _hammer(operation, lambda who=who: callers.headers(who), things, statuses[name])

    record_property("operations", len(statuses))
    record_property("requests", sum(map(len, statuses.values())))
    record_property("accepted", sum(status < 300 for seen in statuses.values() for status in seen))
    closed = [name for name, seen in statuses.items() if name not in public and set(seen) <= REFUSALS]
    assert closed == [], "no caller got past the gate"


def _hammer(operation: Any, headers: Callable[[], Headers], things: Things, statuses: list[int]) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    laws = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance]
    if operation.path != STREAM:
        laws.append(checks.response_schema_conformance)

    @hypothesis_settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy(), is_known=st.booleans())
    def send(case: Any, is_known: bool) -> None:
        if is_known:
            case.path_parameters = things.of(case.path_parameters)
        statuses.append(case.call_and_validate(headers=headers(), checks=laws).status_code)

    send()
