"""Facts that fulfil a condition: read off its boxes, and proved by running it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import islice, product
from typing import Any, Protocol

from pitboss.rules.engine.boxes import Box, boxes
from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Catalogue, Facts, Variable, admit_value
from pitboss.rules.engine.errors import EvaluationError, WrongFact
from pitboss.rules.engine.language import function_of
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Call,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Node,
    Not,
    walk,
)

TRIES_MAX = 300
"""How many facts are tried for one box whose residual is not fulfilled at once."""
CHOICES_MAX = 12
"""How many values of one fact are tried."""
NOW_EXAMPLE = 1_796_115_600.0
"""The instant at which examples are judged: 2026-12-01T09:00:00Z."""

SPANS = ""
"""Where `points` keeps the numbers of all comparisons: `days_since(x) <= 7` says 7 of an instant."""

OPTIONS_MAX = 50
"""How many options of a written list count as values that its fact stands beside."""
BOXES_KEPT_MAX = 4_096

_USUAL: Mapping[str, tuple[Any, ...]] = {
    "number": (1.0,),
    "instant": (NOW_EXAMPLE,),
    "duration": (3_600.0,),
    "boolean": (True,),
    "list": (frozenset(),),
}
_NOTHING = object()
_ORDERED = frozenset({"number", "instant", "duration"})


COMPARE: Mapping[CompareOp, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _Accepts(Protocol):
    def accepts(self, value: Any) -> bool: ...


@lru_cache(BOXES_KEPT_MAX)
def boxes_of(node: Node) -> tuple[Box, ...]:
    """Return the boxes of a condition; those of late are kept."""
    return boxes(node)


def holds(node: Node, facts: Facts, catalogue: Catalogue) -> bool:
    """Tell whether a condition holds for admitted facts; without a value, it does not."""
    try:
        return _truth(node, facts, catalogue)
    except EvaluationError:
        return False


def _truth(node: Node, facts: Facts, catalogue: Catalogue) -> bool:
    # A condition that is tried once or twice is not worth compiling.
    match node:
        case AllOf(items):
            return all(_truth(item, facts, catalogue) for item in items)
        case AnyOf(items):
            return any(_truth(item, facts, catalogue) for item in items)
        case Not(item):
            return not _truth(item, facts, catalogue)
        case Compare(op, Fact(variable), Constant(value)) if type(facts.get(variable.name)) is type(value):
            return COMPARE[op](facts[variable.name], value)
        case Among(Fact(variable), options) if type(facts.get(variable.name)) in (float, str):
            return facts[variable.name] in options
    return function_of(node, catalogue)(facts) is True


def witness(
    node: Node,
    catalogue: Catalogue,
    given: Mapping[str, Any] | None = None,
    within: Iterable[Box] | None = None,
) -> dict[str, Any] | None:
    """Return facts for which a condition holds, with those given as they are; None if none are found.

    `given` is by full names and admitted, and None in it is unknown. `within` are the boxes of the
    condition, for who has them. What is returned is proved; that nothing is returned proves nothing.
    """
    return next(witnesses(node, catalogue, given, within), None)


def witnesses(
    node: Node,
    catalogue: Catalogue,
    given: Mapping[str, Any] | None = None,
    within: Iterable[Box] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield facts for which a condition holds, of each of its boxes where some are found."""
    search = _Search(node, catalogue, dict(given or {}))
    for box in boxes_of(node) if within is None else within:
        found = search.within(box)
        if found is not None:
            yield found


def natural_value(variable: Variable) -> Any:
    """Return the most natural value of a fact: its example, its default, or one that its type has."""
    return next(iter((*_natural(variable), *_USUAL.get(variable.value_type, (*variable.choices, "text")))))


def points(nodes: Iterable[Node]) -> dict[str, list[Any]]:
    """Return, for each fact, the constants that it stands beside in a comparison."""
    found: dict[str, dict[Any, None]] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, Compare | Among | Contains | Call):
                _note(part, found)
    return {name: list(values) for name, values in found.items()}


class _Search:
    """The search for facts that fulfil one condition."""

    def __init__(self, node: Node, catalogue: Catalogue, given: dict[str, Any]) -> None:
        self.node = node
        self.catalogue = catalogue
        self.given = given
        self.variables = {part.name: part.variable for part in walk(node) if isinstance(part, Fact)}

    @cached_property
    def points(self) -> dict[str, list[Any]]:
        """The constants beside each fact."""
        return points([self.node])

    def within(self, box: Box) -> dict[str, Any] | None:
        """Return facts of one box, if some are found."""
        if not all(p.accepts(self.given[n]) for n, p in box.predicates.items() if n in self.given):
            return None
        free = [name for name in self.variables if name not in self.given]
        choices = [self.choices(self.variables[name], box.predicates.get(name)) for name in free]
        first = [next(values, _NOTHING) for values in choices]
        if _NOTHING in first:
            return None
        found = self.proved(free, first)
        if found is not None or not box.residual:
            return found
        many = [[one, *islice(values, CHOICES_MAX)] for one, values in zip(first, choices, strict=True)]
        tried = (self.proved(free, values) for values in islice(_nearest_first(many), TRIES_MAX))
        return next((facts for facts in tried if facts is not None), None)

    def proved(self, free: Iterable[str], values: Iterable[Any]) -> dict[str, Any] | None:
        """Return the facts with these values, if they fulfil the condition."""
        facts = {**self.given, **dict(zip(free, values, strict=True))}
        known = {name: value for name, value in facts.items() if value is not None}
        return known if holds(self.node, known, self.catalogue) else None

    def choices(self, variable: Variable, predicate: _Accepts | None) -> Iterator[Any]:
        """Yield values that a fact may have, the most natural first."""
        around = _numbers if variable.value_type in _ORDERED else _others
        seen = set()
        for more in (_natural(variable), around(variable, predicate, self), [None]):
            for value in more:
                is_odd = bool(variable.choices) and value is not None and value not in variable.choices
                if value not in seen and not is_odd and (predicate is None or predicate.accepts(value)):
                    seen.add(value)
                    yield value


def _nearest_first(choices: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield one value of each: first those that differ from the first in one place, then all."""
    base = tuple(values[0] for values in choices)
    for place, values in enumerate(choices):
        for value in values[1:]:
            yield (*base[:place], value, *base[place + 1 :])
    yield from product(*choices)


def _natural(variable: Variable) -> list[Any]:
    if variable.name == NOW:
        return [NOW_EXAMPLE]
    natural = [_admitted(variable, value) for value in (variable.example, variable.default)]
    return [value for value in natural if value is not None]


def _admitted(variable: Variable, value: Any) -> Any:
    try:
        return None if value is None else admit_value(variable, value)
    except WrongFact:
        return None


def _numbers(variable: Variable, predicate: Any, search: _Search) -> Iterator[float]:
    ends = [end for interval in getattr(predicate, "intervals", ()) for end in interval if math.isfinite(end)]
    # A strict bound lies one step beyond its threshold: the next whole number reads better.
    for end in ends:
        yield from _tidy(end)
    if variable.value_type == "instant":
        yield NOW_EXAMPLE
        yield from _ago(search.points)
    constants = search.points.get(variable.name, ())
    near = [value for c in constants for value in (c, c + 1, c - 1, c * 2, c / 2)]
    yield from (value for value in (*near, 0.0, 1.0, 10.0, 1_000.0, -1.0, *ends) if abs(value) <= WHOLE_MAX)


def _ago(found: Mapping[str, list[Any]]) -> list[float]:
    days = [span for span in sorted(found.get(SPANS, ())) if 0 <= span < 10_000]
    return [NOW_EXAMPLE - (span + more) * 86_400 for span in days for more in (0, 1)]


def _tidy(end: float) -> list[float]:
    if round(end, 6) == end:
        return [end]
    return [float(math.ceil(end)), float(math.floor(end)), round(end, 2)]


def _others(variable: Variable, predicate: Any, search: _Search) -> Iterator[Any]:
    if variable.value_type == "boolean":
        yield from (True, False)
        return
    constants = search.points.get(variable.name, ())
    if variable.value_type == "list":
        yield from (frozenset(constants), frozenset(), *(frozenset({text}) for text in constants))
        return
    yield from sorted(getattr(predicate, "values", ()))
    yield from (*constants, *variable.choices)
    yield from () if variable.choices else ("text", "")


def _note(part: Node, found: dict[str, dict[Any, None]]) -> None:
    facts = {node.name: node.type for node in walk(part) if isinstance(node, Fact)}
    constants: list[tuple[str, Any]] = [
        (node.type, node.value) for node in walk(part) if isinstance(node, Constant)
    ]
    if isinstance(part, Among):
        constants += [(part.item.type, option) for option in sorted(part.options, key=str)[:OPTIONS_MAX]]
    for name, type_ in (*facts.items(), (SPANS, "number")):
        wanted = "text" if type_ == "list" else type_
        found.setdefault(name, {}).update(dict.fromkeys(value for kind, value in constants if kind == wanted))
