"""The audit trail of the tenant."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length

from pitboss.core.audit.search import Filter, search
from pitboss.core.http import Blueprint, PageArguments, current, page, page_schema, read_id_cursor, requires

blueprint = Blueprint("audit", __name__, url_prefix="/audit", description="The audit trail")

TEXT_CHARACTERS_MAX = 200


class AuditFilter(PageArguments):
    """Which entries."""

    actor = ma.fields.Str(validate=Length(max=TEXT_CHARACTERS_MAX))
    action = ma.fields.Str(
        validate=Length(max=TEXT_CHARACTERS_MAX),
        metadata={"description": "An action, or all that begin like `plugin.*`."},
    )
    target = ma.fields.Str(validate=Length(max=TEXT_CHARACTERS_MAX))
    since = ma.fields.AwareDateTime()
    until = ma.fields.AwareDateTime()


class AuditEntrySchema(ma.Schema):
    """One action, and what it changed."""

    id = ma.fields.UUID(required=True)
    at = ma.fields.AwareDateTime(required=True)
    actor = ma.fields.Str(required=True)
    action = ma.fields.Str(required=True)
    target = ma.fields.Str(required=True)
    reason = ma.fields.Str(allow_none=True)
    old = ma.fields.Dict(allow_none=True)
    new = ma.fields.Dict(allow_none=True)
    request_id = ma.fields.Str(allow_none=True)


@blueprint.route("")
class Audit(MethodView):
    @requires("core.audit")
    @blueprint.arguments(AuditFilter(), location="query")
    @blueprint.response(200, page_schema(AuditEntrySchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List audit entries, newest first."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = search(current(), Filter(**asked), after=after, limit=limit)
        return page(found.entries, found.cursor)
