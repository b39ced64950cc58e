"""Conditions as JSON: each form has a tree, and each tree a form and a text that mean the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Facts, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import FORM_DEPTH_MAX, TESTS, condition, form_of
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Constant, Not, walk
from tests.rules.engine.interpret import outcome
from tests.rules.engine.trees import CATALOGUE, SEGMENTS, facts, trees

slice_of = settings(deadline=None, derandomize=True, max_examples=150, database=None)

# A form, and the expression that says the same.
PAIRS: list[tuple[Any, str]] = [
    ({"segment": "LOSING"}, "segment == 'LOSING'"),
    ({"net_loss_min": 100}, "net_loss >= 100"),
    ({"net_loss_max": 100.5}, "net_loss <= 100.5"),
    ({"net_loss_min": 100, "segment": "LOSING"}, "net_loss >= 100 and segment == 'LOSING'"),
    ({"net_loss": {"above": 1, "below": 5}}, "net_loss > 1 and net_loss < 5"),
    ({"net_loss": {"between": [1, 5]}}, "net_loss >= 1 and net_loss <= 5"),
    ({"net_loss": {"not": 5}}, "net_loss != 5"),
    ({"count": [1, 2]}, "count in (1, 2)"),
    ({"count": {"in": [1, 2]}}, "count in (1, 2)"),
    ({"segment": {"not": ["NEW", "LOSING"]}}, "segment not in ('LOSING', 'NEW')"),
    ({"is_vip": True}, "is_vip"),
    ({"is_vip": False}, "not is_vip"),
    ({"is_vip": {"not": True}}, "not is_vip"),
    ({"city": {"known": True}}, "known(city)"),
    ({"city": {"known": False}}, "not known(city)"),
    ({"city": {"starts_with": "a"}}, "starts_with(city, 'a')"),
    ({"city": "l'eau"}, 'city == "l\'eau"'),
    ({"games": {"contains": "slots"}}, "'slots' in games"),
    ({"games": {"contains": ["slots", "de"]}}, "'slots' in games or 'de' in games"),
    ({"session_length_min": "90m"}, "session_length >= minutes(90)"),
    ({"session_length": {"below": "2d"}}, "session_length < days(2)"),
    ({"last_deposit_min": "2026-12-01T09:00:00Z"}, "last_deposit >= instant('2026-12-01T09:00:00Z')"),
    ({"any": [{"is_vip": True}, {"count": 3}]}, "is_vip or count == 3"),
    ({"all": [{"is_vip": True}, {"count": 3}]}, "is_vip and count == 3"),
    ({"none": [{"is_vip": True}, {"count": 3}]}, "not (is_vip or count == 3)"),
    ({"none": [{"count_min": 3}]}, "not count >= 3"),
    ({"expression": "count > net_loss"}, "count > net_loss"),
    ({"count": 3, "any": [{"is_vip": True}, "ratio > 2"]}, "count == 3 and (is_vip or ratio > 2)"),
    ({}, "True"),
]
IDS = [json.dumps(form) for form, _ in PAIRS]

NUMBERS = ("count", "net_loss", "ratio", "bonus")


rows = st.lists(facts(), min_size=3, max_size=3)
# Made once: drawing a strategy and then from it builds it anew for each example.
conditions = trees("boolean", depth=3).map(lambda tree: tree)


def forms() -> st.SearchStrategy[Any]:
    """Draw forms as an editor writes them."""
    number = st.integers(-1000, 1000) | st.floats(-1e6, 1e6).map(lambda value: round(value, 2))
    few = st.lists(number, min_size=1, max_size=3)
    asked = st.one_of(
        number,
        few,
        st.fixed_dictionaries({}, optional={"min": number, "below": number, "not": number | few}).filter(
            bool
        ),
        st.lists(number, min_size=2, max_size=2).map(lambda pair: {"between": sorted(pair)}),
        st.booleans().map(lambda known: {"known": known}),
    )
    single = st.one_of(
        st.tuples(st.sampled_from(NUMBERS), asked),
        st.tuples(st.sampled_from([f"{name}_{end}" for name in NUMBERS for end in ("min", "max")]), number),
        st.tuples(st.just("segment"), st.sampled_from(SEGMENTS)),
        st.tuples(st.sampled_from(("is_vip", "is_new")), st.booleans()),
        st.tuples(st.just("games"), st.sampled_from(({"contains": "slots"}, {"contains": ["de", "10"]}))),
        st.tuples(st.just("session_length_min"), st.integers(1, 10**7).map(lambda count: f"{count}s")),
        st.tuples(st.just("expression"), st.sampled_from(("count > ratio", "is_vip or net_loss > 5"))),
    )
    flat = st.lists(single, min_size=1, max_size=3).map(dict)
    return st.recursive(
        flat,
        lambda inner: st.tuples(
            st.sampled_from(("all", "any", "none")), st.lists(inner, min_size=1, max_size=3)
        ).map(lambda entry: dict([entry])),
        max_leaves=8,
    )


@pytest.mark.parametrize(("form", "text"), PAIRS, ids=IDS)
def test_a_form_is_shown_as_an_expression(form: Any, text: str) -> None:
    assert text_of(condition(form, CATALOGUE)) == text


@pytest.mark.parametrize(("form", "text"), PAIRS, ids=IDS)
def test_an_expression_means_what_its_form_means(form: Any, text: str) -> None:
    assert text_of(condition(form_of(check(text, CATALOGUE), str, CATALOGUE), CATALOGUE)) == text


def test_every_test_of_a_fact_is_in_the_table() -> None:
    used = {word for form, _ in PAIRS for value in form.values() if isinstance(value, dict) for word in value}

    assert used | {"min", "max"} == set(TESTS)


def test_a_form_is_written_back_as_it_was() -> None:
    form = {
        "segment": "LOSING",
        "net_loss_min": 100,
        "count": {"below": 3},
        "any": [{"is_vip": True}, "ratio > count"],
    }

    assert form_of(condition(form, CATALOGUE), str, CATALOGUE) == form


@pytest.mark.slow
@slice_of
@given(forms(), rows)
def test_a_form_reads_back_from_its_text(form: Any, many: list[Facts]) -> None:
    """form -> tree -> text -> tree: the same tree, or one that means the same."""
    tree = condition(form, CATALOGUE)
    again = check(text_of(tree), CATALOGUE, "boolean")

    assert text_of(again) == text_of(tree)
    assert [outcome(again, one) for one in many] == [outcome(tree, one) for one in many]


@pytest.mark.slow
@slice_of
@given(forms(), rows)
def test_a_form_reads_back_from_its_tree(form: Any, many: list[Facts]) -> None:
    """form -> tree -> form -> tree: what is written once is stable, and means the same."""
    tree = condition(form, CATALOGUE)
    written = form_of(tree, str, CATALOGUE)
    again = condition(written, CATALOGUE)

    assert form_of(again, str, CATALOGUE) == written
    assert [outcome(again, one) for one in many] == [outcome(tree, one) for one in many]


@pytest.mark.slow
@slice_of
@given(conditions, rows)
def test_any_condition_has_a_form_that_means_the_same(tree: Any, many: list[Facts]) -> None:
    if not is_written(tree):
        return
    again = condition(form_of(tree, str, CATALOGUE), CATALOGUE)

    assert [outcome(again, one) for one in many] == [outcome(tree, one) for one in many]


def is_written(tree: Any) -> bool:
    """Tell whether an expression could hold what is generated: no operator writes the year 20000."""
    times = [p.value for p in walk(tree) if isinstance(p, Constant) and p.type in ("instant", "duration")]
    if not all(value == round(value, 6) and abs(value) < 4e9 for value in times):
        return False
    try:
        return check(text_of(tree), CATALOGUE, "boolean") is not None
    except Refused:
        return False


@pytest.mark.parametrize("seconds", [1, 59, 61, 90, 520_316, 130_167_890, 0.25, 30.955])
def test_a_duration_is_the_same_in_both_notations(seconds: float) -> None:
    tree = condition({"session_length_min": seconds}, CATALOGUE)

    assert check(text_of(tree), CATALOGUE) == tree
    assert condition(form_of(tree), CATALOGUE) == tree


def test_a_bound_is_not_written_as_the_name_of_another_variable() -> None:
    words = catalogue_of([Variable(name="score"), Variable(name="score_min")])
    tree = check("score >= 3", words)

    assert form_of(tree, str, words) == {"score": {"min": 3}}
    assert condition(form_of(tree, str, words), words) == tree


def test_a_condition_that_is_too_deep_for_a_form_holds_an_expression() -> None:
    tree: Any = check("is_vip or count > 1", CATALOGUE)
    for _ in range(FORM_DEPTH_MAX + 5):
        tree = Not(tree)

    assert outcome(condition(form_of(tree), CATALOGUE), {"is_vip": True}) == outcome(tree, {"is_vip": True})


def test_a_full_name_and_the_bare_noun_are_one_fact() -> None:
    words = catalogue_of([Variable(name="betting.net_loss")])

    assert condition({"net_loss_min": 1}, words) == condition({"betting.net_loss": {"min": 1}}, words)


def test_texts_are_normalised() -> None:
    assert condition({"city": "e\u0301"}, CATALOGUE) == condition({"city": "\u00e9"}, CATALOGUE)


@pytest.mark.parametrize("text", ["a\\b", 'it\'s "so"', "a\u200bb", "a\nb"])
def test_a_text_that_no_expression_can_hold_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="no invisible character, no backslash, and not both kinds of quotes"):
        condition({"city": text}, CATALOGUE)
