"""How values look on a page: money with its currency, instants in the tenant's zone, plain numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from pitboss.core.http import current, visit
from pitboss.core.money import Currencies, Money

_STEPS = ((60, "s"), (3600, "min"), (86_400, "h"), (86_400 * 45, "d"))
_DIVISORS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


def money(amount: Money | int, currency: str = "", *, is_signed: bool = False) -> Markup:
    """Write an amount with grouped thousands, all its decimals and its currency."""
    value = amount if isinstance(amount, Money) else Money(amount, currency)
    plain = grouped(_currencies().text(value))
    kind = " in" if is_signed and value.minor > 0 else ""
    return Markup('<span class="amount{}">{} <span class="unit">{}</span></span>').format(
        kind, plain, value.currency
    )


def grouped(text: str) -> str:
    """Group the thousands of a decimal number; a minus becomes the real sign.

    >>> grouped("-1234567.50")
    '−1,234,567.50'
    """
    whole, dot, rest = text.lstrip("-").partition(".")
    sign = "\N{MINUS SIGN}" if text.startswith("-") else ""
    return f"{sign}{int(whole):,}{dot}{rest}"


def number(value: int) -> str:
    """Write a whole number with grouped thousands."""
    return grouped(str(value))


def when(instant: datetime | None, *, is_long: bool = False) -> Markup:
    """Write an instant in the tenant's zone, with how long ago it was."""
    if instant is None:
        return Markup('<span class="muted">never</span>')
    context = current()
    local = instant.astimezone(context.tenant.zone)
    text = local.strftime("%-d %b %Y, %H:%M:%S %Z" if is_long else "%-d %b %Y, %H:%M")
    return Markup(
        '<time datetime="{}" title="{}"><span class="nowrap">{}</span> <span class="sub">{}</span></time>'
    ).format(
        instant.isoformat(),
        local.strftime("%-d %b %Y, %H:%M:%S %Z"),
        text,
        ago(instant - context.clock.now()),
    )


def ago(delta: timedelta) -> str:
    """Say how far an instant is from now.

    >>> ago(timedelta(minutes=-5)), ago(timedelta(hours=3))
    ('5 min ago', 'in 3 h')
    """
    seconds = abs(delta.total_seconds())
    if seconds < 1:
        return "now"
    for limit, unit in _STEPS:
        if seconds < limit:
            text = f"{int(seconds // _DIVISORS[unit])} {unit}"
            break
    else:
        text = f"{int(seconds // (86_400 * 30.44))} months"
    return f"{text} ago" if delta.total_seconds() < 0 else f"in {text}"


def as_text(value: Any) -> str:
    """Write a JSON value as one reads it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def pretty(value: Any) -> str:
    """Write a JSON document over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str)


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[tuple[str, Any, Any]]:
    """Pair the leaves of two documents: what differs, or all there is when one is missing.

    >>> changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}})
    [('a.c', '2', '3')]
    """
    before, after = dict(_leaves(old or {})), dict(_leaves(new or {}))
    keys = sorted(before | after)
    return [(k, before.get(k), after.get(k)) for k in keys if before.get(k) != after.get(k)]


def _leaves(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", as_text(value)


def _currencies() -> Currencies:
    context = visit().context
    return context.tenant.currencies if context is not None else Currencies()


FILTERS = {
    "money": money,
    "number": number,
    "when": when,
    "as_text": as_text,
    "pretty": pretty,
    "grouped": grouped,
}
