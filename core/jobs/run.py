"""Do jobs: start them, open their tenant, call their handler, and write down how it went.

Listeners of one name are done together in one transaction, which first deletes their rows: whoever holds
the rows holds the work, and effects and deletion are committed as one. When one of them fails, all of it
is undone and each is done alone. A task has a transaction of its own (or several, between checkpoints),
and the last one marks it done, if the lease is still its own. So the effects in the database happen
exactly once, however often a job is delivered.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from secrets import SystemRandom
from typing import Any

import structlog
from sqlalchemy import Row, bindparam, delete, update

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Owned, Task
from pitboss.core.errors import NotFound, PitbossError, PluginError
from pitboss.core.events import Event, EventRow
from pitboss.core.identity.principal import system_principal
from pitboss.core.jobs.failures import backoff_seconds, error_text
from pitboss.core.jobs.handle import (
    Cancelled,
    Interrupted,
    Job,
    LeaseLost,
    TimedOut,
)
from pitboss.core.jobs.heart import Heart
from pitboss.core.jobs.leases import Now, Ref, database_now, new_token, rows_of, start
from pitboss.core.jobs.tables import JobRow, JobState
from pitboss.core.kernel import Kernel
from pitboss.core.registry import listener_name
from pitboss.core.texts import marked

BATCH_MAX = 50
"""Listener jobs that one message carries and one transaction does."""
TAKES_MAX = 5
"""A job that was started so often without finishing takes its worker down: it is buried."""
LISTENER_SECONDS_MAX = 60
JOB_DIED = "core.job_died"

log = structlog.get_logger(__name__)
_JOB = JobRow.__table__
_EVENT = EventRow.__table__


class _Skipped(PitbossError):
    """The tenant does not have what the job needs switched on."""


class _WorkContext(Context):
    """The context of a job: for listeners, the end of the transaction is the worker's."""

    __slots__ = ("is_shared",)
    is_shared: bool

    def commit(self) -> None:
        self._refuse_when_shared()
        super().commit()

    def rollback(self) -> None:
        self._refuse_when_shared()
        super().rollback()

    def end_handler(self) -> None:
        """Send what the handler left in its session, and forget whom it was about."""
        if self._session is not None:
            self._session.flush()
            self._session.close()
            self._session = None
        self.job = self.cause = None

    def _refuse_when_shared(self) -> None:
        if self.is_shared:
            raise PluginError("a listener may not end its transaction: the worker does, when it returned")


class Runner:
    """Does jobs in the calling thread; any number of threads may share one."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        now: Now = database_now,
        chance: Callable[[], float] = SystemRandom().random,
        heart: Heart | None = None,
        on_failure: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        self.kernel = kernel
        self.now = now
        self.stopping = threading.Event()
        """Set to make long jobs leave at their next checkpoint."""
        self._chance, self._heart, self._on_failure = chance, heart, on_failure

    def run(self, refs: Sequence[Ref], takes: int = 0) -> int:
        """Do those jobs, taken so often before, that are still to be done; return how many were started."""
        token = new_token()
        with self.kernel.database.system() as connection:
            rows = start(connection, refs, takes, token, self.now(connection))
        together: dict[tuple[int, str], list[Row[Any]]] = defaultdict(list)
        for row in rows:
            if row.event_id is not None and self._is_runnable(row):
                together[row.tenant_id, row.name].append(row)
        for batch in together.values():
            self._listeners(batch)
        for row in rows:
            if row.event_id is None and self._is_runnable(row):
                self._task(row)
        for row in rows:
            if not self._is_runnable(row):
                self._put_away(row)
        return len(rows)

    # -- listeners -----------------------------------------------------------------------------

    def _listeners(self, rows: Sequence[Row[Any]]) -> None:
        try:
            self._listeners_together(rows)
        except (Exception, TimedOut, LeaseLost) as error:  # noqa: BLE001 - isolation boundary: each retries alone
            if len(rows) > 1:
                for row in rows:
                    self._listeners([row])
            elif not isinstance(error, LeaseLost):
                self._failed(rows[0], error)

    def _listeners_together(self, rows: Sequence[Row[Any]]) -> None:
        with self._opened(rows[0], is_shared=True) as ctx:
            listener = _listener_of(ctx, rows[0])
            with self._watched(LISTENER_SECONDS_MAX):
                _take_rows(ctx, rows)
                events = _events_of(ctx, rows)
                for row in rows:
                    event, ctx.request_id = events[row.event_id]
                    ctx.subject = event.player_id
                    ctx.job = Job(ctx, row, row.leased_by, self.now, self.stopping)
                    listener.handle(ctx, event)
                    ctx.end_handler()

    # -- tasks ---------------------------------------------------------------------------------

    def _task(self, row: Row[Any]) -> None:
        try:
            with self._opened(row) as ctx:
                task = _task_of(ctx, row)
                job = ctx.job = Job(ctx, row, row.leased_by, self.now, self.stopping)
                with self._watched(task.time_limit_seconds, job):
                    task.run(ctx, row.payload)
                    job.finish()
                    ctx.commit()
        except Cancelled:
            self._cancelled(row)
        except Interrupted:
            self._write(row, state=JobState.READY, takes=0)
        except LeaseLost as error:
            log.warning("job is in other hands", job=str(row.id), name=row.name, error=str(error))
        except (Exception, TimedOut) as error:  # noqa: BLE001 - isolation boundary: a task retries alone
            self._failed(row, error)

    # -- how it went ---------------------------------------------------------------------------

    def _is_runnable(self, row: Row[Any]) -> bool:
        return row.takes <= TAKES_MAX and not row.is_cancel_requested

    def _put_away(self, row: Row[Any]) -> None:
        if row.is_cancel_requested:
            self._cancelled(row)
            return
        text = marked(f"started {TAKES_MAX} times and never finished: it seems to take its worker down")
        self._bury(row, text, attempts=row.attempts)

    def _cancelled(self, row: Row[Any]) -> None:
        now = self.kernel.clock.now()
        self._write(row, state=JobState.CANCELLED, finished_at=now, error=marked("cancelled by an operator"))

    def _failed(self, row: Row[Any], error: BaseException) -> None:
        if isinstance(error, _Skipped):
            log.info("job is skipped", job=str(row.id), name=row.name, reason=str(error))
            now = self.kernel.clock.now()
            self._write(row, state=JobState.CANCELLED, finished_at=now, error=str(error))
            return
        text, attempts = error_text(error), row.attempts + 1
        log.warning("job failed", job=str(row.id), name=row.name, attempt=attempts, exc_info=error)
        if self._on_failure is not None:
            self._on_failure(row.name, error)
        if attempts >= row.attempts_max:
            self._bury(row, text, attempts=attempts)
        else:
            self._retry(row, text, attempts=attempts)

    def _retry(self, row: Row[Any], text: str, *, attempts: int) -> None:
        pause = timedelta(seconds=backoff_seconds(attempts, self._chance()))
        with self.kernel.database.transaction(row.tenant_id) as connection:
            values = {"state": JobState.READY, "run_at": self.now(connection) + pause}
            _write(connection, row, attempts=attempts, takes=0, error=text, **values)

    def _bury(self, row: Row[Any], text: str, *, attempts: int) -> None:
        log.error("job is dead", job=str(row.id), name=row.name, error=text)
        values = {"state": JobState.DEAD, "finished_at": self.kernel.clock.now(), "error": text}
        with self.kernel.context(row.tenant_id, actor_name=row.name) as ctx:
            is_ours = _write(ctx.connection, row, attempts=attempts, **values)
            # A listener to deaths that dies itself must not call itself.
            if is_ours and not row.name.startswith(f"{JOB_DIED}>"):
                about = {"job_id": str(row.id), "name": row.name, "queue": row.queue, "error": text}
                ctx.emit(JOB_DIED, about)

    def _write(self, row: Row[Any], **values: Any) -> None:
        with self.kernel.database.transaction(row.tenant_id) as connection:
            _write(connection, row, **values)

    # -- surroundings --------------------------------------------------------------------------

    @contextmanager
    def _opened(self, row: Row[Any], *, is_shared: bool = False) -> Iterator[_WorkContext]:
        """Open the job's tenant; leaving commits, an error rolls back."""
        tenant = self.kernel.tenants.get(row.tenant_id)
        if not tenant.is_active:
            raise _Skipped(f"skipped: tenant {tenant.code!r} is switched off; replay it when it is on again")
        view = self.kernel.registry.view(tenant.enabled)
        if row.queue not in view.enabled:
            raise _Skipped(f"skipped: plugin {row.queue!r} is switched off; replay it when it is on again")
        ctx = _WorkContext(self.kernel, tenant, view, system_principal(tenant.id, row.name))
        ctx.is_shared = is_shared
        try:
            yield ctx
            Context.commit(ctx)
        except BaseException:
            Context.rollback(ctx)
            raise

    @contextmanager
    def _watched(self, seconds_max: float, job: Job | None = None) -> Iterator[None]:
        with self._heart.watching(seconds_max, job) if self._heart else nullcontext():
            try:
                yield
            except TimedOut as error:
                error.args = (marked(f"ran longer than {seconds_max} s"),)
                raise


def _listener_of(ctx: Context, row: Row[Any]) -> Listener:
    event_name = row.name.split(">", 1)[0]
    owned: Owned[Listener]
    for owned in ctx.view.listening(event_name):
        if row.name == f"{event_name}>{owned.owner}.{listener_name(owned.item)}":
            return owned.item
    raise NotFound(f"plugin {row.queue!r} has no listener {row.name!r} in this process: is it up to date?")


def _task_of(ctx: Context, row: Row[Any]) -> Task:
    owned = ctx.view.tasks.get(row.name)
    if owned is None:
        raise NotFound(f"plugin {row.queue!r} has no task {row.name!r} in this process: is it up to date?")
    task: Task = owned.item
    return task


def _take_rows(ctx: Context, rows: Sequence[Row[Any]]) -> None:
    """Delete rows that are ours; they stay locked, and come back if anything fails."""
    # One key a statement, sent together: for a list of keys PostgreSQL may read all of the tenant's jobs.
    statement = delete(_JOB).where(
        _JOB.c.tenant_id == bindparam("of_tenant"),
        _JOB.c.id == bindparam("of_id"),
        _JOB.c.leased_by == bindparam("of_token"),
        _JOB.c.state == JobState.LEASED,
    )
    keys = [{"of_tenant": r.tenant_id, "of_id": r.id, "of_token": r.leased_by} for r in rows]
    if ctx.connection.execute(statement, keys).rowcount != len(rows):
        raise LeaseLost(f"a job of {rows[0].name!r} is in other hands")


def _events_of(ctx: Context, rows: Sequence[Row[Any]]) -> Mapping[Any, tuple[Event, str | None]]:
    refs = {(ctx.tenant.id, row.event_id) for row in rows}
    found = ctx.connection.execute(rows_of(ctx.connection, _EVENT, refs))
    return {e.id: (Event(e.id, e.name, e.payload, e.at, e.player_id, e.facts), e.request_id) for e in found}


def _write(connection: Any, row: Row[Any], **values: Any) -> bool:
    """Change a job that is still ours; tell whether it was."""
    statement = (
        update(_JOB)
        .where(
            _JOB.c.tenant_id == row.tenant_id,
            _JOB.c.id == row.id,
            _JOB.c.leased_by == row.leased_by,
            _JOB.c.state == JobState.LEASED,
        )
        .values(leased_by=None, lease_until=None, **values)
    )
    return bool(connection.execute(statement).rowcount)
