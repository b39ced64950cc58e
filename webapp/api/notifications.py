"""Notifications: the texts and what was sent of them, for operators; the inbox, for its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length, OneOf

from pitboss.core import notifications as service
from pitboss.core.context import Context
from pitboss.core.errors import Forbidden
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    page,
    page_schema,
    read_id_cursor,
    requires,
    signed_in,
)
from pitboss.core.placeholders import BODY_CHARACTERS_MAX, SUBJECT_CHARACTERS_MAX

blueprint = Blueprint(
    "notifications", __name__, url_prefix="/notifications", description="Messages to players and operators"
)

KEY_CHARACTERS_MAX = 80
_STATES = OneOf([str(state) for state in service.State])


class TextSchema(ma.Schema):
    """A text with `{placeholders}`."""

    subject = ma.fields.Str(required=True, validate=Length(min=1, max=SUBJECT_CHARACTERS_MAX))
    body = ma.fields.Str(required=True, validate=Length(min=1, max=BODY_CHARACTERS_MAX))


class TemplateSchema(ma.Schema):
    """A text for one channel and language."""

    key = ma.fields.Str(required=True)
    channel = ma.fields.Str(required=True)
    locale = ma.fields.Str(required=True)
    subject = ma.fields.Str(required=True, attribute="text.subject")
    body = ma.fields.Str(required=True, attribute="text.body")
    placeholders = ma.fields.List(ma.fields.Str(), required=True, allow_none=True)
    is_built_in = ma.fields.Bool(required=True)


class NotificationFilter(PageArguments):
    """Which notifications."""

    target_id = ma.fields.UUID()
    template = ma.fields.Str(validate=Length(max=KEY_CHARACTERS_MAX))
    state = ma.fields.Str(validate=_STATES)


class NotificationSchema(ma.Schema):
    """One message to one player or operator over one channel."""

    id = ma.fields.UUID(required=True)
    target_kind = ma.fields.Str(required=True)
    target_id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True)
    channel = ma.fields.Str(required=True)
    category = ma.fields.Str(required=True)
    subject = ma.fields.Str(required=True, allow_none=True)
    state = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True, allow_none=True)
    attempts = ma.fields.Int(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    changed_at = ma.fields.AwareDateTime(required=True)


class StepSchema(ma.Schema):
    """When it came into a state."""

    state = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)
    detail = ma.fields.Str(required=True, allow_none=True)


class NotificationDetailSchema(NotificationSchema):
    """A notification with its text and its history."""

    body = ma.fields.Str(required=True, allow_none=True)
    history = ma.fields.List(ma.fields.Nested(StepSchema()), required=True)


class ReportSchema(ma.Schema):
    """What a provider says became of it."""

    state = ma.fields.Str(required=True, validate=OneOf(["delivered", "read", "failed"]))
    detail = ma.fields.Str(validate=Length(max=500))


class InboxFilter(PageArguments):
    """Which messages."""

    unread = ma.fields.Bool(load_default=False)


class MessageSchema(ma.Schema):
    """A message in an inbox."""

    id = ma.fields.UUID(required=True)
    template = ma.fields.Str(required=True)
    category = ma.fields.Str(required=True)
    subject = ma.fields.Str(required=True)
    body = ma.fields.Str(required=True)
    is_read = ma.fields.Bool(required=True)
    created_at = ma.fields.AwareDateTime(required=True)


class UnreadSchema(ma.Schema):
    """How many messages wait to be read."""

    unread = ma.fields.Int(required=True)


@blueprint.route("")
class Notifications(MethodView):
    @requires("core.notifications")
    @blueprint.arguments(NotificationFilter(), location="query")
    @blueprint.response(200, page_schema(NotificationSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List what was sent, newest first."""
        limit, after = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
        found = service.list_notifications(current(), after=after, limit=limit + 1, **asked)
        return page(found[:limit], found[limit - 1]["id"] if len(found) > limit else None)


@blueprint.route("/<uuid:notification_id>")
class Notification(MethodView):
    @requires("core.notifications")
    @blueprint.response(200, NotificationDetailSchema())
    def get(self, notification_id: UUID) -> dict[str, Any]:
        """Show a notification with its history."""
        return service.find_notification(current(), notification_id)


@blueprint.route("/<uuid:notification_id>/report")
class NotificationReport(MethodView):
    @requires("core.notifications")
    @blueprint.arguments(ReportSchema())
    @blueprint.response(200, NotificationDetailSchema())
    def post(self, sent: dict[str, Any], notification_id: UUID) -> dict[str, Any]:
        """Report what became of a notification, as a provider's callback does."""
        context = current()
        service.report(context, notification_id, sent["state"], sent.get("detail"))
        return service.find_notification(context, notification_id)


@blueprint.route("/templates")
class Templates(MethodView):
    @requires("core.notifications")
    @blueprint.response(200, TemplateSchema(many=True))
    def get(self) -> list[service.Template]:
        """List the texts: the tenant's own, and the platform's where it has none."""
        return service.list_templates(current())


@blueprint.route("/templates/<key>/<channel>/<locale>")
class Template(MethodView):
    @requires("core.notifications")
    @blueprint.arguments(TextSchema())
    @blueprint.response(200, TemplateSchema())
    def put(self, sent: dict[str, str], key: str, channel: str, locale: str) -> service.Template:
        """Write a text of the tenant's own."""
        return service.save_template(current(), key, channel, locale, **sent)

    @requires("core.notifications")
    @blueprint.response(204)
    def delete(self, key: str, channel: str, locale: str) -> None:
        """Remove a text of the tenant's own."""
        service.delete_template(current(), key, channel, locale)


@blueprint.route("/inbox")
class Inbox(MethodView):
    @signed_in
    @blueprint.arguments(InboxFilter(), location="query")
    @blueprint.response(200, page_schema(MessageSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List one's own messages, newest first."""
        context, limit = current(), asked["limit"]
        owner, kind = _owner(context)
        after = read_id_cursor(asked.get("cursor"))
        found = service.inbox(context, owner, kind=kind, unread=asked["unread"], after=after, limit=limit + 1)
        return page(found[:limit], found[limit - 1].id if len(found) > limit else None)


@blueprint.route("/inbox/unread")
class InboxUnread(MethodView):
    @signed_in
    @blueprint.response(200, UnreadSchema())
    def get(self) -> dict[str, int]:
        """Count one's unread messages."""
        context = current()
        owner, kind = _owner(context)
        return {"unread": service.unread_count(context, owner, kind=kind)}


@blueprint.route("/inbox/read")
class InboxRead(MethodView):
    @signed_in
    @blueprint.response(200, UnreadSchema())
    def post(self) -> dict[str, int]:
        """Mark all of one's messages as read."""
        return _marked(current(), None)


@blueprint.route("/inbox/<uuid:message_id>/read")
class InboxMessageRead(MethodView):
    @signed_in
    @blueprint.response(200, UnreadSchema())
    def post(self, message_id: UUID) -> dict[str, int]:
        """Mark one of one's messages as read."""
        return _marked(current(), message_id)


def _marked(context: Context, message_id: UUID | None) -> dict[str, int]:
    owner, kind = _owner(context)
    service.mark_read(context, owner, message_id, kind=kind)
    return {"unread": service.unread_count(context, owner, kind=kind)}


def _owner(context: Context) -> tuple[UUID, str]:
    """Return whose inbox it is."""
    actor = context.actor
    if actor.id is None or actor.kind not in ("player", "operator"):
        raise Forbidden("only players and operators have an inbox: sign in as one")
    return actor.id, actor.kind
