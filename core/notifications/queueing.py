"""Ask for a notification, in the transaction of what it tells about."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.contracts import Channel
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.jobs.queue import enqueue
from pitboss.core.notifications.readers import locale_of, operators_with
from pitboss.core.notifications.record import step
from pitboss.core.notifications.tables import Category, Kind, NotificationRow, State
from pitboss.core.notifications.templates import channels_of, find_template
from pitboss.core.secretbox import Cell, box_of
from pitboss.core.texts import ENGLISH, LANGUAGES, speaking

if TYPE_CHECKING:
    from pitboss.core.context import Context

Given = Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None
"""What fills a text: values, or what makes them in the language of the text."""

SEND = "core.send_notification"
DATA_BYTES_MAX = 16_384

_NOTIFICATION = NotificationRow.__table__


def notify(
    ctx: Context,
    player_id: UUID,
    template: str,
    data: Given = None,
    channel: str | None = None,
    category: str = Category.SERVICE,
    *,
    key: str | None = None,
    confidential: bool = False,
) -> list[UUID]:
    """Queue a notification to a player; return an id for each channel.

    Without a channel it goes over all that the template has texts for. Data that is a function is made
    in the language of the text that it fills. With a key, the same one is sent once. A confidential one
    (a link that signs in) is stored encrypted until it is sent and never afterwards, and does not wait
    for quiet hours. Whether the player wants it, is asked when it is sent.
    """
    return _queue(
        ctx, Kind.PLAYER, player_id, template, data, channel, category, key, confidential=confidential
    )


def notify_operator(
    ctx: Context,
    operator_id: UUID,
    template: str,
    data: Given = None,
    channel: str | None = None,
    *,
    key: str | None = None,
    confidential: bool = False,
) -> list[UUID]:
    """Queue a notification to an operator; return an id for each channel."""
    return _queue(
        ctx,
        Kind.OPERATOR,
        operator_id,
        template,
        data,
        channel,
        Category.SERVICE,
        key,
        confidential=confidential,
    )


def notify_operators(
    ctx: Context,
    template: str,
    data: Given = None,
    channel: str | None = None,
    *,
    permission: str | None = None,
    key: str | None = None,
) -> list[UUID]:
    """Queue a notification to every active operator of the tenant, or to those with a permission."""
    return [
        notification_id
        for operator_id in operators_with(ctx, permission)
        for notification_id in notify_operator(ctx, operator_id, template, data, channel, key=key)
    ]


def sealing_cell(ctx: Context, notification_id: UUID) -> Cell:
    """Return where the data of a confidential notification lies."""
    return Cell(ctx.tenant.id, _NOTIFICATION.name, "sealed", notification_id.hex)


def _queue(
    ctx: Context,
    kind: Kind,
    target_id: UUID,
    template: str,
    data: Given,
    channel: str | None,
    category: str,
    key: str | None,
    *,
    confidential: bool,
) -> list[UUID]:
    offered = channels_of(ctx, template)
    if channel is not None and channel not in offered:
        raise InvalidInput(f"channel: {template!r} has no text for {channel!r}; {nearest(channel, offered)}")
    if category not in list(Category):
        known = [c.value for c in Category]
        raise InvalidInput(f"category: {category!r}: {nearest(category, known)}")
    channels = [channel] if channel is not None else _usual(offered, kind)
    ids = []
    for name in channels:
        row = {
            "target_kind": kind,
            "target_id": target_id,
            "template": template,
            "channel": name,
            "category": category,
            "key": key,
        }
        notification_id = _insert(ctx, row, _given(ctx, row, data), confidential=confidential)
        if notification_id is not None:
            step(ctx, notification_id, State.QUEUED, None)
            payload = {"notification_id": str(notification_id)}
            enqueue(ctx, SEND, payload, key=str(notification_id))
            ids.append(notification_id)
    return ids


def _usual(offered: list[str], kind: Kind) -> list[str]:
    """Leave out the webhook for operators: it tells other systems about players."""
    return [name for name in offered if kind == Kind.PLAYER or name != Channel.WEBHOOK]


def _insert(ctx: Context, row: dict[str, Any], data: dict[str, Any], *, confidential: bool) -> UUID | None:
    notification_id, now = uuid7(), ctx.clock.now()
    stored: dict[str, Any] = {"data": data, "sealed": None}
    if confidential:
        box = box_of(ctx.kernel.settings)
        stored["data"] = None
        stored["sealed"] = box.seal(json.dumps(data), sealing_cell(ctx, notification_id))
    values = (
        row
        | stored
        | {
            "tenant_id": ctx.tenant.id,
            "id": notification_id,
            "is_confidential": confidential,
            "state": State.QUEUED,
            "attempts": 0,
            "created_at": now,
            "changed_at": now,
        }
    )
    is_sqlite = ctx.connection.dialect.name == "sqlite"
    statement = (sqlite_insert if is_sqlite else postgres_insert)(_NOTIFICATION)
    found: UUID | None = ctx.connection.scalar(
        statement.on_conflict_do_nothing().returning(_NOTIFICATION.c.id), values
    )
    return found


def _given(ctx: Context, row: dict[str, Any], data: Given) -> dict[str, Any]:
    if not callable(data):
        return _checked(data or {})
    locale = locale_of(ctx, row["target_kind"], row["target_id"])
    found = find_template(ctx, row["template"], row["channel"], locale).locale.split("-")[0]
    with speaking(found if found in LANGUAGES else ENGLISH):
        return _checked(data())


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(dict(data), default=str, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"data: {error}: give plain values by name") from error
    if len(text.encode()) > DATA_BYTES_MAX:
        raise InvalidInput(f"data: more than {DATA_BYTES_MAX} bytes: give only what the text mentions")
    plain: dict[str, Any] = json.loads(text)
    return plain
