"""Seal the audit trail as time goes by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from pitboss.core.audit.chain import BATCH_ENTRIES_MAX, head, seal
from pitboss.core.contracts import Task

if TYPE_CHECKING:
    from pitboss.core.context import Context

log = structlog.get_logger(__name__)

BATCHES_MAX = 50
"""Batches of one run; what is left waits for the next."""


def seal_entries(ctx: Context, payload: Mapping[str, Any] | None = None) -> int:  # noqa: ARG001 - a task's signature
    """Seal what waits, and log the new head: the log lies outside the database."""
    sealed = 0
    for _ in range(BATCHES_MAX):
        batch = seal(ctx)
        sealed += batch
        if batch < BATCH_ENTRIES_MAX:
            break
    if sealed:
        log.info("audit head", tenant=ctx.tenant.code, head=str(head(ctx)), sealed=sealed)
    return sealed


TASKS = (
    Task(
        name="core.seal_audit",
        title="Seal new audit entries into the hash chain",
        run=seal_entries,
        cron="*/5 * * * *",
    ),
)
