"""The work of sources in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.sports.sources.feeds import polling
from pitboss.plugins.sports.sources.imports import book as imports
from pitboss.plugins.sports.sources.prices import recording as prices

IMPORT_SECONDS_MAX = 3600
POLL_SECONDS_MAX = 1800


def forget(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Delete what is past its time."""
    prices.purge(ctx)
    polling.forget_calls(ctx)
    imports.forget_open(ctx)


def poll(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Ask one source."""
    polling.poll(ctx, payload)


TASKS: tuple[Task, ...] = (
    Task(name="sports.poll_sources", title="Ask the sources of data", run=polling.poll_due, cron="* * * * *"),
    Task(name=polling.POLL, title="Ask one source of data", run=poll, time_limit_seconds=POLL_SECONDS_MAX),
    Task(
        name=imports.TASK,
        title="Import a file",
        run=imports.run,
        attempts_max=3,
        time_limit_seconds=IMPORT_SECONDS_MAX,
    ),
    Task(
        name="sports.forget_source_data",
        title="Delete old prices, calls and files",
        run=forget,
        cron="25 4 * * *",
    ),
)
