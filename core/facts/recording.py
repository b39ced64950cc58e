"""Add to metrics, in the transaction of the operation that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.database.rows import Piece, insert_rows
from pitboss.core.errors import InvalidInput
from pitboss.core.facts.tables import LIFETIME, FactBucket, checked
from pitboss.core.facts.windows import bucket_start

if TYPE_CHECKING:
    from pitboss.core.context import Context

METRIC_LENGTH_MAX = 80
FUTURE_MINUTES_MAX = 5
"""How far a recorded instant may lie ahead: clocks of several machines differ a little."""

_BUCKET = FactBucket.__table__
_KEY = ("tenant_id", "player_id", "metric", "bucket_start")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a metric, for `record_many`."""

    player_id: UUID
    metric: str
    value: int | float
    at: datetime | None = None
    undo: bool = False


def record(
    ctx: Context,
    player_id: UUID,
    metric: str,
    value: int | float,
    at: datetime | None = None,
    *,
    undo: bool = False,
) -> None:
    """Add a value to a metric of a player; `at` defaults to now.

    With `undo` the same value, at the same instant, is taken back: sum and count are exact again.
    What a minimum, a maximum or a last value was before the value came cannot be known from a bucket,
    so these three stay as they are, until the bucket is empty again.
    """
    record_many(ctx, [Entry(player_id, metric, value, at, undo)])


def record_many(ctx: Context, entries: Sequence[Entry]) -> None:
    """Add several values in one statement; an operation with several metrics calls it once."""
    insert_rows(ctx.connection, recorded(ctx, entries))


def recorded(ctx: Context, entries: Sequence[Entry]) -> Piece:
    """Return several values as rows, to be written together with others of the same operation."""
    rows = [row for entry in entries for row in _rows(ctx, entry)]
    # One order everywhere, so that two operations on one player cannot wait for each other.
    rows.sort(key=lambda row: (row["player_id"].int, row["metric"], row["bucket_start"]))
    return Piece(_upsert(ctx.connection.dialect.name), rows, _KEY)


def _rows(ctx: Context, entry: Entry) -> list[dict[str, Any]]:
    now = ctx.clock.now()
    at = entry.at or now
    if "." not in entry.metric or len(entry.metric) > METRIC_LENGTH_MAX:
        raise InvalidInput(
            f"metric: {entry.metric!r} must be '<plugin>.<noun>', at most {METRIC_LENGTH_MAX} characters"
        )
    if at > now + timedelta(minutes=FUTURE_MINUTES_MAX):
        raise InvalidInput(f"at: {at.isoformat()} lies in the future (it is {now.isoformat()})")
    hour = bucket_start(at, ctx.tenant.zone)
    if hour <= LIFETIME:
        raise InvalidInput(f"at: {at.isoformat()} is too long ago: metrics begin in 1970")
    common = {"tenant_id": ctx.tenant.id, "player_id": entry.player_id, "metric": entry.metric}
    values = _undone(entry.value) if entry.undo else _done(entry.value, at)
    return [common | values | {"bucket_start": start} for start in (LIFETIME, hour)]


def _done(value: int | float, at: datetime) -> dict[str, Any]:
    checked(value)
    return {
        "total": value,
        "entries": 1,
        "lowest": value,
        "highest": value,
        "last": value,
        "last_at": at,
    }


def _undone(value: int | float) -> dict[str, Any]:
    nothing = dict.fromkeys(("lowest", "highest", "last", "last_at"))
    return {"total": -checked(value), "entries": -1, **nothing}


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(_BUCKET)
    old, new = _BUCKET.c, statement.excluded
    entries = old.entries + new.entries
    is_later = old.last_at.is_(None) | (new.last_at >= old.last_at)

    def unless_empty(is_better: Any, name: str) -> Any:
        return case((entries == 0, None), (is_better, new[name]), else_=old[name])

    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "total": old.total + new.total,
            "entries": entries,
            "lowest": unless_empty(old.lowest.is_(None) | (new.lowest < old.lowest), "lowest"),
            "highest": unless_empty(old.highest.is_(None) | (new.highest > old.highest), "highest"),
            "last": unless_empty(is_later, "last"),
            "last_at": unless_empty(is_later, "last_at"),
        },
    )
