"""Decision tables: which row decides, what comes out, and what is proved before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Catalogue, Facts, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, Refused
from pitboss.rules.engine.exact import exact_amount
from pitboss.rules.engine.parse import DEPTH_MAX
from pitboss.rules.engine.program import compile_rule
from pitboss.rules.engine.rule import Table
from pitboss.rules.engine.tables import OVERLAPS_MAX, PARTS_MAX, decide_by, gaps, overlaps, prove
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import Node, children
from tests.rules.engine.words import CATALOGUE

ROWS_MAX = 200
BANDS = [
    {"when": {"net_loss": {"min": 10 * n, "below": 10 * n + 10}}, "then": {"value": n}}
    for n in range(ROWS_MAX)
]
SEGMENTS = ("NEW", "WINNING", "BREAKEVEN", "LOSING", "VIP")


def table_of(*rows: Any, **more: Any) -> Table:
    return msgspec.convert({"rows": list(rows), **more}, Table)


def row(when: Any, value: Any, **more: Any) -> dict[str, Any]:
    return {"when": when, "then": {"value": value}, **more}


def value_of(table: Table, facts: Facts, words: Catalogue = CATALOGUE) -> Any:
    """Return what comes out, None where the table does not match, or the kind of an error."""
    decided = decide_by(table, words, "table")
    try:
        if not compile_value(decided.matches)(facts):
            return None
        return compile_value(decided.outputs["value"])(facts)
    except EvaluationError as error:
        return f"<{error.kind}>"


def refusal_of(table: Table, *, always: bool = False) -> str:
    with pytest.raises(Refused) as refused:
        proved(table, always=always)
    return str(refused.value)


def proved(table: Table, *, always: bool) -> None:
    decide_by(table, CATALOGUE, "table")
    prove(table, CATALOGUE, "table", always=always)


# -- deciding ----------------------------------------------------------------------------------

OVERLAPPING = [
    row({"bets_min": 1}, 10),
    row({"bets_min": 5}, 50, priority=2),
    row({"bets_min": 7}, 70, priority=2),
    row({"bets_min": 3}, 30, priority=1),
]


def without_priority() -> list[dict[str, Any]]:
    return [{key: value for key, value in each.items() if key != "priority"} for each in OVERLAPPING]


@pytest.mark.parametrize(("bets", "value"), [(0, None), (1, 10), (4, 10), (9, 10)])
def test_the_first_row_that_matches_decides(bets: int, value: int | None) -> None:
    assert value_of(table_of(*without_priority()), {"betting.bets": bets}) == value


@pytest.mark.parametrize(("bets", "value"), [(0, None), (1, 10), (4, 30), (5, 50), (9, 50)])
def test_the_row_of_the_highest_priority_decides_and_of_equals_the_upper(
    bets: int, value: int | None
) -> None:
    assert value_of(table_of(*OVERLAPPING, hit="priority"), {"betting.bets": bets}) == value


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("sum", (None, 10, 40, 90, 160)),
        ("min", (None, 10, 10, 10, 10)),
        ("max", (None, 10, 30, 50, 70)),
        ("count", (None, 1, 2, 3, 4)),
    ],
)
def test_the_rows_that_match_are_collected(word: str, values: tuple[int | None, ...]) -> None:
    table = table_of(*without_priority(), hit="collect", collect=word)

    assert tuple(value_of(table, {"betting.bets": bets}) for bets in (0, 1, 4, 5, 9)) == values


@pytest.mark.parametrize("word", ["sum", "min", "max", "count"])
def test_a_default_comes_out_when_nothing_is_collected(word: str) -> None:
    table = table_of(row({"bets_min": 5}, 3), hit="collect", collect=word, default={"value": -1})

    assert value_of(table, {"betting.bets": 0}) == -1
    assert value_of(table, {"betting.bets": 5}) == (1 if word == "count" else 3)


def test_computed_values_are_collected_too() -> None:
    rows = [row({"bets_min": 1}, {"formula": "net_loss * 0.5"}), row({}, {"formula": "bets ** 2"})]
    facts = {"betting.bets": 3, "betting.net_loss": 100}

    assert value_of(table_of(*rows, hit="collect", collect="sum"), facts) == 59
    assert value_of(table_of(*rows, hit="collect", collect="min"), facts) == 9
    assert value_of(table_of(*rows, hit="collect", collect="max"), facts) == 50


@pytest.mark.parametrize("value", [5, 0.25, "gold", True, False])
def test_a_row_gives_a_number_or_a_text_or_a_truth(value: Any) -> None:
    assert value_of(table_of(row({}, value)), {}) == value


def test_a_text_is_never_a_formula() -> None:
    assert value_of(table_of(row({}, "net_loss * 2")), {}) == "net_loss * 2"


def test_a_row_without_a_condition_always_matches() -> None:
    table = table_of(row({"bets_min": 5}, 1), {"then": {"value": 2}}, row({"bets_min": 1}, 3))

    assert [value_of(table, {"betting.bets": bets}) for bets in (0, 1, 5)] == [2, 2, 1]


def test_a_condition_may_be_an_expression() -> None:
    assert value_of(table_of(row("bets * 2 > 5", 1)), {"betting.bets": 3}) == 1


def test_a_row_that_reads_an_unknown_fact_ends_the_evaluation() -> None:
    table = table_of(row({"net_loss_min": 5}, 1), row({"bets_min": 0}, 2))

    assert value_of(table, {}) == "<unknown_fact>"


def test_a_table_has_many_outputs() -> None:
    table = table_of(
        {"when": {"bets_min": 1}, "then": {"value": 1, "label": "one"}}, default={"value": 0, "label": ""}
    )
    outputs = decide_by(table, CATALOGUE, "table").outputs

    assert {name: compile_value(node)({"betting.bets": 1}) for name, node in outputs.items()} == {
        "value": 1.0,
        "label": "one",
    }


# -- in a rule ---------------------------------------------------------------------------------


def test_a_reward_with_a_table_pays_what_its_row_says() -> None:
    rows = [{"when": {"bets_min": 10}, "then": {"amount": {"formula": "net_loss * 0.1"}}}]
    data = {
        "kind": "reward",
        "key": "a",
        "when": {"is_vip": True},
        "then": [{"action": "x.y"}],
        "table": {"rows": rows},
    }
    program = compile_rule(data, CATALOGUE)
    facts = {"betting.bets": 10, "betting.net_loss": Decimal("0.30"), "is_vip": True}

    assert compile_value(program.when)(facts) is True
    assert compile_value(program.when)(facts | {"betting.bets": 9}) is False
    assert program.amount is not None
    assert exact_amount(program.amount, facts, CATALOGUE) == Decimal("0.03")


def test_a_formula_with_a_table_has_its_value() -> None:
    program = compile_rule({"kind": "formula", "key": "a", "table": {"rows": [row({}, "gold")]}}, CATALOGUE)

    assert program.value is not None
    assert compile_value(program.value)({}) == "gold"


@pytest.mark.parametrize("word", ["sum", "count"])
def test_a_sum_or_a_count_of_no_rows_is_zero(word: str) -> None:
    table = {"rows": [row({"bets_min": 5}, 1)], "hit": "collect", "collect": word}
    program = compile_rule({"kind": "formula", "key": "a", "table": table}, CATALOGUE)

    assert program.value is not None
    assert compile_value(program.value)({}) == 0


# -- two hundred rows --------------------------------------------------------------------------


def depth_of(node: Node) -> int:
    return 1 + max(map(depth_of, children(node)), default=0)


@pytest.mark.parametrize(
    ("more", "value"),
    [
        ({"hit": "first"}, 199),
        ({"hit": "unique"}, 199),
        ({"hit": "priority"}, 199),
        ({"hit": "collect", "collect": "sum"}, 199),
        ({"hit": "collect", "collect": "max"}, 199),
        ({"hit": "collect", "collect": "min"}, 199),
        ({"hit": "collect", "collect": "count"}, 1),
    ],
    ids=lambda case: "-".join(map(str, case.values())) if isinstance(case, dict) else "",
)
def test_two_hundred_rows_work(more: dict[str, Any], value: int) -> None:
    table = table_of(*BANDS, **more, default={"value": -1})
    prove(table, CATALOGUE, "table", always=True)
    node = decide_by(table, CATALOGUE, "table").outputs["value"]
    decide = compile_value(node)

    assert depth_of(node) < DEPTH_MAX
    assert decide({"betting.net_loss": 1999.5}) == value
    assert decide({"betting.net_loss": 2000}) == decide({"betting.net_loss": -1}) == -1
    if value > 1:
        assert [decide({"betting.net_loss": 10 * n}) for n in range(ROWS_MAX)] == list(range(ROWS_MAX))


def test_each_row_of_a_small_table_reads_back_as_text() -> None:
    node = decide_by(table_of(*BANDS[:30], default={"value": -1}), CATALOGUE, "table").outputs["value"]

    assert check(text_of(node), CATALOGUE) == node


def test_more_rows_are_refused() -> None:
    data = {"kind": "formula", "key": "a", "table": {"rows": [*BANDS, row({}, -1)]}}

    with pytest.raises(Refused, match=r"table\.rows: at most 200 items are allowed, and there are 201"):
        compile_rule(data, CATALOGUE)


def test_a_table_with_too_many_parts_is_refused() -> None:
    wide = {"any": [{"betting.bets": {"above": n}} for n in range(PARTS_MAX // ROWS_MAX)]}

    assert refusal_of(table_of(*[row(wide, 1)] * ROWS_MAX)).startswith(
        "table: a table has at most 20000 parts"
    )


# -- against the plainest reading ---------------------------------------------------------------

WORDS = catalogue_of(
    [
        Variable(name="a", default=0),
        Variable(name="b", default=0),
        Variable(name="c", type="choice", choices=SEGMENTS),
    ]
)
numbers = st.integers(0, 4)
tests = st.one_of(
    st.builds(lambda low, high: {"a": {"min": low, "below": high}}, numbers, numbers),
    st.builds(lambda value: {"b": value}, numbers),
    st.builds(lambda choices: {"c": choices}, st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3)),
    st.builds(lambda low, value: {"a_min": low, "c": {"not": value}}, numbers, st.sampled_from(SEGMENTS)),
    st.builds(lambda one, two: {"any": [{"a": one}, {"b": two}]}, numbers, numbers),
    st.just({}),
)
row_lists = st.lists(st.builds(row, tests, st.integers(-9, 9)), min_size=1, max_size=24)
fact_sets = st.fixed_dictionaries({"a": numbers, "b": numbers, "c": st.sampled_from(SEGMENTS)})
slice_of = settings(deadline=None, derandomize=True, max_examples=80, database=None)

PLAIN: dict[str, Callable[[list[int]], int]] = {"sum": sum, "min": min, "max": max, "count": len}


def matching(rows: list[dict[str, Any]], facts: Facts) -> list[int]:
    """Return the values of the rows that match, each row judged by itself."""
    return [r["then"]["value"] for r in rows if value_of(table_of(r), facts, WORDS) is not None]


@pytest.mark.slow
@slice_of
@given(row_lists, fact_sets)
def test_a_table_decides_as_its_rows_do(rows: list[dict[str, Any]], facts: Facts) -> None:
    found = matching(rows, facts)

    assert value_of(table_of(*rows), facts, WORDS) == (found[0] if found else None)
    for word, plain in PLAIN.items():
        table = table_of(*rows, hit="collect", collect=word)
        assert value_of(table, facts, WORDS) == (plain(found) if found else None)


@slice_of
@given(row_lists, fact_sets)
def test_what_is_proved_of_a_table_is_so(rows: list[dict[str, Any]], facts: Facts) -> None:
    """Examples are examples, and where there are none there is nothing to find."""
    table = table_of(*rows)
    shared, missed = overlaps(table, WORDS), gaps(table, WORDS)
    found = matching(rows, facts)

    assert all(not matching(rows, example) for example in missed)
    for overlap in shared:
        both = [rows[overlap.first], rows[overlap.second]]
        assert overlap.example is None or len(matching(both, overlap.example)) == 2
    assert len(found) < 2 or shared
    assert found or missed


# -- proofs ------------------------------------------------------------------------------------


def test_rows_of_a_unique_table_that_overlap_are_refused_with_an_example() -> None:
    table = table_of(
        row({"net_loss_min": 100}, 1), row({"net_loss": {"between": [50, 100]}}, 2), hit="unique"
    )

    assert refusal_of(table) == (
        "table: rows[0] and rows[1] both match when net_loss is 100: mend one, or use hit 'first'"
    )


def test_rows_that_no_single_fact_tells_apart_are_refused_with_a_cure() -> None:
    table = table_of(row("net_loss * bets > 3", 1), row("net_loss * bets < 1", 2), hit="unique")

    assert refusal_of(table) == (
        "table: rows[0] and rows[1] cannot be proved apart: test single facts in both, or use hit 'first'"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"net_loss_min": 100}, {"net_loss": {"below": 100}}),
        ({"segment": "NEW"}, {"segment": {"not": "NEW"}}),
        ({"segment": {"not": ["NEW", "VIP"]}}, {"segment": ["NEW", "VIP"]}),
        ({"segment": {"not": ["NEW", "VIP"]}}, {"segment": {"not": ["WINNING", "BREAKEVEN", "LOSING"]}}),
        ({"is_vip": True}, {"is_vip": False}),
        ({"country": {"known": False}}, {"country": "DE"}),
        ({"games": {"contains": "slots"}}, {"none": [{"games": {"contains": "slots"}}]}),
        ("net_loss > bets", "net_loss <= bets"),
        ("net_loss == bets", "net_loss > bets"),
        (
            {"last_deposit_at": {"below": "2026-01-01T00:00:00Z"}},
            {"last_deposit_at_min": "2026-01-01T00:00:00Z"},
        ),
        ({"net_loss_min": 1, "is_vip": True}, {"net_loss_min": 1, "is_vip": False}),
    ],
)
def test_rows_are_proved_apart(one: Any, other: Any) -> None:
    prove(table_of(row(one, 1), row(other, 2), hit="unique"), CATALOGUE, "table", always=False)


@pytest.mark.parametrize(
    ("rows", "example"),
    [
        ([{"net_loss_min": 0}], "net_loss is -1"),
        ([{"net_loss": {"above": 0}}, {"net_loss": {"below": 0}}], "net_loss is 0"),
        ([{"segment": ["NEW", "WINNING", "BREAKEVEN", "LOSING"]}], "segment is 'VIP'"),
        ([{"is_vip": True}], "is_vip is false"),
        ([{"country": "DE"}], "country is 'a'"),
        ([{"last_deposit_at_min": "2026-01-01T00:00:00Z"}], "last_deposit_at is '2025-12-31T23:59:59Z'"),
        ([{"idle_min": "1h"}], "idle is '3599s'"),
        ([{"games": {"contains": "slots"}}], "games is []"),
    ],
)
def test_a_formula_whose_rows_leave_a_gap_is_refused_with_an_example(rows: list[Any], example: str) -> None:
    table = table_of(*[row(when, 1) for when in rows])

    assert refusal_of(table, always=True) == (
        f"table: no row may match when {example}: give a default, or a last row without 'when'"
    )


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"net_loss_min": 0}, {"net_loss": {"below": 0}}],
        [{"segment": segment} for segment in SEGMENTS],
        [{"is_vip": True}, {"is_vip": False}],
        ["net_loss > bets", "net_loss <= bets"],
        [
            {"net_loss_min": 0, "is_vip": True},
            {"net_loss_min": 0, "is_vip": False},
            {"net_loss": {"below": 0}},
        ],
    ],
)
def test_a_formula_whose_rows_leave_no_gap_needs_no_default(rows: list[Any]) -> None:
    prove(table_of(*[row(when, 1) for when in rows]), CATALOGUE, "table", always=True)


def test_gaps_are_listed_for_the_editor() -> None:
    table = table_of(row({"net_loss_min": 100}, 1), row({"net_loss": {"below": 50}}, 2))

    assert gaps(table, CATALOGUE) == ({"betting.net_loss": 50},)


def test_overlaps_are_listed_for_the_editor() -> None:
    table = table_of(row({"bets_min": 1}, 1), row({"bets_max": 0}, 2), row({"bets_min": 5}, 3))

    assert [(o.first, o.second, o.example) for o in overlaps(table, CATALOGUE)] == [
        (0, 2, {"betting.bets": 100})
    ]


def test_no_more_overlaps_are_listed_than_can_be_read() -> None:
    assert len(overlaps(table_of(*[row({}, 1)] * 40), CATALOGUE)) == OVERLAPS_MAX


@pytest.mark.slow
def test_two_hundred_rows_are_proved_apart() -> None:
    rows = [row({"any": [when["when"], {"bets": {"min": 9, "max": 3}}]}, 1) for when in BANDS]
    prove(table_of(*rows, hit="unique"), CATALOGUE, "table", always=False)
