# ruff: noqa: E501  # a message stands on one line, as it is read
"""JsonLogic: what means the same is imported, and what does not is refused with what to write instead."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import LIST_ITEMS_MAX, Variable, catalogue_of
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import FORM_DEPTH_MAX, condition
from pitboss.rules.engine.jsonlogic import from_jsonlogic, rule_from_jsonlogic
from pitboss.rules.engine.parse import DEPTH_MAX
from pitboss.rules.engine.program import compile_rule
from pitboss.rules.engine.text import text_of
from tests.rules.engine.words import CATALOGUE


def var(name: Any, *default: Any) -> dict[str, Any]:
    return {"var": [name, *default] if default else name}


LOSS, BETS, SEGMENT, CITY, VIP, GAMES = map(
    var, ("net_loss", "bets", "segment", "country", "is_vip", "games")
)

READ: list[tuple[Any, str]] = [
    (LOSS, "betting.net_loss"),
    (var("betting.net_loss"), "betting.net_loss"),
    ({"var": ["net_loss"]}, "betting.net_loss"),
    (var("net_loss", 0), "coalesce(betting.net_loss, 0)"),
    (var("net_loss", None), "betting.net_loss"),
    (var("segment", "NEW"), "coalesce(loyalty.segment, 'NEW')"),
    (var("net_loss", BETS), "coalesce(betting.net_loss, betting.bets)"),
    ({"==": [SEGMENT, "LOSING"]}, "loyalty.segment == 'LOSING'"),
    ({"===": [BETS, 3]}, "betting.bets == 3"),
    ({"!=": [CITY, "DE"]}, "country != 'DE'"),
    ({"!==": [CITY, "DE"]}, "country != 'DE'"),
    ({"==": [VIP, True]}, "is_vip == True"),
    ({"==": [CITY, None]}, "not known(country)"),
    ({"!==": [None, CITY]}, "known(country)"),
    ({"!": VIP}, "not is_vip"),
    ({"!": [VIP]}, "not is_vip"),
    ({"!!": [VIP]}, "is_vip"),
    ({"<": [LOSS, 5]}, "betting.net_loss < 5"),
    ({">=": [LOSS, 5.5]}, "betting.net_loss >= 5.5"),
    ({"<": [1, LOSS, 5]}, "1 < betting.net_loss and betting.net_loss < 5"),
    ({"<=": [1, LOSS, 5]}, "1 <= betting.net_loss and betting.net_loss <= 5"),
    (
        {">": [var("last_deposit_at"), "2026-01-01T00:00:00Z"]},
        "last_deposit_at > instant('2026-01-01T00:00:00Z')",
    ),
    ({"and": [VIP, {">": [BETS, 3]}]}, "is_vip and betting.bets > 3"),
    ({"or": [VIP, {">": [BETS, 3]}]}, "is_vip or betting.bets > 3"),
    ({"and": [VIP]}, "is_vip"),
    ({"if": [VIP, 1, 2]}, "1 if is_vip else 2"),
    ({"?:": [VIP, "a", "b"]}, "'a' if is_vip else 'b'"),
    ({"if": [VIP, 1, {">": [BETS, 3]}, 2, 3]}, "1 if is_vip else 2 if betting.bets > 3 else 3"),
    ({"+": [1, BETS, LOSS]}, "1 + betting.bets + betting.net_loss"),
    ({"+": BETS}, "betting.bets"),
    ({"*": [BETS, 2, 3]}, "betting.bets * 2 * 3"),
    ({"-": [BETS, 1]}, "betting.bets - 1"),
    ({"-": [BETS]}, "-betting.bets"),
    ({"/": [BETS, 2]}, "betting.bets / 2"),
    ({"%": [{"max": [BETS, 0]}, 7]}, "max(betting.bets, 0) % 7"),
    ({"%": [BETS, 7]}, "betting.bets % 7 if betting.bets >= 0 else -(-betting.bets % 7)"),
    ({"min": [BETS, 5]}, "min(betting.bets, 5)"),
    ({"max": [BETS]}, "betting.bets"),
    ({"in": [SEGMENT, ["NEW", "VIP"]]}, "loyalty.segment in ('NEW', 'VIP')"),
    ({"in": [BETS, [1, 2.5]]}, "betting.bets in (1, 2.5)"),
    ({"in": ["slots", GAMES]}, "'slots' in games"),
    ({"missing": ["net_loss"]}, "not known(betting.net_loss)"),
    ({"missing": "net_loss"}, "not known(betting.net_loss)"),
    ({"missing": [["net_loss", "segment"]]}, "not known(betting.net_loss) or not known(loyalty.segment)"),
    ({"!": {"missing": ["country"]}}, "not (not known(country) or country == '')"),
    ({"if": [{"missing": ["net_loss"]}, 0, LOSS]}, "0 if not known(betting.net_loss) else betting.net_loss"),
    ({"missing_some": [1, ["net_loss", "is_vip"]]}, "not known(betting.net_loss) and not known(is_vip)"),
    ({"missing_some": [2, ["net_loss", "is_vip"]]}, "not known(betting.net_loss) or not known(is_vip)"),
    (
        {"missing_some": [2, ["net_loss", "is_vip", "idle"]]},
        "(0 if not known(betting.net_loss) else 1) + (0 if not known(is_vip) else 1) + (0 if not known(idle) else 1) < 2",
    ),
    (True, "True"),
    ("DE", "'DE'"),
    (5, "5"),
]

TRUTHY = "JsonLogic would ask whether a number is truthy"
WRONG: list[tuple[Any, str]] = [
    ({"and": [LOSS, VIP]}, f'logic.and[0]: {TRUTHY}: write {{"!=": [{{"var": "..."}}, 0]}}'),
    ({"if": [BETS, 1, 2]}, f'logic.if[0]: {TRUTHY}: write {{"!=": [{{"var": "..."}}, 0]}}'),
    (
        {"!": CITY},
        'logic.![0]: JsonLogic would ask whether a text is truthy: write {"!=": [{"var": "..."}, ""]}',
    ),
    (
        {"or": [VIP, GAMES]},
        'logic.or[1]: JsonLogic would ask whether a list is truthy: write {"in": ["...", {"var": "..."}]}',
    ),
    (
        {"!!": [var("last_deposit_at")]},
        'logic.!![0]: JsonLogic would ask whether an instant is truthy: write {"!=": [{"var": "..."}, null]}',
    ),
    (
        {"==": [BETS, "3"]},
        "logic.==: == cannot compare a number with a text: numbers stand without quotes, and texts in them",
    ),
    ({"==": [SEGMENT, "LOSIN"]}, "logic.==: segment is never 'LOSIN': did you mean LOSING?"),
    ({">": [CITY, "DE"]}, "logic.>: a text has no order: compare it with == or !="),
    (
        {">": [5, BETS, 1]},
        'logic.>: JsonLogic does not read the third operand of >: write {"<": [lowest, x, highest]}',
    ),
    ({"<": [BETS]}, "logic.<: < takes 2 or 3 operands, and got 1"),
    ({"==": [BETS, 1, 2]}, "logic.==: == takes 2 operands, and got 3"),
    ({"!": [VIP, VIP]}, "logic.!: ! takes 1 operand, and got 2"),
    (
        {"==": [{"+": [BETS, 1]}, None]},
        'logic.==: only a fact is compared with null: {"==": [{"var": "x"}, null]}',
    ),
    ({"and": []}, "logic.and: and takes at least one operand, and got none"),
    (
        {"if": [VIP, 1]},
        "logic.if: if takes tests and values in turn, and at the end what else, which is never null here",
    ),
    (
        {"if": [VIP, 1, "a"]},
        "logic.if: both sides of if/else are of one type, and these are a number and a text",
    ),
    (
        {"+": [CITY]},
        "logic.+: + of one operand makes it a number, and this is a text: here a fact has one type",
    ),
    ({"+": [BETS, CITY]}, "logic.+: + cannot take a number and a text"),
    ({"%": [CITY, 2]}, "logic.%: % cannot take a text and a number"),
    ({"max": [BETS, CITY]}, "logic.max[1]: max takes numbers, and this is a text"),
    (
        {"in": ["ar", CITY]},
        "logic.in: in looks for a part of a text, and there is no such test here: write a list of whole texts,"
        " or starts_with(text, 'begin') in an expression",
    ),
    ({"in": [BETS, [1, "2"]]}, "logic.in: the list holds constants that are numbers, and '2' is not"),
    ({"in": [BETS, []]}, "logic.in: the list is empty, so nothing is in it"),
    ({"in": ["slots", BETS]}, "logic.in: in needs a list such as ('a', 'b'), and betting.bets is a number"),
    ({"var": ""}, "logic.var: var without a name is all the data: name one fact"),
    ({"var": []}, "logic.var: var takes 1 or 2 operands, and got 0"),
    ({"var": 1}, "logic.var: var takes the name of a fact, not an index into a list"),
    ({"var": {"if": [1]}}, "logic.var: var takes the name of a fact, not a name that is computed"),
    ({"var": "net_los"}, "logic.var: unknown variable 'net_los': did you mean net_loss?"),
    (
        {"var": "games.0"},
        "logic.var: unknown variable 'games.0': did you mean games?, and facts have no parts: write the fact's own name",
    ),
    ({"var": ["is_vip", 3]}, "logic.var[1]: the default is a number, and is_vip is a condition"),
    (
        {"==": [{"missing": ["net_loss"]}, []]},
        "logic.==[0].missing: missing gives a list, and stands only where a condition is wanted: in !, and, or, if",
    ),
    ({"missing_some": [3, ["net_loss"]]}, "logic.missing_some[0]: 3 is not a whole number from 1 to 1"),
    (
        {"missing_some": ["net_loss"]},
        'logic.missing_some: missing_some is written [1, ["a", "b"]]: how many are needed, of which',
    ),
    ({"missing": ["net_los"]}, "logic.missing[0]: unknown variable 'net_los': did you mean net_loss?"),
    ({"iff": [VIP, 1, 2]}, "logic: unknown operator 'iff': did you mean if?"),
    ({"a": 1, "b": 2}, "logic: an operation is an object with one operator, and this has 2"),
    ({}, "logic: an operation is an object with one operator, and this has 0"),
    ([1, 2], "logic: a list stands on the right of in, and nowhere else: lists are no values"),
    (None, 'logic: there is no null: compare with == or != null, or write {"var": ["x", 0]}'),
    (2**60, "logic: a number is at most 9007199254740992, so that it is exact everywhere"),
    (math.nan, "logic: a number is finite"),
    (
        {"and": [VIP, {"==": [{"+": [1, {"reduce": [GAMES, 1, 0]}]}, 2]}]},
        "logic.and[1].==[0].+[1].reduce: reduce has no equal here: nothing loops over a list:"
        " use a fact that already is the sum or the count",
    ),
]
NO_EQUAL = ("all", "some", "none", "map", "filter", "reduce", "merge", "cat", "substr", "log", "method")


@pytest.mark.parametrize(("logic", "text"), READ, ids=[text for _, text in READ])
def test_what_means_the_same_is_read(logic: Any, text: str) -> None:
    assert text_of(from_jsonlogic(logic, CATALOGUE)) == text


@pytest.mark.parametrize(("logic", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_means_something_else_is_refused(logic: Any, message: str) -> None:
    with pytest.raises(Refused) as refused:
        from_jsonlogic(logic, CATALOGUE)

    assert str(refused.value) == message


@pytest.mark.parametrize("operator", NO_EQUAL)
def test_an_operator_without_an_equal_is_refused_with_what_to_write_instead(operator: str) -> None:
    with pytest.raises(Refused, match=rf"^logic\.{operator}: {operator} has no equal here: .+: .+"):
        from_jsonlogic({operator: [GAMES, 1]}, CATALOGUE)


def test_a_wanted_type_is_asked_for() -> None:
    with pytest.raises(Refused, match="a number is wanted here, and this is a text"):
        from_jsonlogic("a", CATALOGUE, "number")


# -- against JsonLogic's own arithmetic ----------------------------------------------------------

WORDS = catalogue_of([Variable(name="a"), Variable(name="b"), Variable(name="t", type="text")])
wholes = st.integers(-50, 50)


@settings(deadline=None, derandomize=True, max_examples=200, database=None)
@given(wholes, wholes.filter(bool))
def test_a_remainder_has_the_sign_of_its_first_operand(a: int, b: int) -> None:
    facts = {"a": a, "b": b}

    for logic in ({"%": [var("a"), var("b")]}, {"%": [var("a"), b]}, {"%": [a, var("b")]}):
        assert compile_value(from_jsonlogic(logic, WORDS))(facts) == math.fmod(a, b)


@pytest.mark.parametrize("facts", [{}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1, "t": ""}, {"a": 1, "t": "x"}])
@pytest.mark.parametrize("needed", [1, 2, 3])
def test_missing_some_counts_what_is_there_as_jsonlogic_does(facts: dict[str, Any], needed: int) -> None:
    there = sum(facts.get(name) not in (None, "") for name in ("a", "b", "t"))
    node = from_jsonlogic({"missing_some": [needed, ["a", "b", "t"]]}, WORDS)

    assert compile_value(node)(facts) is (there < needed)


# -- limits ------------------------------------------------------------------------------------


def nested(depth: int) -> Any:
    logic: Any = VIP
    for _ in range(depth):
        logic = {"!": logic}
    return logic


def test_operations_nest_as_deep_as_conditions_do() -> None:
    from_jsonlogic(nested(FORM_DEPTH_MAX - 1), CATALOGUE)

    with pytest.raises(Refused, match=f"operations nest at most {FORM_DEPTH_MAX} deep"):
        from_jsonlogic(nested(FORM_DEPTH_MAX), CATALOGUE)


def test_a_long_sum_is_refused_before_it_is_deeper_than_an_expression() -> None:
    from_jsonlogic({"+": [1] * DEPTH_MAX}, CATALOGUE)

    with pytest.raises(Refused, match=f"this becomes more than {DEPTH_MAX} deep"):
        from_jsonlogic({"+": [1] * (DEPTH_MAX + 1)}, CATALOGUE)


def test_a_long_chain_of_ifs_is_refused() -> None:
    with pytest.raises(Refused, match=f"this becomes more than {DEPTH_MAX} deep"):
        from_jsonlogic({"if": [VIP, 1] * 400 + [2]}, CATALOGUE)


def remainders(depth: int) -> Any:
    logic: Any = BETS
    for _ in range(depth):
        logic = {"%": [logic, 7]}
    return logic


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (nested(10_000), "nest at most 20 deep"),
        (remainders(18), "more than 2000 parts"),
        ({"and": [VIP] * 1_000_000}, f"at most {LIST_ITEMS_MAX} operands"),
        ({"in": [BETS, [1] * 1_000_000]}, f"at most {LIST_ITEMS_MAX} items"),
        ({"missing": ["net_loss"] * 1_000_000}, f"at most {LIST_ITEMS_MAX}"),
        ({"var": "x" * 1_000_000}, "unknown variable"),
        ({"x" * 1_000_000: 1}, "unknown operator"),
    ],
    ids=["deep", "remainders", "wide", "list", "missing", "name", "operator"],
)
def test_what_is_too_large_is_refused_at_once(logic: Any, message: str) -> None:
    start = time.perf_counter()
    with pytest.raises(Refused, match=message) as refused:
        from_jsonlogic(logic, CATALOGUE)

    assert time.perf_counter() - start < 0.5
    assert len(str(refused.value)) < 400


# -- as rules ----------------------------------------------------------------------------------


def test_a_condition_becomes_a_segment() -> None:
    logic = {"and": [{">=": [LOSS, 100]}, {"==": [SEGMENT, "LOSING"]}]}
    rule = rule_from_jsonlogic(logic, CATALOGUE, key="losing", name="Losing")

    assert rule == {
        "kind": "segment",
        "key": "losing",
        "name": "Losing",
        "when": {"betting.net_loss_min": 100, "loyalty.segment": "LOSING"},
    }
    assert compile_rule(rule, CATALOGUE).when == from_jsonlogic(logic, CATALOGUE)


def test_a_number_becomes_a_formula() -> None:
    rule = rule_from_jsonlogic({"*": [LOSS, 0.1]}, CATALOGUE, key="tenth")

    assert rule == {"kind": "formula", "key": "tenth", "formula": "betting.net_loss * 0.1"}
    assert compile_rule(rule, CATALOGUE).value == from_jsonlogic({"*": [LOSS, 0.1]}, CATALOGUE)


@pytest.mark.parametrize(("logic", "text"), READ, ids=[text for _, text in READ])
def test_each_rule_that_is_made_is_read(logic: Any, text: str) -> None:
    rule = rule_from_jsonlogic(logic, CATALOGUE, key="a")
    program = compile_rule(rule, CATALOGUE)

    assert program.value is not None or condition(rule["when"], CATALOGUE) == program.when
