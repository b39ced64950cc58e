"""Notifications: what was sent and what became of it, and the texts that are sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from pitboss.core import notifications as service
from pitboss.core.contracts import Channel
from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.notifications.tables import Category, State
from pitboss.core.notifications.templates import Template
from pitboss.core.placeholders import Text, check, fill, names
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import language, marked, translated
from pitboss.webapp.admin.shell import (
    PAGE_ROWS,
    Undo,
    cursor,
    done,
    failed,
    page,
    pages,
    player_names,
    text_of,
)

KINDS = {
    State.QUEUED: (marked("Queued"), "info"),
    State.SENT: (marked("Sent"), "info"),
    State.DELIVERED: (marked("Delivered"), "good"),
    State.READ: (marked("Read"), "good"),
    State.FAILED: (marked("Failed"), "bad"),
    State.SUPPRESSED: (marked("Not sent"), "warn"),
}
"""What each state is called on screen, and its colour."""
CHANNELS = {
    Channel.IN_APP: marked("In the app"),
    Channel.EMAIL: marked("Email"),
    Channel.WEBHOOK: marked("Webhook"),
}

CATEGORIES = {Category.SERVICE: marked("service"), Category.MARKETING: marked("offer")}


@pages.get("/notifications")
@requires("core.notifications")
def notifications() -> Response:
    """List what was sent, newest first."""
    state, player = request.args.get("state", ""), request.args.get("player", "").strip()
    found = service.list_notifications(
        current(),
        target_id=_id(player),
        state=state if state in KINDS else None,
        after=cursor(),
        limit=PAGE_ROWS + 1,
    )
    return page(
        "notifications",
        rows=found[:PAGE_ROWS],
        players=_names(found),
        next_cursor=found[PAGE_ROWS - 1]["id"] if len(found) > PAGE_ROWS else None,
        state=state,
        player=player,
        kinds=KINDS,
        channels=CHANNELS,
        categories=CATEGORIES,
    )


@pages.get("/notifications/<uuid:notification_id>")
@requires("core.notifications")
def notification(notification_id: UUID) -> Response:
    """Show one notification: its text and its history."""
    found = service.find_notification(current(), notification_id)
    return page(
        "notification",
        found=found,
        players=_names([found]),
        kinds=KINDS,
        channels=CHANNELS,
        categories=CATEGORIES,
    )


@pages.get("/notifications/templates")
@requires("core.notifications")
def templates() -> Response:
    """List the texts that are sent: each in a row, by channel and language."""
    by_key = groupby(service.list_templates(current()), key=attrgetter("key"))
    return page("templates", rows=[_row(list(texts)) for _key, texts in by_key], channels=CHANNELS)


@pages.get("/notifications/templates/<key>/<channel>/<locale>")
@requires("core.notifications")
def template(key: str, channel: str, locale: str) -> Response:
    """Show one text for editing, with a preview."""
    found = _find(key, channel, locale)
    return _template_page(found, found.text)


@pages.post("/notifications/templates")
@requires("core.notifications")
def create_template() -> Response:
    """Begin a text for another language or channel."""
    place = (text_of("key"), text_of("channel"), text_of("locale"))
    try:
        service.save_template(current(), *place, subject=request.form["subject"], body=_body())
    except PitbossError as error:
        return failed(str(error), "admin.templates")
    return done(_("The text is saved."), "admin.template", key=place[0], channel=place[1], locale=place[2])


@pages.post("/notifications/templates/<key>/<channel>/<locale>")
@requires("core.notifications")
def save_template(key: str, channel: str, locale: str) -> Response:
    """Save a text, or show how it would look."""
    ctx = current()
    found = _find(key, channel, locale)
    text = Text(text_of("subject"), _body())
    try:
        if text_of("then") == "preview":
            check(text, found.placeholders)
            return _template_page(found, text)
        service.save_template(ctx, key, channel, locale, subject=text.subject, body=text.body)
    except InvalidInput as error:
        ctx.rollback()
        return _template_page(found, text, error=retold(str(error)), status=422)
    return done(_("The text is saved."), "admin.template", key=key, channel=channel, locale=locale)


@pages.post("/notifications/templates/<key>/<channel>/<locale>/delete")
@requires("core.notifications")
def delete_template(key: str, channel: str, locale: str) -> Response:
    """Remove a text of the tenant's own."""
    text = _find(key, channel, locale).text
    service.delete_template(current(), key, channel, locale)
    place = {"key": key, "channel": channel, "locale": locale}
    again = {**place, "subject": text.subject, "body": text.body}
    undo = Undo(_("Undo"), url_for("admin.create_template"), again)
    return done(_("The text is removed."), "admin.templates", undo=undo)


def _names(found: Sequence[Mapping[str, Any]]) -> dict[UUID, str]:
    """Return what the players are called whom notifications went to."""
    return player_names(one["target_id"] for one in found if one["target_kind"] == "player")


def _body() -> str:
    """Return the body that a form sends, its lines ending as they are kept."""
    return request.form.get("body", "").replace("\r\n", "\n")


def _row(texts: list[Template]) -> dict[str, Any]:
    """Return a message as it stands in the list, with a subject in the language of who reads it."""
    told = min(texts, key=lambda text: text.locale != language())
    by_channel = {name: list(those) for name, those in groupby(texts, key=attrgetter("channel"))}
    title = translated(told.message.title) if told.message else told.key
    return {"key": told.key, "title": title, "subject": told.text.subject, "by_channel": by_channel}


def _find(key: str, channel: str, locale: str) -> Template:
    for found in service.list_templates(current()):
        if (found.key, found.channel, found.locale) == (key, channel, locale):
            return found
    raise NotFound(
        _(
            "no template %(key)s for %(channel)s in %(locale)s",
            key=repr(key),
            channel=channel,
            locale=repr(locale),
        )
    )


def _template_page(found: Template, text: Text, *, error: str = "", status: int = 200) -> Response:
    known = found.placeholders
    return page(
        "template",
        status,
        template=found,
        text=text,
        preview=None if error else _preview(found, text),
        placeholders=_used(text) if known is None and not error else known or (),
        error=error,
        channels=CHANNELS,
    )


def _preview(found: Template, text: Text) -> Text:
    """Fill a text with what its sender gives for example; where nobody said, with names."""
    ctx = current()
    named = {name: name.replace("_", " ") for name in _used(text)}
    usual = {"name": ctx.actor.name, "brand": ctx.tenant.name}
    return fill(text, named | usual | dict(found.message.example or {} if found.message else {}))


def _used(text: Text) -> tuple[str, ...]:
    return tuple(sorted({*names(text.subject, "subject"), *names(text.body, "body")}))


def _id(text: str) -> UUID | None:
    if not text:
        return None
    with suppress(ValueError):
        return UUID(text)
    return UUID(int=0)
