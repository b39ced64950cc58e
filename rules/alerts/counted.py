"""How alerts stand: for how many they are on, how often they fired, and how many players subscribed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from pitboss.core.context import Context
from pitboss.rules.alerts.tables import AlertRow, SubscriptionRow

_ALERT, _SUBSCRIPTION = AlertRow.__table__, SubscriptionRow.__table__


@dataclass(frozen=True, slots=True)
class Standing:
    """How one alert stands."""

    on: int = 0
    """Of so many its condition holds now."""
    times: int = 0
    fired_at: datetime | None = None
    """When it fired last."""
    subscribers: int = 0


def standings(ctx: Context, keys: Sequence[str]) -> dict[str, Standing]:
    """Return how alerts stand, by key."""
    if not keys:
        return {}
    subscribers = _subscribers(ctx, keys)
    query = (
        select(
            _ALERT.c.rule,
            func.count().filter(_ALERT.c.is_on).label("on"),
            func.sum(_ALERT.c.times).label("times"),
            func.max(_ALERT.c.fired_at).label("fired_at"),
        )
        .where(_ALERT.c.tenant_id == ctx.tenant.id, _ALERT.c.rule.in_(keys))
        .group_by(_ALERT.c.rule)
    )
    rows = {row.rule: row for row in ctx.connection.execute(query)}
    return {
        key: Standing(row.on, int(row.times), row.fired_at, subscribers.get(key, 0))
        if (row := rows.get(key)) is not None
        else Standing(subscribers=subscribers.get(key, 0))
        for key in keys
    }


def _subscribers(ctx: Context, keys: Sequence[str]) -> dict[str, int]:
    query = (
        select(_SUBSCRIPTION.c.rule, func.count())
        .where(_SUBSCRIPTION.c.tenant_id == ctx.tenant.id, _SUBSCRIPTION.c.rule.in_(keys))
        .group_by(_SUBSCRIPTION.c.rule)
    )
    return {row[0]: row[1] for row in ctx.connection.execute(query)}
