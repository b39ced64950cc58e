"""What was done in a player's account, for the player to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select

from pitboss.core.clock import uuid7
from pitboss.core.errors import InvalidInput
from pitboss.core.identity.tables import Activity
from pitboss.core.identity.visitor import NOWHERE, Visitor

if TYPE_CHECKING:
    from pitboss.core.context import Context

DAYS_AT_ONCE = 92
"""Three months, which a player sees at once."""
DAYS_MAX = 366
"""Twelve months, which a player sees on request."""
PAGE_MAX = 200

_ROW = Activity.__table__


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done."""

    id: UUID
    at: datetime
    kind: str
    address: str
    device: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries, newest first; `cursor` leads to the next one."""

    entries: tuple[Entry, ...]
    cursor: UUID | None


def record(
    ctx: Context,
    player_id: UUID | None,
    kind: str,
    visitor: Visitor = NOWHERE,
    *,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down what was done in an account, in the transaction that did it."""
    ctx.connection.execute(
        insert(_ROW),
        {
            "tenant_id": ctx.tenant.id,
            "id": uuid7(),
            "player_id": player_id,
            "at": ctx.clock.now(),
            "kind": kind,
            "details": dict(details or {}),
            **visitor.as_columns(),
        },
    )


def read(
    ctx: Context,
    player_id: UUID,
    *,
    days: int = DAYS_AT_ONCE,
    kind: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Page:
    """Return a page of a player's activity of the last days, newest first."""
    if not 1 <= days <= DAYS_MAX:
        raise InvalidInput(f"days: {days} is not 1 to {DAYS_MAX}", {"days": [f"Choose 1 to {DAYS_MAX}."]})
    if not 1 <= limit <= PAGE_MAX:
        raise InvalidInput(f"limit: {limit} is not 1 to {PAGE_MAX}", {"limit": [f"Choose 1 to {PAGE_MAX}."]})
    wanted = (
        select(_ROW.c.id, _ROW.c.at, _ROW.c.kind, _ROW.c.address, _ROW.c.device, _ROW.c.details)
        .where(_ROW.c.tenant_id == ctx.tenant.id, _ROW.c.player_id == player_id)
        .where(_ROW.c.at >= ctx.clock.now() - timedelta(days=days))
        .order_by(_ROW.c.id.desc())
        .limit(limit + 1)
    )
    if kind is not None:
        wanted = wanted.where(_ROW.c.kind == kind)
    if before is not None:
        wanted = wanted.where(_ROW.c.id < before)
    rows = [Entry(*row) for row in ctx.connection.execute(wanted)]
    shown = tuple(rows[:limit])
    return Page(shown, shown[-1].id if len(rows) > limit else None)
