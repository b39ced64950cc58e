"""What is past its retention goes, with all that belongs to it, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select

from pitboss.core import retention
from pitboss.core.clock import uuid7
from pitboss.core.notifications import tasks as notifications
from pitboss.core.notifications.tables import NotificationRow, State, StepRow
from pitboss.core.webhooks import tasks as webhooks
from pitboss.core.webhooks.tables import AttemptRow, DeliveryRow, DeliveryState, EndpointRow

DAYS = 30


@pytest.fixture
def settings(settings):
    return replace(settings, deliveries_kept_days=DAYS, notifications_kept_days=DAYS)


def put(ctx, row, **values):
    """Insert a row; return its id."""
    values = {"tenant_id": ctx.tenant.id, "id": uuid7(), **values}
    ctx.connection.execute(insert(row.__table__), values)
    return values["id"]


def count(ctx, row):
    table = row.__table__
    query = select(func.count()).select_from(table).where(table.c.tenant_id == ctx.tenant.id)
    return ctx.connection.scalars(query).one()


def deliver(kernel, tenant, state):
    """Write down one delivery with one attempt."""
    with kernel.context(tenant.id) as ctx:
        now = ctx.clock.now()
        at = {"created_by": "test", "created_at": now}
        endpoint = put(ctx, EndpointRow, url="https://a.test", events=["*"], description="", secret="", **at)
        message = {"message_id": "m", "event": "core.ping", "body": "{}", "attempts": 1, "replays": 0}
        delivery = put(ctx, DeliveryRow, endpoint_id=endpoint, state=state, created_at=now, **message)
        put(ctx, AttemptRow, delivery_id=delivery, at=now, duration_ms=1, response="")


def notify(kernel, tenant, state):
    """Write down one notification with one step."""
    with kernel.context(tenant.id) as ctx:
        now = ctx.clock.now()
        about = {"target_kind": "player", "target_id": uuid7(), "template": "a.b", "channel": "in_app"}
        at = {"created_at": now, "changed_at": now}
        notification = put(ctx, NotificationRow, category="service", state=state, **about, **at)
        put(ctx, StepRow, notification_id=notification, state=state, at=now)


KINDS = {
    "deliveries": (deliver, webhooks.purge, DeliveryRow, AttemptRow, DeliveryState.DELIVERED),
    "notifications": (notify, notifications.purge, NotificationRow, StepRow, State.SENT),
}
UNFINISHED = [
    *(("deliveries", state) for state in (DeliveryState.PENDING, DeliveryState.FAILED)),
    ("notifications", State.QUEUED),
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_past_its_retention_goes_with_its_parts(kind, kernel, tenant, other_tenant, clock):
    write, purge, row, part, ended = KINDS[kind]
    write(kernel, tenant, ended)
    write(kernel, other_tenant, ended)
    clock.advance(days=DAYS, seconds=1)
    write(kernel, tenant, ended)

    with kernel.context(tenant.id) as ctx:
        assert purge(ctx, {}) == 1

    with kernel.context(tenant.id) as ctx:
        assert (count(ctx, row), count(ctx, part)) == (1, 1)
    with kernel.context(other_tenant.id) as ctx:
        assert (count(ctx, row), count(ctx, part)) == (1, 1)


@pytest.mark.parametrize(("kind", "state"), UNFINISHED)
def test_what_is_not_over_stays(kind, state, kernel, tenant, clock):
    write, purge, row, _, _ = KINDS[kind]
    write(kernel, tenant, state)
    clock.advance(days=10 * DAYS)

    with kernel.context(tenant.id) as ctx:
        assert purge(ctx, {}) == 0
        assert count(ctx, row) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_one_piece_goes_in_one_run(kind, kernel, tenant, clock, monkeypatch):
    monkeypatch.setattr(retention, "PIECE_ROWS", 2)
    write, purge, row, _, ended = KINDS[kind]
    for _ in range(5):
        write(kernel, tenant, ended)
    clock.advance(days=DAYS + 1)

    with kernel.context(tenant.id) as ctx:
        assert purge(ctx, {}) == 5
        assert count(ctx, row) == 0


def test_a_retention_of_nothing_keeps_everything(kernel, tenant, clock):
    deliver(kernel, tenant, DeliveryState.DEAD)
    clock.advance(days=10_000)

    with kernel.context(tenant.id) as ctx:
        table, part_of = DeliveryRow.__table__, AttemptRow.__table__.c.delivery_id
        assert retention.delete_old(ctx, table, part_of, states=["dead"], kept_days=0) == 0


@pytest.mark.parametrize("task", ["core.purge_deliveries", "core.purge_notifications"])
def test_the_tasks_run_by_the_clock(task, kernel, tenant, worker):
    with kernel.context(tenant.id) as ctx:
        assert ctx.view.tasks[task].item.cron
        ctx.enqueue(task)

    worker()
