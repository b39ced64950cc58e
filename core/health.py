"""Is this deployment well? One list of findings, for /health/ready and for `pitboss doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from pitboss.core.errors import PitbossError
from pitboss.core.kernel import Kernel
from pitboss.core.texts import marked

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `problem` is a sentence with its cure, or None when all is well."""

    name: str
    problem: str | None
    is_fatal: bool = True
    """Whether the process cannot serve while it lasts."""


def examine(kernel: Kernel) -> list[Finding]:
    """Look at the database, the migrations, the plugins, and whatever plugins ask to have checked."""
    database = Finding(marked("database"), _database(kernel))
    if database.problem:
        return [database]
    return [database, *_migrations(kernel), *_plugins(kernel), *_checks(kernel)]


def _database(kernel: Kernel) -> str | None:
    try:
        kernel.database.check()
    except PitbossError as error:
        return str(error)
    return None


def _migrations(kernel: Kernel) -> Iterator[Finding]:
    for status in kernel.migrator.status():
        behind = marked(f"tables are at {status.current}, not {status.head}: run `pitboss db upgrade`")
        yield Finding(marked(f"tables of {status.owner}"), None if status.is_current else behind)


def _plugins(kernel: Kernel) -> Iterator[Finding]:
    for broken in kernel.registry.broken:
        problem = marked(f"set aside: {broken.reason}; mend it, or run: pip uninstall {broken.distribution}")
        yield Finding(marked(f"plugin {broken.name}"), problem, is_fatal=False)


def _checks(kernel: Kernel) -> Iterator[Finding]:
    for owned in kernel.registry.all("register_health_checks"):
        try:
            problem = owned.item.check(kernel)
        except Exception as error:
            log.exception("health check failed", plugin=owned.owner, check=owned.item.name)
            problem = marked(f"the check itself failed: {type(error).__name__}")
        # What is behind or unwell is told of; the process can serve all the same.
        yield Finding(f"{owned.owner}: {owned.item.name}", problem, is_fatal=False)
