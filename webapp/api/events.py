"""Events of the tenant: read them, follow them as they happen, and send new ones."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import marshmallow as ma
from flask import Response, current_app, request
from flask.views import MethodView
from marshmallow.validate import Length, Regexp
from msgspec import Meta
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.events import EventRow, find_event
from pitboss.core.http import (
    Blueprint,
    Body,
    PageArguments,
    Reply,
    current,
    hot,
    page,
    page_schema,
    read_id_cursor,
    requires,
    signed_in,
)
from pitboss.core.ingest import BATCH_EVENTS_MAX, ID_CHARACTERS_MAX, Sent, Taken, take
from pitboss.webapp.problem import pointers
from pitboss.webapp.stream import Streams
from pitboss.webapp.tail import Watcher

blueprint = Blueprint("events", __name__, url_prefix="/events", description="What happened")

NAME_CHARACTERS_MAX = 80
EVENT_NAME = Regexp(
    rf"^[a-z0-9_.]{{1,{NAME_CHARACTERS_MAX}}}\Z", error="Name an event, such as `acme_sample.card_filled`."
)
NAMES_MAX = 20
"""Names that one stream asks for."""
LAST_EVENT_ID = {"in": "header", "name": "Last-Event-ID", "schema": {"type": "string", "format": "uuid"}}
_LOG = EventRow.__table__


class EventFilter(PageArguments):
    """Which events."""

    name = ma.fields.Str(validate=EVENT_NAME)
    player_id = ma.fields.UUID()


class StreamFilter(ma.Schema):
    """Which events are followed; all that the caller may see, where none is named."""

    name = ma.fields.List(
        ma.fields.Str(validate=EVENT_NAME),
        load_default=list,
        validate=Length(max=NAMES_MAX),
        metadata={"description": "Repeat it for several names."},
    )


class EventSchema(ma.Schema):
    """Something that happened."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.Str(required=True)
    player_id = ma.fields.UUID(required=True, allow_none=True)
    payload = ma.fields.Dict(required=True)
    at = ma.fields.AwareDateTime(required=True)


class SentEvent(Body, frozen=True):
    """An event to emit; a repeated `id` of the same sender is taken once."""

    id: Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX, pattern=r"^[!-~]+$")]
    name: Annotated[str, Meta(max_length=NAME_CHARACTERS_MAX)]
    payload: dict[str, Any]
    player_id: UUID | None = None


class EventTaken(Reply, frozen=True, omit_defaults=True):
    """What became of one event."""

    id: str
    status: Literal["accepted", "duplicate", "refused"]
    event_id: UUID | None = None
    detail: str | None = None
    errors: list[dict[str, str]] = []


class EventsTaken(Reply, frozen=True):
    """What became of each event, in the order in which they were sent."""

    accepted: int
    duplicates: int
    refused: int
    results: list[EventTaken]


Batch = Annotated[list[SentEvent], Meta(min_length=1, max_length=BATCH_EVENTS_MAX)]


@blueprint.route("")
class Events(MethodView):
    @requires("core.events")
    @blueprint.arguments(EventFilter(), location="query")
    @blueprint.response(200, page_schema(EventSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List events, newest first."""
        context, limit = current(), asked["limit"]
        query = select(_LOG).where(_LOG.c.tenant_id == context.tenant.id)
        for name in ("name", "player_id"):
            if name in asked:
                query = query.where(_LOG.c[name] == asked[name])
        before = read_id_cursor(asked.get("cursor"))
        if before is not None:
            query = query.where(_LOG.c.id < before)
        rows = context.connection.execute(query.order_by(_LOG.c.id.desc()).limit(limit + 1)).all()
        return page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


@hot(blueprint, "", body=SentEvent | Batch, answer=EventsTaken)
@requires("core.events_send")
def send(ctx: Context, body: SentEvent | list[SentEvent]) -> EventsTaken:
    """Send one event, or a list of them; each is checked on its own."""
    sent = body if isinstance(body, list) else [body]
    sender = f"{ctx.actor.kind}:{ctx.actor.id}"
    taken = take(ctx, sender, [Sent(one.id, one.name, one.payload, one.player_id) for one in sent])
    results = [_result(one) for one in taken]
    count = [result.status for result in results].count
    return EventsTaken(count("accepted"), count("duplicate"), count("refused"), results)


@blueprint.route("/<uuid:event_id>")
class Event(MethodView):
    @requires("core.events")
    @blueprint.response(200, EventSchema())
    def get(self, event_id: UUID) -> Any:
        """Show one event."""
        return find_event(current(), event_id)


@blueprint.route("/stream", parameters=[LAST_EVENT_ID])
class Stream(MethodView):
    @signed_in
    @blueprint.arguments(StreamFilter(), location="query")
    @blueprint.response(200, {"type": "string"}, content_type="text/event-stream")
    def get(self, asked: dict[str, Any]) -> Response:
        """Follow events as they happen: all with core.events; without, a player's own and the public ones.

        Delivered at least once: after a reconnect with Last-Event-ID an event may come again, with its id.
        """
        context = current()
        player_id = context.actor.player_id if context.actor.kind == "player" else None
        if player_id is None:
            context.actor.require("core.events")
        streams: Streams = current_app.extensions["pitboss_streams"]
        public, names = frozenset(context.view.public_events()), frozenset(asked["name"])
        return Response(
            streams.open(context.tenant.id, _last_id(), Watcher(player_id, public, names)),
            HTTPStatus.OK,
            {"X-Accel-Buffering": "no", "Cache-Control": "no-cache"},
            mimetype="text/event-stream",
        )


def _last_id() -> UUID | None:
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            "Last-Event-ID must be the id of an event", {"Last-Event-ID": ["Not valid."]}
        ) from None


def _result(taken: Taken) -> EventTaken:
    if taken.error is not None:
        fields = taken.error.fields if isinstance(taken.error, InvalidInput) else {}
        errors = list(pointers(fields, "/payload"))
        return EventTaken(taken.id, "refused", detail=str(taken.error), errors=errors)
    return EventTaken(taken.id, "duplicate" if taken.is_duplicate else "accepted", taken.event_id)
