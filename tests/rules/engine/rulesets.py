"""Hypothesis strategies for rulesets, and the loop that each way of deciding is compared with."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pytest
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import WHOLE_MAX, Facts
from pitboss.rules.engine.errors import EvaluationError, UnknownFact
from pitboss.rules.engine.index import bitmaps, ruleset
from pitboss.rules.engine.index.decision import Decision, paid
from pitboss.rules.engine.index.ruleset import Ruleset
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Fact,
    Known,
    Node,
    Not,
)
from tests.rules.engine.interpret import interpret, outcome
from tests.rules.engine.trees import CATALOGUE, FACTS, TEXTS, TYPED, trees, values

Answer = tuple[list[tuple[str, float | None]], list[tuple[str, str]]]
"""Matches, and errors by their kind."""
Compared = Literal["==", "!=", "<", "<=", ">", ">="]
OPERATORS: tuple[Compared, ...] = ("==", "!=", "<", "<=", ">", ">=")
WRONG: tuple[Any, ...] = (True, "x", 5, math.nan, math.inf, -math.inf, 2.0 * WHOLE_MAX, [1], 2**60)
"""Values of which each is wrong for most facts."""


@dataclass(frozen=True)
class Given:
    """A rule as a ruleset wants it."""

    key: str
    when: Node
    amount: Node | None = None
    max_amount: float | None = None
    priority: int = 0
    stop: bool = False
    form: Any = None
    formula: str | None = None


def naive(rules: Sequence[Given], facts: Facts) -> Answer:
    """Judge one rule after the other."""
    matches: list[tuple[str, float | None]] = []
    errors = []
    for rule in sorted(rules, key=lambda rule: -rule.priority):
        try:
            if not interpret(rule.when, facts):
                continue
            cap = math.inf if rule.max_amount is None else rule.max_amount
            amount = None if rule.amount is None else paid(interpret(rule.amount, facts), cap)
        except UnknownFact:
            continue
        except EvaluationError as error:
            errors.append((rule.key, error.kind))
            continue
        matches.append((rule.key, amount))
        if rule.stop:
            break
    return matches, errors


def answer(decision: Decision) -> Answer:
    """Return a decision as plain data."""
    return list(decision.matches), [(key, error.kind) for key, error in decision.errors]


def every_way(rules: Sequence[Given]) -> Iterator[tuple[str, Ruleset]]:
    """Yield the ruleset in each way in which it can decide."""
    yield "generated", Ruleset(rules, CATALOGUE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruleset, "FEW_MAX", -1)
        yield "scan", Ruleset(rules, CATALOGUE)
        for integers, block in ((1_024, 4_096), (0, 4_096), (0, 3), (2, 2)):
            patch.setattr(bitmaps, "INTEGER_BOXES_MAX", integers)
            patch.setattr(bitmaps, "BLOCK_BOXES_MAX", block)
            built = Ruleset(rules, CATALOGUE)
            built.build()
            yield f"bitmaps of {integers}, {block}", built


def is_ruled_out(node: Node, facts: Facts, wanted: bool = True) -> bool:
    """Tell whether some part of a condition alone keeps it from being what is wanted."""
    match node:
        case Not(item):
            return is_ruled_out(item, facts, not wanted)
        case AllOf(items) | AnyOf(items) if isinstance(node, AllOf) == wanted:
            return any(is_ruled_out(item, facts, wanted) for item in items)
        case AllOf(items) | AnyOf(items):
            deciding = (item for item in items if outcome(item, facts) is not (not wanted))
            first = next(deciding, None)
            return first is None or is_ruled_out(first, facts, wanted)
        case Choose(test, then, otherwise):
            value = outcome(test, facts)
            return value == "<unknown_fact>" or (
                isinstance(value, bool) and is_ruled_out(then if value else otherwise, facts, wanted)
            )
    return outcome(node, facts) in (not wanted, "<unknown_fact>")


# -- strategies ----------------------------------------------------------------------------------


def atoms() -> st.SearchStrategy[Node]:
    """Draw conditions on one fact."""
    return st.sampled_from([fact for fact in FACTS.values() if fact.type != "list"]).flatmap(_atoms_of)


def _atoms_of(fact: Fact) -> st.SearchStrategy[Node]:
    constants = values(fact.variable).map(lambda value: Constant(value, fact.type))
    subjects = st.just(fact) | constants.map(lambda constant: Coalesce((fact, constant)))
    known: st.SearchStrategy[Node] = st.just(Known(fact))
    if fact.type == "boolean":
        return known | subjects | st.builds(Compare, st.sampled_from(OPERATORS[:2]), subjects, constants)
    operators = st.sampled_from(OPERATORS if fact.type != "text" else OPERATORS[:2])
    options = st.frozensets(st.sampled_from(TEXTS) if fact.type == "text" else TYPED["number"], max_size=3)
    return (
        known
        | st.builds(Compare, operators, subjects, constants)
        | st.builds(Compare, operators, constants, subjects)
        | st.builds(Among, subjects, options)
    )


@cache
def conditions(*, residuals: bool = True, depth: int = 2) -> st.SearchStrategy[Node]:
    """Draw conditions as operators write them: of conditions on one fact, and of whatever else."""
    leaves = atoms() | atoms() | atoms() | trees("boolean", depth=2) if residuals else atoms()
    if depth == 0:
        return leaves
    inner = conditions(residuals=residuals, depth=depth - 1)
    several = st.lists(inner, max_size=3).map(tuple)
    return (
        leaves
        | st.builds(AllOf, several)
        | st.builds(AnyOf, several)
        | st.builds(Not, inner)
        | st.builds(Choose, inner, inner, inner)
    )


def rules(*, stop: bool = True) -> st.SearchStrategy[list[Given]]:
    """Draw the rules of a ruleset."""
    one = st.tuples(
        conditions(),
        st.none() | trees("number", depth=2),
        st.none() | st.sampled_from((0.0, 5.0, 100.0)),
        st.integers(-1, 1),
        st.sampled_from((False, False, False, stop)),
    )
    return st.lists(one, min_size=1, max_size=6).map(
        lambda drawn: [Given(f"rule-{n}", *parts) for n, parts in enumerate(drawn)]
    )
