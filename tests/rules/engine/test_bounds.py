"""No evaluation leaves the bounds that were said of its formula."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.bounds import ANY, FLOAT_MAX, Bounds, bounds, with_default
from pitboss.rules.engine.catalogue import WHOLE_MAX, Function, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.tree import Call, Constant, Fact, Node
from tests.rules.engine.interpret import interpret
from tests.rules.engine.trees import CATALOGUE, facts, trees

NARROW = {"count": Bounds(0.0, 100.0, 1.0, is_whole=True), "net_loss": (-50.0, 200.0), "ratio": (0.5, 2.0)}


def said(text: str) -> Bounds:
    return bounds(check(text, CATALOGUE), NARROW)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("7", 7, 7),
        ("count", 0, 100),
        ("-net_loss", -200, 50),
        ("net_loss + count", -50, 300),
        ("net_loss - count", -150, 200),
        ("net_loss * 0.5", -25, 100),
        ("net_loss * net_loss", -10_000, 40_000),
        ("net_loss / ratio", -100, 400),
        ("net_loss / count", -50, 200),
        ("count // 3", 0, 33),
        ("count % 7", 0, 7),
        ("count % -7", -7, 0),
        ("net_loss ** 2", 0, 40_000),
        ("net_loss ** 3", -125_000, 8_000_000),
        ("ratio ** 2", 0.25, 4),
        ("net_loss ** 0", 1, 1),
        ("abs(net_loss)", 0, 200),
        ("abs(ratio)", 0.5, 2),
        ("max(net_loss, 0)", 0, 200),
        ("min(net_loss, 50, count)", -50, 50),
        ("clamp(net_loss, 5, 100)", 5, 100),
        ("floor(ratio)", 0, 2),
        ("ceil(ratio)", 1, 2),
        ("round(ratio)", 0, 2),
        ("sqrt(net_loss)", 0, math.sqrt(200)),
        ("sigmoid(net_loss)", 0, 1),
        ("exp(ratio)", math.exp(0.5), math.exp(2)),
        ("exp(count * 10)", 1, math.inf),
        ("net_loss if is_vip else 300", -50, 300),
        ("coalesce(net_loss, 1000)", -50, 1000),
        ("score", -WHOLE_MAX, WHOLE_MAX),
        ("score ** 16", 0, float(WHOLE_MAX) ** 16),
        ("score / bonus", -math.inf, math.inf),
    ],
)
def test_the_ends_of_a_formula(text: str, low: float, high: float) -> None:
    assert (said(text).low, said(text).high) == (low, high)


def test_a_reward_that_can_be_negative_is_seen() -> None:
    assert said("net_loss * 0.10").may_be_negative
    assert not said("max(net_loss * 0.10, 0)").may_be_negative


def test_a_divisor_that_cannot_be_zero_is_seen() -> None:
    assert said("count").may_be_zero
    assert not said("count + 1").may_be_zero
    assert not said("ratio").may_be_zero


def test_whole_numbers_stay_whole() -> None:
    assert said("(count + 2) * count - 7 % count").is_whole
    assert not said("count / 2").is_whole
    assert not said("count * 0.5").is_whole


def test_a_product_of_tiny_numbers_may_vanish() -> None:
    assert said("score * 0.1").may_vanish
    assert not said("count * 0.1").may_vanish


def test_only_the_last_step_may_overflow() -> None:
    """What was evaluated before is finite, or the evaluation ended."""
    assert not said("score / bonus").is_finite
    assert said("max(score / bonus, 0)") == Bounds(0.0, FLOAT_MAX)


def test_a_plugins_function_yields_what_the_door_lets_in() -> None:
    own = Function(name="acme.abs", arguments=("number",), returns="number", call=abs)
    named_alike = Function(name="abs", arguments=("number",), returns="number", call=lambda x: -x)
    for function in (own, named_alike):
        assert bounds(Call(function, (Constant(1.0, "number"),))) == ANY


def test_a_default_widens_what_a_fact_can_be() -> None:
    visits = Variable(name="visits", default=0)
    assert with_default(visits, Bounds(1.0, 9.0, 1.0, is_whole=True)) == Bounds(0.0, 9.0, 1.0, is_whole=True)


def test_an_unnarrowed_fact_is_anything_that_the_door_lets_in() -> None:
    assert bounds(Fact(catalogue_of([Variable(name="x")]).variable("x"))) == ANY


def assert_held(node: Node, known: dict[str, Any]) -> None:
    said = bounds(node)
    try:
        value = interpret(node, known)
    except EvaluationError:
        return
    assert said.low <= value <= said.high
    assert value == 0 or abs(value) >= said.least
    assert value.is_integer() or not said.is_whole


trees_of_numbers = trees("number", functions=SHIPPED) | trees("duration")


@pytest.mark.slow
@settings(deadline=None)
@given(trees_of_numbers, st.lists(facts(), min_size=3, max_size=3))
def test_no_evaluation_leaves_its_bounds(node: Node, rows: list[dict[str, Any]]) -> None:
    for known in rows:
        assert_held(node, known)


@pytest.mark.whole
@settings(deadline=None, max_examples=1_000)
@given(trees("number", depth=4), st.lists(facts(), min_size=5, max_size=5))
def test_no_evaluation_leaves_its_bounds_at_length(node: Node, rows: list[dict[str, Any]]) -> None:
    for known in rows:
        assert_held(node, known)
