"""What is said of rules is so: shown on small ones, and held against generated ones."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.boxes import Box, boxes
from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.insight.analysis import Finding, Portfolio, analyse, examine, never_holds
from pitboss.rules.engine.insight.pairs import Pairs
from pitboss.rules.engine.insight.sums import Place, bounds_at, may_be_zero_at, parts
from pitboss.rules.engine.insight.witness import witness
from pitboss.rules.engine.program import Program, compile_rule
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Arithmetic, Node
from tests.rules.engine.interpret import outcome
from tests.rules.engine.rewards import WORDS, reward
from tests.rules.engine.trees import CATALOGUE, facts, trees

slice_of = settings(deadline=None, derandomize=True, max_examples=60, database=None)
conditions = trees()
numbers = trees("number", depth=2)
rows = st.lists(facts(), min_size=8, max_size=8)


def found(findings: list[Finding], kind: str) -> Finding:
    (finding,) = [finding for finding in findings if finding.kind == kind]
    return finding


def kinds(program: Program, samples: tuple[Facts, ...] = ()) -> set[str]:
    return {finding.kind for finding in examine(program, samples)}


# -- one rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "cause"),
    [
        ({"net_loss": {"min": 100, "max": 50}}, "net_loss >= 100 and net_loss <= 50 never hold together"),
        (
            "segment == 'NEW' and segment != 'NEW'",
            "segment == 'NEW' and segment != 'NEW' never hold together",
        ),
        ("segment not in ('LOSING', 'WINNING', 'NEW')", "never holds"),
        ("abs(net_loss) < 0", "abs(net_loss) < 0 never holds"),
        ("is_vip and session_count > 5 and not is_vip", "is_vip and not is_vip never hold together"),
    ],
)
def test_a_condition_that_nothing_fulfils_is_an_error(when: Any, cause: str) -> None:
    (finding,) = examine(reward(when))
    assert (finding.kind, finding.severity) == ("never_matches", "error")
    assert cause in finding.sentence


def test_a_part_that_never_holds_is_a_warning() -> None:
    finding = found(
        examine(reward("net_loss > 5 or (session_count > 5 and session_count < 3)")), "never_holds"
    )
    assert finding.sentence.startswith("session_count > 5 and session_count < 3 never holds")


def test_a_part_that_is_never_false_says_what_it_asks_nevertheless() -> None:
    finding = found(examine(reward("segment in ('LOSING', 'WINNING', 'NEW')")), "always_holds")
    assert "write known(segment)" in finding.sentence
    assert "remove it" in found(examine(reward("is_vip or not is_vip")), "always_holds").sentence


def test_a_formula_that_can_go_negative_is_shown_by_an_example() -> None:
    finding = found(examine(reward({"is_vip": True}, "net_loss * 0.1")), "can_go_negative")
    assert finding.severity == "warning"
    assert finding.examples[0]["net_loss"] < 0


@pytest.mark.parametrize(
    ("when", "formula"),
    [
        ({"net_loss_min": 100}, "net_loss * 0.1"),
        ({"is_vip": True}, "max(net_loss, 0) * 0.1"),
        ({"is_vip": True}, "net_loss * 0.1 if net_loss > 0 else 0"),
        ("wagered - net_loss > 10", "(wagered - net_loss) * 0.1"),
        ("abs(net_loss) >= 0 and net_loss > 5", "net_loss / 2"),
    ],
)
def test_what_the_condition_rules_out_is_not_warned_of(when: Any, formula: str) -> None:
    assert "can_go_negative" not in kinds(reward(when, formula))


def test_samples_say_for_how_many_players_it_is_negative() -> None:
    program = reward({"is_vip": True}, "net_loss * 0.1")
    players = [{"is_vip": True, "net_loss": loss} for loss in (-5, 10, 20, 30)] + [{"net_loss": -9}]
    finding = found(examine(program, players), "can_go_negative")
    assert (finding.share, finding.severity) == (0.25, "warning")
    assert "as for 25 % of the 4 sample players" in finding.sentence
    assert found(examine(program, players[1:]), "can_go_negative").severity == "note"


def test_an_amount_that_never_pays_is_an_error() -> None:
    assert found(examine(reward({"net_loss_max": 0}, "net_loss * 0.1")), "never_pays").severity == "error"


@pytest.mark.parametrize(
    ("when", "formula", "can_fail"),
    [
        ({"is_vip": True}, "100 / session_count", True),
        ({"session_count_min": 1}, "100 / session_count", False),
        ("session_count != 0", "100 / session_count", False),
        ({"is_vip": True}, "100 / session_count if session_count > 0 else 0", False),
        ("net_loss / session_count > 5", "5", True),
        ("session_count > 0 and net_loss / session_count > 5", "5", False),
        ("session_count == 0 or net_loss % session_count == 1", "5", False),
        ("idle / hours(1) > 2", "5", False),
    ],
)
def test_a_division_by_what_can_be_zero_is_a_warning(when: Any, formula: str, can_fail: bool) -> None:
    assert ("can_divide_by_zero" in kinds(reward(when, formula))) is can_fail


def test_a_division_by_zero_is_shown_by_an_example() -> None:
    finding = found(
        examine(reward({"net_loss_min": 5}, "net_loss / (session_count - 3)")), "can_divide_by_zero"
    )
    assert finding.examples[0]["session_count"] == 3


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ({"net_loss": {"min": 1, "max": 100}}, "cap_never_reached"),
        ({"net_loss": {"min": 9000}}, "cap_always_reached"),
        ({"net_loss": {"min": 100}}, None),
    ],
)
def test_a_cap_that_decides_nothing_is_a_note(when: Any, kind: str | None) -> None:
    said = {k for k in kinds(reward(when, "net_loss * 0.1", cap=500)) if k.startswith("cap")}
    assert said == ({kind} if kind else set())


def test_comparisons_that_read_otherwise_than_they_work_are_noted() -> None:
    assert "exact_equality" in kinds(reward("net_loss * 0.1 == 5"))
    assert "exact_equality" not in kinds(reward("session_count % 2 == 1"))
    assert "text_as_number" in kinds(reward("country == '10'"))


def test_samples_show_wrong_and_missing_facts() -> None:
    findings = examine(reward({"net_loss_min": 5}), [{"net_loss": "x"}, {}, {"net_loss": 7}, {"net_loss": 8}])
    assert found(findings, "wrong_fact").share == 0.25
    assert found(findings, "often_unknown").share == 0.25


# -- many rules ----------------------------------------------------------------------------------


def test_two_rules_that_say_the_same_are_duplicates_however_they_are_written() -> None:
    one = reward({"net_loss_min": 100, "is_vip": True}, "net_loss * 0.1", key="one")
    two = reward("is_vip and not (net_loss < 100)", "net_loss * 0.10", key="two")
    other = reward({"net_loss_min": 100, "is_vip": True}, "net_loss * 0.2", key="other")
    assert found(analyse([one, two, other]), "duplicate").rules == ("one", "two")
    assert [f.kind for f in Portfolio([one, other]).against(two)] == ["duplicate", "overlap"]


@pytest.mark.parametrize(
    ("first", "is_shadowed"),
    [
        ({"when": {"net_loss_min": 50}, "stop": True, "priority": 5}, True),
        ({"when": {"net_loss_min": 50}, "stop": False, "priority": 5}, False),
        ({"when": {"net_loss_min": 50}, "stop": True, "priority": 0}, False),
        ({"when": {"net_loss_min": 150}, "stop": True, "priority": 5}, False),
        ({"when": {"net_loss_min": 50}, "stop": True, "priority": 5, "on": ["a.b"]}, False),
        (
            {"when": {"net_loss_min": 50}, "stop": True, "priority": 5, "effective": {"until": "2027-01-01"}},
            False,
        ),
        ({"when": {"net_loss_min": 50}, "priority": 5, "exclusive": {"group": "g", "pick": "first"}}, True),
        ({"when": {"net_loss_min": 50}, "priority": 5, "exclusive": {"group": "h", "pick": "first"}}, False),
        ({"when": "net_loss >= 50 and starts_with(country, 'D')", "stop": True, "priority": 5}, False),
    ],
)
def test_a_rule_that_never_gets_its_turn_is_shadowed(first: dict[str, Any], is_shadowed: bool) -> None:
    second = reward({"net_loss_min": 100}, key="second", exclusive={"group": "g", "pick": "first"})
    one = reward(key="first", **first)
    for findings in (
        analyse([second, one]),
        Portfolio([one]).against(second),
        Portfolio([second]).against(one),
    ):
        shadows = [finding.rules for finding in findings if finding.kind == "shadowed"]
        assert shadows == ([("second", "first")] if is_shadowed else [])


def test_overlapping_rules_are_shown_by_facts_that_match_both() -> None:
    one = reward({"net_loss_min": 100}, key="one")
    two = reward({"segment": "NEW", "net_loss_max": 500}, key="two")
    finding = found(analyse([one, two]), "overlap")
    assert (finding.rules, finding.count) == (("one", "two"), 1)
    assert finding.examples[0] == {"net_loss": 100, "segment": "NEW"}


@pytest.mark.parametrize(
    "other",
    [
        {"when": {"net_loss_max": 99}},
        {"when": {"net_loss_min": 100}, "effective": {"until": "2026-12-01"}},
        {"when": {"net_loss_min": 100}, "on": ["c.d"]},
        {"when": {"net_loss_min": 100}, "priority": 1, "stop": True},
        {"when": {"net_loss_min": 100}, "exclusive": {"group": "g"}},
        {"when": {"net_loss": {"min": 100, "max": 50}}},
    ],
)
def test_rules_that_never_both_pay_do_not_overlap(other: dict[str, Any]) -> None:
    more: dict[str, Any] = {"on": ["a.b"], "effective": {"from": "2026-12-01"}, "exclusive": {"group": "g"}}
    one = reward({"net_loss_min": 100}, key="one", **more)
    assert "overlap" not in {finding.kind for finding in analyse([one, reward(key="two", **other)])}


def test_facts_that_no_rule_reads_are_named() -> None:
    portfolio = Portfolio([reward({"net_loss_min": 5}, "wagered * 0.1")])
    assert portfolio.readers()["betting.wagered"] == ("rule",)
    assert "games" in found(portfolio.findings(), "facts_unused").facts
    assert "betting.net_loss" not in found(portfolio.findings(), "facts_unused").facts


def test_errors_come_first() -> None:
    findings = analyse([reward({}, key="a"), reward({"net_loss": {"min": 2, "max": 1}}, key="b")])
    assert findings[0].kind == "never_matches"


# -- what is said is so --------------------------------------------------------------------------


@pytest.mark.slow
@slice_of
@given(conditions, rows)
def test_what_is_said_never_to_hold_never_does(node: Node, many: list[Facts]) -> None:
    if never_holds(node, CATALOGUE):
        assert not any(outcome(node, one) is True for one in many), text_of(node)


@slice_of
@given(conditions)
def test_a_witness_fulfils_its_condition(node: Node) -> None:
    found = witness(node, CATALOGUE)
    assert found is None or outcome(node, found) is True, text_of(node)


@pytest.mark.slow
@slice_of
@given(conditions, numbers, rows)
def test_a_formula_stays_within_its_bounds_where_it_is_reached(
    when: Node, formula: Node, many: list[Facts]
) -> None:
    limits = bounds_at(Place(formula, (when,)))
    for one in many:
        value = outcome(formula, one)
        if outcome(when, one) is True and isinstance(value, float):
            assert limits is not None
            assert limits.low <= value <= limits.high, (text_of(when), text_of(formula), one)


@pytest.mark.slow
@slice_of
@given(conditions, numbers, rows)
def test_a_division_that_is_not_warned_of_never_fails(when: Node, formula: Node, many: list[Facts]) -> None:
    divisors = [(p.node.right, p.given) for p in parts(formula, (when,)) if isinstance(p.node, Arithmetic)]
    for divisor, given_ in divisors:
        if may_be_zero_at(Place(divisor, given_)):
            continue
        for one in many:
            if all(outcome(condition, one) is True for condition in given_):
                assert outcome(divisor, one) != 0, (text_of(when), text_of(formula), one)


@slice_of
@given(st.lists(conditions, min_size=2, max_size=6))
def test_columns_compare_boxes_as_boxes_do(nodes: list[Node]) -> None:
    many = [box for node in nodes for box in boxes(node)]
    if not many:
        return
    free = [Box(box.predicates) for box in many]
    pairs = Pairs(many, {})
    for box in many:
        bare = Box(box.predicates)
        assert pairs.meeting(box).tolist() == [other.intersects(bare) for other in free]
        assert pairs.containing(box).tolist() == [other.contains(box) for other in many]
        inside = pairs.inside(box).tolist()
        assert all(not is_in or box.contains(other) for is_in, other in zip(inside, many, strict=True))


# -- how long it takes ---------------------------------------------------------------------------


def crowd(count: int, chance: Random, prefix: str = "r") -> list[Program]:
    """Make many rules of a few conditions."""
    names = ("net_loss", "wagered", "session_count", "days_since_last_deposit")
    programs = []
    for n in range(count):
        when: dict[str, Any] = {
            name + chance.choice(("_min", "_max")): chance.randint(1, 1000)
            for name in chance.sample(names, 3)
        }
        when["segment"] = chance.choice(("LOSING", "WINNING", "NEW"))
        action = {"action": "loyalty.grant_bonus", "formula": f"net_loss * 0.{chance.randint(1, 99):02}"}
        rule = {
            "kind": "reward",
            "key": f"{prefix}{n}",
            "when": when,
            "then": [action],
            "stop": chance.random() < 0.05,
        }
        programs.append(compile_rule({**rule, "priority": chance.randint(0, 5)}, WORDS))
    return programs
