"""How large segments were on the last days, and how far two of them hold the same players."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select

from pitboss.core.context import Context
from pitboss.rules.book.tables import RuleRow
from pitboss.rules.replay.figures import last_days
from pitboss.rules.segments.refresh import size_of
from pitboss.rules.segments.stays import insert_into, is_open
from pitboss.rules.segments.tables import MemberRow, SizeRow

DAYS_KEPT = 60
"""Growth is shown over so many days; what is missing of them is counted once."""

_MEMBER, _SIZE, _RULE = MemberRow.__table__, SizeRow.__table__, RuleRow.__table__


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many players two segments share."""

    both: int
    only_first: int
    only_second: int


def sizes_by_day(ctx: Context, keys: Sequence[str], days: int) -> dict[str, list[int]]:
    """Return how large segments were at the end of each of the last days, and when they were last counted."""
    dates = last_days(ctx, days)
    kept = _kept(ctx, keys, dates)
    missing = [day for day in dates if any(day not in kept[key] for key in keys)]
    for key, sizes in sizes_at(ctx, keys, [_end(ctx, day) for day in missing]).items():
        kept[key] = dict(zip(missing, sizes, strict=True)) | kept[key]
    return {key: [kept[key][day] for day in dates] for key in keys}


def keep_sizes(ctx: Context) -> None:
    """Write down how large each segment is now, and what is missing of the last days."""
    days = last_days(ctx, DAYS_KEPT)
    of_tenant = (_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.kind == "segment")
    keys = list(ctx.connection.scalars(select(_RULE.c.key).where(*of_tenant).order_by(_RULE.c.key)))
    theirs = _SIZE.c.tenant_id == ctx.tenant.id
    ctx.connection.execute(delete(_SIZE).where(theirs, or_(_SIZE.c.day == days[-1], _SIZE.c.day < days[0])))
    kept = _kept(ctx, keys, days)
    found = sizes_by_day(ctx, keys, DAYS_KEPT)
    rows = [
        {"tenant_id": ctx.tenant.id, "segment": key, "day": day, "size": size}
        for key in keys
        for day, size in zip(days, found[key], strict=True)
        if day not in kept[key]
    ]
    if rows:
        statement = insert_into(ctx, _SIZE)
        # Another refresh may count at the same moment: whoever counted last is right.
        counted = {"size": statement.excluded.size}
        statement = statement.on_conflict_do_update(index_elements=_SIZE.primary_key, set_=counted)
        ctx.connection.execute(statement, rows)


def _kept(ctx: Context, keys: Sequence[str], days: Sequence[date]) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {key: {} for key in keys}
    theirs = (_SIZE.c.tenant_id == ctx.tenant.id, _SIZE.c.segment.in_(keys), _SIZE.c.day.in_(days))
    for row in ctx.connection.execute(select(_SIZE).where(*theirs)):
        found[row.segment][row.day] = row.size
    return found


def _end(ctx: Context, day: date) -> datetime:
    """Return when a day of the tenant is over; of today, this moment."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ctx.tenant.zone)
    return min(midnight, ctx.clock.now())


def sizes_at(ctx: Context, keys: Sequence[str], moments: Sequence[datetime]) -> dict[str, list[int]]:
    """Return how many players were in each segment at each of some moments, by key."""
    found = {key: [0] * len(moments) for key in keys}
    for row in ctx.connection.execute(_counted(ctx, keys, moments)) if keys and moments else ():
        found[row.segment] = [int(count) for count in row[1:]]
    return found


def _counted(ctx: Context, keys: Sequence[str], moments: Sequence[datetime]) -> Any:
    entered, left = _MEMBER.c.entered_at, _MEMBER.c.left_at
    inside = [and_(entered <= at, or_(left.is_(None), left > at)) for at in moments]
    return (
        select(_MEMBER.c.segment, *(func.count().filter(one) for one in inside))
        .where(
            _MEMBER.c.tenant_id == ctx.tenant.id,
            _MEMBER.c.segment.in_(keys),
            or_(left.is_(None), left > moments[0]),
        )
        .group_by(_MEMBER.c.segment)
    )


def overlap(ctx: Context, first: str, second: str) -> Overlap:
    """Count the players who are in two segments now, and in one of them alone."""
    other = _MEMBER.alias()
    same = and_(is_open(ctx, second, other), other.c.player_id == _MEMBER.c.player_id)
    query = select(func.count()).select_from(_MEMBER.join(other, same)).where(is_open(ctx, first))
    both = int(ctx.connection.scalar(query) or 0)
    return Overlap(both, size_of(ctx, first) - both, size_of(ctx, second) - both)
