"""A database with worker processes on it, and what became of the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select

from pitboss.core.jobs import JobRow, JobState
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from tests.core.jobs import acme
from tests.faults.servers import Redis
from tests.workers.child import Child

JOB = JobRow.__table__


class Place:
    """A database with its workers, and what is true in it."""

    def __init__(self, kernel: Kernel, tenant: Tenant, redis: Redis | None) -> None:
        self.kernel, self.tenant, self.redis = kernel, tenant, redis
        self.namespace = f"test-{uuid4().hex[:8]}"
        self.children: list[Child] = []

    def spawn(self, **options: Any) -> Child:
        """Start a worker process that waits for `begin`."""
        url = self.kernel.database.url.render_as_string(hide_password=False)
        redis_url = self.redis.url if self.redis else ""
        child = Child.spawn(url, redis_url, namespace=self.namespace, **options)
        self.children.append(child)
        return child

    def ring(self, *whats: str, does: str = "") -> None:
        """Emit an event with one listener for each."""
        with self.kernel.context(self.tenant.id) as ctx:
            for what in whats:
                ctx.emit("acme.rang", {"what": what, "does": does})

    def ask(self, name: str, payload: dict[str, Any] | None = None, **options: Any) -> Any:
        """Enqueue a task."""
        with self.kernel.context(self.tenant.id) as ctx:
            return ctx.enqueue(name, payload or {}, **options)

    def effects(self, times_min: int = 1) -> dict[str, int]:
        """Return how often each effect was had."""
        with self.kernel.context(self.tenant.id) as ctx:
            return acme.effects(ctx, times_min)

    def effect_count(self) -> int:
        """Return how many effects there are."""
        query = select(func.count()).where(acme.EFFECT.c.tenant_id == self.tenant.id)
        with self.kernel.database.transaction(self.tenant.id, read_only=True) as connection:
            return connection.scalars(query).one()

    def jobs(self) -> Sequence[Any]:
        """Return every job row."""
        with self.kernel.database.system(read_only=True) as connection:
            return connection.execute(select(JOB).order_by(JOB.c.id)).all()

    def states(self) -> Counter[str]:
        """Return how many jobs are in each state."""
        query = select(JOB.c.state, func.count().label("jobs")).group_by(JOB.c.state)
        with self.kernel.database.system(read_only=True) as connection:
            return Counter({row.state: row.jobs for row in connection.execute(query)})

    def held_by(self, child: Child) -> list[UUID]:
        """Return the jobs that a worker process had begun."""
        query = select(JOB.c.id).where(JOB.c.leased_by.contains(f":{child.process.pid}:"))
        with self.kernel.database.system(read_only=True) as connection:
            return list(connection.scalars(query))

    def waiting(self, *, among: Sequence[UUID] | None = None) -> int:
        """Return how many jobs wait or run."""
        query = select(func.count()).where(JOB.c.state.in_([JobState.READY, JobState.LEASED]))
        if among is not None:
            query = query.where(JOB.c.id.in_(among))
        with self.kernel.database.system(read_only=True) as connection:
            return connection.scalars(query).one()

    def is_done(self) -> bool:
        """Tell whether no job is waiting or running."""
        return self.waiting() == 0
