"""The column backend yields, row by row, what the interpreter of trees yields."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import WHOLE_MAX, Facts, Function, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.columns import blocks, evaluation, fused, steps
from pitboss.rules.engine.columns.evaluation import Coded, Columns, Outcome, evaluate, matches, matching_rows
from pitboss.rules.engine.errors import Refused, WrongFact
from pitboss.rules.engine.tree import Node
from tests.rules.engine.interpret import outcome
from tests.rules.engine.shapes import KNOWN_ROWS, ROWS, SHAPES, conditions
from tests.rules.engine.trees import CATALOGUE, facts, trees

EXAMPLES = 150
few_rows = st.lists(facts(), max_size=7)
some = settings(
    deadline=None,
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make each way through the evaluator be taken with a handful of rows."""
    monkeypatch.setattr(evaluation, "BLOCK_ROWS", 3)
    monkeypatch.setattr(fused, "CHUNK_ROWS", 2)
    monkeypatch.setattr(steps, "NARROW_MIN", 1)
    monkeypatch.setattr(steps, "NARROW_WEIGHT_MIN", 1)
    monkeypatch.setattr(blocks, "SHARED_MIN", 2)
    evaluation._planned.cache_clear()
    yield
    evaluation._planned.cache_clear()


def read(text: str) -> Node:
    return check(text, CATALOGUE)


def listed(found: Outcome) -> list[Any]:
    """Return values as Python has them, or the kind of the error in brackets."""
    kinds = [found.kind(row) for row in range(len(found.values))]
    return [f"<{kind}>" if kind else value for kind, value in zip(kinds, found.values.tolist(), strict=True)]


def agree(node: Node, rows: list[Facts]) -> None:
    known = Columns.of_rows(rows, CATALOGUE)
    wanted = [outcome(node, row) for row in rows]
    found = listed(evaluate(node, known))
    assert [(type(v), v) for v in found] == [(type(v), v) for v in wanted]
    if node.type == "boolean":
        held = [value is True for value in wanted]
        assert matches(node, known).tolist() == held
        assert matching_rows(node, known).tolist() == [row for row, holds in enumerate(held) if holds]


# -- generated trees ---------------------------------------------------------------------------


@pytest.mark.slow
@some
@given(trees("boolean"), few_rows)
def test_a_condition_agrees_with_the_interpreter(node: Node, rows: list[Facts]) -> None:
    agree(node, rows)


@pytest.mark.slow
@some
@given(trees("number"), few_rows)
def test_a_formula_agrees_with_the_interpreter_to_the_bit(node: Node, rows: list[Facts]) -> None:
    agree(node, rows)


@pytest.mark.slow
@some
@given(st.one_of(trees("text"), trees("list"), trees("instant"), trees("duration")), few_rows)
def test_a_value_of_another_type_agrees_with_the_interpreter(node: Node, rows: list[Facts]) -> None:
    agree(node, rows)


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_blocks")
@some
@given(st.one_of(trees("boolean"), trees("number"), trees("text")), few_rows)
def test_blocks_and_picked_rows_change_nothing(node: Node, rows: list[Facts]) -> None:
    agree(node, rows)


SUMS = st.recursive(
    st.sampled_from(["count", "ratio", "visits", "3", "0.1"]),
    lambda parts: st.one_of(
        st.builds("({} {} {})".format, parts, st.sampled_from("+-*"), parts),
        st.builds("({} / {})".format, parts, st.sampled_from(["7", "0.3"])),
        st.builds("({0} + {1} * {0})".format, parts, parts),
    ),
    max_leaves=8,
)
"""Formulas in which nothing can fail, also such as have a part twice."""


@pytest.mark.usefixtures("tiny_blocks")
@some
@given(SUMS, few_rows)
def test_a_formula_in_which_nothing_can_fail_agrees_chunk_by_chunk(text: str, rows: list[Facts]) -> None:
    agree(read(f"{text} - count"), rows)


def test_equal_formulas_of_one_plan_are_computed_for_each_set_of_columns() -> None:
    node = read("(count + 1) * 2 - (count + 1)")
    for counts in ([1.0, 2.0], [5.0], [7.0, 8.0, 9.0]):
        agree(node, [{"count": count} for count in counts])


# -- all small conditions ------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [ROWS, KNOWN_ROWS], ids=["all", "known"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_condition_agrees_with_the_interpreter(shape: str, rows: list[Facts]) -> None:
    for text in conditions(shape):
        agree(read(text), rows)


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_condition_is_the_same_in_blocks_and_on_picked_rows(shape: str) -> None:
    for text in conditions(shape)[:6]:
        agree(read(text), ROWS)
        agree(read(text), KNOWN_ROWS)


# -- traps -------------------------------------------------------------------------------------

TRAPS: list[tuple[str, Facts, Any]] = [
    ("count / 2", {"count": 7}, 3.5),
    ("count // -2", {"count": 7}, -4.0),
    ("count % 3", {"count": -7}, 2.0),
    ("count / 0", {"count": 7}, "<division_by_zero>"),
    ("count % 0", {"count": 7}, "<division_by_zero>"),
    ("0 / 0", {}, "<division_by_zero>"),
    ("count // 2", {"count": 7.5}, "<not_whole>"),
    ("ratio // 0", {"ratio": 0.5}, "<not_whole>"),
    ("count > 1", {}, "<unknown_fact>"),
    ("not count > 1", {}, "<unknown_fact>"),
    ("count > 1 and 1 / 0 > 1", {"count": 0}, False),
    ("1 / 0 > 1 and count > 1", {"count": 0}, "<division_by_zero>"),
    ("count > 1 or is_vip", {"is_vip": True}, "<unknown_fact>"),
    ("is_vip or count > 1", {"is_vip": True}, True),
    ("not (count > 1 and is_vip)", {"is_vip": False}, "<unknown_fact>"),
    ("1 / count if count != 0 else 0", {"count": 0}, 0.0),
    ("known(count) and count > 1", {}, False),
    ("coalesce(count, ratio, 1 / 0)", {"ratio": 2}, 2.0),
    ("coalesce(count, ratio, 1 / 0)", {}, "<division_by_zero>"),
    ("ratio ** 16 * ratio ** 16", {"ratio": 1e15}, "<not_finite>"),
    ("1 / (ratio ** 16 * ratio ** 16)", {"ratio": 1e15}, "<not_finite>"),
    ("ratio ** 3", {"ratio": 0.1}, 0.1 * 0.1 * 0.1),
    ("0 ** 0", {}, 1.0),
    ("ratio / 20", {"ratio": 3.0}, 0.15),
    ("round(ratio)", {"ratio": 2.5}, 2.0),
    ("round(ratio, 2)", {"ratio": 2.675}, 2.67),
    ("sqrt(ratio)", {"ratio": -1}, "<not_finite>"),
    ("log(ratio)", {"ratio": 0}, "<not_finite>"),
    ("exp(ratio)", {"ratio": 0.7}, math.exp(0.7)),
    ("clamp(ratio, 2, 1)", {"ratio": 0}, "<not_finite>"),
    ("ratio + 0.2 == 0.3", {"ratio": 0.1}, False),
    ("ratio == 0", {"ratio": -0.0}, True),
    ("city == 'é'", {"city": "e\u0301"}, True),
    ("city == 'abc '", {"city": "abc"}, False),
    ("lower(city) == 'de'", {"city": "DE"}, True),
    ("starts_with(city, country)", {"city": "DEF"}, True),
    ("segment in ('NEW', 'WINNING')", {"segment": "NEW"}, True),
    ("'slots' in games", {"games": ["slots"]}, True),
    ("city in games", {"games": ["slots"]}, "<unknown_fact>"),
    ("visits == 0 and country == 'DE'", {}, True),
    ("days_since(last_deposit) == 1", {"last_deposit": 0, "now": 86_400}, True),
]


@pytest.mark.parametrize(("text", "known", "wanted"), TRAPS)
def test_a_trap_has_one_outcome(text: str, known: Facts, wanted: Any) -> None:
    admitted = CATALOGUE.admit(known)
    assert outcome(read(text), admitted) == wanted
    # In one row, and among others that have everything, nothing, and the same.
    whole = {"count": 1, "ratio": 1, "city": "x", "games": [], "is_vip": False, "now": 0, "last_deposit": 0}
    rows = [known, whole, {}, known]
    assert listed(evaluate(read(text), Columns.of_rows([known], CATALOGUE))) == [wanted]
    found = listed(evaluate(read(text), Columns.of_rows(rows, CATALOGUE)))
    assert (found[0], found[3]) == (wanted, wanted)
    assert found[2] == outcome(read(text), {})


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 6, 7])
@pytest.mark.usefixtures("tiny_blocks")
def test_a_block_ends_where_the_rows_do(rows: int) -> None:
    agree(read("ratio * 2 > 3 and 1 / ratio < 1"), [{"ratio": float(row)} for row in range(rows)])


def test_columns_of_which_nothing_is_known_have_a_fault_in_each_row() -> None:
    known = Columns.of_arrays({"city": [None, None], "ratio": [None, None]}, CATALOGUE)
    assert listed(evaluate(read("city == 'x'"), known)) == ["<unknown_fact>"] * 2
    assert listed(evaluate(read("ratio + 1"), known)) == ["<unknown_fact>"] * 2
    assert matches(read("lower(city) == 'x'"), known).tolist() == [False, False]


def test_a_row_without_a_value_has_nan() -> None:
    found = evaluate(read("1 / ratio"), Columns.of_arrays({"ratio": np.array([0.0, 2.0])}, CATALOGUE))
    assert math.isnan(found.values[0])
    assert found.values[1] == 0.5


NARROW = [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.float32]
BOUNDS = ["-200", "-1", "-0.5", "0", "2", "2.5", "127", "255", "255.5", "256", "1e15"]


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("op", ["==", "!=", "<", "<=", ">", ">="])
def test_a_narrow_number_compares_as_a_float_does(dtype: Any, bound: str, op: str) -> None:
    lowest = 0 if np.dtype(dtype).kind == "u" else -128
    numbers = np.array([lowest, 0, 1, 2, 3, 126, 127], dtype)
    narrow = Columns.of_arrays({"ratio": numbers}, CATALOGUE)
    wide = Columns.of_arrays({"ratio": numbers.astype(np.float64)}, CATALOGUE)
    for text in (
        f"ratio {op} {bound}",
        f"{bound} {op} ratio",
        f"ratio + 0 {op} {bound}",
        f"ratio in ({bound}, 3)",
    ):
        assert np.array_equal(matches(read(text), narrow), matches(read(text), wide)), text


def test_narrow_numbers_do_not_overflow() -> None:
    known = Columns.of_arrays({"count": np.array([100, -100], np.int8)}, CATALOGUE)
    assert evaluate(read("count * count + count"), known).values.tolist() == [10_100.0, 9_900.0]


# -- the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ratio", np.array([1.0, math.nan])),
        ("ratio", np.array([1.0, math.inf])),
        ("ratio", np.array([1.0, 2.0**53 + 2])),
        ("ratio", np.array([1, WHOLE_MAX + 1], np.int64)),
        ("ratio", np.array([1, 2**63], np.uint64)),
        ("ratio", [1, "2"]),
        ("ratio", [1, True]),
        ("ratio", np.array([1, "2"], object)),
        ("is_vip", [True, 1]),
        ("city", ["x", 3]),
        ("city", ["x", "y" * 257]),
        ("segment", np.array(["NEW", "OLD"])),
        ("segment", Coded(np.array([0, 1]), ("NEW", "OLD"))),
        ("segment", Coded(np.array([0, 7]), ("NEW", "LOSING"))),
        ("last_deposit", [0, datetime(2026, 1, 1)]),  # noqa: DTZ001  # what the door refuses
        ("games", [["slots"], "slots"]),
    ],
)
def test_what_is_no_fact_is_refused_by_name_and_row(name: str, values: Any) -> None:
    with pytest.raises(WrongFact, match=rf"^row 1: the fact {name} is "):
        Columns.of_arrays({name: values}, CATALOGUE)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ratio", np.array([True, False])),
        ("is_vip", np.array([1, 0])),
        ("city", np.array([1, 2])),
        ("games", np.array(["slots", "slots"])),
        ("last_deposit", np.array(["2026-01-01"], "datetime64[s]")),
        ("ratio", np.array([1j])),
    ],
)
def test_an_array_of_a_wrong_type_is_refused(name: str, values: Any) -> None:
    with pytest.raises(WrongFact, match=f"the fact {name} is "):
        Columns.of_arrays({name: values}, CATALOGUE)


def test_a_row_that_is_wrong_is_refused_with_its_number() -> None:
    with pytest.raises(WrongFact, match="row 1: the fact ratio is nan"):
        Columns.of_rows([{"ratio": 1}, {"ratio": math.nan}], CATALOGUE)


def test_a_name_that_no_variable_has_is_refused_with_a_suggestion() -> None:
    with pytest.raises(Refused, match="did you mean net_loss"):
        Columns.of_arrays({"net_los": [1]}, CATALOGUE)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Columns.of_arrays({"ratio": [1], "count": [1, 2]}, CATALOGUE)
    with pytest.raises(ValueError, match="differ in length"):
        Columns.of_arrays({"ratio": np.ones(2)}, CATALOGUE, unknown={"ratio": np.array([True])})


def test_what_is_unknown_is_not_looked_at() -> None:
    numbers = np.ma.MaskedArray([math.nan, 2.0], [True, False])
    by_mask = Columns.of_arrays({"ratio": numbers}, CATALOGUE)
    by_name = Columns.of_arrays({"ratio": numbers.data}, CATALOGUE, unknown={"ratio": numbers.mask})
    for known in (by_mask, by_name):
        assert listed(evaluate(read("ratio + 1"), known)) == ["<unknown_fact>", 3.0]


def test_two_spellings_of_one_text_are_one() -> None:
    coded = Coded(np.array([0, 1, 2, -1], np.int8), ("é", "e\u0301", "e"))
    known = Columns.of_arrays({"city": coded}, CATALOGUE)
    assert listed(evaluate(read("city == 'é'"), known)) == [True, True, False, "<unknown_fact>"]


def test_a_dictionary_may_hold_what_no_row_uses() -> None:
    known = Columns.of_arrays({"segment": Coded(np.array([0], np.int8), ("NEW", "OLD", 3))}, CATALOGUE)
    assert matches(read("segment == 'NEW'"), known).tolist() == [True]


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("visits", [None, 3], [0.0, 3.0]),
        ("score", np.ma.MaskedArray(np.array([7, 3], np.int8), [True, False]), [0.5, 3.0]),
        ("country", ["FR", None], ["FR", "DE"]),
        ("country", Coded(np.array([0, -1]), ("DE",)), ["DE", "DE"]),
        ("is_new", [None, True], [False, True]),
    ],
)
def test_a_default_stands_for_what_is_unknown(name: str, values: Any, wanted: list[Any]) -> None:
    known = Columns.of_arrays({name: values}, CATALOGUE)
    assert listed(evaluate(read(name), known)) == wanted


def test_an_instant_is_seconds_in_whatever_form_it_comes() -> None:
    moment = datetime(2026, 12, 1, 9, tzinfo=timezone(timedelta(hours=2)))
    seconds = moment.timestamp()
    for values in ([moment], ["2026-12-01T07:00:00Z"], np.array([seconds]), [int(seconds)]):
        known = Columns.of_arrays({"last_deposit": values}, CATALOGUE)
        assert known.facts(0) == {"last_deposit": seconds}
    spans = Columns.of_arrays({"session_length": np.array([1500, "NaT"], "timedelta64[ms]")}, CATALOGUE)
    assert [spans.facts(row) for row in (0, 1)] == [{"session_length": 1.5}, {}]


def test_now_is_one_for_all_or_one_for_each() -> None:
    arrays = {"last_deposit": np.array([0.0, 86_400.0])}
    one = Columns.of_arrays(arrays, CATALOGUE, now=datetime(1970, 1, 3, tzinfo=UTC))
    each = Columns.of_arrays(arrays, CATALOGUE, now=np.array([86_400.0, 86_400.0]))
    assert evaluate(read("days_since(last_deposit)"), one).values.tolist() == [2.0, 1.0]
    assert evaluate(read("days_since(last_deposit)"), each).values.tolist() == [1.0, 0.0]


# -- what is given stays as it is ----------------------------------------------------------------


def test_an_array_that_needs_no_change_is_not_copied() -> None:
    given = {"ratio": np.ones(4), "count": np.ones(4, np.int32), "is_vip": np.ones(4, np.bool_)}
    known = Columns.of_arrays(given, CATALOGUE)
    for name, values in given.items():
        held = known.by_name[name].values
        assert np.shares_memory(held, values)
        assert values.flags.writeable
        assert isinstance(held, np.ndarray)
        assert not held.flags.writeable


def test_nothing_that_was_given_is_changed() -> None:
    ratio, codes = np.arange(9.0), np.zeros(9, np.int8)
    unknown = np.arange(9) % 3 == 0
    before = ratio.copy(), codes.copy(), unknown.copy()
    arrays = {"ratio": ratio, "city": Coded(codes, ("x",)), "visits": ratio}
    known = Columns.of_arrays(arrays, CATALOGUE, unknown={"ratio": unknown, "visits": unknown})
    for text in (
        "abs(ratio) ** 2 - -ratio / visits",
        "ratio > 2 and ratio > 3 and visits > 1 and city == 'x'",
        "ratio",
    ):
        evaluate(read(text), known)
        evaluate(read(text), known).values[:] = 1
    for now, then in zip((ratio, codes, unknown), before, strict=True):
        assert np.array_equal(now, then)


# -- functions ---------------------------------------------------------------------------------

PLAIN = catalogue_of([Variable(name="ratio"), Variable(name="city", type="text")])


def with_function(**parts: Any) -> Any:
    return catalogue_of(PLAIN.variables.values(), [Function(name="own", **parts)])


def test_a_function_of_a_text_is_called_once_for_each_text() -> None:
    calls: list[str] = []

    def length(text: str) -> float:
        calls.append(text)
        return float(len(text))

    own = with_function(arguments=("text",), returns="number", call=length)
    known = Columns.of_arrays({"city": np.array(["a", "bb"] * 50)}, own)
    assert evaluate(check("own(city)", own), known).values.sum() == 150
    assert calls == ["a", "bb"]


def test_a_function_without_a_form_for_columns_is_called_where_it_is_reached() -> None:
    calls: list[float] = []

    def twice(value: float) -> float:
        calls.append(value)
        return value * 2

    own = with_function(arguments=("number",), returns="number", call=twice)
    known = Columns.of_arrays({"ratio": [1, 2, None, 4]}, own)
    assert listed(evaluate(check("ratio > 1 and own(ratio) > 5", own), known)) == [
        False,
        False,
        "<unknown_fact>",
        True,
    ]
    assert calls == [2.0, 4.0]


@pytest.mark.parametrize("result", [math.inf, 2.0**60, "x", None])
def test_a_function_that_yields_what_it_should_not_has_failed(result: Any) -> None:
    own = with_function(arguments=("number",), returns="number", call=lambda value: result)
    found = evaluate(check("own(ratio)", own), Columns.of_arrays({"ratio": [1, 2]}, own))
    assert listed(found) == ["<function_failed>"] * 2


def test_a_function_that_raises_has_failed_in_those_rows() -> None:
    def fussy(value: float) -> float:
        if value == 1:
            raise KeyError("no")
        return 1 / value

    own = with_function(arguments=("number",), returns="number", call=fussy)
    found = evaluate(check("own(ratio)", own), Columns.of_arrays({"ratio": [0, 1, 2]}, own))
    assert listed(found) == ["<not_finite>", "<function_failed>", 0.5]


def test_a_form_for_columns_that_cannot_be_used_is_not() -> None:
    def spoil(values: Any) -> Any:
        values[:] = 0
        return values

    ratio = np.array([1.0, 2.0])
    for form in (spoil, lambda values: "x", lambda values: np.ones(7), lambda values: values > 1):
        own = with_function(
            arguments=("number",), returns="number", call=lambda value: value + 1, columns=form
        )
        known = Columns.of_arrays({"ratio": ratio}, own)
        for text in ("own(ratio)", "own(ratio + 0)"):
            assert evaluate(check(text, own), known).values.tolist() == [2.0, 3.0]
    assert ratio.tolist() == [1.0, 2.0]


def test_an_element_that_is_not_finite_is_an_error() -> None:
    own = with_function(arguments=("number",), returns="number", call=math.log, columns=np.log)
    found = evaluate(check("own(ratio)", own), Columns.of_arrays({"ratio": [0, 1]}, own))
    assert listed(found) == ["<not_finite>", 0.0]
