"""Jobs of the tenant: look at them, cancel them, replay those that failed for good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core.http import Blueprint, PageArguments, current, page, page_schema, read_id_cursor, requires
from pitboss.core.jobs import JobState, operate

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs", description="Background work")

NAME_CHARACTERS_MAX = 160


class JobFilter(PageArguments):
    """Which jobs."""

    state = ma.fields.Str(validate=OneOf([str(state) for state in JobState]))
    queue = ma.fields.Str(validate=Length(max=NAME_CHARACTERS_MAX))
    name = ma.fields.Str(validate=Length(max=NAME_CHARACTERS_MAX))


class JobSchema(ma.Schema):
    """A piece of background work."""

    id = ma.fields.UUID(required=True)
    queue = ma.fields.Str(required=True)
    name = ma.fields.Str(required=True)
    key = ma.fields.Str(required=True, allow_none=True)
    state = ma.fields.Str(required=True)
    payload = ma.fields.Dict(required=True)
    event_id = ma.fields.UUID(required=True, allow_none=True)
    attempts = ma.fields.Int(required=True)
    attempts_max = ma.fields.Int(required=True)
    takes = ma.fields.Int(required=True)
    error = ma.fields.Str(required=True, allow_none=True)
    progress_done = ma.fields.Int(required=True)
    progress_total = ma.fields.Int(required=True)
    is_cancel_requested = ma.fields.Bool(required=True)
    requested_by = ma.fields.Str(required=True)
    run_at = ma.fields.AwareDateTime(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    finished_at = ma.fields.AwareDateTime(required=True, allow_none=True)


@blueprint.route("")
class Jobs(MethodView):
    @requires("core.jobs")
    @blueprint.arguments(JobFilter(), location="query")
    @blueprint.response(200, page_schema(JobSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List jobs, newest first."""
        after = read_id_cursor(asked.pop("cursor", None))
        found = operate.list_jobs(current(), after=after, **asked)
        return page(found.jobs, found.next)


@blueprint.route("/<uuid:job_id>")
class Job(MethodView):
    @requires("core.jobs")
    @blueprint.response(200, JobSchema())
    def get(self, job_id: UUID) -> operate.JobView:
        """Show one job."""
        return operate.find_job(current(), job_id)


@blueprint.route("/<uuid:job_id>/cancel")
class JobCancel(MethodView):
    @requires("core.jobs")
    @blueprint.response(200, JobSchema())
    def post(self, job_id: UUID) -> operate.JobView:
        """Cancel a waiting job at once, a running one when it looks up next."""
        return operate.cancel_job(current(), job_id)


@blueprint.route("/<uuid:job_id>/replay")
class JobReplay(MethodView):
    @requires("core.jobs")
    @blueprint.response(200, JobSchema())
    def post(self, job_id: UUID) -> operate.JobView:
        """Give a dead or cancelled job a new life."""
        return operate.replay_job(current(), job_id)
