"""The work of slips in the background."""

from __future__ import annotations

from pitboss.core.contracts import Task
from pitboss.plugins.betting.slips import freebets, pending

TASKS: tuple[Task, ...] = (
    Task(name="betting.accept_bet", run=pending.decide, title="Decide a bet in play"),
    Task(
        name="betting.expire_free_bets",
        run=freebets.expire,
        title="End free bets whose time is over",
        cron="*/10 * * * *",
    ),
)
