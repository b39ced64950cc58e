"""Events reach their endpoints signed, at least once, and each attempt is on record."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from sqlalchemy import event as database_event
from sqlalchemy import func, select

from pitboss.core import webhooks
from pitboss.core.audit import AuditEntry
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound, TermMissing
from pitboss.core.secretbox import SecretUnreadable
from pitboss.core.webhooks.delivery import ATTEMPTS_MAX, FAILURES_MAX, DeliveryFailed
from pitboss.core.webhooks.tables import DeliveryRow, EndpointRow


@pytest.fixture
def endpoint(kernel, tenant, receiver):
    with kernel.context(tenant.id) as ctx:
        endpoint, secret = webhooks.create_endpoint(ctx, receiver.url, ["hooklab.happened"])
    endpoint_id = endpoint.id

    class Handle:
        id = endpoint_id

        def now(self):
            with kernel.context(tenant.id) as ctx:
                return webhooks.find_endpoint(ctx, endpoint_id)

        def deliveries(self):
            with kernel.context(tenant.id) as ctx:
                found = webhooks.list_deliveries(ctx, endpoint_id=endpoint_id)
                return [webhooks.find_delivery(ctx, d["id"]) for d in found]

    handle = Handle()
    handle.secret = secret
    return handle


@pytest.fixture
def emit(kernel, tenant):
    def emit(name="hooklab.happened", **payload):
        with kernel.context(tenant.id) as ctx:
            return ctx.emit(name, payload or {"amount": 5})

    return emit


def is_signed(request, secret: str) -> bool:
    """Check a signature the way a receiver would, with nothing of ours."""
    found = {name.lower(): value for name, value in request.headers.items()}
    signed = f"{found['webhook-id']}.{found['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{expected}" in found["webhook-signature"].split()


def test_an_event_arrives_signed(endpoint, emit, work, receiver):
    event = emit(amount=7)
    work()

    [request] = receiver.requests
    assert request.path == "/hook?x=1"
    assert is_signed(request, endpoint.secret)
    sent = json.loads(request.body)
    assert (sent["type"], sent["id"], sent["data"]) == ("hooklab.happened", str(event.id), {"amount": 7})
    [delivery] = endpoint.deliveries()
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    assert (delivery["attempt_log"][0]["status"], delivery["attempt_log"][0]["response"]) == (200, "thanks")


def test_a_job_that_runs_twice_sends_once(endpoint, emit, work, receiver):
    emit()
    work()
    work()

    assert len(receiver.requests) == 1


def test_an_event_that_no_endpoint_takes_leaves_nothing(endpoint, emit, work):
    emit("hooklab.ended")

    assert work() == []


def test_without_endpoints_an_event_costs_no_further_query(kernel, tenant, other_tenant):
    with kernel.context(tenant.id) as ctx:
        ctx.emit("hooklab.happened", {"amount": 1})
        seen = []
        database_event.listen(ctx.connection, "before_cursor_execute", lambda *a: seen.append(a[2]))
        ctx.emit("hooklab.happened", {"amount": 1})

    # PostgreSQL is sent the event as a document, past what counts statements.
    assert [statement.split()[0] for statement in seen] == ["INSERT"] * kernel.database.is_sqlite


def test_an_event_that_is_rolled_back_is_never_sent(kernel, tenant, endpoint, work):
    ctx = kernel.context(tenant.id)
    ctx.emit("hooklab.happened", {"amount": 1})
    ctx.rollback()

    assert work() == []


def test_events_of_another_tenant_are_not_sent(kernel, other_tenant, endpoint, receiver):
    with kernel.context(other_tenant.id) as ctx:
        ctx.emit("hooklab.happened", {"amount": 1})
        assert webhooks.list_deliveries(ctx) == webhooks.list_endpoints(ctx) == []
        with pytest.raises(NotFound):
            webhooks.find_endpoint(ctx, endpoint.id)


def test_a_failure_is_raised_recorded_and_tried_again(endpoint, emit, work, receiver):
    receiver.status, receiver.body = 500, b"oops"
    emit()
    [error] = work()
    assert isinstance(error, DeliveryFailed)
    [delivery] = endpoint.deliveries()
    assert (delivery["state"], delivery["reason"]) == ("failed", "answered 500")
    assert delivery["next_attempt_at"] is not None

    receiver.status = 200
    assert work() == [None]

    [delivery] = endpoint.deliveries()
    assert [a["status"] for a in delivery["attempt_log"]] == [500, 200]
    assert delivery["state"] == "delivered"
    assert endpoint.now().failures == 0


def test_every_attempt_has_the_same_id(endpoint, emit, work, receiver):
    receiver.status = 503
    emit()
    work()
    work()

    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert (len(receiver.requests), len(ids)) == (2, 1)


def test_after_the_last_attempt_it_waits_for_a_replay(kernel, tenant, endpoint, emit, work, receiver):
    receiver.status = 500
    emit()
    for _ in range(ATTEMPTS_MAX):
        work()
    [delivery] = endpoint.deliveries()
    assert (delivery["state"], delivery["attempts"]) == ("dead", ATTEMPTS_MAX)

    receiver.status = 200
    with kernel.context(tenant.id) as ctx:
        webhooks.replay(ctx, delivery["id"])
    work()

    [delivery] = endpoint.deliveries()
    assert (delivery["state"], delivery["attempts"], delivery["replays"]) == ("delivered", 1, 1)


def test_an_endpoint_that_fails_for_a_day_is_switched_off(endpoint, emit, work, receiver, clock):
    receiver.status = 500
    emit()
    work()
    clock.advance(hours=24)
    for _ in range(FAILURES_MAX - 2):
        work()
    assert endpoint.now().is_enabled

    work()

    found = endpoint.now()
    assert not found.is_enabled
    assert found.disabled_reason.startswith("20 attempts failed since 2026-01-05T12:00")
    assert work() == [None]
    assert endpoint.deliveries()[0]["reason"].startswith("the endpoint is switched off: 20 attempts")


def test_a_busy_endpoint_survives_a_short_outage(endpoint, emit, work, receiver, clock):
    receiver.status = 500
    emit()
    for _ in range(FAILURES_MAX + 1):
        work()

    assert endpoint.now().is_enabled


def test_a_receiver_that_is_gone_is_left_alone(endpoint, emit, work, receiver):
    receiver.status = 410
    emit()

    assert work() == [None]

    assert endpoint.deliveries()[0]["state"] == "dead"
    assert "410 Gone" in endpoint.now().disabled_reason


def test_switching_an_endpoint_on_forgives_it(kernel, tenant, endpoint, emit, work, receiver):
    receiver.status = 410
    emit()
    work()

    with kernel.context(tenant.id) as ctx:
        found = webhooks.update_endpoint(ctx, endpoint.id, is_enabled=True)

    assert (found.is_enabled, found.failures, found.disabled_reason) == (True, 0, None)


def test_while_secrets_rotate_both_sign(kernel, tenant, endpoint, emit, work, receiver, clock):
    with kernel.context(tenant.id) as ctx:
        new = webhooks.rotate_secret(ctx, endpoint.id)
    emit()
    work()
    assert is_signed(receiver.requests[0], endpoint.secret)
    assert is_signed(receiver.requests[0], new)

    clock.advance(hours=25)
    emit()
    work()

    assert not is_signed(receiver.requests[1], endpoint.secret)
    assert is_signed(receiver.requests[1], new)


def test_secrets_are_sealed_at_rest_and_not_audited(ctx, receiver):
    endpoint, secret = webhooks.create_endpoint(ctx, receiver.url, ["*"])

    stored = ctx.connection.scalar(select(EndpointRow.secret))
    trail = [str(row) for row in ctx.connection.execute(select(AuditEntry.__table__))]

    assert secret not in stored
    assert not [entry for entry in trail if secret in entry or stored in entry]


def test_a_secret_that_was_moved_to_another_endpoint_does_not_open(kernel, tenant, receiver, emit, work):
    with kernel.context(tenant.id) as ctx:
        first, _ = webhooks.create_endpoint(ctx, receiver.url, ["*"])
        second, _ = webhooks.create_endpoint(ctx, receiver.url, ["*"])
        rows = {row.id: row for row in ctx.session.scalars(select(EndpointRow))}
        rows[first.id].secret = rows[second.id].secret
    emit()

    errors = work()

    assert [type(error) for error in errors].count(SecretUnreadable) == 1


def test_a_ping_reaches_an_endpoint_whatever_it_takes(kernel, tenant, endpoint, work, receiver):
    with kernel.context(tenant.id) as ctx:
        webhooks.ping(ctx, endpoint.id)
    work()

    assert json.loads(receiver.requests[0].body)["type"] == "core.webhook_ping"


def test_a_deleted_endpoint_takes_nothing_and_keeps_its_history(kernel, tenant, endpoint, emit, work):
    emit()
    work()
    with kernel.context(tenant.id) as ctx:
        webhooks.delete_endpoint(ctx, endpoint.id)
    emit()

    with kernel.context(tenant.id) as ctx:
        assert webhooks.list_endpoints(ctx) == []
        assert len(webhooks.list_deliveries(ctx)) == 1
        with pytest.raises(NotFound):
            webhooks.ping(ctx, endpoint.id)


def test_a_delivery_of_a_switched_off_endpoint_is_not_replayed(kernel, tenant, endpoint, emit, work):
    emit()
    work()
    with kernel.context(tenant.id) as ctx:
        webhooks.update_endpoint(ctx, endpoint.id, is_enabled=False)
        with pytest.raises(Conflict, match="switch it on first"):
            webhooks.replay(ctx, webhooks.list_deliveries(ctx)[0]["id"])


def test_patterns_are_checked(ctx, receiver):
    with pytest.raises(TermMissing, match=r"did you mean 'hooklab\.happened'"):
        webhooks.create_endpoint(ctx, receiver.url, ["hooklab.hapened"])
    with pytest.raises(InvalidInput, match="1 to 50 events"):
        webhooks.create_endpoint(ctx, receiver.url, [])


def test_a_tenant_has_a_limit_of_endpoints(ctx, receiver):
    for _ in range(50):
        webhooks.create_endpoint(ctx, receiver.url, ["hooklab.*"])

    with pytest.raises(Conflict, match="at most 50"):
        webhooks.create_endpoint(ctx, receiver.url, ["hooklab.*"])


def test_each_change_is_audited(ctx, receiver):
    endpoint, _ = webhooks.create_endpoint(ctx, receiver.url, ["*"])
    webhooks.update_endpoint(ctx, endpoint.id, description="shop")
    webhooks.rotate_secret(ctx, endpoint.id)
    webhooks.delete_endpoint(ctx, endpoint.id)

    query = select(AuditEntry.action).where(AuditEntry.target == f"webhook:{endpoint.id}")
    actions = ctx.connection.scalars(query.order_by(AuditEntry.id)).all()

    assert actions == [f"webhook.{verb}" for verb in ("created", "changed", "secret_rotated", "deleted")]


def test_deliveries_are_paged(ctx, receiver):
    endpoint, _ = webhooks.create_endpoint(ctx, receiver.url, ["*"])
    for n in range(3):
        ctx.emit("hooklab.happened", {"amount": n})

    first = webhooks.list_deliveries(ctx, state="pending", limit=2)
    rest = webhooks.list_deliveries(ctx, after=first[-1]["id"])

    assert len({d["id"] for d in first + rest}) == 3
    assert ctx.connection.scalar(select(func.count()).select_from(DeliveryRow)) == 3
    with pytest.raises(NotFound):
        webhooks.find_delivery(ctx, uuid7())
