"""The compiled functions and simpleeval agree: on every value to the bit, or on the kind of the error.

A fixed slice runs always; `-m whole` runs a hundred thousand new ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from pitboss.rules.engine import reference
from pitboss.rules.engine.catalogue import Facts, Type
from pitboss.rules.engine.check import check
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, Refused
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Node
from tests.rules.engine.trees import CATALOGUE, facts, trees

EXAMPLES = 200
EXAMPLES_SLOW = 100_000
FACTS_EACH = 3
TYPES: tuple[Type, ...] = ("boolean", "boolean", "number", "text", "instant", "duration")

slice_of = settings(deadline=None, derandomize=True, max_examples=EXAMPLES, database=None)
whole = settings(
    deadline=None,
    max_examples=EXAMPLES_SLOW,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Strategies are made once: drawing a strategy and then from it builds it anew for each example.
texts = st.one_of([trees(type_) for type_ in TYPES]).map(text_of)
rows = st.lists(facts(), min_size=FACTS_EACH, max_size=FACTS_EACH)


def outcome(evaluate: Callable[[], Any]) -> tuple[str, Any]:
    """Return a value with its type, or the kind of an error."""
    try:
        value = evaluate()
    except EvaluationError as error:
        return "error", error.kind
    return type(value).__name__, value


def read(text: str) -> Node:
    """Return the tree of a text; some of what is generated is beyond the limits, and no case."""
    try:
        return check(text, CATALOGUE)
    except Refused:
        reject()


def compare(text: str, many: list[Facts]) -> None:
    """Compare the two on each of the facts."""
    compiled = compile_value(read(text))
    for one in many:
        wanted = outcome(lambda one=one: reference.evaluate(text, one, CATALOGUE))
        assert outcome(lambda one=one: compiled(one)) == wanted, (text, one)


@pytest.mark.slow
@slice_of
@given(texts, rows)
def test_compiled_rules_agree_with_the_reference(text: str, many: list[Facts]) -> None:
    compare(text, many)


@pytest.mark.whole
@pytest.mark.timeout(3600)
@whole
@given(texts, rows)
def test_compiled_rules_agree_with_the_reference_on_many_more(text: str, many: list[Facts]) -> None:
    compare(text, many)


@slice_of
@given(texts)
def test_a_tree_that_was_read_reads_back_the_same_from_its_text(text: str) -> None:
    tree = read(text)
    assert read(text_of(tree)) == tree


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("count / visits", {"count": 0.0, "visits": 0.0}),
        ("count % visits", {"count": -7.0, "visits": 3.0}),
        ("count // visits", {"count": 7.0, "visits": -2.0}),
        ("count ** 16", {"count": 2.0**53}),
        ("ratio ** 16 ", {"ratio": 2.0**53}),
        ("exp(ratio)", {"ratio": 710.0}),
        ("log(ratio)", {"ratio": 0.0}),
        ("sqrt(ratio)", {"ratio": -1.0}),
        ("round(ratio, 2)", {"ratio": 2.675}),
        ("ratio == 0.3", {"ratio": 0.1 + 0.2}),
        ("not (count > 1)", {}),
        ("known(count) and count > 1", {}),
        ("coalesce(count, 7) > 1", {}),
        ("1 < count < 5 < ratio", {"count": 9.0}),
        ("last_deposit > '2026-12-01T09:00:00Z'", {"last_deposit": 1_796_115_600.5}),
        ("days_since(last_deposit) <= 7", {"last_deposit": 1_796_115_600.5}),
        ("-count + 0 == 0", {"count": -0.0}),
        ("1 if is_vip else count", {"is_vip": True}),
    ],
)
def test_the_known_traps_are_no_traps(text: str, known: dict[str, Any]) -> None:
    compare(text, [known])


def test_a_text_is_the_same_however_its_accents_are_composed() -> None:
    # The door composes; compiled functions take what it admitted.
    admitted = CATALOGUE.admit({"country": "e\u0301"})
    compare("country == 'é'", [admitted])
    assert compile_value(read("country == 'é'"))(admitted) is True
