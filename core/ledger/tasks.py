"""Keep the balances of busy accounts cheap to read, and prove the books of each tenant every night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pitboss.core.contracts import Task
from pitboss.core.errors import Conflict
from pitboss.core.ledger.checkpoints import roll_up
from pitboss.core.ledger.verify import verify

if TYPE_CHECKING:
    from pitboss.core.context import Context


def roll_up_books(ctx: Context, payload: Mapping[str, Any] | None = None) -> int:  # noqa: ARG001 - a task's signature
    """Move the checkpoints of derived accounts forward; return how many moved."""
    return roll_up(ctx.connection)


def verify_books(ctx: Context, payload: Mapping[str, Any] | None = None) -> None:  # noqa: ARG001 - a task's signature
    """Raise when a law of the books is broken: the job is then a dead letter, which the admin shows."""
    broken = {law: count for law, count in verify(ctx.connection).items() if count}
    if broken:
        raise Conflict(f"the books break {broken}: run `pitboss ledger verify --tenant {ctx.tenant.code}`")


TASKS = (
    Task(
        name="core.roll_up_books",
        title="Roll up busy accounts",
        run=roll_up_books,
        cron="*/5 * * * *",
    ),
    Task(
        name="core.verify_books",
        title="Prove the books",
        run=verify_books,
        cron="23 3 * * *",
        attempts_max=1,
    ),
)
