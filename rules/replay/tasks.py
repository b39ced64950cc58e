"""The background work of the rulebook's history: simulations, and forgetting what is old."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.errors import NotFound, PitbossError
from pitboss.rules.book.life import PART, record_simulation
from pitboss.rules.engine.errors import RuleError
from pitboss.rules.replay import reports
from pitboss.rules.replay.asked import asked_again
from pitboss.rules.replay.reports import TASK, Report, ReportState
from pitboss.rules.runtime.tables import JudgementRow

SIMULATION_SECONDS_MAX = 3_600
PRUNED_ROWS = 5_000
"""Judgements that are deleted in one transaction."""
PRUNED_ROWS_MAX = 5_000_000
"""Judgements that one run deletes; the next one goes on."""

_JUDGEMENT = JudgementRow.__table__


def simulate(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Do a simulation that was asked for, and keep its report."""
    asked = reports.find(ctx, UUID(payload["report_id"]))
    if asked.state != ReportState.RUNNING:
        return
    try:
        result = _result(ctx, asked)
    except (PitbossError, RuleError) as error:
        reports.finish(ctx, asked.id, ReportState.FAILED, error=str(error))
        return
    reports.finish(ctx, asked.id, ReportState.DONE, result=result)
    try:
        record_simulation(ctx, asked.rule, asked.version, asked.id)
    except NotFound:
        return  # the rule was deleted meanwhile: the report stays


def _result(ctx: Context, asked: Report) -> dict[str, Any]:
    # Here, because every process loads the tasks, and few of them load Polars.
    from pitboss.rules.replay.replay import only_reading, replay
    from pitboss.rules.replay.report import report

    ctx.commit()
    with only_reading(ctx) as reading:
        wanted = asked_again(reading, asked.rule, asked.version, asked.asked)
        return report(reading, replay(reading, wanted, lambda done, total: _tell(ctx, done, total)))


def _tell(ctx: Context, done: int, total: int) -> None:
    if ctx.job is not None:
        ctx.job.progress(done, total)
        ctx.job.raise_if_cancelled()


def prune_judgements(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Delete the judgements that are older than the tenant keeps them; return how many."""
    oldest = ctx.clock.now() - timedelta(days=ctx.settings(PART)["judgement_days_kept"])
    pruned = 0
    while pruned < PRUNED_ROWS_MAX:
        rows = _prune(ctx, oldest)
        pruned += rows
        if ctx.job is not None:
            ctx.job.checkpoint({"pruned": pruned})
        if rows < PRUNED_ROWS:
            break
    return pruned


def _prune(ctx: Context, oldest: Any) -> int:
    of_tenant = _JUDGEMENT.c.tenant_id == ctx.tenant.id
    some = select(_JUDGEMENT.c.id).where(of_tenant, _JUDGEMENT.c.at < oldest).limit(PRUNED_ROWS)
    return ctx.connection.execute(delete(_JUDGEMENT).where(of_tenant, _JUDGEMENT.c.id.in_(some))).rowcount


TASKS = (
    Task(
        name=TASK,
        run=simulate,
        title="Simulate a rule over history",
        attempts_max=3,
        time_limit_seconds=SIMULATION_SECONDS_MAX,
    ),
    Task(
        name="rules.prune_judgements",
        run=prune_judgements,
        title="Delete old judgements",
        cron="41 4 * * *",
    ),
)
