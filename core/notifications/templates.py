"""The texts of messages: what plugins bring along, in each language, and what tenants write in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from pitboss.core import audit
from pitboss.core.contracts import Channel, Message
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.notifications.tables import TemplateRow
from pitboss.core.placeholders import Text, check, placeholders_of
from pitboss.core.texts import ENGLISH, LANGUAGES, is_translated, speaking, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pitboss.core.context import Context

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}\.[a-z][a-z0-9_]{1,38}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,6})?")

_TEMPLATE = TemplateRow.__table__


@dataclass(frozen=True, slots=True)
class Template:
    """A text for one channel and language."""

    key: str
    channel: str
    locale: str
    text: Text
    message: Message | None
    """What a plugin says of it; None for one that only the tenant knows."""
    is_built_in: bool = False

    @property
    def placeholders(self) -> tuple[str, ...] | None:
        """What its sender gives; None where nobody said."""
        return placeholders_of(self.message) if self.message else None


def save_template(ctx: Context, key: str, channel: str, locale: str, *, subject: str, body: str) -> Template:
    """Write a text of the tenant's own; what it may mention is what its sender gives."""
    _check_name(key, channel, locale)
    template = Template(key, channel, locale, Text(subject, body), _message(ctx, key))
    check(template.text, template.placeholders)
    before = _row(ctx, key, channel, locale)
    _write(ctx, template, before)
    old = {"subject": before.subject, "body": before.body} if before else None
    new = {"subject": subject, "body": body}
    audit.record(ctx, "notification_template.saved", _target(key, channel, locale), old=old, new=new)
    return template


def delete_template(ctx: Context, key: str, channel: str, locale: str) -> None:
    """Remove a text; where the platform has one of its own, that one serves again."""
    before = _row(ctx, key, channel, locale)
    if before is None:
        raise NotFound(f"no template {key!r} for {channel} in {locale!r}")
    ctx.connection.execute(delete(_TEMPLATE).where(*_at(ctx, key, channel, locale)))
    old = {"subject": before.subject, "body": before.body}
    audit.record(ctx, "notification_template.deleted", _target(key, channel, locale), old=old)


def list_templates(ctx: Context) -> list[Template]:
    """Return the tenant's texts, and the plugins' in each language where the tenant has none."""
    rows = ctx.connection.execute(select(_TEMPLATE).where(_TEMPLATE.c.tenant_id == ctx.tenant.id))
    brought = [
        template
        for owned in ctx.view.terms.values()
        if isinstance(owned.item, Message)
        for channel in owned.item.channels
        for template in _brought(owned.item, channel)
    ]
    own = [_template(ctx, row) for row in rows]
    best = {(t.key, t.channel, t.locale): t for t in (*brought, *own)}
    return [best[place] for place in sorted(best)]


def channels_of(ctx: Context, key: str) -> list[str]:
    """Return the channels that a template has texts for, or raise when there is no such template."""
    query = select(_TEMPLATE.c.channel).where(_TEMPLATE.c.tenant_id == ctx.tenant.id, _TEMPLATE.c.key == key)
    message = _message(ctx, key)
    found = {*ctx.connection.scalars(query), *(message.channels if message else ())}
    if not found:
        known = sorted({t.key for t in list_templates(ctx)})
        raise InvalidInput(f"no template {key!r}: {nearest(key, known)}")
    return sorted(found)


def find_template(ctx: Context, key: str, channel: str, locale: str | None = None) -> Template:
    """Return the text that fits a language best: itself, its base, the tenant's, English, any."""
    message = _message(ctx, key)
    brought = _brought(message, channel) if message and channel in message.channels else ()
    rows = ctx.connection.execute(
        select(_TEMPLATE).where(
            _TEMPLATE.c.tenant_id == ctx.tenant.id,
            _TEMPLATE.c.key == key,
            _TEMPLATE.c.channel == channel,
        )
    )
    found: dict[str, Template] = {t.locale: t for t in (*brought, *(_template(ctx, row) for row in rows))}
    for wanted in (locale, ctx.tenant.locale, ENGLISH):
        for name in (wanted or "", (wanted or "").split("-")[0]):
            if name in found:
                return found[name]
    if not found:
        raise NotFound(f"no template {key!r} for the channel {channel!r}")
    return found[min(found)]


def _message(ctx: Context, key: str) -> Message | None:
    owned = ctx.view.terms.get(key)
    return owned.item if owned is not None and isinstance(owned.item, Message) else None


def _brought(message: Message, channel: str) -> Iterator[Template]:
    """Yield a plugin's text in each language that its catalogue has it in."""
    for name in LANGUAGES:
        if all(is_translated(text, name) for text in (message.subject, message.body)):
            with speaking(name):
                text = Text(translated(message.subject), translated(message.body))
            yield Template(message.name, channel, name, text, message, is_built_in=True)


def _check_name(key: str, channel: str, locale: str) -> None:
    if not KEY.fullmatch(key):
        raise InvalidInput(f"key: {key!r} must be '<plugin>.<noun>', such as acme.tier_reached")
    if channel not in list(Channel):
        raise InvalidInput(f"channel: {channel!r}: {nearest(channel, [c.value for c in Channel])}")
    if not LOCALE.fullmatch(locale):
        raise InvalidInput(f"locale: {locale!r} is no language: write one such as en or pt-BR")


def _write(ctx: Context, template: Template, before: Any) -> None:
    if before is None:
        ctx.connection.execute(insert(_TEMPLATE), _place(ctx, template) | _values(ctx, template, version=1))
        return
    place = _at(ctx, template.key, template.channel, template.locale)
    values = _values(ctx, template, version=before.version + 1)
    ctx.connection.execute(update(_TEMPLATE).where(*place).values(**values))


def _place(ctx: Context, template: Template) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "key": template.key,
        "channel": template.channel,
        "locale": template.locale,
    }


def _values(ctx: Context, template: Template, *, version: int) -> dict[str, Any]:
    return {
        "subject": template.text.subject,
        "body": template.text.body,
        "version": version,
        "changed_by": ctx.actor.label,
        "changed_at": ctx.clock.now(),
    }


def _row(ctx: Context, key: str, channel: str, locale: str) -> Any:
    return ctx.connection.execute(select(_TEMPLATE).where(*_at(ctx, key, channel, locale))).first()


def _at(ctx: Context, key: str, channel: str, locale: str) -> tuple[Any, ...]:
    return (
        _TEMPLATE.c.tenant_id == ctx.tenant.id,
        _TEMPLATE.c.key == key,
        _TEMPLATE.c.channel == channel,
        _TEMPLATE.c.locale == locale,
    )


def _template(ctx: Context, row: Any) -> Template:
    return Template(row.key, row.channel, row.locale, Text(row.subject, row.body), _message(ctx, row.key))


def _target(key: str, channel: str, locale: str) -> str:
    return f"notification_template:{key}/{channel}/{locale}"
