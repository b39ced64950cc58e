"""How often a player may have a rule: counted and bounded in one statement, whoever else is at work."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, or_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.database import Instant
from pitboss.rules.engine.catalogue import Variable, admit_value
from pitboss.rules.engine.rule import PerPlayer
from pitboss.rules.runtime.periods import period_start
from pitboss.rules.runtime.tables import UseRow

_USE = UseRow.__table__
_COOL_DOWN = Variable(name="cool_down", type="duration")


def take_use(ctx: Context, rule: str, player_id: UUID, limit: PerPlayer) -> bool:
    """Count one use by a player, unless the rule allows no further one now; tell whether it did."""
    now = ctx.clock.now()
    rested = now - cool_down(limit.cool_down)
    row = {
        "tenant_id": ctx.tenant.id,
        "rule": rule,
        "player_id": player_id,
        "period_start": period_start(limit.period, now, ctx.tenant.zone),
        "count": 1,
        "last_at": now,
        "count_max": limit.count,
        "rested": rested,
    }
    return ctx.connection.scalar(_upsert(ctx.connection.dialect.name), row) is not None


def give_back_use(ctx: Context, rule: str, player_id: UUID, period: datetime) -> None:
    """Take back one use of a period that is still the present one."""
    ctx.connection.execute(
        update(_USE)
        .where(
            _USE.c.tenant_id == ctx.tenant.id,
            _USE.c.rule == rule,
            _USE.c.player_id == player_id,
            _USE.c.period_start == period,
            _USE.c.count > 0,
        )
        .values(count=_USE.c.count - 1)
    )


def cool_down(text: str | None) -> timedelta:
    """Return how long a player waits between two uses."""
    return timedelta(seconds=admit_value(_COOL_DOWN, text)) if text else timedelta(0)


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    names = ("tenant_id", "rule", "player_id", "period_start", "count", "last_at")
    values = {name: bindparam(name, type_=_USE.c[name].type) for name in names}
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(_USE).values(values)
    old, new = _USE.c, statement.excluded
    is_same = old.period_start == new.period_start
    is_free = or_(old.period_start < new.period_start, and_(is_same, old["count"] < bindparam("count_max")))
    counted = statement.on_conflict_do_update(
        index_elements=("tenant_id", "rule", "player_id"),
        set_={
            "period_start": new.period_start,
            "count": case((is_same, old["count"] + 1), else_=1),
            "last_at": new.last_at,
        },
        where=and_(is_free, old.last_at <= bindparam("rested", type_=Instant())),
    )
    return counted.returning(old["count"])
