"""The periodic work of the ledger, run as the jobs that it is."""

from __future__ import annotations

from pitboss.core.jobs import list_jobs
from pitboss.core.ledger import Leg, balance, house, player, post

CLEARING = house("clearing", "EUR")


def test_the_books_are_rolled_up_and_proved_by_jobs(kernel, tenant, worker):
    with kernel.context(tenant.id) as ctx:
        leg = Leg(CLEARING, player("ann", "wallet", "EUR"), 500)
        post(ctx.connection, key="deposit:1", op="deposit", legs=[leg])
        ctx.enqueue("core.roll_up_books")
        ctx.enqueue("core.verify_books")

    worker()

    with kernel.context(tenant.id) as ctx:
        ours = {job.name: job.state for job in list_jobs(ctx).jobs if job.name.endswith("_books")}
        assert ours == {"core.roll_up_books": "done", "core.verify_books": "done"}
        assert balance(ctx.connection, CLEARING) == -500
