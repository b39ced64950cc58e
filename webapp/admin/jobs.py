"""Jobs: what waits, runs, is done or died; stop one, replay dead ones."""

from __future__ import annotations

from uuid import UUID

from flask import request
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from pitboss.core import jobs as service
from pitboss.core.errors import Conflict
from pitboss.core.http import current, requires
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, ngettext, number
from pitboss.webapp.admin.filters import job as titled_job
from pitboss.webapp.admin.filters import plugin
from pitboss.webapp.admin.shell import PAGE_ROWS, cursor, done, failed, page, pages, text_of

KINDS = {
    JobState.READY: (marked("Waiting"), "info"),
    JobState.LEASED: (marked("Running"), "info"),
    JobState.DONE: (marked("Done"), "good"),
    JobState.DEAD: (marked("Dead"), "bad"),
    JobState.CANCELLED: (marked("Cancelled"), ""),
}
"""What each state is called on screen, and its colour."""
NAMES_SHOWN = 50
"""Names of dead jobs that can be replayed together, those with the most first."""
_JOB = JobRow.__table__


@pages.get("/jobs")
@requires("core.jobs")
def jobs() -> Response:
    """List jobs, newest first."""
    ctx = current()
    state, queue = request.args.get("state", ""), request.args.get("queue", "")
    found = service.list_jobs(
        ctx,
        state=state if state in KINDS else None,
        queue=queue or None,
        after=cursor(),
        limit=PAGE_ROWS,
    )
    return page(
        "jobs",
        found=found,
        kinds=KINDS,
        state=state,
        queue=queue,
        queues=sorted((plugin(name), name) for name in ctx.view.enabled),
        dead=_dead_by_name(),
    )


@pages.post("/jobs/<uuid:job_id>/replay")
@requires("core.jobs")
def replay_job(job_id: UUID) -> Response:
    """Give one dead or cancelled job a new life."""
    try:
        job = service.replay_job(current(), job_id)
    except Conflict as error:
        return failed(str(error), "admin.jobs")
    return done(_("%(name)s will run again.", name=titled_job(job.name)), "admin.jobs")


@pages.post("/jobs/replay")
@requires("core.jobs")
def replay_dead() -> Response:
    """Replay all dead jobs of one name."""
    name = text_of("name")
    count = service.replay_dead(current(), name)
    return done(
        ngettext(
            "%(count)s dead job of %(name)s will run again.",
            "%(count)s dead jobs of %(name)s will run again.",
            count,
            count=number(count),
            name=titled_job(name),
        ),
        "admin.jobs",
    )


@pages.post("/jobs/<uuid:job_id>/cancel")
@requires("core.jobs")
def cancel_job(job_id: UUID) -> Response:
    """Cancel a job that waits, or ask a running one to stop."""
    try:
        job = service.cancel_job(current(), job_id)
    except Conflict as error:
        return failed(str(error), "admin.jobs")
    text = marked("%(name)s is cancelled.")
    if job.state == JobState.LEASED:
        text = marked("%(name)s stops at its next look.")
    return done(_(text, name=titled_job(job.name)), "admin.jobs")


def _dead_by_name() -> list[tuple[str, int]]:
    ctx = current()
    query = (
        select(_JOB.c.name, func.count())
        .where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.state == JobState.DEAD)
        .group_by(_JOB.c.name)
        .order_by(func.count().desc(), _JOB.c.name)
        .limit(NAMES_SHOWN)
    )
    return [(name, count) for name, count in ctx.connection.execute(query)]
