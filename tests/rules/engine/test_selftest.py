"""Each rule meets every backend at its boundaries before it is saved."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from pitboss.rules.engine.errors import DivisionByZero
from pitboss.rules.engine.insight import selftest as tested
from pitboss.rules.engine.insight.boundaries import CASES_MAX, boundary_facts
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.insight.selftest import Backend, CannotTake, Part, selftest
from tests.rules.engine.rewards import cashback, reward

ROWS = tested.BACKENDS[0]


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Callable[[Backend], None]:
    """Ask another backend beside the row path."""

    def ask(backend: Backend) -> None:
        monkeypatch.setattr(tested, "BACKENDS", (ROWS, backend))

    return ask


@pytest.mark.parametrize(
    ("when", "formula"),
    [
        ({"segment": "LOSING", "net_loss_min": 100, "session_count_min": 3}, "net_loss * 0.1"),
        ({"is_vip": True}, "net_loss / session_count"),
        ("days_since(last_deposit) <= 7 or 'slots' in games", "max(net_loss, 5)"),
        ("idle > hours(2) and session_count % 3 == 1", "net_loss // 1 if session_count > 1 else 0"),
        ("known(country) and country not in ('DE', 'FR')", "coalesce(net_loss, wagered, 7)"),
        ({"none": [{"net_loss_min": 10}, {"segment": ["NEW", "LOSING"]}]}, "5"),
        ({}, "5"),
    ],
)
def test_all_backends_agree_on_ordinary_rules(when: Any, formula: str) -> None:
    report = selftest(reward(when, formula, cap=50))
    assert report.agrees, report.disagreements
    assert report.row_path_only == {}
    assert report.missing == ()


def test_a_function_without_a_form_in_sql_keeps_to_the_row_path_there() -> None:
    report = selftest(reward({"net_loss_min": 5}, "round(net_loss * 0.1, 2)"))
    assert report.agrees
    assert report.row_path_only.keys() == {"sql"}
    assert "round() has no form in SQL" in report.row_path_only["sql"]


def test_each_threshold_is_visited_with_its_neighbours_and_without_the_fact() -> None:
    seen = {row.get("betting.net_loss") for row in boundary_facts(cashback())}
    assert {None, 100.0, math.nextafter(100, 0), math.nextafter(100, 200), 0.0} <= seen


def test_each_choice_and_the_empty_list_are_visited() -> None:
    rows = boundary_facts(reward("segment == 'NEW' and 'slots' in games"))
    assert {row.get("segment") for row in rows} == {None, "LOSING", "WINNING", "NEW"}
    assert {frozenset(), frozenset({"slots"})} <= {row.get("games") for row in rows}


def test_a_zero_divisor_is_visited() -> None:
    part = Part(
        "then[0]",
        reward({}, "5 / session_count").actions[0].amount,
        boundary_facts(reward({}, "5 / session_count")),
        cashback().catalogue,
    )  # type: ignore[arg-type]  # it has an amount
    assert ("error", DivisionByZero.kind) in part.results


def test_the_cases_are_bounded() -> None:
    when = {"any": [{"net_loss": list(range(n, 90 + n))} for n in range(9)]}
    assert len(boundary_facts(reward(when))) <= CASES_MAX


def test_a_backend_that_is_wrong_is_found_and_named(beside: Any) -> None:
    def half_open(part: Part) -> list[tuple[str, Any]]:
        # As `>` where the rule says `>=`.
        return [("value", row.get("betting.net_loss", 0) > 100) for row in part.rows]

    beside(
        Backend("mine", lambda part: half_open(part) if part.name == "when" else part.results, sees=unkind)
    )
    report = selftest(reward({"net_loss_min": 100}))
    assert not report.agrees
    assert report.row_path_only["mine"] == "for {'net_loss': 100} when is False, and should be True"
    assert [(d.backend, d.facts) for d in report.disagreements] == [("mine", {"net_loss": 100})]


def unkind(_part: Part, result: tuple[str, Any]) -> tuple[str, Any]:
    return result if result[0] == "value" else ("value", False)


def test_a_backend_that_raises_is_wrong_and_nothing_else_breaks(beside: Any) -> None:
    def failing(_part: Part) -> list[tuple[str, Any]]:
        raise RuntimeError("no such luck")

    beside(Backend("mine", failing))
    report = selftest(reward({"net_loss_min": 100}))
    assert not report.agrees
    assert "mine failed with RuntimeError: no such luck" in report.row_path_only["mine"]


def test_a_backend_that_cannot_take_a_rule_is_no_disagreement(beside: Any) -> None:
    def refusing(_part: Part) -> list[tuple[str, Any]]:
        raise CannotTake("not mine")

    beside(Backend("mine", refusing))
    report = selftest(reward({"net_loss_min": 100}))
    assert (report.agrees, report.row_path_only) == (True, {"mine": "not mine"})


def test_a_backend_that_is_not_installed_is_missing(beside: Any) -> None:
    def absent(_part: Part) -> list[tuple[str, Any]]:
        raise ModuleNotFoundError("no", name="lib")

    beside(Backend("mine", absent))
    assert selftest(cashback()).missing == ("mine: lib is not installed",)


def test_a_report_is_json() -> None:
    assert json.loads(json.dumps(as_json(selftest(cashback()))))["agrees"] is True
