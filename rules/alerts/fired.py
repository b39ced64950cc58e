"""Alerts that fired, as the event log has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.events import EventRow
from pitboss.rules.alerts.telling import FIRED

_LOG = EventRow.__table__


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert that fired once."""

    id: UUID
    rule: str
    severity: int
    message: str
    value: float | None
    channels: list[str]
    about: str
    player_id: UUID | None
    at: datetime


def list_fired(
    ctx: Context,
    *,
    rule: str | None = None,
    player_id: UUID | None = None,
    severity_min: int = 1,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Fired]:
    """Return the alerts that fired, the newest first."""
    query = select(_LOG).where(_LOG.c.tenant_id == ctx.tenant.id, _LOG.c.name == FIRED)
    if rule is not None:
        query = query.where(_LOG.c.payload["rule"].as_string() == rule)
    if player_id is not None:
        query = query.where(_LOG.c.player_id == player_id)
    if severity_min > 1:
        query = query.where(_LOG.c.payload["severity"].as_integer() >= severity_min)
    if before is not None:
        query = query.where(_LOG.c.id < before)
    return [_fired(row) for row in ctx.connection.execute(query.order_by(_LOG.c.id.desc()).limit(limit))]


def _fired(row: Any) -> Fired:
    said = {name: row.payload[name] for name in ("rule", "severity", "message", "value", "channels", "about")}
    return Fired(id=row.id, player_id=row.player_id, at=row.at, **said)
