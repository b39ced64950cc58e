"""Leave a delivery for each endpoint that takes an event, in the transaction of the event."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import insert, select

from pitboss.core.clock import uuid7
from pitboss.core.jobs.queue import enqueue
from pitboss.core.webhooks.tables import DeliveryRow, DeliveryState, EndpointRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from pitboss.core.context import Context
    from pitboss.core.events import Event
    from pitboss.core.kernel import Kernel

DELIVER = "core.deliver_webhook"
CACHE_SECONDS = 3.0
"""An endpoint that another process made takes events after this time at the latest."""

_ENDPOINT = EndpointRow.__table__
_DELIVERY = DeliveryRow.__table__
_cache: WeakKeyDictionary[Kernel, dict[int, tuple[float, tuple[str, ...]]]] = WeakKeyDictionary()


def fan_out(ctx: Context, event: Event) -> None:
    """Leave a delivery of an event that `is_taken` for each enabled endpoint with a pattern that fits."""
    body = json.dumps(
        {
            "id": str(event.id),
            "type": event.name,
            "timestamp": event.at.isoformat(),
            "tenant": ctx.tenant.code,
            "player_id": str(event.player_id) if event.player_id else None,
            "data": event.payload,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    wanted = [row.id for row in _enabled(ctx) if takes(row.events, event.name)]
    leave(ctx, wanted, message_id=f"msg_{event.id.hex}", event=event.name, body=body)


def leave(
    ctx: Context, endpoint_ids: Sequence[UUID], *, message_id: str, event: str, body: str
) -> list[UUID]:
    """Write deliveries down and ask for the work; return their ids."""
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": ctx.tenant.id,
            "id": uuid7(),
            "endpoint_id": endpoint_id,
            "message_id": message_id,
            "event": event,
            "body": body,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "replays": 0,
            "created_at": ctx.clock.now(),
        }
        for endpoint_id in endpoint_ids
    ]
    if rows:
        ctx.connection.execute(insert(_DELIVERY), rows)
    for row in rows:
        enqueue(ctx, DELIVER, {"delivery_id": str(row["id"])}, key=f"{row['id']}:0")
    return [row["id"] for row in rows]


def takes(patterns: Iterable[str], event: str) -> bool:
    """Tell whether one of the patterns fits an event's name."""
    owner = event.split(".", 1)[0]
    return any(pattern in ("*", event, f"{owner}.*") for pattern in patterns)


def is_taken(ctx: Context, event: str) -> bool:
    """Tell whether any enabled endpoint of the tenant takes an event.

    Which patterns a tenant has is remembered for a moment, so that an event that nobody takes costs
    no query.
    """
    return takes(_patterns(ctx), event)


def forget(ctx: Context) -> None:
    """Drop what is remembered of a tenant, because its endpoints changed."""
    _cache.get(ctx.kernel, {}).pop(ctx.tenant.id, None)


def _patterns(ctx: Context) -> tuple[str, ...]:
    tenants = _cache.setdefault(ctx.kernel, {})
    hit = tenants.get(ctx.tenant.id)
    now = time.monotonic()
    if hit is None or hit[0] < now:
        patterns = {pattern for row in _enabled(ctx) for pattern in row.events}
        hit = tenants[ctx.tenant.id] = (now + CACHE_SECONDS, tuple(sorted(patterns)))
    return hit[1]


def _enabled(ctx: Context) -> Sequence[Any]:
    return ctx.connection.execute(
        select(_ENDPOINT.c.id, _ENDPOINT.c.events).where(
            _ENDPOINT.c.tenant_id == ctx.tenant.id, _ENDPOINT.c.is_enabled
        )
    ).all()
