"""A tenant's texts: written by operators, offered by plugins, found by language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from pitboss.core import audit
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.identity.tables import Player
from pitboss.core.notifications.builtin import BUILT_IN, LANGUAGE
from pitboss.core.notifications.tables import Channel, TemplateRow
from pitboss.core.notifications.texts import Text, check, names
from pitboss.core.texts import LANGUAGES

if TYPE_CHECKING:
    from uuid import UUID

    from pitboss.core.context import Context

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}\.[a-z][a-z0-9_]{1,38}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,6})?")

_TEMPLATE, _PLAYER = TemplateRow.__table__, Player.__table__


@dataclass(frozen=True, slots=True)
class Template:
    """A text for one channel and language."""

    key: str
    channel: str
    locale: str
    text: Text
    placeholders: tuple[str, ...] | None
    is_built_in: bool = False


def save_template(ctx: Context, key: str, channel: str, locale: str, *, subject: str, body: str) -> Template:
    """Write a text of the tenant's own; what it may mention is what its sender gives."""
    _check_name(key, channel, locale)
    known = _placeholders(ctx, key, channel)
    text = Text(subject, body)
    check(text, known)
    before = _row(ctx, key, channel, locale)
    _write(ctx, Template(key, channel, locale, text, known), before)
    old = {"subject": before.subject, "body": before.body} if before else None
    new = {"subject": subject, "body": body}
    audit.record(ctx, "notification_template.saved", _target(key, channel, locale), old=old, new=new)
    return Template(key, channel, locale, text, known)


def offer_template(
    ctx: Context,
    key: str,
    channel: str,
    *,
    subject: str,
    body: str,
    locale: str = LANGUAGE,
    placeholders: Sequence[str] | None = None,
) -> None:
    """Bring a plugin's text along, from `tenant_enabled`; what the tenant wrote itself stays."""
    offer_templates(ctx, channel, {key: (subject, body, placeholders)}, locale=locale)


def offer_templates(
    ctx: Context,
    channel: str,
    texts: Mapping[str, tuple[str, str, Sequence[str] | None]],
    *,
    locale: str = LANGUAGE,
) -> None:
    """Bring many texts along at once, each as its subject, its body and what its sender gives."""
    query = select(_TEMPLATE.c.key).where(
        _TEMPLATE.c.tenant_id == ctx.tenant.id, _TEMPLATE.c.channel == channel, _TEMPLATE.c.locale == locale
    )
    offered = [_offered(key, channel, locale, *text) for key, text in texts.items()]
    taken = set(ctx.connection.scalars(query.where(_TEMPLATE.c.key.in_(texts))))
    rows = [_place(ctx, one) | _values(ctx, one, version=1) for one in offered if one.key not in taken]
    if rows:
        ctx.connection.execute(insert(_TEMPLATE), rows)


def _offered(
    key: str, channel: str, locale: str, subject: str, body: str, placeholders: Sequence[str] | None
) -> Template:
    _check_name(key, channel, locale)
    text = Text(subject, body)
    known = tuple(placeholders) if placeholders is not None else _used(text)
    check(text, known)
    return Template(key, channel, locale, text, known)


def delete_template(ctx: Context, key: str, channel: str, locale: str) -> None:
    """Remove a text; where the platform has one of its own, that one serves again."""
    before = _row(ctx, key, channel, locale)
    if before is None:
        raise NotFound(f"no template {key!r} for {channel} in {locale!r}")
    ctx.connection.execute(delete(_TEMPLATE).where(*_at(ctx, key, channel, locale)))
    old = {"subject": before.subject, "body": before.body}
    audit.record(ctx, "notification_template.deleted", _target(key, channel, locale), old=old)


def list_templates(ctx: Context) -> list[Template]:
    """Return the tenant's texts, and the platform's where the tenant has none."""
    rows = ctx.connection.execute(select(_TEMPLATE).where(_TEMPLATE.c.tenant_id == ctx.tenant.id))
    own = [_template(row) for row in rows]
    taken = {(t.key, t.channel, t.locale) for t in own}
    ours = [t for t in map(_built_in, BUILT_IN) if (t.key, t.channel, t.locale) not in taken]
    return sorted(own + ours, key=lambda t: (t.key, t.channel, t.locale))


def channels_of(ctx: Context, key: str) -> list[str]:
    """Return the channels that a template has texts for, or raise when there is no such template."""
    query = select(_TEMPLATE.c.channel).where(_TEMPLATE.c.tenant_id == ctx.tenant.id, _TEMPLATE.c.key == key)
    found = set(ctx.connection.scalars(query)) | {c for k, c in BUILT_IN if k == key}
    if not found:
        known = sorted({t.key for t in list_templates(ctx)})
        raise InvalidInput(f"no template {key!r}: {nearest(key, known)}")
    return sorted(found)


def find_template(ctx: Context, key: str, channel: str, locale: str | None = None) -> Template:
    """Return the text that fits a language best: itself, its base, the tenant's, English, any."""
    rows = ctx.connection.execute(
        select(_TEMPLATE).where(
            _TEMPLATE.c.tenant_id == ctx.tenant.id,
            _TEMPLATE.c.key == key,
            _TEMPLATE.c.channel == channel,
        )
    )
    found = {row.locale: _template(row) for row in rows}
    if (key, channel) in BUILT_IN:
        found.setdefault(LANGUAGE, _built_in((key, channel)))
    for wanted in (locale, ctx.tenant.locale, LANGUAGE):
        for name in (wanted or "", (wanted or "").split("-")[0]):
            if name in found:
                return found[name]
    if not found:
        raise NotFound(f"no template {key!r} for the channel {channel!r}")
    return found[min(found)]


def language_for(ctx: Context, player_id: UUID, key: str, channel: str) -> str:
    """Return the language of the text that a player is sent: what fills it is to be said in the same."""
    of_player = (_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.id == player_id)
    locale = ctx.connection.scalar(select(_PLAYER.c.locale).where(*of_player))
    found = find_template(ctx, key, channel, locale).locale.split("-")[0]
    return found if found in LANGUAGES else LANGUAGE


def _placeholders(ctx: Context, key: str, channel: str) -> tuple[str, ...] | None:
    """Return what the sender of a template gives, when it said so."""
    if (key, channel) in BUILT_IN:
        return BUILT_IN[key, channel].placeholders
    for template in list_templates(ctx):
        if template.key == key and template.placeholders is not None:
            return template.placeholders
    return None


def _used(text: Text) -> tuple[str, ...]:
    return tuple(sorted({*names(text.subject, "subject"), *names(text.body, "body")}))


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
        "placeholders": list(template.placeholders) if template.placeholders is not None else None,
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


def _template(row: Any) -> Template:
    known = tuple(row.placeholders) if row.placeholders is not None else None
    return Template(row.key, row.channel, row.locale, Text(row.subject, row.body), known)


def _built_in(name: tuple[str, str]) -> Template:
    found = BUILT_IN[name]
    return Template(*name, LANGUAGE, found.text, found.placeholders, is_built_in=True)


def _target(key: str, channel: str, locale: str) -> str:
    return f"notification_template:{key}/{channel}/{locale}"
