"""How values look on a page: money with its currency, instants in the tenant's zone, plain numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from pitboss.core.http import current, visit
from pitboss.core.money import Currencies, Money
from pitboss.core.texts import day, grouped, ngettext, number, translated
from pitboss.core.texts import gettext as _

_STEPS = ((60, "s"), (3600, "min"), (86_400, "h"), (86_400 * 45, "d"))
_AS_SPACES = str.maketrans("_-", "  ")
_DIVISORS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}

# Money is left alone: some currencies have three places, and some languages a point before each thousand.
_TAIL = re.compile(r"(?<![\w.-])\d+([.,])\d{4,}+(?![\w.-]|,\d| [A-Z]{3,})")


def money(amount: Money | int, currency: str = "", *, is_signed: bool = False) -> Markup:
    """Write an amount with grouped thousands, all its decimals and its currency."""
    value = amount if isinstance(amount, Money) else Money(amount, currency)
    plain = grouped(_currencies().text(value))
    kind = " in" if is_signed and value.minor > 0 else ""
    return Markup('<span class="amount{}">{} <span class="unit">{}</span></span>').format(
        kind, plain, value.currency
    )


def when(instant: datetime | None, *, is_long: bool = False) -> Markup:
    """Write an instant in the tenant's zone, with how long ago it was."""
    if instant is None:
        return Markup('<span class="muted">{}</span>').format(_("never"))
    context = current()
    local = instant.astimezone(context.tenant.zone)
    exact = f"{day(local)}, {local:%H:%M:%S %Z}"
    text = exact if is_long else f"{day(local)}, {local:%H:%M}"
    return Markup(
        '<time datetime="{}" title="{}"><span class="nowrap">{}</span> <span class="sub">{}</span></time>'
    ).format(
        instant.isoformat(),
        exact,
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
        return _("now")
    for limit, unit in _STEPS:
        if seconds < limit:
            text = f"{int(seconds // _DIVISORS[unit])} {unit}"
            break
    else:
        months = int(seconds // (86_400 * 30.44))
        text = ngettext("%(count)s month", "%(count)s months", months, count=months)
    return _("%(time)s ago", time=text) if delta.total_seconds() < 0 else _("in %(time)s", time=text)


def who(label: str) -> str:
    """Say who did something, as a person reads it: the label is that of a principal.

    >>> who("operator:ann@acme.test"), who("system:sports.result_recorded>betting.hear_result")
    ('ann@acme.test', 'the platform (result recorded)')
    >>> who("api_key:Website"), who("system:pitboss")
    ('the API key Website', 'the platform')
    """
    kind, __, name = label.partition(":")
    if kind == "system":
        # A listener is named by what it heard, a task by itself.
        cause = name.partition(">")[0].rpartition(".")[2].translate(_AS_SPACES)
        return _("the platform") if cause == "pitboss" else _("the platform (%(cause)s)", cause=cause)
    if kind == "api_key":
        return _("the API key %(name)s", name=name)
    return _("a player") if kind == "player" else name or label


def titled(code: str) -> str:
    """Say what an action, an operation of a journal, a task or a term is called."""
    registry = current().kernel.registry
    tasks = (owned.item for owned in registry.all("register_tasks"))
    title = next((task.title for task in tasks if task.name == code), "")
    return translated(title or registry.title_of(code))


def job(name: str) -> str:
    """Say what a job does: its task, or who hears of which event."""
    event, __, listener = name.partition(">")
    if not listener:
        return titled(name)
    return _("%(plugin)s hears of: %(event)s", plugin=plugin(listener.partition(".")[0]), event=titled(event))


def plugin(name: str) -> str:
    """Say what a plugin is called; one that is no longer here, by its name."""
    manifest = current().kernel.registry.manifests.get(name)
    return translated(manifest.title) if manifest else name


def account(name: str) -> str:
    """Say what an account of the ledger is called.

    It is titled by whose it is and by its kind: `house/rounding`, `player/wallet`.
    """
    owner, kind = name.split("/")[:2]
    return titled(f"{owner.partition(':')[0]}/{kind.partition(':')[0]}")


def as_text(value: Any) -> str:
    """Write a JSON value as one reads it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return _("none")
    if isinstance(value, list) and value and not any(isinstance(part, dict | list) for part in value):
        return ", ".join(map(as_text, value))
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


def shortened(text: object) -> str:
    """Shorten the long tails of numbers within a text: 5.5840495 becomes 5.58."""
    return _TAIL.sub(_without_tail, str(text))


def _without_tail(number: re.Match[str]) -> str:
    point = number[1]  # of this language: thousands have three digits, and no tail
    return f"{float(number[0].replace(point, '.')):.2f}".rstrip("0").rstrip(".").replace(".", point)


FILTERS = {
    "day": day,
    "money": money,
    "number": number,
    "when": when,
    "who": who,
    "titled": titled,
    "job": job,
    "plugin": plugin,
    "account": account,
    "as_text": as_text,
    "pretty": pretty,
    "grouped": grouped,
    "shortened": shortened,
}
