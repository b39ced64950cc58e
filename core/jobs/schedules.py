"""Periodic tasks: each period of each tenant's task becomes one job, for any number of schedulers.

The key (tenant, task, period) makes a period run once. Of periods that were missed while no scheduler ran
the latest has its run, or each of them where the task says so; those that passed while a task was paused or
its plugin switched off were not missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import structlog
from cronsim import CronSim, CronSimError
from sqlalchemy import Connection, Row, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.contracts import Owned, Task
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.jobs.leases import Moment, database_now
from pitboss.core.jobs.queue import enqueue
from pitboss.core.jobs.tables import ElectionRow, ScheduleRow, ScheduleRunRow
from pitboss.core.tenancy import Tenant
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

CATCH_UP_PERIODS_MAX = 24
"""Missed periods that are caught up, the latest ones; older ones are left out."""
LOOK_BACK = timedelta(hours=1)
"""How far missed periods are looked for at first; then four times as far, until there are enough."""
DUE_MAX = 500
"""Schedules that one tick serves; the next tick goes on."""
RUNS_KEPT_DAYS = 400
ELECTION_SECONDS = 10
"""A scheduler that is silent for this long is replaced."""
SCHEDULING = "scheduling"

log = structlog.get_logger(__name__)
_SCHEDULE = ScheduleRow.__table__
_RUN = ScheduleRunRow.__table__
_ELECTION = ElectionRow.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A periodic task of a tenant, as operators see it."""

    task: str
    title: str
    cron: str
    is_own_cron: bool
    """Whether an operator changed the task's own line."""
    is_paused: bool
    next_at: datetime | None


# -- running -----------------------------------------------------------------------------------


def tick(kernel: Kernel, now: datetime | None = None, *, is_refreshing: bool = True) -> int:
    """Enqueue a job for every period that has begun; return how many."""
    moment = now or kernel.clock.now()
    if is_refreshing:
        refresh(kernel, moment)
    due = select(_SCHEDULE).where(_SCHEDULE.c.next_at <= moment, _SCHEDULE.c.is_paused.is_(False))
    with kernel.database.system(read_only=True) as connection:
        rows = connection.execute(due.order_by(_SCHEDULE.c.next_at).limit(DUE_MAX)).all()
    return sum(_isolated(kernel, row, moment) for row in rows)


def refresh(kernel: Kernel, now: datetime) -> None:
    """Give every periodic task of every tenant its row, and a new plan where its line changed."""
    with kernel.database.system(read_only=True) as connection:
        known = {(r.tenant_id, r.task): r for r in connection.execute(select(_SCHEDULE))}
    for tenant in kernel.tenants.all():
        for name, task in _periodic(kernel, tenant).items():
            row = known.get((tenant.id, name))
            if row is None or row.plan != _plan(row.cron or task.cron, tenant.zone):
                with kernel.database.transaction(tenant.id) as connection:
                    _plan_anew(connection, tenant, task, row, now)


def _isolated(kernel: Kernel, row: Row[Any], now: datetime) -> int:
    try:
        with kernel.context(row.tenant_id, actor_name="scheduler") as ctx:
            return _serve(ctx, row, now)
    except Exception:  # an isolation boundary: one tenant's schedule holds up no other
        log.exception("schedule failed", tenant=row.tenant_id, task=row.task)
        return 0


def _serve(ctx: Context, row: Row[Any], now: datetime) -> int:
    owned = ctx.view.tasks.get(row.task)
    is_served = owned is not None and owned.item.cron is not None and ctx.tenant.is_active
    cron = row.cron or (owned.item.cron if owned else None) or row.plan.rsplit(" ", 1)[0]
    kept = CATCH_UP_PERIODS_MAX if owned is not None and owned.item.catches_up else 1
    periods, following = _periods(cron, row.next_at, now, ctx.tenant.zone, kept)
    count = sum(_begin(ctx, row.task, period) for period in periods) if is_served else 0
    ctx.connection.execute(
        update(_SCHEDULE)
        .where(_SCHEDULE.c.tenant_id == ctx.tenant.id, _SCHEDULE.c.task == row.task)
        # Another scheduler may have gone further, or an operator changed the line.
        .where(_SCHEDULE.c.next_at == row.next_at, _SCHEDULE.c.plan == row.plan)
        .values(next_at=following)
    )
    return count


def _begin(ctx: Context, task: str, period: datetime) -> int:
    """Enqueue one period, unless someone did already."""
    values = {"tenant_id": ctx.tenant.id, "task": task, "period_start": period}
    statement = _insert(ctx.connection)(_RUN).on_conflict_do_nothing().returning(_RUN.c.task)
    if ctx.connection.execute(statement, values | {"created_at": ctx.clock.now()}).first() is None:
        return 0
    start = period.isoformat()
    job_id = enqueue(ctx, task, {"period_start": start}, key=f"period:{start}")
    mine = [_RUN.c[name] == value for name, value in values.items()]
    ctx.connection.execute(update(_RUN).where(*mine).values(job_id=job_id))
    return 1


def _periods(
    cron: str, first: datetime, now: datetime, zone: ZoneInfo, kept: int
) -> tuple[list[datetime], datetime]:
    """Return the latest periods from the first to now, and the one that follows."""
    found = _missed(cron, first, now, zone, kept)
    if len(found) > kept > 1:
        log.warning("missed periods are left out", cron=cron, since=first, kept=kept)
    following = next(_fires(cron, now, zone), datetime.max.replace(tzinfo=UTC))
    return found[-kept:], following


def _missed(cron: str, first: datetime, now: datetime, zone: ZoneInfo, kept: int) -> list[datetime]:
    """Return the periods from the first to now, or so many of the latest that the first is not among them.

    Weeks without a scheduler are tens of thousands of a minute's task: they are not gone through.
    """
    span = LOOK_BACK
    while now - span > first:
        found = list(_until(cron, now - span, now, zone))
        if len(found) > kept:
            return found
        span *= 4
    return [first, *_until(cron, first, now, zone)]


def _until(cron: str, after: datetime, now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    return takewhile(lambda period: period <= now, _fires(cron, after, zone))


def next_fire(cron: str, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when a cron line fires next in a time zone, as an instant in UTC."""
    return next(_fires(cron, after, zone))


def _fires(cron: str, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    for local in CronSim(cron, after.astimezone(zone)):
        instant = local.astimezone(UTC)
        # Where clocks go back, one wall time stands for two instants: only ever go forward.
        if instant > after:
            yield instant


# -- planning ----------------------------------------------------------------------------------


def check_cron(cron: str) -> str:
    """Return a cron line of five fields, or raise InvalidInput that says what is wrong."""
    line = " ".join(cron.split())
    if len(line.split(" ")) != 5:
        raise InvalidInput(f"cron: {cron!r} must have five fields: minute hour day month weekday")
    try:
        next_fire(line, datetime(2026, 1, 1, tzinfo=UTC), UTC)  # type: ignore[arg-type]  # any zone does
    except (CronSimError, StopIteration) as error:
        reason = str(error) or marked("it never fires")
        raise InvalidInput(f"cron: {cron!r}: {reason}; write for example '30 4 * * *'") from error
    return line


def _plan(cron: str | None, zone: ZoneInfo) -> str:
    return f"{cron} {zone.key}"


def _plan_anew(
    connection: Connection, tenant: Tenant, task: Task, row: Row[Any] | None, now: datetime
) -> None:
    cron = (row.cron if row is not None else None) or task.cron
    assert cron is not None
    values = {"plan": _plan(cron, tenant.zone), "next_at": next_fire(cron, now, tenant.zone)}
    key = {"tenant_id": tenant.id, "task": task.name}
    if row is not None:
        mine = [_SCHEDULE.c[name] == value for name, value in key.items()]
        connection.execute(update(_SCHEDULE).where(*mine, _SCHEDULE.c.plan == row.plan).values(**values))
        return
    fresh = key | values | {"is_paused": False, "changed_by": "system:scheduler", "changed_at": now}
    connection.execute(_insert(connection)(_SCHEDULE).on_conflict_do_nothing(), fresh)


def _periodic(kernel: Kernel, tenant: Tenant) -> dict[str, Task]:
    tasks: dict[str, Owned[Task]] = dict(kernel.registry.view(tenant.enabled).tasks)
    return {name: owned.item for name, owned in tasks.items() if owned.item.cron}


def _insert(connection: Connection) -> Any:
    return sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert


# -- operating ---------------------------------------------------------------------------------


def list_schedules(ctx: Context) -> list[Schedule]:
    """Return the periodic tasks of the tenant's plugins."""
    query = select(_SCHEDULE).where(_SCHEDULE.c.tenant_id == ctx.tenant.id)
    rows = {row.task: row for row in ctx.connection.execute(query)}
    tasks = _periodic(ctx.kernel, ctx.tenant)
    return [_view(tasks[name], rows.get(name)) for name in sorted(tasks)]


def pause_schedule(ctx: Context, task: str) -> Schedule:
    """Stop a periodic task from starting; periods that pass are not caught up."""
    return _change(ctx, task, "core.schedule_pause", is_paused=True)


def resume_schedule(ctx: Context, task: str) -> Schedule:
    """Let a paused task start again, from its next period on."""
    return _change(ctx, task, "core.schedule_resume", is_paused=False)


def change_cron(ctx: Context, task: str, cron: str | None) -> Schedule:
    """Give a periodic task another line, or None for its own; five fields in the tenant's time zone."""
    line = check_cron(cron) if cron is not None else None
    return _change(ctx, task, "core.schedule_cron", cron=line)


def _change(ctx: Context, name: str, action: str, **values: Any) -> Schedule:
    tasks, now = _periodic(ctx.kernel, ctx.tenant), ctx.clock.now()
    if name not in tasks:
        raise NotFound(f"no periodic task {name!r} for this tenant; {nearest(name, list(tasks))}")
    task = tasks[name]
    _plan_anew(ctx.connection, ctx.tenant, task, None, now)
    mine = [_SCHEDULE.c.tenant_id == ctx.tenant.id, _SCHEDULE.c.task == name]
    old = ctx.connection.execute(select(_SCHEDULE).where(*mine)).one()
    cron = str(values.get("cron", old.cron) or task.cron)
    values |= {"plan": _plan(cron, ctx.tenant.zone), "next_at": next_fire(cron, now, ctx.tenant.zone)}
    values |= {"changed_by": ctx.actor.label, "changed_at": now}
    ctx.connection.execute(update(_SCHEDULE).where(*mine).values(**values))
    new = ctx.connection.execute(select(_SCHEDULE).where(*mine)).one()
    audit.record(ctx, action, f"schedule:{name}", old=_public(old), new=_public(new))
    return _view(task, new)


def purge_runs(ctx: Context) -> int:
    """Forget periods of long ago."""
    before = ctx.clock.now() - timedelta(days=RUNS_KEPT_DAYS)
    old = [_RUN.c.tenant_id == ctx.tenant.id, _RUN.c.period_start < before]
    return ctx.connection.execute(delete(_RUN).where(*old)).rowcount


def _public(row: Row[Any]) -> dict[str, Any]:
    return {"cron": row.cron, "is_paused": row.is_paused}


def _view(task: Task, row: Row[Any] | None) -> Schedule:
    own = row.cron if row is not None else None
    return Schedule(
        task=task.name,
        title=task.title or task.name,
        cron=own or task.cron or "",
        is_own_cron=own is not None,
        is_paused=row is not None and row.is_paused,
        next_at=None if row is None or row.is_paused else row.next_at,
    )


# -- electing ----------------------------------------------------------------------------------


def is_elected(kernel: Kernel, duty: str, owner: str) -> bool:
    """Tell whether this process does a duty now; whoever holds it keeps it by asking again."""
    with kernel.database.system() as connection:
        now = database_now(connection)
        values = {"owner": owner, "lease_until": now + timedelta(seconds=ELECTION_SECONDS)}
        _insert_election(connection, duty, now)
        mine_or_free = or_(_ELECTION.c.owner == owner, _ELECTION.c.lease_until < now)
        statement = update(_ELECTION).where(_ELECTION.c.duty == duty, mine_or_free).values(**values)
        return bool(connection.execute(statement).rowcount)


def resign(kernel: Kernel, duty: str, owner: str) -> None:
    """Leave a duty to the next one at once."""
    with kernel.database.system() as connection:
        connection.execute(delete(_ELECTION).where(_ELECTION.c.duty == duty, _ELECTION.c.owner == owner))


def _insert_election(connection: Connection, duty: str, now: Moment) -> None:
    is_there = connection.execute(select(_ELECTION.c.duty).where(_ELECTION.c.duty == duty)).first()
    if is_there is None:
        vacant = {"duty": duty, "owner": "", "lease_until": now - timedelta(seconds=1)}
        connection.execute(_insert(connection)(_ELECTION).values(**vacant).on_conflict_do_nothing())


__all__ = [
    "Schedule",
    "change_cron",
    "check_cron",
    "is_elected",
    "list_schedules",
    "next_fire",
    "pause_schedule",
    "purge_runs",
    "refresh",
    "resign",
    "resume_schedule",
    "tick",
]
