"""Jobs and events in tests: done in the test's own thread, by the test's own clock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from pitboss.core.events import Event, EventRow
from pitboss.core.jobs.inline import run_due
from pitboss.core.jobs.schedules import tick
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant

_LOG = EventRow.__table__


@dataclass(frozen=True, slots=True)
class Worker:
    """Does jobs when it is told to."""

    kernel: Kernel

    def run(self, *, may_fail: bool = False) -> int:
        """Do every due job, and those that they cause; return how many.

        A job that fails is an error of the test, unless it `may_fail`: then it is retried when the clock
        is moved on.
        """
        return run_due(self.kernel, may_fail=may_fail)

    def tick(self, *, may_fail: bool = False) -> int:
        """Start the periods that have begun, then do every due job."""
        tick(self.kernel)
        return self.run(may_fail=may_fail)


@dataclass(frozen=True, slots=True)
class EventLog:
    """The committed events of one tenant, oldest first."""

    kernel: Kernel
    tenant: Tenant

    def all(self) -> list[Event]:
        """Return every event."""
        query = select(_LOG).where(_LOG.c.tenant_id == self.tenant.id).order_by(_LOG.c.id)
        with self.kernel.database.transaction(self.tenant.id, read_only=True) as connection:
            rows = connection.execute(query).all()
        return [Event(r.id, r.name, r.payload, r.at, r.player_id, r.facts) for r in rows]

    def names(self) -> list[str]:
        """Return the name of every event."""
        return [event.name for event in self.all()]

    def of(self, name: str) -> list[Event]:
        """Return the events of a name."""
        return [event for event in self.all() if event.name == name]
