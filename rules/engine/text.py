"""The typed tree as text: the one way in which each tree is written, so that it reads back the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX
from pitboss.rules.engine.grammar import SECONDS
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Contains,
    Fact,
    Known,
    Negate,
    Node,
    Not,
)

Naming = Callable[[str], str]
"""How a fact is called: by its full name, or by the bare noun."""

_CHOOSE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(10)
_STRENGTH = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT, "**": _POWER}


def text_of(node: Node, naming: Naming = str) -> str:
    """Write a tree as an expression."""
    return _write(node, naming)[0]


def number_text(value: float) -> str:
    """Write a number as briefly as reads back the same: 100, 0.1, -5."""
    if value == int(value) and abs(value) <= WHOLE_MAX:
        return str(int(value)) if value or str(value)[0] != "-" else "-0.0"
    return repr(value)


def instant_text(value: float) -> str:
    """Write an instant as ISO 8601 in UTC."""
    return instant_of(value).isoformat().replace("+00:00", "Z")


def instant_of(value: float) -> datetime:
    """Return the instant that a number of seconds means."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(value * 1e6))


def quoted(text: str) -> str:
    """Write a text in the quotes that it does not hold."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def constant_text(constant: Constant) -> str:
    """Write a constant."""
    value = constant.value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if constant.type == "instant":
        return f"instant({quoted(instant_text(value))})"
    if constant.type == "duration":
        return _duration_text(value)
    return number_text(value)


def short_duration(value: float) -> str:
    """Write a duration as briefly as the door reads it: 7d, 48h, 30m."""
    for unit in ("days", "hours"):
        if value % SECONDS[unit] == 0:
            return f"{number_text(value / SECONDS[unit])}{unit[0]}"
    return f"{number_text(value)}s" if value % SECONDS["minutes"] else f"{number_text(value / 60)}m"


def _duration_text(value: float) -> str:
    unit = next(
        unit
        for unit in ("days", "hours", "minutes", "seconds")
        if unit == "seconds" or value % SECONDS[unit] == 0
    )
    return f"{unit}({number_text(value / SECONDS[unit])})"


def _write(node: Node, naming: Naming) -> tuple[str, int]:
    """Write a node, and say how strongly its parts hold together."""

    def inner(part: Node, strength: int) -> str:
        text, own = _write(part, naming)
        return text if own >= strength else f"({text})"

    match node:
        case Constant(value):
            is_signed = not isinstance(value, str | bool) and node.type == "number" and str(value)[0] == "-"
            return constant_text(node), _SIGN if is_signed else _ATOM
        case Fact():
            return naming(node.name), _ATOM
        case Arithmetic():
            return _since(node, naming) or _arithmetic(node, inner)
        case Negate(item):
            return f"-{inner(item, _POWER)}", _SIGN
        case Compare(op, left, right):
            return f"{inner(left, _SUM)} {op} {inner(right, _SUM)}", _COMPARE
        case Among(item):
            return f"{inner(item, _SUM)} in {_options(node)}", _COMPARE
        case Contains(items, item):
            return f"{inner(item, _SUM)} in {inner(items, _SUM)}", _COMPARE
        case AllOf(items):
            return _joined("and", items, inner, _AND)
        case AnyOf(items):
            return _joined("or", items, inner, _OR)
        case Not(Among(item) as among):
            return f"{inner(item, _SUM)} not in {_options(among)}", _COMPARE
        case Not(item):
            return f"not {inner(item, _NOT)}", _NOT
        case Choose(test, then, otherwise):
            return f"{inner(then, _OR)} if {inner(test, _OR)} else {inner(otherwise, _CHOOSE)}", _CHOOSE
        case Known(fact):
            return f"known({naming(fact.name)})", _ATOM
        case Coalesce(items):
            return f"coalesce({', '.join(inner(i, _CHOOSE) for i in items)})", _ATOM
        case Call(function, arguments):
            return f"{naming(function.name)}({', '.join(inner(a, _CHOOSE) for a in arguments)})", _ATOM


def _joined(
    word: str, items: tuple[Node, ...], inner: Callable[[Node, int], str], strength: int
) -> tuple[str, int]:
    if not items:
        return str(word == "and"), _ATOM
    if len(items) == 1:
        return inner(items[0], _CHOOSE), _CHOOSE
    # One step stronger, so that nested conditions of one kind keep their own brackets.
    return f" {word} ".join(inner(item, strength + 1) for item in items), strength


def _arithmetic(node: Arithmetic, inner: Callable[[Node, int], str]) -> tuple[str, int]:
    strength = _STRENGTH[node.op]
    if node.op == "**":
        return f"{inner(node.left, _ATOM)} ** {inner(node.right, _ATOM)}", _POWER
    if node.type == "duration" and node.op == "*" and isinstance(node.right, Constant):
        # What days(x) became.
        for unit, seconds in SECONDS.items():
            if node.right == Constant(seconds, "duration") and node.left.type == "number":
                return f"{unit}({inner(node.left, _CHOOSE)})", _ATOM
    return f"{inner(node.left, strength)} {node.op} {inner(node.right, strength + 1)}", strength


def _since(node: Arithmetic, naming: Naming) -> tuple[str, int] | None:
    """Write what days_since(x) became as it was."""
    match node:
        case Arithmetic(
            "/", Arithmetic("-", Fact() as now, instant), Constant(seconds, "duration"), "number"
        ) if now.name == NOW and instant.type == "instant":
            for unit, each in SECONDS.items():
                if each == seconds:
                    return f"{unit}_since({_write(instant, naming)[0]})", _ATOM
    return None


def _options(among: Among) -> str:
    written = [quoted(o) if isinstance(o, str) else number_text(o) for o in among.listed]
    return f"({', '.join(written)}{',' * (len(written) == 1)})"
