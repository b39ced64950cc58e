"""The row backend: values, faults, defaults, and what it leaves alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pitboss.rules.engine.catalogue import WHOLE_MAX, Function, Variable, catalogue_of
from pitboss.rules.engine.errors import EvaluationError, FunctionFailed, WrongFact
from pitboss.rules.engine.language import EXPRESSIONS_MAX, evaluate, expression, function_of
from tests.rules.engine.words import CATALOGUE

NOW = datetime(2026, 12, 8, 9, tzinfo=UTC)

VALUES: list[tuple[str, dict[str, Any], Any]] = [
    ("(temperature - 32) * 0.01 + (wind_speed / 20)", {"temperature": 71.5, "wind_speed": 13.25}, 1.0575),
    ("a + b", {"a": 1, "b": 2}, 3.0),
    ("a", {"a": 7}, 7.0),
    ("a", {"a": Decimal("0.1")}, 0.1),
    ("-7 % 3", {}, 2.0),
    ("-7 // 2", {}, -4.0),
    ("a ** 0", {"a": 0}, 1.0),
    ("a ** 3", {"a": 1.1}, 1.1 * 1.1 * 1.1),
    ("round(2.5)", {}, 2.0),
    ("round(2.675, 2)", {}, 2.67),
    ("0.1 + 0.2 == 0.3", {}, False),
    ("clamp(a, 1, 5)", {"a": 9}, 5.0),
    ("days_since(at)", {"at": NOW - timedelta(days=7), "now": NOW}, 7.0),
    ("at + days(1) > '2026-12-09T08:59:59Z'", {"at": NOW}, True),
    ("'x' in tags", {"tags": ["x", "y"]}, True),
    ("known(a) and a > 1", {}, False),
    ("not known(a) or a > 1", {}, True),
    ("coalesce(a, b, 3)", {}, 3.0),
    ("coalesce(a, b, 3)", {"b": 2, "a": None}, 2.0),
    ("with_default + 1", {}, 6.0),
    ("with_default + 1", {"with_default": None}, 6.0),
    ("known(with_default)", {}, True),
    ("b > 1 or a > 1", {"b": 2}, True),
    ("sigmoid(a)", {"a": -800}, 0.0),
]
WORDS = catalogue_of(
    [
        *(Variable(name=name) for name in ("a", "b", "temperature", "wind_speed")),
        Variable(name="with_default", default=5),
        Variable(name="at", type="instant"),
        Variable(name="tags", type="list"),
        Variable(name="t", type="text"),
        Variable(name="flag", type="boolean"),
    ]
)


@pytest.mark.parametrize(("text", "facts", "value"), VALUES)
def test_an_expression_has_its_value(text: str, facts: dict[str, Any], value: Any) -> None:
    before = dict(facts)
    found = evaluate(text, facts, WORDS)
    assert (found, type(found), facts) == (value, type(value), before)


@pytest.mark.parametrize(
    ("text", "facts", "kind"),
    [
        ("a > 1", {}, "unknown_fact"),
        ("a > 1", {"a": None}, "unknown_fact"),
        ("a > 1 or b > 1", {"b": 2}, "unknown_fact"),
        ("not a > 1", {}, "unknown_fact"),
        ("a / b", {"a": 1, "b": 0}, "division_by_zero"),
        ("a % b", {"a": 1, "b": 0}, "division_by_zero"),
        ("a // b", {"a": 1.5, "b": 1}, "not_whole"),
        ("sqrt(a)", {"a": -1}, "not_finite"),
        ("log(a)", {"a": 0}, "not_finite"),
        ("exp(a)", {"a": 1_000}, "not_finite"),
        ("clamp(a, 5, 1)", {"a": 2}, "not_finite"),
        ("1 / (a ** 16 * a ** 16)", {"a": WHOLE_MAX}, "not_finite"),
        ("a > 1", {"a": True}, "wrong_fact"),
        ("a > 1", {"a": "2"}, "wrong_fact"),
        ("a > 1", {"a": math.nan}, "wrong_fact"),
        ("a > 1", {"a": math.inf}, "wrong_fact"),
        ("a > 1", {"a": WHOLE_MAX + 1}, "wrong_fact"),
        ("flag", {"flag": 1}, "wrong_fact"),
        ("t == 'x'", {"t": 1}, "wrong_fact"),
        ("'x' in tags", {"tags": "x"}, "wrong_fact"),
        ("days_since(at)", {"at": datetime(2026, 1, 1), "now": NOW}, "wrong_fact"),  # noqa: DTZ001  # on purpose
    ],
)
def test_an_expression_without_a_value_says_why(text: str, facts: dict[str, Any], kind: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(text, facts, WORDS)
    assert raised.value.kind == kind


def test_a_function_of_a_plugin_that_breaks_breaks_nothing_else() -> None:
    def broken(value: float) -> float:
        raise KeyError("inside")

    words = catalogue_of(
        [Variable(name="a")], [Function(name="f", arguments=("number",), returns="number", call=broken)]
    )
    with pytest.raises(FunctionFailed, match=r"f\(\) failed"):
        evaluate("f(a)", {"a": 1}, words)


def test_a_function_of_a_plugin_gives_what_it_declares() -> None:
    words = catalogue_of([], [Function(name="f", arguments=(), returns="number", call=lambda: "text")])
    with pytest.raises(FunctionFailed):
        evaluate("f()", {}, words)


def test_equal_trees_share_one_function() -> None:
    first, second = expression("a  + 1", WORDS), expression("a + 1.0", WORDS)
    assert function_of(first, WORDS) is function_of(second, WORDS)


def test_a_catalogue_forgets_the_oldest_expression() -> None:
    words = catalogue_of([])
    words.memo.update(dict.fromkeys(map(str, range(EXPRESSIONS_MAX))))
    evaluate("1 + 1", {}, words)
    assert len(words.memo) <= EXPRESSIONS_MAX
    assert "0" not in words.memo


def test_the_door_names_what_does_not_fit() -> None:
    with pytest.raises(WrongFact, match="did you mean LOSING"):
        CATALOGUE.admit({"segment": "LOOSING"})


def test_the_door_gives_full_names_and_defaults() -> None:
    assert CATALOGUE.admit({"net_loss": 5}) == {"betting.net_loss": 5.0, "betting.bets": 0.0}
