"""Example facts: for what two conditions share, and for what none of them covers.

Boxes say where to look, and the conditions themselves judge each example, so that what is shown is so.
What cannot be shown either way is said to be open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product
from typing import Any, cast

from pitboss.rules.engine.boxes import Box, Predicate, Ranges, Texts, Truths, boxes
from pitboss.rules.engine.catalogue import WHOLE_MAX, Facts, Variable, admit_value
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.text import instant_text, short_duration
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import Compare, CompareOp, Fact, Node, Not, Value, walk

STEPS_MAX = 50_000
"""How many boxes a search for gaps looks at."""
EXAMPLES_MAX = 5
TRIES_MAX = 64
"""How many examples are tried where a box does not say all."""

Example = Mapping[str, Any]
"""Facts by their full names, as JSON has them."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two conditions, by their places, that hold at once."""

    first: int
    second: int
    example: Example | None
    """Facts for which both hold; None where neither this nor the opposite can be shown."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Facts for which none of the conditions holds."""

    examples: tuple[Example, ...]
    is_closed: bool
    """There is none: it is proved."""


def overlaps_of(conditions: Sequence[Node]) -> Iterator[Overlap]:
    """Yield the pairs of conditions that may hold at once."""
    judges = list(map(_Judge, conditions))
    variables = _variables(conditions)
    flat = [(place, box) for place, node in enumerate(conditions) for box in boxes(node)]
    shared: dict[tuple[int, int], list[Box]] = {}
    for one, other in _meetings([box for __, box in flat]):
        (first, a), (second, b) = flat[one], flat[other]
        both = a.meet(b)
        if first != second and _is_possible(both, variables) and not _exclude_each_other(a, b):
            shared.setdefault((first, second), []).append(both)
    for (first, second), met in sorted(shared.items(), key=lambda item: item[0]):
        yield Overlap(first, second, _first_example(met, variables, (judges[first], judges[second]), True))


def gaps_of(conditions: Sequence[Node]) -> Gaps:
    """Return examples for which each condition is false, or the proof that there is none."""
    judges = list(map(_Judge, conditions))
    variables = _variables(conditions)
    search = _Search([boxes(Not(node)) for node in conditions])
    found: list[Example] = []
    is_open = False
    for box in search:
        if not _is_possible(box, variables):
            continue
        example = _first_example([box], variables, judges, False)
        is_open = True
        if example is not None and example not in found:
            found.append(example)
        if len(found) == EXAMPLES_MAX:
            break
    return Gaps(tuple(found), not is_open and not search.is_cut_short)


class _Search:
    """The boxes that lie in one box of each list, depth first."""

    def __init__(self, factors: Sequence[Sequence[Box]]) -> None:
        self.factors = factors
        self.is_cut_short = False

    def __iter__(self) -> Iterator[Box]:
        steps = 0
        stack = [(0, Box())]
        while stack:
            place, box = stack.pop()
            if place == len(self.factors):
                yield box
                continue
            factor = self.factors[place]
            steps += len(factor)
            if steps > STEPS_MAX:
                self.is_cut_short = True
                return
            stack += [(place + 1, box.meet(part)) for part in reversed(factor) if not _are_apart(box, part)]


# -- apart -------------------------------------------------------------------------------------


def _meetings(all_boxes: Sequence[Box]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of boxes that no single fact tells apart, each pair once and in order."""
    everything = (1 << len(all_boxes)) - 1
    partners = [everything] * len(all_boxes)
    for name in {name for box in all_boxes for name in box.predicates}:
        # Sets of boxes are the bits of whole numbers: a table has few predicates and many pairs.
        holders: dict[Predicate, int] = {}
        for place, box in enumerate(all_boxes):
            if name in box.predicates:
                predicate = box.predicates[name]
                holders[predicate] = holders.get(predicate, 0) | 1 << place
        free = everything & ~sum(holders.values())
        met = {one: free | mask for one, mask in holders.items()}
        for one, other in combinations(holders, 2):
            if not _is_nothing(one, other):
                met[one] |= holders[other]
                met[other] |= holders[one]
        for place, box in enumerate(all_boxes):
            if name in box.predicates:
                partners[place] &= met[box.predicates[name]]
    for place, mask in enumerate(partners):
        mask >>= place + 1
        while mask:
            lowest = mask & -mask
            yield place, place + lowest.bit_length()
            mask ^= lowest


def _is_nothing(one: Predicate, other: Predicate) -> bool:
    """Tell whether no value is in both predicates of one fact."""
    match one, other:
        case Ranges(((low, _), *_) as mine), Ranges(((first, _), *_) as theirs) if not one.unknown:
            if mine[-1][1] < first or theirs[-1][1] < low:
                return True
    return (one & other).is_empty  # type: ignore[operator]  # a fact has one type, so both are of one class


def _are_apart(one: Box, other: Box) -> bool:
    """Tell whether no facts are in both boxes; false where that is not proved."""
    shared = one.predicates.keys() & other.predicates.keys()
    is_apart = any(_is_nothing(one.predicates[name], other.predicates[name]) for name in shared)
    return is_apart or _exclude_each_other(one, other)


def _is_possible(box: Box, variables: Mapping[str, Variable]) -> bool:
    """Tell whether choices leave something: to be none of them is to be unknown."""
    return not any(
        isinstance(predicate, Texts)
        and predicate.is_complement
        and not predicate.unknown
        and bool(variables[name].choices)
        and predicate.values.issuperset(variables[name].choices)
        for name, predicate in box.predicates.items()
    )


def _exclude_each_other(one: Box, other: Box) -> bool:
    return any(_exclude(a, b) for a in one.residual for b in other.residual)


def _exclude(one: Node, other: Node) -> bool:
    """Tell whether two conditions on the same parts can never hold at once."""
    one, other = _plain(one), _plain(other)
    if isinstance(one, Compare) and isinstance(other, Compare):
        is_alike = (one.left, one.right) == (other.left, other.right)
        return is_alike and frozenset((one.op, other.op)) in _EXCLUSIVE
    return one == Not(other) or other == Not(one)


def _plain(node: Node) -> Node:
    """Write what a comparison is not as what it is: numbers are finite, so that one of them holds."""
    match node:
        case Not(Compare(op, left, right)):
            return Compare(_OPPOSITES[op], left, right)
    return node


_OPPOSITES: Mapping[CompareOp, CompareOp] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
_EXCLUSIVE = frozenset(
    map(frozenset, (("==", "!="), ("==", "<"), ("==", ">"), ("<", ">"), ("<", ">="), (">", "<=")))
)


# -- examples ----------------------------------------------------------------------------------


class _Judge:
    """Says whether a condition holds; None when it has no value."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __call__(self, facts: Facts) -> bool | None:
        try:
            return cast(bool, self.evaluate(facts))
        except EvaluationError:
            return None

    @cached_property
    def evaluate(self) -> Callable[[Facts], Value]:
        # Most rows of a table are told apart without it.
        return compile_value(self.node)


def _variables(conditions: Iterable[Node]) -> Mapping[str, Variable]:
    facts = (part for node in conditions for part in walk(node) if isinstance(part, Fact))
    return {fact.name: fact.variable for fact in facts}


def _first_example(
    found: Iterable[Box], variables: Mapping[str, Variable], judges: Sequence[_Judge], wanted: bool
) -> Example | None:
    """Return facts of one of the boxes for which each condition is what is wanted."""
    for box in found:
        for facts in _tries(box, variables):
            if all(judge(facts) is wanted for judge in judges):
                return {name: as_json(variables[name], value) for name, value in sorted(facts.items())}
    return None


def _tries(box: Box, variables: Mapping[str, Variable]) -> Iterator[dict[str, Value]]:
    """Yield facts that are in a box; what its residual reads is guessed."""
    read = {part.name for node in box.residual for part in walk(node) if isinstance(part, Fact)}
    choices = {
        name: values_in(variables[name], box.predicates.get(name)) for name in (*box.predicates, *read)
    }
    known = {name: values for name, values in choices.items() if values}
    for values in islice(product(*known.values()), TRIES_MAX if read else 1):
        yield dict(zip(known, values, strict=True))


def values_in(variable: Variable, predicate: Predicate | None) -> list[Value]:
    """Return plain values that a predicate accepts, the plainest first; none, if it must be unknown."""
    values = _plain_values(variable)
    match predicate:
        case Ranges(intervals):
            near = [value for low, high in intervals for value in _numbers(low, high)]
            values = [*values, *near] if variable.value_type == "number" else [*near, *values]
        case Texts(texts, is_complement):
            more = sorted(texts) if not is_complement else [] if variable.choices else ["other", "another"]
            values = [*values, *more]
        case Truths() | None:
            pass
    if variable.value_type == "instant":
        values = [value for value in values if _CALENDAR[0] <= cast(float, value) <= _CALENDAR[1]] or values
    accepted = [v for v in values if predicate is None or predicate.accepts(v)]  # type: ignore[arg-type]  # alike
    return list(dict.fromkeys(accepted))


def _plain_values(variable: Variable) -> list[Value]:
    own = [] if variable.example is None else [admit_value(variable, variable.example)]
    return [*own, *variable.choices, *([] if variable.choices else _PLAIN[variable.value_type])]


_PLAIN: Mapping[str, Sequence[Value]] = {
    "number": (0.0, 1.0, 100.0, -1.0),
    "text": ("a", "b", ""),
    "boolean": (False, True),
    # The first day of 2026, and a day later.
    "instant": (1_767_225_600.0, 1_767_312_000.0),
    "duration": (3_600.0, 86_400.0, 0.0),
    "list": (frozenset(), frozenset({"a"})),
}


_CALENDAR = (-62_135_596_800.0, 253_402_300_799.0)
"""The years 1 to 9999, in seconds since 1970."""


def _numbers(low: float, high: float) -> list[float]:
    low, high = max(low, -WHOLE_MAX), min(high, WHOLE_MAX)
    middle = low / 2 + high / 2
    near = (float(math.ceil(low)), float(math.floor(high)), round(middle, 2), middle, low, high)
    accepted = [value for value in near if low <= value <= high]
    return sorted(accepted, key=lambda value: abs(value) == WHOLE_MAX)  # the ends of the world last


def as_json(variable: Variable, value: Value) -> Any:
    """Return a value as the facts of a rule's tests are written."""
    if isinstance(value, frozenset):
        return sorted(value)
    if variable.value_type == "instant" and _CALENDAR[0] <= cast(float, value) <= _CALENDAR[1]:
        return instant_text(cast(float, value))
    if variable.value_type == "duration" and cast(float, value) >= 0:
        return short_duration(cast(float, value))
    return int(value) if isinstance(value, float) and value == int(value) else value


def said(example: Example) -> str:
    """Say facts in a sentence: net_loss is 150 and segment is 'LOSING'."""
    words = [
        _("%(fact)s is %(value)s", fact=name.rpartition(".")[2], value=_spoken(value))
        for name, value in example.items()
    ]
    return _(" and ").join(words) or _("nothing is known")


def _spoken(value: Any) -> str:
    if isinstance(value, bool):
        return _("true") if value else _("false")
    return repr(value)
