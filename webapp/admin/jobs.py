"""Jobs: what waits, runs, is done or died; stop one, replay dead ones."""

from __future__ import annotations


from flask import request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from pitboss.core.http import current, requires
from pitboss.core.jobs import JobRow, JobState
from pitboss.webapp.admin.shell import PAGE_ROWS, cursor, page, pages

KINDS = {
    JobState.READY: ("Waiting", "info"),
    JobState.LEASED: ("Running", "info"),
    JobState.DONE: ("Done", "good"),
    JobState.DEAD: ("Dead", "bad"),
    JobState.CANCELLED: ("Cancelled", ""),
}
"""What each state is called on screen, and its colour."""
_JOB = JobRow.__table__


@pages.get("/jobs")
@requires("core.jobs")
def jobs() -> Response:
    """List jobs, newest first."""
    ctx = current()
    state, queue = request.args.get("state", ""), request.args.get("queue", "")
    query = select(_JOB).where(_JOB.c.tenant_id == ctx.tenant.id)
    if state in KINDS:
        query = query.where(_JOB.c.state == state)
    if queue:
        query = query.where(_JOB.c.queue == queue)
    after = cursor()
    if after is not None:
        query = query.where(_JOB.c.id < after)
    rows = ctx.connection.execute(query.order_by(_JOB.c.id.desc()).limit(PAGE_ROWS + 1)).all()
    return page(
        "jobs",
        rows=rows[:PAGE_ROWS],
        next_cursor=rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None,
        kinds=KINDS,
        state=state,
        queue=queue,
        queues=sorted(ctx.view.enabled),
        dead=_dead(),
    )


def _dead() -> int:
    ctx = current()
    query = select(func.count()).where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.state == JobState.DEAD)
    return int(ctx.connection.scalar(query) or 0)
