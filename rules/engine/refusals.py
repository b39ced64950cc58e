"""What msgspec says of a wrong value, in an operator's words: the value, and what is wanted instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from pitboss.rules.engine.errors import Refused, nearest, shown
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked, marked_plural, ngettext, translated

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`")
_ENUM = re.compile(r"Invalid enum value")
_LENGTH = re.compile(r"Expected `\w+` of length ([<>]=) (\d+)")
_BOUND = re.compile(r"Expected `\w+` ([<>]=?) (\S+)")


def refusal(error: msgspec.ValidationError, data: Any, kind: type[Struct]) -> Refused:
    """Return the refusal that an error of msgspec means, with its place in the JSON."""
    if "`key` in" in str(error):
        return Refused(_("the keys of an object are texts"))
    cause, __, where = str(error).rpartition(" - at `") if " - at `" in str(error) else (str(error), "", "")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    if found := _UNKNOWN.match(cause):
        known = nearest(found[1], _fields_at(kind, path))
        return Refused(_("unknown key %(key)s: %(cure)s", key=shown(found[1]), cure=known), path=path)
    if found := _MISSING.match(cause):
        needed = translated(_NEEDED.get(found[1], marked("it is needed here")))
        return Refused(_("%(key)s is missing: %(needed)s", key=repr(found[1]), needed=needed), path=path)
    return Refused(_wrong_value(cause, _value_at(data, path), path, kind), path=path)


def _wrong_value(cause: str, value: Any, path: str, kind: type[Struct]) -> str:
    if found := _EXPECTED.match(cause):
        return _("%(wanted)s is wanted, and this is %(value)s", wanted=_words(found[1]), value=shown(value))
    if _ENUM.match(cause):
        choices = getattr(_type_at(kind, path), "values", ())
        return _(
            "%(value)s is not one of its values: %(cure)s",
            value=shown(value),
            cure=nearest(str(value), map(str, choices)),
        )
    if found := _LENGTH.match(cause):
        return _wrong_length(found[1] == ">=", int(found[2]), value)
    if found := _BOUND.match(cause):
        return _(_BOUNDS[found[1]], value=shown(value), limit=_plain(found[2]))
    if "regex" in cause:
        return _(_PATTERNS[path.rpartition(".")[2]], value=shown(value))
    return cause[:1].lower() + cause[1:]


def _wrong_length(is_short: bool, limit: int, value: Any) -> str:
    noun = "item" if isinstance(value, list | tuple) else "key" if isinstance(value, Mapping) else "character"
    one, many = (_TOO_SHORT if is_short else _TOO_LONG)[noun]
    wanted = ngettext(one, many, limit, limit=limit)
    count = len(value)
    return ngettext(
        "%(wanted)s, and there is %(count)s",
        "%(wanted)s, and there are %(count)s",
        count,
        wanted=wanted,
        count=count,
    )


_TOO_SHORT = {
    "item": marked_plural("at least %(limit)s item is wanted", "at least %(limit)s items are wanted"),
    "key": marked_plural("at least %(limit)s key is wanted", "at least %(limit)s keys are wanted"),
    "character": marked_plural(
        "at least %(limit)s character is wanted", "at least %(limit)s characters are wanted"
    ),
}
_TOO_LONG = {
    "item": marked_plural("at most %(limit)s item is allowed", "at most %(limit)s items are allowed"),
    "key": marked_plural("at most %(limit)s key is allowed", "at most %(limit)s keys are allowed"),
    "character": marked_plural(
        "at most %(limit)s character is allowed", "at most %(limit)s characters are allowed"
    ),
}


_PATTERNS = {
    **dict.fromkeys(
        ("pack", "key", "group"),
        marked("%(value)s is not a key: small letters and digits, with - _ . inside, at most 64"),
    ),
    "cool_down": marked("%(value)s is not a duration, such as 30m, 48h or 7d"),
    **dict.fromkeys(
        ("from", "until"),
        marked("%(value)s is neither a day such as 2026-12-01 nor an instant with its time zone"),
    ),
}
_BOUNDS = {
    ">=": marked("%(value)s is too small: at least %(limit)s is wanted"),
    "<=": marked("%(value)s is too large: at most %(limit)s is wanted"),
    ">": marked("%(value)s is too small: more than %(limit)s is wanted"),
    "<": marked("%(value)s is too large: less than %(limit)s is wanted"),
}
_NEEDED = {
    "key": marked("what the rule is called by, such as 'weekly-cashback'"),
    "then": marked("what comes out when it matches"),
    "message": marked("what is said, as a text"),
    "operation": marked("what is guarded, such as 'betting.place_bet'"),
    "rows": marked("a table has at least one"),
    "count": marked("how many times, such as 1"),
    "period": marked("hour, day, week, month or lifetime"),
    "amount": marked("a number, such as 500"),
    "group": marked("a name that the rules of the group share"),
    "facts": marked('what the case is about, such as {"net_loss": 620}'),
    "expect": marked('what should come out, such as {"match": true}'),
    "pack": marked("what the pack is called by"),
    "title": marked("what the pack is called on screen"),
    "version": marked("a whole number, from 1"),
    "rules": marked("a list of rules"),
}


def _plain(number: str) -> str:
    return number.removesuffix(".0")


_JSON_WORDS = {
    "int": marked("a whole number"),
    "float": marked("a number"),
    "str": marked("a text"),
    "bool": marked("true or false"),
    "array": marked("a list"),
    "object": marked("an object"),
    "null": "null",
}


def _words(names: str) -> str:
    words = [name for name in names.split(" | ") if name != "null" or names == "null"]
    return _(" or ").join(translated(_JSON_WORDS.get(name, name)) for name in words)


def _value_at(data: Any, path: str) -> Any:
    """Return what stands at a path of the JSON."""
    for step in _steps(path):
        data = data[int(step)] if isinstance(data, list | tuple) else data[step]
    return data


def _fields_at(kind: type[Struct], path: str) -> set[str]:
    """Return the keys that an object may have at a path of the envelope."""
    fields = getattr(_type_at(kind, path), "fields", ())
    tag = kind.__struct_config__.tag_field if not path else None
    return {field.encode_name for field in fields} | ({tag} if tag is not None else set())


def _type_at(kind: type[Struct], path: str) -> Any:
    """Return what msgspec knows of the type at a path of the envelope."""
    found: Any = msgspec.inspect.type_info(kind)
    for step in _steps(path):
        if not step.isdigit():
            field = next((f for f in getattr(found, "fields", ()) if f.encode_name == step), None)
            found = _plainly(field.type) if field is not None else None
    return found


def _plainly(info: Any) -> Any:
    """Look through optional, list and annotation, at what is inside."""
    parts = [*getattr(info, "types", ()), getattr(info, "item_type", None), getattr(info, "type", None)]
    inside = [part for part in parts if isinstance(part, msgspec.inspect.Type)]
    inside = [part for part in inside if not isinstance(part, msgspec.inspect.NoneType)]
    return _plainly(inside[0]) if inside else info


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[.\[\]]+", path) if step]
