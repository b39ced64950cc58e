"""Follow the fixtures: results pay pools, withdrawals refund, and what is moved moves the close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.events import Event
from pitboss.core.texts import marked
from pitboss.plugins.betting.pools import book, ending
from pitboss.plugins.betting.pools.book import POOL

SETTLE_POOL = "betting.settle_pool"
OVER = ("cancelled", "abandoned")


def hear_result(ctx: Context, event: Event) -> None:
    """Ask for the pools of the fixture to be paid."""
    said = event.payload
    if said["state"] == "provisional" and not ctx.settings("betting")["settles_on_provisional"]:
        return
    for pool_id in _pools(ctx, said["fixture_id"]):
        work = {"pool_id": str(pool_id), "version": int(said["version"])}
        ctx.enqueue(SETTLE_POOL, work, key=f"pool:{pool_id}:{said['version']}")


def work(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Pay one pool by one version of the result."""
    pool = book.find(ctx, UUID(payload["pool_id"]))
    result = ctx.value("sports.result", str(pool.fixture_id), payload["version"])
    ending.settle(ctx, pool.id, result)


def hear_withdrawal(ctx: Context, event: Event) -> None:
    """Refund the stakes on who takes no part."""
    for pool_id in _pools(ctx, event.payload["fixture_id"], "open"):
        ending.withdraw(ctx, pool_id, str(event.payload["participant_id"]))


def hear_change(ctx: Context, event: Event) -> None:
    """Move the close with the event, and refund when there is none."""
    said = event.payload
    if said["status"] in OVER:
        for pool_id in _pools(ctx, said["fixture_id"], "open"):
            ending.cancel(ctx, pool_id, reason=marked(f"the event is {said['status']}"))
        return
    starts_at = datetime.fromisoformat(str(said["starts_at"]))
    mine = (POOL.c.tenant_id == ctx.tenant.id, POOL.c.fixture_id == UUID(str(said["fixture_id"])))
    ctx.connection.execute(update(POOL).where(*mine, POOL.c.state == "open").values(closes_at=starts_at))


def _pools(ctx: Context, fixture_id: Any, *states: str) -> list[UUID]:
    query = select(POOL.c.id).where(
        POOL.c.tenant_id == ctx.tenant.id, POOL.c.fixture_id == UUID(str(fixture_id))
    )
    if states:
        query = query.where(POOL.c.state.in_(states))
    return list(ctx.connection.scalars(query.order_by(POOL.c.id)))


LISTENERS: tuple[Listener, ...] = (
    Listener("sports.result_recorded", hear_result, name="pool_result"),
    Listener("sports.participant_withdrawn", hear_withdrawal, name="pool_withdrawal"),
    Listener("sports.fixture_changed", hear_change, name="pool_change"),
)
TASKS: tuple[Task, ...] = (
    Task(name=SETTLE_POOL, title="Pay a pool by a result", run=work, time_limit_seconds=1_800),
)
