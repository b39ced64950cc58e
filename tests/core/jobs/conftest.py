from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from pitboss.core.jobs import list_jobs
from pitboss.core.registry import Candidate, installed
from tests.core.jobs import acme
from tests.core.jobs.acme import effects


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), acme.CANDIDATE]


@pytest.fixture
def knock(kernel, tenant):
    """Emit knocks and commit: `knock("a", "b", does="fail")`."""

    def emit(*whats, does=""):
        with kernel.context(tenant.id) as ctx:
            for what in whats:
                ctx.emit("acme.knocked", {"what": what, "does": does})

    return emit


@pytest.fixture
def ask(kernel, tenant):
    """Enqueue a task and commit; return its id."""

    def enqueue(name="acme.work", payload=None, **options) -> UUID:
        with kernel.context(tenant.id) as ctx:
            return ctx.enqueue(name, payload or {}, **options)

    return enqueue


@pytest.fixture
def seen(kernel, tenant):
    """Return the effects, or the jobs of a state, as they are committed."""

    class Seen:
        def effects(self):
            with kernel.context(tenant.id) as ctx:
                return effects(ctx)

        def jobs(self, state=None):
            with kernel.context(tenant.id) as ctx:
                return list(list_jobs(ctx, state=state).jobs)

    return Seen()
