"""What a running job may ask and tell: progress, checkpoints, and whether it should stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, select, update

from pitboss.core.errors import InvalidInput, PluginError
from pitboss.core.jobs.leases import LEASE_SECONDS, Now
from pitboss.core.jobs.tables import JobRow, JobState

if TYPE_CHECKING:
    from pitboss.core.context import Context

CHECKPOINT_CHARACTERS_MAX = 100_000
"""The longest checkpoint, as text: it says where to go on, and holds no results."""

_JOB = JobRow.__table__


class Stopped(BaseException):
    """Leave the handler from within: no `except Exception` of a plugin may swallow it."""


class Cancelled(Stopped):
    """An operator cancelled the job."""


class Interrupted(Stopped):
    """The worker is being stopped; the job goes on from its checkpoint elsewhere."""


class LeaseLost(Stopped):
    """The job is in other hands: nothing that was done since the checkpoint may be kept."""


class TimedOut(Stopped):
    """The job ran longer than its time limit."""


class Job:
    """The job that runs in a context, as `ctx.job`."""

    def __init__(self, ctx: Context, row: Row[Any], token: str, now: Now, stopping: Event) -> None:
        self.id: UUID = row.id
        self.name: str = row.name
        self.attempt: int = row.attempts + 1
        self.saved: Mapping[str, Any] = row.checkpoint or {}
        """The last checkpoint: empty on a first run, and where to go on from after a crash."""
        self.done: int = row.progress_done
        self.total: int = row.progress_total
        self.tenant_id: int = row.tenant_id
        self.token = token
        self.is_lost = False
        self._is_listener = row.event_id is not None
        self._ctx, self._now, self._stopping = ctx, now, stopping

    def progress(self, done: int, total: int) -> None:
        """Tell how far it is; operators see it within seconds."""
        if not 0 <= done <= total:
            raise InvalidInput(f"progress {done} of {total}: give 0 <= done <= total")
        self.done, self.total = done, total

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Keep what was done so far, and where to go on; a crash repeats nothing before this point.

        Ends the transaction: effects and checkpoint are committed together. Raises when an operator
        cancelled the job, or when the worker is stopping.
        """
        if self._is_listener:
            raise PluginError(f"{self.name!r}: a listener is one transaction: enqueue a task for long work")
        if len(repr(state)) > CHECKPOINT_CHARACTERS_MAX:
            raise InvalidInput(
                f"checkpoint of {self.name!r} is longer than {CHECKPOINT_CHARACTERS_MAX} characters: "
                "keep results in a table of your own"
            )
        self.saved = dict(state)
        is_cancelled = self._write(checkpoint=dict(state), takes=0, **self._alive())
        self._ctx.commit()
        if is_cancelled:
            raise Cancelled
        if self._stopping.is_set():
            raise Interrupted

    @property
    def is_cancelled(self) -> bool:
        """Tell whether an operator asked it to stop."""
        with self._ctx.kernel.database.system(read_only=True) as connection:
            query = select(_JOB.c.is_cancel_requested).where(*self.is_mine())
            return connection.execute(query).scalar() is not False

    def raise_if_cancelled(self) -> None:
        """Leave the handler when an operator asked it to stop."""
        if self.is_cancelled:
            raise Cancelled

    # -- for the worker ------------------------------------------------------------------------

    def finish(self) -> None:
        """Mark the job done, in the transaction of its effects."""
        self._write(
            state=JobState.DONE,
            finished_at=self._ctx.clock.now(),
            progress_done=self.done,
            progress_total=self.total,
            error=None,
            leased_by=None,
            lease_until=None,
        )

    def beat(self, connection: Connection) -> None:
        """Renew the lease from another thread, and write down the progress."""
        lease_until = self._now(connection) + timedelta(seconds=LEASE_SECONDS)
        statement = update(_JOB).where(*self.is_mine()).values(**self._alive(), lease_until=lease_until)
        self.is_lost = connection.execute(statement).rowcount == 0

    def is_mine(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition under which this run may change the row."""
        return (
            _JOB.c.tenant_id == self.tenant_id,
            _JOB.c.id == self.id,
            _JOB.c.leased_by == self.token,
            _JOB.c.state == JobState.LEASED,
        )

    def _alive(self) -> dict[str, Any]:
        return {"progress_done": self.done, "progress_total": self.total}

    def _write(self, **values: Any) -> bool:
        connection = self._ctx.connection
        if values.get("state") is None:
            values["lease_until"] = self._now(connection) + timedelta(seconds=LEASE_SECONDS)
        statement = update(_JOB).where(*self.is_mine()).values(**values)
        row = connection.execute(statement.returning(_JOB.c.is_cancel_requested)).first()
        if row is None:
            raise LeaseLost(f"job {self.id} is in other hands")
        return bool(row.is_cancel_requested)
