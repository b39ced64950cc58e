"""Outgoing webhooks: where events are sent, whether they arrive, and sending them again."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core import webhooks as service
from pitboss.core.errors import NotFound, PitbossError
from pitboss.core.http import answers_secret, current, requires
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.core.webhooks import DeliveryState
from pitboss.webapp.admin.shell import PAGE_ROWS, cursor, done, failed, page, pages, text_of

KINDS = {
    DeliveryState.PENDING: (marked("Waiting"), "info"),
    DeliveryState.DELIVERED: (marked("Delivered"), "good"),
    DeliveryState.FAILED: (marked("Trying again"), "warn"),
    DeliveryState.DEAD: (marked("Given up"), "bad"),
}
"""What each state is called on screen, and its colour."""


@pages.get("/webhooks")
@requires("core.webhooks")
def webhooks() -> Response:
    """List the addresses that take events."""
    return page("webhooks", endpoints=service.list_endpoints(current()))


@pages.post("/webhooks")
@requires("core.webhooks")
@answers_secret
def create_webhook() -> Response:
    """Add an address, and show its signing secret, this once."""
    try:
        endpoint, secret = service.create_endpoint(
            current(), text_of("url"), _patterns(), description=text_of("description")
        )
    except PitbossError as error:
        return failed(str(error), "admin.webhooks")
    return page("webhook_secret", endpoint=endpoint, secret=secret)


@pages.get("/webhooks/<uuid:endpoint_id>")
@requires("core.webhooks")
def webhook(endpoint_id: UUID) -> Response:
    """Show one address and what was sent to it."""
    ctx = current()
    state = request.args.get("state", "")
    found = service.list_deliveries(
        ctx,
        endpoint_id=endpoint_id,
        state=state if state in KINDS else None,
        after=cursor(),
        limit=PAGE_ROWS + 1,
    )
    return page(
        "webhook",
        endpoint=service.find_endpoint(ctx, endpoint_id),
        deliveries=found[:PAGE_ROWS],
        next_cursor=found[PAGE_ROWS - 1]["id"] if len(found) > PAGE_ROWS else None,
        state=state,
        kinds=KINDS,
    )


@pages.post("/webhooks/<uuid:endpoint_id>")
@requires("core.webhooks")
def save_webhook(endpoint_id: UUID) -> Response:
    """Change an address, its events, or whether it is on."""
    changes = {"url": text_of("url"), "events": _patterns(), "description": text_of("description")}
    try:
        service.update_endpoint(current(), endpoint_id, **changes, is_enabled="is_enabled" in request.form)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.webhook", endpoint_id=endpoint_id)
    return done(_("The webhook is saved."), "admin.webhook", endpoint_id=endpoint_id)


@pages.post("/webhooks/<uuid:endpoint_id>/ping")
@requires("core.webhooks")
def ping_webhook(endpoint_id: UUID) -> Response:
    """Send a test message."""
    try:
        service.ping(current(), endpoint_id)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.webhook", endpoint_id=endpoint_id)
    return done(_("A test message is on its way."), "admin.webhook", endpoint_id=endpoint_id)


@pages.post("/webhooks/<uuid:endpoint_id>/rotate")
@requires("core.webhooks")
@answers_secret
def rotate_webhook(endpoint_id: UUID) -> Response:
    """Give an address a new signing secret."""
    ctx = current()
    secret = service.rotate_secret(ctx, endpoint_id)
    return page("webhook_secret", endpoint=service.find_endpoint(ctx, endpoint_id), secret=secret)


@pages.post("/webhooks/<uuid:endpoint_id>/delete")
@requires("core.webhooks")
def delete_webhook(endpoint_id: UUID) -> Response:
    """Remove an address; what was sent to it stays on record."""
    service.delete_endpoint(current(), endpoint_id)
    return done(_("The webhook is removed."), "admin.webhooks")


@pages.post("/webhooks/<uuid:endpoint_id>/replay/<uuid:delivery_id>")
@requires("core.webhooks")
def replay_webhook(endpoint_id: UUID, delivery_id: UUID) -> Response:
    """Send a message once more."""
    try:
        service.replay(current(), delivery_id)
    except NotFound:
        raise
    except PitbossError as error:
        return failed(str(error), "admin.webhook", endpoint_id=endpoint_id)
    return done(_("The message will be sent again."), "admin.webhook", endpoint_id=endpoint_id)


def _patterns() -> list[str]:
    return request.form.get("events", "").replace(",", " ").split()
