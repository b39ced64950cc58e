"""The one layout of rule files: what fits on a line stands on one, and the rest is opened up."""

from __future__ import annotations

from typing import Any

import msgspec

from pitboss.rules.catalogues import refuse_catalogue
from pitboss.rules.engine.rule import (
    FILE_BYTES_MAX,
    Pack,
    items_of,
    read_json,
    read_rule,
    read_struct,
    write_rule,
)

WIDTH_MAX = 110
_STEP = "  "
_FIRST = (
    "kind",
    "key",
    "name",
    "description",
    "on",
    "operation",
    "when",
    "table",
    "formula",
    "then",
    "message",
)
_LAST = "tests"
_CASE = ("name", "facts", "expect")


def format_file(text: str | bytes) -> str:
    """Return a file of rules as it should be written, or refuse it."""
    data = read_json(text, bytes_max=FILE_BYTES_MAX)
    refuse_catalogue(data)
    rules = [_ordered(write_rule(read_rule(item))) for _, item in items_of(data)]
    return layout(_as_before(data, rules)) + "\n"


def layout(value: Any) -> str:
    """Write JSON for people to read."""
    return _laid_out(_plain(value), "", 0)


def _as_before(data: Any, rules: list[dict[str, Any]]) -> Any:
    if isinstance(data, list):
        return rules
    if "rules" not in data:
        return rules[0]
    return {**msgspec.to_builtins(read_struct(data, Pack)), "rules": rules}


def _ordered(rule: dict[str, Any]) -> dict[str, Any]:
    """Put what a rule says in the order in which it is read: what it is, when, then what, and its tests."""
    first = {key: rule[key] for key in _FIRST if key in rule}
    last = {}
    if _LAST in rule:
        last = {_LAST: [{key: case[key] for key in _CASE if key in case} for case in rule[_LAST]]}
    return {**first, **{key: item for key, item in rule.items() if key != _LAST}, **last}


def _laid_out(value: Any, indent: str, taken: int) -> str:
    line = _line(value)
    if len(indent) + taken + len(line) < WIDTH_MAX or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + _STEP
    if isinstance(value, list):
        parts = [_laid_out(item, inner, 0) for item in value]
        opened, closed = "[]"
    else:
        keys = {key: f"{_line(key)}: " for key in value}
        parts = [keys[key] + _laid_out(item, inner, len(keys[key])) for key, item in value.items()]
        opened, closed = "{}"
    return f"{opened}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closed}"


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_line(key)}: {_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return msgspec.json.encode(value).decode()


def _plain(value: Any) -> Any:
    """Write 500, not 500.0: a number of the format is a float once it was read."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
