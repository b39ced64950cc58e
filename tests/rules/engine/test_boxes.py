"""Boxes say the same as the condition that they come from."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.boxes import BOXES_MAX, Box, boxes
from pitboss.rules.engine.catalogue import WHOLE_MAX, Facts
from pitboss.rules.engine.check import check
from pitboss.rules.engine.predicates import Predicate, Ranges, Texts, Truths
from tests.rules.engine.interpret import outcome
from tests.rules.engine.rulesets import conditions
from tests.rules.engine.trees import CATALOGUE, facts

BOUND = st.sampled_from((-math.inf, -2.0, -0.0, 0.0, 5e-324, 1.0, math.nextafter(1, 2), 3.0, math.inf))
ranges = st.builds(Ranges.of, st.lists(st.tuples(BOUND, BOUND), max_size=3), st.booleans())
texts = st.builds(Texts, st.frozensets(st.sampled_from("abc")), st.booleans(), st.booleans())
truths = st.builds(Truths, st.frozensets(st.booleans()), st.booleans())
NUMBERS = (-3.0, -2.0, -1.0, -5e-324, 0.0, 5e-324, 1.0, math.nextafter(1, 2), 2.0, 3.0, 4.0, None)
PAIRS = st.tuples(ranges, ranges) | st.tuples(texts, texts) | st.tuples(truths, truths)


def box_of(text: str) -> Box:
    (box,) = boxes(check(text, CATALOGUE, "boolean"))
    return box


def holds(box: Box, known: Facts) -> bool:
    """Tell whether facts are in a box."""
    return all(p.accepts(known.get(name)) for name, p in box.predicates.items()) and all(
        outcome(node, known) is True for node in box.residual
    )


def samples(predicate: Predicate) -> tuple[Any, ...]:
    if isinstance(predicate, Ranges):
        return NUMBERS
    return ("a", "b", "c", "d", None) if isinstance(predicate, Texts) else (True, False, None)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(conditions(), facts())
def test_a_condition_is_true_where_one_of_its_boxes_holds(condition: Any, known: Facts) -> None:
    held = [box for box in boxes(condition) if holds(box, known)]
    assert len(held) == (outcome(condition, known) is True)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(conditions(residuals=False))
def test_no_two_boxes_of_a_condition_share_facts(condition: Any) -> None:
    found = boxes(condition)
    assert len(found) <= BOXES_MAX
    assert not any(a.intersects(b) for n, a in enumerate(found) for b in found[:n] if not a.residual)


@given(PAIRS)
def test_predicates_meet_join_and_are_contained_value_by_value(pair: Any) -> None:
    one, other = pair
    for value in samples(one):
        assert (one & other).accepts(value) == (one.accepts(value) and other.accepts(value))
        assert (one | other).accepts(value) == (one.accepts(value) or other.accepts(value))
        assert one.others.accepts(value) == (value is not None and not one.accepts(value))


@given(ranges)
def test_intervals_have_one_form(predicate: Ranges) -> None:
    assert predicate.others.others == Ranges(predicate.intervals)


@pytest.mark.parametrize(
    ("text", "name", "predicate"),
    [
        ("net_loss > 0", "net_loss", Ranges(((5e-324, math.inf),))),
        ("0 >= net_loss", "net_loss", Ranges(((-math.inf, 0.0),))),
        ("1 <= net_loss <= 5", "net_loss", Ranges(((1.0, 5.0),))),
        ("net_loss != 1", "net_loss", Ranges(((1.0, 1.0),)).others),
        ("net_loss < 3 or net_loss > 7", "net_loss", Ranges(((3.0, 7.0),)).others),
        ("net_loss in (1, 2)", "net_loss", Ranges(((1.0, 1.0), (2.0, 2.0)))),
        ("not known(net_loss)", "net_loss", Ranges(unknown=True)),
        ("coalesce(net_loss, 0) <= 0", "net_loss", Ranges(((-math.inf, 0.0),), unknown=True)),
        ("bonus <= 0", "bonus", Ranges(((-math.inf, 0.0),), unknown=True)),
        ("bonus > 0", "bonus", Ranges(((5e-324, math.inf),))),
        (f"net_loss < {WHOLE_MAX}", "net_loss", Ranges(((-math.inf, math.nextafter(WHOLE_MAX, 0)),))),
        (
            "segment not in ('NEW', 'LOSING')",
            "segment",
            Texts(frozenset({"NEW", "LOSING"}), is_complement=True),
        ),
        ("segment == 'NEW' or segment == 'LOSING'", "segment", Texts(frozenset({"NEW", "LOSING"}))),
        ("country == 'DE'", "country", Texts(frozenset({"DE"}), unknown=True)),
        ("not is_vip", "is_vip", Truths(frozenset({False}))),
    ],
)
def test_a_condition_on_one_fact_is_one_predicate(text: str, name: str, predicate: Predicate) -> None:
    assert box_of(text) == Box({name: predicate})


def test_a_condition_on_two_facts_at_once_is_residual() -> None:
    box = box_of("segment == 'NEW' and net_loss > count")
    assert set(box.predicates) == {"segment"}
    assert len(box.residual) == 1


def test_alternatives_on_several_facts_are_boxes_apart() -> None:
    first, second = boxes(check("net_loss > 5 or count > 5", CATALOGUE, "boolean"))
    assert not first.intersects(second)
    assert second.predicates["net_loss"] == Ranges(((-math.inf, 5.0),))


def test_a_condition_that_nothing_fulfils_has_no_box() -> None:
    assert boxes(check("net_loss > 5 and net_loss < 5", CATALOGUE, "boolean")) == ()


def test_more_boxes_than_the_limit_stay_residual() -> None:
    text = " and ".join(f"({a} > {n} or {b} > {n})" for n, (a, b) in enumerate([("count", "ratio")] * 5))
    assert len(boxes(check(text, CATALOGUE, "boolean"))) <= BOXES_MAX


def test_a_wider_box_contains_a_narrower_and_not_the_reverse() -> None:
    wide, narrow = box_of("net_loss > 5"), box_of("net_loss > 7 and segment == 'NEW'")
    assert wide.contains(narrow)
    assert not narrow.contains(wide)
    assert wide.intersects(narrow)


def test_a_residual_is_contained_only_in_itself() -> None:
    free, bound = box_of("segment == 'NEW'"), box_of("segment == 'NEW' and net_loss > count")
    assert free.contains(bound)
    assert not bound.contains(free)
    assert bound.contains(bound)
