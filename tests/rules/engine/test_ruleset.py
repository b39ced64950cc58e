"""Every way of deciding gives what judging one rule after the other gives."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.check import check
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.forms import condition
from pitboss.rules.engine.index import ruleset
from pitboss.rules.engine.index.ruleset import Ruleset
from pitboss.rules.engine.tree import AllOf
from tests.rules.engine.rulesets import WRONG, Given, answer, every_way, is_ruled_out, naive, rules
from tests.rules.engine.trees import CATALOGUE, FACTS, facts

thorough = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rule(key: str, when: str = "True", amount: str | None = None, **more: Any) -> Given:
    """Make a rule from text."""
    tree = None if amount is None else check(amount, CATALOGUE, "number")
    return Given(key, check(when, CATALOGUE, "boolean"), tree, **more)


def keys(decision: Any) -> list[str]:
    return [key for key, _ in decision.matches]


@pytest.mark.slow
@thorough
@given(rules(), st.lists(facts(), min_size=1, max_size=3))
def test_each_way_gives_what_a_plain_loop_gives(given_rules: list[Given], events: list[Facts]) -> None:
    for way, each in every_way(given_rules):
        for known in events:
            check_against_loop(way, given_rules, each, known)


def check_against_loop(way: str, given_rules: list[Given], each: Ruleset, known: Facts) -> None:
    matches, errors = answer(each.decide(known))
    expected, faults = naive(given_rules, known)
    assert repr(matches) == repr(expected), way
    assert set(errors) <= set(faults), way
    # A rule that one of its conjuncts rules out need not report what is wrong with another.
    silent = {key for key, _ in faults} - {key for key, _ in errors}
    assert all(is_ruled_out(one.when, known) for one in given_rules if one.key in silent), way


@thorough
@given(rules(), facts())
def test_all_ways_report_the_same_errors(given_rules: list[Given], known: Facts) -> None:
    answers = {repr(answer(each.decide(known))) for _, each in every_way(given_rules)}
    assert len(answers) == 1


@thorough
@given(
    rules(stop=False),
    facts(),
    st.dictionaries(st.sampled_from(sorted(FACTS)), st.sampled_from(WRONG), min_size=1),
)
def test_wrong_facts_fire_nothing_in_any_way(given_rules: list[Given], known: Facts, wrong: Facts) -> None:
    broken = {**known, **wrong}
    if "segment" in wrong and isinstance(wrong["segment"], str):
        broken["segment"] = 5  # the door alone looks at choices: see the test below
    answers = {repr(answer(each.decide(broken))) for _, each in every_way(given_rules)}
    assert len(answers) == 1
    matches = Ruleset(given_rules, CATALOGUE).decide(broken).matches
    assert set(matches) <= set(naive(given_rules, broken)[0])


@pytest.mark.slow
@thorough
@given(rules(), rules(), facts(), st.data())
def test_a_ruleset_changed_rule_by_rule_is_as_one_made_at_once(
    old: list[Given], new: list[Given], known: Facts, data: st.DataObject
) -> None:
    expected = naive(new, known)[0]
    for way, each in every_way(old):
        changed = each
        for one in data.draw(st.permutations(old)):
            changed = changed.without(one.key)
        assert changed.decide(known) == ((), ())
        for one in new:
            changed = changed.replaced(one)
        assert repr(list(changed.decide(known).matches)) == repr(expected), way
        changed.build()
        assert repr(list(changed.decide(known).matches)) == repr(expected), way


@thorough
@given(rules(), rules(), facts())
def test_a_replaced_rule_keeps_its_place(old: list[Given], new: list[Given], known: Facts) -> None:
    both = {one.key: one for one in old} | {one.key: one for one in new}
    expected = naive(list(both.values()), known)[0]
    for way, each in every_way(old):
        changed = each
        for one in new:
            changed = changed.replaced(one)
        assert repr(list(changed.decide(known).matches)) == repr(expected), way
        assert len(changed) == len(both)


@given(st.permutations(range(80)))
@settings(max_examples=5, deadline=None)
def test_many_changes_become_a_new_table(order: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruleset, "FEW_MAX", -1)
        changed = Ruleset([], CATALOGUE)
        for n in order:
            changed = changed.replaced(rule(f"r{n}", f"count >= {n}", priority=n))
    assert keys(changed.decide({"count": 40.0})) == [f"r{n}" for n in range(40, -1, -1)]


# -- thresholds ----------------------------------------------------------------------------------

THRESHOLD = 0.3


@pytest.mark.parametrize(
    "text", ["ratio >= 0.3", "ratio > 0.3", "ratio <= 0.3", "ratio < 0.3", "ratio == 0.3"]
)
@pytest.mark.parametrize("value", [math.nextafter(THRESHOLD, 0), THRESHOLD, math.nextafter(THRESHOLD, 1)])
def test_a_threshold_is_exact_to_the_last_bit(text: str, value: float) -> None:
    expected = ["r"] if eval(text, {"ratio": value}) else []
    for way, each in every_way([rule("r", text), rule("other", "ratio > 7")]):
        assert keys(each.decide({"ratio": value})) == expected, way


@pytest.mark.parametrize("zero", [0.0, -0.0, 0])
def test_minus_zero_is_zero(zero: float) -> None:
    given_rules = [
        rule("at", "ratio == 0"),
        rule("from", "ratio >= 0"),
        rule("over", "ratio > 0"),
        rule("to", "ratio <= -0.0"),
    ]
    for way, each in every_way(given_rules):
        assert keys(each.decide({"ratio": zero})) == ["at", "from", "to"], way


@pytest.mark.parametrize("value", [7, Decimal(7), 7.0])
def test_a_number_may_come_in_any_of_pythons_number_types(value: Any) -> None:
    for way, each in every_way([rule("r", "count == 7 and segment == 'NEW'", "count * 2")]):
        assert each.decide({"count": value, "segment": "NEW"}).matches == (("r", 14.0),), way


# -- amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "expected"), [(100.0, 10.0), (9_000.0, 500.0), (-50.0, 0.0), (-0.0, 0.0)])
def test_an_amount_is_capped_and_never_negative(loss: float, expected: float) -> None:
    for way, each in every_way([rule("r", "True", "net_loss * 0.10", max_amount=500.0)]):
        assert repr(each.decide({"net_loss": loss}).matches) == repr((("r", expected),)), way


def test_an_amount_of_an_unknown_fact_does_not_match_and_is_no_error() -> None:
    for way, each in every_way(
        [rule("r", "count > 1", "net_loss * 0.10"), rule("s", "count > 1", "count * 2")]
    ):
        assert each.decide({"count": 2.0}) == ((("s", 4.0),), ()), way


def test_an_amount_without_value_is_reported_and_the_others_go_on() -> None:
    given_rules = [rule("r", "True", "1 / count"), rule("s", "True", "count + 1")]
    for way, each in every_way(given_rules):
        decision = each.decide({"count": 0.0})
        assert answer(decision) == ([("s", 1.0)], [("r", "division_by_zero")]), way


def test_a_wrong_fact_is_reported_for_the_rules_that_ask_for_it() -> None:
    given_rules = [rule("r", "count > 1"), rule("s", "ratio > 0"), rule("t", "count > 1 and ratio > 9")]
    for way, each in every_way(given_rules):
        assert answer(each.decide({"count": math.nan, "ratio": 1.0})) == (
            [("s", None)],
            [("r", "wrong_fact")],
        ), way


SHARES = [0.05, 0.1, 0.15, 0.2]
TOGETHER = [
    rule(f"r{n}", f"count >= {n % 5}", formula, max_amount=40.0, priority=n % 3)
    for n, formula in enumerate(
        f"{fact} * {share}{more}"
        for fact in ("net_loss", "visits", "-bonus")
        for share in SHARES
        for more in ("", " + 1")
    )
]


@pytest.mark.parametrize(
    "known",
    [
        {"count": 9.0, "net_loss": 100.0, "visits": 3.0, "bonus": 2.0},
        {"count": 9.0, "net_loss": 1e6, "visits": -0.0, "bonus": -7.0},
        {"count": 9.0, "net_loss": -50.0},
        {"count": 9.0},
        {"count": 9, "net_loss": 7, "bonus": None},
        {"count": 2.0, "net_loss": 100.0},
    ],
)
def test_formulas_that_are_evaluated_together_pay_as_each_by_itself(known: Facts) -> None:
    expected = naive(TOGETHER, known)[0]
    for way, each in every_way(TOGETHER):
        assert repr(list(each.decide(known).matches)) == repr(expected), way


def test_a_wrong_fact_of_some_formulas_leaves_the_others_be() -> None:
    known = {"count": 9.0, "net_loss": math.nan, "visits": 3.0, "bonus": 2.0}
    expected = naive(TOGETHER, known)
    for way, each in every_way(TOGETHER):
        assert answer(each.decide(known)) == expected, way


def test_a_choice_that_is_not_listed_is_a_text_as_for_the_row_backend() -> None:
    given_rules = [rule("r", "segment != 'NEW'"), rule("s", "segment == 'NEW'")]
    known = {"segment": "OLD"}
    expected = [one.key for one in given_rules if compile_value(one.when)(known)]
    for way, each in every_way(given_rules):
        assert keys(each.decide(known)) == expected == ["r"], way


# -- order ---------------------------------------------------------------------------------------


def test_matches_come_by_priority_and_then_in_the_order_given_until_one_stops() -> None:
    given_rules = [rule("a"), rule("b", priority=2), rule("c", stop=True), rule("d"), rule("e", priority=2)]
    for way, each in every_way(given_rules):
        assert keys(each.decide({})) == ["b", "e", "a", "c"], way


def test_a_stop_rule_that_fails_stops_nothing() -> None:
    for way, each in every_way([rule("a", "1 / count > 0", stop=True), rule("b")]):
        assert keys(each.decide({"count": 0.0})) == ["b"], way


def test_facts_are_left_as_they_are() -> None:
    known = {"count": 1, "city": None}
    for _, each in every_way([rule("r", "count > 0 and visits == 0", "count * bonus")]):
        each.decide(known)
    assert known == {"count": 1, "city": None}


def test_two_rules_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="same key"):
        Ruleset([rule("r"), rule("r")], CATALOGUE)


def test_an_unknown_key_cannot_be_taken_away() -> None:
    for _, each in every_way([rule("r")]):
        with pytest.raises(KeyError):
            each.without("s")


# -- forms ---------------------------------------------------------------------------------------

FORMS = (
    {},
    {"segment": "NEW"},
    {"segment": ["NEW", "LOSING"], "count_min": 3},
    {"count_max": 3, "count_min": 3},
    {"count": {"min": 1, "max": 3}},
    {"count": {"min": 5, "max": 3}},
    {"count": 3},
    {"count": [3, 4]},
    {"count": {"above": 2}},
    {"is_vip": True, "is_new": False},
    {"city": {"not": "abc"}},
    {"any": [{"count": 3}, {"is_vip": True}]},
    {"bonus_max": 0},
    {"country": "DE"},
    "count > 2 and not is_vip",
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(facts(), st.sampled_from((3.0, 2.0, 4.0, None)))
def test_a_flat_form_says_the_same_as_its_tree(known: dict[str, Any], count: float | None) -> None:
    known["count"] = count
    expected = naive(PLAIN, known)[0]
    assert list(FLAT[0].decide(known).matches) == list(FLAT[1].decide(known).matches) == expected


def _flat() -> tuple[list[Given], list[Ruleset]]:
    plain = [Given(f"r{n}", condition(form, CATALOGUE)) for n, form in enumerate(FORMS)]
    never = AllOf((check("False", CATALOGUE, "boolean"),))
    # The trees of flat forms are not looked at: here they would never hold.
    flat = [
        Given(f"r{n}", one.when if _is_odd(form) else never, form=form)
        for n, (one, form) in enumerate(zip(plain, FORMS, strict=True))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruleset, "FEW_MAX", -1)
        scanned, built = Ruleset(flat, CATALOGUE), Ruleset(flat, CATALOGUE)
        built.build()
    return plain, [scanned, built]


def _is_odd(form: Any) -> bool:
    return isinstance(form, str) or any(
        key == "any" or (isinstance(v, dict) and not v.keys() <= {"min", "max"}) or v == [3, 4]
        for key, v in form.items()
    )


PLAIN, FLAT = _flat()


@pytest.mark.parametrize(
    "form", [{"count_min": True}, {"count": "3"}, {"segment": "OLD"}, {"nothing": 1}, {"segment_min": 1}]
)
def test_what_is_wrong_with_a_form_is_left_to_its_tree(form: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruleset, "FEW_MAX", -1)
        each = Ruleset(
            [Given("r", check("count == 1", CATALOGUE), form=form), rule("s", "count == 2")], CATALOGUE
        )
    assert keys(each.decide({"count": 1.0, "segment": "OLD"})) == ["r"]


def test_a_text_that_formulas_share_is_read_once() -> None:
    class Once(Given):
        reads = 0

        @property
        def amount(self) -> Any:
            Once.reads += 1
            return check("count * 2", CATALOGUE)

        @amount.setter
        def amount(self, _: Any) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ruleset, "FEW_MAX", -1)
        each = Ruleset([_lazy(n, Once) for n in range(5)], CATALOGUE)
    assert Once.reads == 1
    assert each.decide({"count": 4.0}).matches[4] == ("r4", 8.0)


def _lazy(n: int, kind: Any) -> Any:
    made = object.__new__(kind)
    made.__dict__.update(rule(f"r{n}").__dict__ | {"formula": "count * 2"})
    return made
