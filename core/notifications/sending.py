"""Send what is queued: ask whether it is wanted, write the text, hand it over.

A mail server is never waited for inside a transaction. After a crash between sending and noting, a
mail goes out twice, under the same Message-ID: better than not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marshmallow import Schema, fields
from sqlalchemy import select

from pitboss.core.contracts import Channel, Event, Task
from pitboss.core.errors import InvalidInput, NotFound, Refused
from pitboss.core.identity.preferences import preferences_of
from pitboss.core.identity.tables import Operator, Player, Status
from pitboss.core.jobs.queue import enqueue
from pitboss.core.notifications import consent
from pitboss.core.notifications.mail import MailFailed, Undeliverable, compose, mailer_of
from pitboss.core.notifications.queueing import SEND, sealing_cell
from pitboss.core.notifications.record import change, move, notification_row, step
from pitboss.core.notifications.tables import Kind, State
from pitboss.core.notifications.templates import find_template
from pitboss.core.placeholders import Text, fill
from pitboss.core.secretbox import box_of
from pitboss.core.texts import marked
from pitboss.core.webhooks.fanout import is_taken

if TYPE_CHECKING:
    from pitboss.core.context import Context

ATTEMPTS_MAX = 8
OPERATION = "core.notify"
READY = "core.notification_ready"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the guards of `core.notify` are asked about."""

    notification_id: UUID
    player_id: UUID
    template: str
    channel: str
    category: str


@dataclass(frozen=True, slots=True)
class _Recipient:
    name: str
    email: str
    locale: str | None


def send(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Send one notification; raise when it should be tried again."""
    notification_id = UUID(payload["notification_id"])
    with ctx.kernel.context(ctx.tenant.id, ctx.actor) as before:
        mail = _prepare(before, notification_id)
    if mail is None:
        return
    failure: Exception | None = None
    try:
        mailer_of(ctx.kernel.settings).send(mail)
    except (MailFailed, Undeliverable) as error:
        failure = error
    with ctx.kernel.context(ctx.tenant.id, ctx.actor) as after:
        _note(after, notification_id, failure)
    if isinstance(failure, MailFailed):
        raise failure


def _prepare(ctx: Context, notification_id: UUID) -> EmailMessage | None:
    """Do all that needs the database; return the mail that is to be sent, if it is one."""
    row = notification_row(ctx, notification_id)
    if row.state != State.QUEUED:
        return None
    try:
        recipient = _recipient(ctx, row)
        if row.target_kind == Kind.PLAYER and not _is_wanted(ctx.of(row.target_id), row):
            return None
        text = _text(ctx, row, recipient)
    except (InvalidInput, NotFound) as error:
        # A wrong text does not become right by trying again.
        _finish(ctx, row, State.FAILED, str(error))
        return None
    if row.channel == Channel.EMAIL:
        return _mail(ctx, row, recipient, text)
    if row.channel == Channel.WEBHOOK:
        _hand_to_webhooks(ctx, row, text)
    else:
        _put_in_inbox(ctx, row, text)
    return None


def _is_wanted(ctx: Context, row: Any) -> bool:
    """Ask the player's preferences and the guards; write down a no, or a later."""
    preferences = preferences_of(ctx, row.target_id)
    reason = consent.refusal(row.category, row.channel, preferences)
    if reason is None:
        notice = Notice(row.id, row.target_id, row.template, row.channel, row.category)
        try:
            ctx.guard(OPERATION, notice)
        except Refused as error:
            reason = "; ".join(error.reasons)
    if reason is not None:
        _finish(ctx, row, State.SUPPRESSED, reason)
        return False
    until = consent.quiet_until(ctx, row.category, row.channel, preferences)
    if until is None or row.is_confidential:
        return True
    _postpone(ctx, row, until)
    return False


def _postpone(ctx: Context, row: Any, until: datetime) -> None:
    reason = marked(f"quiet hours until {until.isoformat(timespec='minutes')}")
    change(ctx, row.id, reason=reason)
    step(ctx, row.id, State.QUEUED, reason)
    delay = (until - ctx.clock.now()).total_seconds()
    payload = {"notification_id": str(row.id)}
    enqueue(ctx, SEND, payload, key=f"{row.id}:{until.isoformat()}", delay_seconds=delay)


def _recipient(ctx: Context, row: Any) -> _Recipient:
    table = (Player if row.target_kind == Kind.PLAYER else Operator).__table__
    found = ctx.connection.execute(
        select(table).where(table.c.tenant_id == ctx.tenant.id, table.c.id == row.target_id)
    ).first()
    if found is None:
        raise NotFound(f"no {row.target_kind} {row.target_id}")
    if found.status == Status.DEACTIVATED:
        raise NotFound(f"the {row.target_kind}'s account is closed")
    if row.target_kind == Kind.PLAYER:
        return _Recipient(found.display_name, found.email, found.locale)
    return _Recipient(found.name, found.email, found.language)


def _text(ctx: Context, row: Any, recipient: _Recipient) -> Text:
    data = row.data
    if row.is_confidential:
        opened = box_of(ctx.kernel.settings).open(row.sealed, sealing_cell(ctx, row.id))
        data = json.loads(opened)
    common = {"name": recipient.name or recipient.email, "brand": ctx.tenant.name}
    template = find_template(ctx, row.template, row.channel, recipient.locale)
    return fill(template.text, common | data)


def _put_in_inbox(ctx: Context, row: Any, text: Text) -> None:
    step(ctx, row.id, State.SENT, None)
    move(ctx, row.id, State.DELIVERED, subject=text.subject, body=text.body, sealed=None)


def _hand_to_webhooks(ctx: Context, row: Any, text: Text) -> None:
    if not is_taken(ctx, READY):
        _finish(ctx, row, State.FAILED, marked(f"no webhook endpoint takes {READY}"))
        return
    about = {
        "notification_id": str(row.id),
        "player_id": str(row.target_id),
        "template": row.template,
        "category": row.category,
        "subject": text.subject,
        "body": text.body,
    }
    ctx.emit(READY, about, player_id=row.target_id)
    move(ctx, row.id, State.SENT, sealed=None, **_kept(row, text))


def _mail(ctx: Context, row: Any, recipient: _Recipient, text: Text) -> EmailMessage:
    change(ctx, row.id, **_kept(row, text))
    return compose(
        sender=ctx.kernel.settings.email_from,
        to=recipient.email,
        text=text,
        message_id=str(row.id),
        at=ctx.clock.now(),
        brand=ctx.tenant.name,
    )


def _kept(row: Any, text: Text) -> dict[str, Any]:
    """Return what may stay on record of a text."""
    return {"subject": text.subject, "body": None if row.is_confidential else text.body}


def _note(ctx: Context, notification_id: UUID, failure: Exception | None) -> None:
    row = notification_row(ctx, notification_id)
    attempts = row.attempts + 1
    change(ctx, row.id, attempts=attempts)
    if failure is None:
        move(ctx, row.id, State.SENT, sealed=None)
    elif isinstance(failure, Undeliverable) or attempts >= ATTEMPTS_MAX:
        _finish(ctx, row, State.FAILED, str(failure))
    else:
        change(ctx, row.id, reason=str(failure))
        step(ctx, row.id, State.QUEUED, str(failure))


def _finish(ctx: Context, row: Any, state: str, reason: str) -> None:
    move(ctx, row.id, state, reason, sealed=None)


class NotificationReady(Schema):
    """Payload of core.notification_ready."""

    notification_id = fields.UUID(required=True)
    player_id = fields.UUID(required=True)
    template = fields.String(required=True)
    category = fields.String(required=True)
    subject = fields.String(required=True)
    body = fields.String(required=True)


TERMS = (
    Event(
        name=READY,
        title="A notification is ready",
        doc="A text for a player is ready to be sent by another system; take it with a webhook endpoint.",
        schema=NotificationReady,
        example={
            "notification_id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5",
            "player_id": "0192f0c1-2a3b-7c4d-8e5f-60718293a4b6",
            "template": "acme.tier_reached",
            "category": "service",
            "subject": "Gold",
            "body": "You reached gold.",
        },
    ),
)
TASKS = (
    Task(name=SEND, title="Send a notification", run=send, attempts_max=ATTEMPTS_MAX, time_limit_seconds=120),
)
