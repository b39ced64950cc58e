"""Which formulas a rule calls, read off its text: once it is compiled, they stand inlined."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.parse import parse
from pitboss.rules.vocabulary import function_name

_NO_EXPRESSIONS = frozenset(
    ("kind", "key", "name", "description", "on", "tags", "tests", "effective", "limits", "message", "unit")
)
"""What of a rule holds no expression."""


def called_names(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the functions that the expressions of a rule call."""
    texts = (text for key, part in document.items() if key not in _NO_EXPRESSIONS for text in _texts(part))
    return frozenset(name for text in texts if "(" in text for name in _calls(text))


def callers_of(key: str, documents: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the rules that call a formula, themselves or through others that do, by key."""
    called = {other: called_names(document) for other, document in documents.items()}
    found: dict[str, None] = {}
    new = [key]
    while new:
        name = function_name(new.pop())
        for other, names in called.items():
            if name in names and other not in found and other != key:
                found[other] = None
                new.append(other)
    return sorted(found)


def called_keys(document: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    """Return which of these formulas a rule calls."""
    names = called_names(document)
    return [key for key in keys if function_name(key) in names]


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _texts(inner)


def _calls(text: str) -> Iterator[str]:
    try:
        tree = parse(text)
    except Refused:
        return  # a text that is no expression
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
