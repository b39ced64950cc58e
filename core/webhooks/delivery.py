"""Deliver events to endpoints, and keep account of every attempt.

The network is never waited for inside a transaction: what to send is read in one, and what came of it
is written in another. The job system tries again after a failure; a receiver may so get a message
twice, and knows it by its `webhook-id`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.contracts import Task
from pitboss.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from pitboss.core.jobs.queue import enqueue
from pitboss.core.jobs.tables import JobRow
from pitboss.core.notifications.queueing import notify_operators
from pitboss.core.retelling import retold
from pitboss.core.texts import marked
from pitboss.core.webhooks import signing
from pitboss.core.webhooks.endpoints import endpoint_row, secrets_of
from pitboss.core.webhooks.fanout import DELIVER, forget, leave
from pitboss.core.webhooks.tables import AttemptRow, DeliveryRow, DeliveryState, EndpointRow
from pitboss.core.webhooks.transport import TOTAL_SECONDS_MAX, Answer, post

if TYPE_CHECKING:
    from pitboss.core.context import Context

ATTEMPTS_MAX = 10
FAILURES_MAX = 20
"""Failed attempts in a row after which an endpoint may be switched off..."""
FAILING_HOURS_MIN = 24
"""...when they lasted at least so long: a busy endpoint fails twenty times in a minute's outage."""
GONE = 410
"""The status by which a receiver says that it wants no more."""
PING = "core.webhook_ping"
PAGE_DELIVERIES_MAX = 500

_ENDPOINT = EndpointRow.__table__
_DELIVERY = DeliveryRow.__table__
_ATTEMPT = AttemptRow.__table__
_JOB = JobRow.__table__


class DeliveryFailed(Unavailable):
    """Have the job system try again."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be sent where."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    headers: dict[str, str]
    body: str


def deliver(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Make one attempt; raise when it failed."""
    with ctx.kernel.context(ctx.tenant.id, ctx.actor) as before:
        order = _order(before, UUID(payload["delivery_id"]))
    if order is None:
        return
    allow_private = ctx.kernel.settings.webhook_allow_private
    answer = post(order.url, order.headers, order.body.encode(), allow_private=allow_private)
    with ctx.kernel.context(ctx.tenant.id, ctx.actor) as after:
        _note(after, order, answer)
    if not answer.is_success and answer.status != GONE:
        raise DeliveryFailed(f"webhook to {order.url}: {answer.error}")


def ping(ctx: Context, endpoint_id: UUID) -> UUID:
    """Send a test message to one endpoint, whatever events it takes."""
    row = endpoint_row(ctx, endpoint_id)
    if not row.is_enabled:
        raise Conflict(f"the endpoint is switched off ({row.disabled_reason}): switch it on first")
    ping_id, now = uuid7(), ctx.clock.now()
    body = json.dumps(
        {"id": str(ping_id), "type": PING, "timestamp": now.isoformat(), "tenant": ctx.tenant.code}
    )
    return leave(ctx, [endpoint_id], message_id=f"msg_{ping_id.hex}", event=PING, body=body)[0]


def replay(ctx: Context, delivery_id: UUID) -> None:
    """Send a message again, delivered or not; its id stays, so the receiver may know it."""
    row = _delivery(ctx, delivery_id)
    if not endpoint_row(ctx, row.endpoint_id).is_enabled:
        raise Conflict("the endpoint of this delivery is switched off: switch it on first")
    changes = {
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "reason": None,
        "finished_at": None,
        "replays": row.replays + 1,
    }
    _write_delivery(ctx, delivery_id, changes)
    enqueue(ctx, DELIVER, {"delivery_id": str(delivery_id)}, key=f"{delivery_id}:{row.replays + 1}")
    audit.record(ctx, "webhook.replayed", f"webhook_delivery:{delivery_id}", old={"state": row.state})


def list_deliveries(
    ctx: Context,
    *,
    endpoint_id: UUID | None = None,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return deliveries, newest first, with the time of their next attempt."""
    if not 1 <= limit <= PAGE_DELIVERIES_MAX:
        raise InvalidInput(f"limit: {limit} must be between 1 and {PAGE_DELIVERIES_MAX}")
    query = select(_DELIVERY).where(_DELIVERY.c.tenant_id == ctx.tenant.id)
    if endpoint_id is not None:
        query = query.where(_DELIVERY.c.endpoint_id == endpoint_id)
    if state is not None:
        query = query.where(_DELIVERY.c.state == state)
    if after is not None:
        query = query.where(_DELIVERY.c.id < after)
    rows = ctx.connection.execute(query.order_by(_DELIVERY.c.id.desc()).limit(limit)).all()
    return _with_next_attempt(ctx, [dict(row._mapping) for row in rows])


def find_delivery(ctx: Context, delivery_id: UUID) -> dict[str, Any]:
    """Return a delivery with all its attempts, oldest first."""
    found = _with_next_attempt(ctx, [dict(_delivery(ctx, delivery_id)._mapping)])[0]
    attempts = ctx.connection.execute(
        select(_ATTEMPT)
        .where(_ATTEMPT.c.tenant_id == ctx.tenant.id, _ATTEMPT.c.delivery_id == delivery_id)
        .order_by(_ATTEMPT.c.id)
    )
    return found | {"attempt_log": [dict(row._mapping) for row in attempts]}


def _order(ctx: Context, delivery_id: UUID) -> _Order | None:
    row = _delivery(ctx, delivery_id)
    if row.state == DeliveryState.DELIVERED:
        return None
    try:
        endpoint = endpoint_row(ctx, row.endpoint_id)
    except NotFound:
        endpoint = None
    if endpoint is None or not endpoint.is_enabled:
        reason = marked(
            f"the endpoint is switched off: {endpoint.disabled_reason if endpoint else 'deleted'}"
        )
        _finish(ctx, delivery_id, DeliveryState.DEAD, reason)
        return None
    secrets = secrets_of(ctx, endpoint)
    headers = signing.headers(secrets, row.message_id, ctx.clock.now(), row.body) | {
        "content-type": "application/json",
        "user-agent": "Pitboss-Webhooks/1",
    }
    return _Order(delivery_id, endpoint.id, endpoint.url, headers, row.body)


def _note(ctx: Context, order: _Order, answer: Answer) -> None:
    ctx.connection.execute(
        insert(_ATTEMPT).values(
            tenant_id=ctx.tenant.id,
            id=uuid7(),
            delivery_id=order.delivery_id,
            at=ctx.clock.now(),
            status=answer.status,
            duration_ms=answer.duration_ms,
            error=answer.error,
            response=answer.response,
        )
    )
    attempts = _delivery(ctx, order.delivery_id).attempts + 1
    _write_delivery(ctx, order.delivery_id, {"attempts": attempts})
    if answer.is_success:
        _finish(ctx, order.delivery_id, DeliveryState.DELIVERED, None)
        _write_endpoint(ctx, order.endpoint_id, {"failures": 0, "failing_since": None})
        return
    is_last = attempts >= ATTEMPTS_MAX or answer.status == GONE
    if is_last:
        _finish(ctx, order.delivery_id, DeliveryState.DEAD, answer.error)
    else:
        changes = {"state": DeliveryState.FAILED, "reason": answer.error}
        _write_delivery(ctx, order.delivery_id, changes)
    _count_failure(ctx, order.endpoint_id, answer)


def _count_failure(ctx: Context, endpoint_id: UUID, answer: Answer) -> None:
    now = ctx.clock.now()
    row = ctx.connection.execute(
        update(_ENDPOINT)
        .where(_ENDPOINT.c.tenant_id == ctx.tenant.id, _ENDPOINT.c.id == endpoint_id)
        .values(
            failures=_ENDPOINT.c.failures + 1,
            failing_since=func.coalesce(_ENDPOINT.c.failing_since, now),
        )
        .returning(_ENDPOINT.c.failures, _ENDPOINT.c.failing_since, _ENDPOINT.c.is_enabled)
    ).one()
    is_long = now - row.failing_since >= timedelta(hours=FAILING_HOURS_MIN)
    if answer.status == GONE:
        reason = marked("the receiver answered 410 Gone: it wants no more")
    elif row.failures >= FAILURES_MAX and is_long:
        since = row.failing_since.isoformat(timespec="minutes")
        reason = marked(f"{row.failures} attempts failed since {since}, the last with: {answer.error}")
    else:
        return
    if row.is_enabled:
        _write_endpoint(ctx, endpoint_id, {"is_enabled": False, "disabled_reason": reason})
        audit.record(ctx, "webhook.disabled", f"webhook:{endpoint_id}", reason=reason)
        url = endpoint_row(ctx, endpoint_id).url
        notify_operators(
            ctx,
            "core.webhook_disabled",
            lambda: {"url": url, "reason": retold(reason)},
            permission="core.webhooks",
        )
        forget(ctx)


def _delivery(ctx: Context, delivery_id: UUID) -> Any:
    row = ctx.connection.execute(
        select(_DELIVERY).where(_DELIVERY.c.tenant_id == ctx.tenant.id, _DELIVERY.c.id == delivery_id)
    ).first()
    if row is None:
        raise NotFound(f"no webhook delivery {delivery_id}")
    return row


def _finish(ctx: Context, delivery_id: UUID, state: DeliveryState, reason: str | None) -> None:
    changes = {"state": state, "reason": reason, "finished_at": ctx.clock.now()}
    _write_delivery(ctx, delivery_id, changes)


def _write_delivery(ctx: Context, delivery_id: UUID, values: Mapping[str, Any]) -> None:
    ctx.connection.execute(
        update(_DELIVERY)
        .where(_DELIVERY.c.tenant_id == ctx.tenant.id, _DELIVERY.c.id == delivery_id)
        .values(**values)
    )


def _write_endpoint(ctx: Context, endpoint_id: UUID, values: Mapping[str, Any]) -> None:
    ctx.connection.execute(
        update(_ENDPOINT)
        .where(_ENDPOINT.c.tenant_id == ctx.tenant.id, _ENDPOINT.c.id == endpoint_id)
        .values(**values)
    )


def _with_next_attempt(ctx: Context, deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add when the job system means to try again."""
    keys = {f"{d['id']}:{d['replays']}": d for d in deliveries}
    jobs = ctx.connection.execute(
        select(_JOB.c.key, _JOB.c.run_at).where(
            _JOB.c.tenant_id == ctx.tenant.id, _JOB.c.name == DELIVER, _JOB.c.key.in_(keys)
        )
    )
    due = {row.key: row.run_at for row in jobs}
    open_states = (DeliveryState.PENDING, DeliveryState.FAILED)
    return [
        d | {"next_attempt_at": due.get(key) if d["state"] in open_states else None}
        for key, d in keys.items()
    ]


TASKS = (
    Task(
        name=DELIVER,
        title="Deliver an event to a webhook endpoint",
        run=deliver,
        attempts_max=ATTEMPTS_MAX,
        time_limit_seconds=round(4 * TOTAL_SECONDS_MAX),
    ),
)
