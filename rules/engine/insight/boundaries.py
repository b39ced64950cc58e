"""Facts at the boundaries of a rule: where what it says may change.

They are facts that fulfil it, and from there one fact at a time at each threshold, a step below and
above, missing, each choice, an empty list, zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, TypeAlias

from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Variable, admit_value
from pitboss.rules.engine.insight.witness import NOW_EXAMPLE, natural_value, points, witnesses
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.tree import Fact, walk

CASES_MAX = 200
"""On how many facts one rule runs."""
BASES_MAX = 4
"""From how many fulfilling facts the boundaries are visited."""
POINTS_MAX = 24
"""How many thresholds or texts of one fact are visited."""
INSTANT_STEP_SECONDS = 1e-6

FactsRow: TypeAlias = dict[str, Any]


def boundary_facts(program: Program) -> list[FactsRow]:
    """Return facts at the boundaries of a rule, of bounded number."""
    nodes = [node for _, node in program.trees()]
    variables = {part.name: part.variable for n in nodes for part in walk(n) if isinstance(part, Fact)}
    natural = {name: natural_value(variable) for name, variable in variables.items()}
    bases = [natural | found for found in islice(witnesses(program.when, program.catalogue), BASES_MAX)]
    noted = points(nodes)
    around = {name: boundary_values(v, noted.get(name, ())) for name, v in variables.items() if name != NOW}
    kept: dict[Any, FactsRow] = {}
    for facts in islice(
        chain.from_iterable(_visited(base, around) for base in bases or [natural]), CASES_MAX
    ):
        row = {name: value for name, value in facts.items() if value is not None}
        if NOW in variables:
            row[NOW] = NOW_EXAMPLE
        kept.setdefault(frozenset(row.items()), row)
    return list(kept.values())


def boundary_values(variable: Variable, noted: Sequence[Any]) -> list[Any]:
    """Return the values of one fact at which something may change; None is missing."""
    default = [] if variable.default is None else [admit_value(variable, variable.default)]
    near = _BOUNDARIES[variable.value_type](variable, list(noted)[:POINTS_MAX])
    return list(dict.fromkeys([None, *default, *near]))


def _visited(base: FactsRow, around: Mapping[str, Sequence[Any]]) -> Iterator[FactsRow]:
    """Yield the facts, and then those that differ from them in one: each fact in turn gets its next value."""
    yield base
    for step in range(max(map(len, around.values()), default=0)):
        for name, values in around.items():
            if step < len(values):
                yield {**base, name: values[step]}


def _around_numbers(variable: Variable, noted: Sequence[Any]) -> list[float]:
    values = [0.0, *chain.from_iterable(_steps(variable, value) for value in noted), 1.0, -1.0, 0.5]
    values += [float(WHOLE_MAX), -float(WHOLE_MAX)]
    return [value for value in values if abs(value) <= WHOLE_MAX]


def _steps(variable: Variable, value: float) -> tuple[float, ...]:
    if variable.value_type == "instant":
        return value, round(value - INSTANT_STEP_SECONDS, 6), round(value + INSTANT_STEP_SECONDS, 6)
    return value, math.nextafter(value, -math.inf), math.nextafter(value, math.inf)


def _around_instants(variable: Variable, noted: Sequence[Any]) -> list[float]:
    ago = [NOW_EXAMPLE - days * 86_400 for days in (0, 1, 7, 30)]
    return [*chain.from_iterable(_steps(variable, value) for value in (*noted, *ago)), 0.0]


def _around_texts(variable: Variable, noted: Sequence[Any]) -> list[str]:
    return list(variable.choices[:POINTS_MAX]) if variable.choices else [*noted, "", "another"]


def _around_lists(_variable: Variable, noted: Sequence[Any]) -> list[frozenset[str]]:
    return [frozenset(), *(frozenset({text}) for text in noted), frozenset(noted), frozenset({"another"})]


def _both_truths(_variable: Variable, _noted: Sequence[Any]) -> list[bool]:
    return [True, False]


_BOUNDARIES: Mapping[str, Callable[[Variable, Sequence[Any]], list[Any]]] = {
    "number": _around_numbers,
    "duration": _around_numbers,
    "instant": _around_instants,
    "text": _around_texts,
    "boolean": _both_truths,
    "list": _around_lists,
}
