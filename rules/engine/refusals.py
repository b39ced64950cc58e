"""What msgspec says of a wrong value, in an operator's words: the value, and what is wanted instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from pitboss.rules.engine.errors import Refused, nearest, shown

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`")
_ENUM = re.compile(r"Invalid enum value")
_LENGTH = re.compile(r"Expected `\w+` of length ([<>]=) (\d+)")
_BOUND = re.compile(r"Expected `\w+` ([<>]=?) (\S+)")


def refusal(error: msgspec.ValidationError, data: Any, kind: type[Struct]) -> Refused:
    """Return the refusal that an error of msgspec means, with its place in the JSON."""
    if "`key` in" in str(error):
        return Refused("the keys of an object are texts")
    cause, _, where = str(error).rpartition(" - at `") if " - at `" in str(error) else (str(error), "", "")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    if found := _UNKNOWN.match(cause):
        known = nearest(found[1], _fields_at(kind, path))
        return Refused(f"unknown key {shown(found[1])}: {known}", path=path)
    if found := _MISSING.match(cause):
        return Refused(f"{found[1]!r} is missing: {_NEEDED.get(found[1], 'it is needed here')}", path=path)
    return Refused(_wrong_value(cause, _value_at(data, path), path, kind), path=path)


def _wrong_value(cause: str, value: Any, path: str, kind: type[Struct]) -> str:
    if found := _EXPECTED.match(cause):
        return f"{_words(found[1])} is wanted, and this is {shown(value)}"
    if _ENUM.match(cause):
        choices = getattr(_type_at(kind, path), "values", ())
        return f"{shown(value)} is not one of its values: {nearest(str(value), map(str, choices))}"
    if found := _LENGTH.match(cause):
        return _wrong_length(found[1] == ">=", int(found[2]), value)
    if found := _BOUND.match(cause):
        return f"{shown(value)} is too {_BOUNDS[found[1]]} {_plain(found[2])} is wanted"
    if "regex" in cause:
        return f"{shown(value)} is {_PATTERNS[path.rpartition('.')[2]]}"
    return cause[:1].lower() + cause[1:]


def _wrong_length(is_short: bool, limit: int, value: Any) -> str:
    noun = "item" if isinstance(value, list | tuple) else "key" if isinstance(value, Mapping) else "character"
    nouns, verb = (noun, "is") if limit == 1 else (f"{noun}s", "are")
    wanted = (
        f"at least {limit} {nouns} {verb} wanted" if is_short else f"at most {limit} {nouns} {verb} allowed"
    )
    return f"{wanted}, and there {'is' if len(value) == 1 else 'are'} {len(value)}"


_PATTERNS = {
    **dict.fromkeys(
        ("pack", "key", "group"), "not a key: small letters and digits, with - _ . inside, at most 64"
    ),
    "cool_down": "not a duration, such as 30m, 48h or 7d",
    **dict.fromkeys(("from", "until"), "neither a day such as 2026-12-01 nor an instant with its time zone"),
}
_BOUNDS = {">=": "small: at least", "<=": "large: at most", ">": "small: more than", "<": "large: less than"}
_NEEDED = {
    "key": "what the rule is called by, such as 'weekly-cashback'",
    "then": "what comes out when it matches",
    "message": "what is said, as a text",
    "operation": "what is guarded, such as 'betting.place_bet'",
    "rows": "a table has at least one",
    "count": "how many times, such as 1",
    "period": "hour, day, week, month or lifetime",
    "amount": "a number, such as 500",
    "group": "a name that the rules of the group share",
    "facts": 'what the case is about, such as {"net_loss": 620}',
    "expect": 'what should come out, such as {"match": true}',
    "pack": "what the pack is called by",
    "title": "what the pack is called on screen",
    "version": "a whole number, from 1",
    "rules": "a list of rules",
}


def _plain(number: str) -> str:
    return number.removesuffix(".0")


_JSON_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _words(names: str) -> str:
    words = [name for name in names.split(" | ") if name != "null" or names == "null"]
    return " or ".join(_JSON_WORDS.get(name, name) for name in words)


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
