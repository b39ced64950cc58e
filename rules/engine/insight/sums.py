"""Where a formula stands, and between which values it lies there: with what holds on the way to it.

A part of a tree is reached only where conditions before it held: those of the rule, the tests of a
choice, the earlier items of an `and`. What they say of single facts, and of whole sums such as
`wagered - won > 100`, narrows what the part can be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from pitboss.rules.engine.bounds import Bounds, bounds
from pitboss.rules.engine.boxes import Box, Ranges
from pitboss.rules.engine.catalogue import WHOLE_MAX, Variable
from pitboss.rules.engine.insight.witness import boxes_of
from pitboss.rules.engine.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Compare,
    Constant,
    Fact,
    Negate,
    Node,
    Not,
    children,
)

GIVEN_MAX = 40
"""How many conditions on the way to a part are remembered; the rest narrows nothing."""
BRANCHES_MAX = 200
"""How many ends of nested choices are looked at one by one."""
SPLITS_MAX = 16
"""Into how many boxes of single intervals one box is taken apart."""

_ORDERED = frozenset({"number", "instant", "duration"})


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a tree, and the conditions that held on the way to it."""

    node: Node
    given: tuple[Node, ...]

    @property
    def way(self) -> Node:
        """The conditions as one."""
        return AllOf(self.given)


def branches(node: Node, given: tuple[Node, ...] = ()) -> Iterator[Place]:
    """Yield the ends of the choices at the top of a formula."""
    ends = _ends(node, given)
    yield from islice(ends, BRANCHES_MAX)
    # What is left over lies between the bounds of the whole.
    if next(ends, None) is not None:
        yield Place(node, given)


def _ends(node: Node, given: tuple[Node, ...]) -> Iterator[Place]:
    match node:
        case Choose(test, then, otherwise):
            yield from _ends(then, _and(given, test))
            yield from _ends(otherwise, _and(given, Not(test)))
        case _:
            yield Place(node, given)


def parts(node: Node, given: tuple[Node, ...] = ()) -> Iterator[Place]:
    """Yield each part of a tree."""
    yield Place(node, given)
    match node:
        case AllOf(items) | AnyOf(items):
            for item in items:
                yield from parts(item, given)
                given = _and(given, item if isinstance(node, AllOf) else Not(item))
        case Choose(test, then, otherwise):
            yield from parts(test, given)
            yield from parts(then, _and(given, test))
            yield from parts(otherwise, _and(given, Not(test)))
        case _:
            for child in children(node):
                yield from parts(child, given)


def bounds_at(place: Place) -> Bounds | None:
    """Return between which values a part lies where it is reached; None where it is never reached."""
    met: Bounds | None = None
    for box in boxes_of(place.way):
        node, narrower = _with_sums(place.node, box)
        for each in _split(box, narrower):
            here = bounds(node, each)
            met = here if met is None else met.joined(here)
    return met


def may_be_zero_at(place: Place) -> bool:
    """Tell whether a part can be zero where it is reached."""
    for box in boxes_of(place.way):
        node, narrower = _with_sums(place.node, box)
        if any(bounds(node, each).may_be_zero for each in _split(box, narrower)):
            return True
    return False


def truth_at(node: Node, box: Box) -> bool | None:
    """Tell whether a comparison of sums is always true in a box, or never; None where it depends."""
    if not isinstance(node, Compare) or node.left.type not in _ORDERED:
        return None
    verdicts = set()
    for each in _split(box, {}):
        left, right = bounds(node.left, each), bounds(node.right, each)
        if not (left.is_finite and right.is_finite):
            return None
        verdicts.add(_ordered(node.op, left, right))
    return verdicts.pop() if len(verdicts) == 1 else None


def _ordered(op: str, left: Bounds, right: Bounds) -> bool | None:
    if op in (">", ">="):
        left, right, op = right, left, {">": "<", ">=": "<="}[op]
    if left.high < right.low or (op == "<=" and left.high <= right.low):
        return op != "=="
    if left.low > right.high or (op == "<" and left.low >= right.high):
        return op == "!="
    return None


def _and(given: tuple[Node, ...], condition: Node) -> tuple[Node, ...]:
    return (*given, condition) if len(given) < GIVEN_MAX else given


def _split(box: Box, more: dict[str, Bounds]) -> Iterator[dict[str, Bounds]]:
    """Yield what is known of each fact, for one interval of each at a time."""
    ranged = {n: p.intervals for n, p in box.predicates.items() if isinstance(p, Ranges) and p.intervals}
    if math.prod(len(intervals) for intervals in ranged.values()) > SPLITS_MAX:
        ranged = {name: ((parts[0][0], parts[-1][1]),) for name, parts in ranged.items()}
    for chosen in islice(product(*ranged.values()), SPLITS_MAX):
        ends = {name: _bounds(*interval) for name, interval in zip(ranged, chosen, strict=True)}
        yield {**ends, **more}


def _bounds(low: float, high: float) -> Bounds:
    return Bounds(max(low, -float(WHOLE_MAX)), min(high, float(WHOLE_MAX)))


def _with_sums(node: Node, box: Box) -> tuple[Node, dict[str, Bounds]]:
    """Put a fact in the place of each sum that the box's residual compares with a constant."""
    table: dict[Node, Fact] = {}
    narrower: dict[str, Bounds] = {}
    for condition in _conjuncts(box.residual):
        match condition:
            case Compare(op, left, Constant(float() as limit)) if op in _ENDS and not isinstance(left, Fact):
                name = table.setdefault(left, Fact(Variable(name=f"({len(table)})"))).name
                low, high = _ENDS[op](limit)
                known = narrower.get(name, Bounds(-math.inf, math.inf))
                narrower[name] = Bounds(max(low, known.low), min(high, known.high))
    return (_substituted(node, table), narrower) if table else (node, narrower)


def _conjuncts(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, AllOf):
            yield from _conjuncts(node.items)
        else:
            yield node


def _substituted(node: Node, table: dict[Node, Fact]) -> Node:
    if node in table:
        return table[node]
    match node:
        case Arithmetic(op, left, right, type_):
            return Arithmetic(op, _substituted(left, table), _substituted(right, table), type_)
        case Negate(item):
            return Negate(_substituted(item, table))
        case Choose(test, then, otherwise):
            return Choose(test, _substituted(then, table), _substituted(otherwise, table))
        case Call(function, arguments):
            return Call(function, tuple(_substituted(argument, table) for argument in arguments))
    return node


_ENDS: Mapping[str, Callable[[float], tuple[float, float]]] = {
    ">": lambda limit: (math.nextafter(limit, math.inf), math.inf),
    ">=": lambda limit: (limit, math.inf),
    "<": lambda limit: (-math.inf, math.nextafter(limit, -math.inf)),
    "<=": lambda limit: (-math.inf, limit),
    "==": lambda limit: (limit, limit),
}
