"""A simulation counts what judging each row by itself would count."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import Facts, Function, Variable, catalogue_of
from pitboss.rules.engine.check import check
from pitboss.rules.engine.columns import evaluation
from pitboss.rules.engine.columns.evaluation import Columns
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.simulation import overlap, players
from pitboss.rules.engine.simulation import simulate as simulation
from pitboss.rules.engine.simulation.overlap import Overlaps, Pair
from pitboss.rules.engine.simulation.simulate import Change, RuleResult, Simulation, simulate
from pitboss.rules.engine.tree import Node
from tests.rules.engine.interpret import outcome
from tests.rules.engine.trees import CATALOGUE, facts, trees


@dataclass(frozen=True)
class Rule:
    key: str
    when: Node
    amount: Node | None = None
    max_amount: float | None = None


def rule(key: str, when: str, amount: str | None = None, max_amount: float | None = None) -> Rule:
    return Rule(key, check(when, CATALOGUE), None if amount is None else check(amount, CATALOGUE), max_amount)


def ratios(*values: float | None, ids: Sequence[Any] | None = None) -> Columns:
    return Columns.of_arrays({"ratio": list(values)}, CATALOGUE, ids=ids)


def only(rule: Rule, chunks: Any, **options: Any) -> RuleResult:
    (result,) = simulate([rule], chunks, **options).rules
    return result


def whole(chunks: Sequence[Columns]) -> Iterator[Columns]:
    yield from chunks


# -- one rule ----------------------------------------------------------------------------------


def test_a_rule_that_fires_is_counted_with_what_it_pays() -> None:
    found = only(rule("r", "ratio > 1", "ratio * 10", 35), ratios(1, 2, 3, 4, None))
    assert (found.matches, found.cost, found.paid, found.highest, found.capped) == (3, 85.0, 3, 35.0, 1)
    assert found.mean == pytest.approx(85 / 3)
    assert found.faults == {"unknown_fact": 1}
    assert found.sample == (1, 2, 3)


def test_a_rule_without_an_amount_costs_nothing() -> None:
    found = only(rule("r", "ratio > 1"), ratios(1, 2))
    assert (found.matches, found.cost, found.paid, found.mean) == (1, 0.0, 0, 0.0)


def test_a_negative_amount_pays_nothing_and_is_counted() -> None:
    found = only(rule("r", "True", "ratio", 5), ratios(-3, 0, 2, 7))
    assert (found.matches, found.cost, found.paid, found.unpaid, found.capped) == (4, 7.0, 2, 1, 1)


def test_a_fault_in_the_amount_means_that_the_rule_does_not_fire() -> None:
    found = only(rule("r", "ratio >= 0", "1 / ratio"), ratios(0, 2, None, -1))
    assert (found.matches, found.cost, found.sample) == (1, 0.5, (1,))
    assert found.faults == {"unknown_fact": 1, "division_by_zero": 1}


def test_an_amount_may_be_one_for_all_rows() -> None:
    assert only(rule("r", "ratio > 1", "2.5"), ratios(1, 2, 3)).cost == 5.0


def test_an_amount_that_never_has_a_value_is_a_fault_in_each_row() -> None:
    assert only(rule("r", "ratio > 1", "1 / 0"), ratios(1, 2, 3)).faults == {"division_by_zero": 2}


def test_a_sum_keeps_what_rounding_would_lose() -> None:
    chunks = [ratios(1e15, 0.1), ratios(0.1), ratios(*[0.1] * 7), ratios(1.0)]
    values = [1e15, *[0.1] * 9, 1.0]
    assert only(rule("r", "True", "ratio"), whole(chunks)).cost == math.fsum(values)


def test_a_sample_has_the_first_rows_over_all_chunks() -> None:
    chunks = [ratios(1, 5), ratios(5, 1, 5), ratios(5)]
    assert only(rule("r", "ratio > 2"), whole(chunks), sample=3).sample == (1, 2, 4)
    assert only(rule("r", "ratio > 2"), whole(chunks), sample=0).sample == ()


# -- players -----------------------------------------------------------------------------------


def test_a_player_is_counted_once_over_all_chunks() -> None:
    chunks = [ratios(5, 5, 1, ids=["a", "b", "c"]), ratios(5, 5, ids=["b", "d"])]
    found = simulate([rule("r", "ratio > 2"), rule("none", "ratio > 9")], whole(chunks))
    assert [result.players for result in found.rules] == [3, 0]
    assert found.players == 3


def test_many_players_are_counted_exactly() -> None:
    ids = np.random.default_rng(3).integers(0, 50_000, 100_000)
    found = simulate([rule("r", "True")], Columns.of_arrays({"ratio": np.ones(100_000)}, CATALOGUE, ids=ids))
    assert found.players == len(np.unique(ids))


def test_without_ids_players_are_not_counted() -> None:
    found = simulate([rule("r", "True")], ratios(1))
    assert (found.players, found.rules[0].players) == (None, None)


def test_one_player_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(players, "PLAYERS_MAX", 2)
    simulate([rule("r", "True")], ratios(1, 1, ids=["a", "b"]))
    with pytest.raises(Refused, match="more than 2 players"):
        simulate([rule("r", "True")], ratios(1, 1, 1, ids=["a", "b", "c"]))


# -- several rules -----------------------------------------------------------------------------


def test_overlap_names_the_pairs_that_fire_together_most_often() -> None:
    rules = [
        rule("low", "ratio > 1"),
        rule("mid", "ratio > 2"),
        rule("high", "ratio > 3"),
        rule("no", "ratio > 9"),
    ]
    found = simulate(rules, whole([ratios(1, 2, 3), ratios(4, 5)]))
    assert found.overlaps == (Pair("low", "mid", 3), Pair("low", "high", 2), Pair("mid", "high", 2))
    assert simulate(rules, ratios(4), pairs=1).overlaps == (Pair("low", "mid", 1),)
    assert simulate(rules, ratios(4), pairs=0).overlaps == ()


@pytest.mark.parametrize("dense_per_pair", [0, 10**9])
def test_overlap_is_the_same_counted_one_by_one_or_by_a_matrix(
    dense_per_pair: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlap, "DENSE_PER_PAIR", dense_per_pair)
    monkeypatch.setattr(overlap, "DENSE_ROWS", 16)
    rng = np.random.default_rng(5)
    held = rng.random((6, 100)) < rng.random((6, 1))
    counts = Overlaps([str(n) for n in range(6)], 15)
    counts.add([np.flatnonzero(row) for row in held], 100)
    for pair in counts.most():
        assert pair.rows == np.count_nonzero(held[int(pair.first)] & held[int(pair.second)])
    assert len(counts.most()) == 15


def test_what_many_rules_share_is_computed_once_for_each_block() -> None:
    calls: list[float] = []

    def noted(value: float) -> float:
        calls.append(value)
        return value

    function = Function(name="own", arguments=("number",), returns="number", call=noted)
    own = catalogue_of(CATALOGUE.variables.values(), [function])
    shared = check("own(ratio) > 1", own)
    simulate([Rule(f"r{n}", shared, check("own(ratio)", own)) for n in range(9)], ratios(1, 2, 3))
    assert calls == [1.0, 2.0, 3.0]


# -- against another version -------------------------------------------------------------------


def test_a_change_says_what_was_gained_lost_and_paid_otherwise() -> None:
    before = [rule("r", "ratio > 2", "ratio")]
    now = [rule("r", "ratio > 1 and ratio < 5", "ratio * 2 if ratio > 3 else ratio")]
    found = simulate(now, ratios(1, 2, 3, 4, 5), against=before)
    assert found.changes == (Change("r", gained=1, lost=1, changed=1, difference=2.0 + 4.0 - 5.0),)


def test_a_cap_that_changed_is_a_change_of_amounts_alone() -> None:
    before, now = rule("r", "ratio > 2", "ratio", 4), rule("r", "ratio > 2", "ratio", 5)
    assert simulate([now], ratios(3, 4, 5, 6), against=[before]).changes == (Change("r", 0, 0, 2, 2.0),)


def test_a_rule_that_is_new_gains_and_one_that_is_gone_loses() -> None:
    found = simulate([rule("new", "ratio > 1", "1")], ratios(1, 2), against=[rule("old", "ratio > 0", "3")])
    assert found.changes == (Change("new", 1, 0, 0, 1.0), Change("old", 0, 2, 0, -6.0))
    assert [result.key for result in found.rules] == ["new"]


def test_a_rule_that_stayed_the_same_is_no_change() -> None:
    rules = [rule("r", "ratio > 1", "ratio")]
    assert simulate(rules, ratios(1, 2), against=rules).changes == ()
    assert (
        simulate([replace(rules[0], when=check("1 < ratio", CATALOGUE))], ratios(1, 2), against=rules).changes
        == ()
    )


# -- progress ----------------------------------------------------------------------------------


def test_progress_is_told_after_each_block_and_only_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "BLOCK_ROWS", 2)
    told: list[tuple[int, int | None]] = []
    found = simulate(
        [rule("r", "True")],
        whole([ratios(1, 1, 1), ratios(1, 1)]),
        total=5,
        progress=lambda *at: told.append(at),
    )
    assert told == [(2, 5), (3, 5), (5, 5)]
    assert (found.rows, found.is_complete) == (5, True)


def test_the_total_of_columns_is_known() -> None:
    told: list[tuple[int, int | None]] = []
    simulate([rule("r", "True")], ratios(1, 1), progress=lambda *at: told.append(at))
    assert told == [(2, 2)]


def test_a_simulation_that_is_stopped_says_what_it_found_until_then() -> None:
    seen: list[Columns] = []

    def chunks() -> Iterator[Columns]:
        for _ in range(9):
            seen.append(ratios(1, 2))
            yield seen[-1]

    found = simulate([rule("r", "ratio > 1")], chunks(), progress=lambda done, total: done < 4)
    assert (found.rows, found.is_complete, found.rules[0].matches) == (4, False, 2)
    assert len(seen) == 2


@pytest.mark.parametrize("chunks", [[], [ratios()], [ratios(), ratios(2), ratios()]])
def test_a_chunk_may_be_empty(chunks: list[Columns]) -> None:
    found = simulate([rule("r", "ratio > 1", "1 / ratio"), rule("s", "True")], whole(chunks), against=[])
    assert found.rows == sum(chunk.rows for chunk in chunks) == found.rules[0].matches
    assert found.cost == found.rows / 2


# -- limits ------------------------------------------------------------------------------------


def test_one_rule_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "RULES_MAX", 2)
    rules = [rule(f"r{n}", "True") for n in range(3)]
    simulate(rules[:1], ratios(1), against=rules[:1])
    with pytest.raises(Refused, match="3 rules are too many"):
        simulate(rules[:2], ratios(1), against=rules[:1])


def test_one_rule_too_many_for_overlap_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "RULES_MAX", 2)
    rules = [rule(f"r{n}", "True") for n in range(3)]
    simulate(rules[:2], ratios(1))
    simulate(rules, ratios(1), pairs=0)
    with pytest.raises(Refused, match="ask for 0 pairs"):
        simulate(rules, ratios(1))


def test_a_sample_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "SAMPLE_MAX", 2)
    assert only(rule("r", "True"), ratios(1, 1, 1), sample=3).sample == (0, 1)


def test_two_rules_of_one_key_are_refused() -> None:
    with pytest.raises(Refused, match="the same key"):
        simulate([rule("r", "True"), rule("r", "True")], ratios(1))


# -- the law -----------------------------------------------------------------------------------


def judged(rule: Rule, rows: Sequence[Facts]) -> dict[int, float]:
    """Return the rows in which a rule fires, with what it pays, by the interpreter."""
    paid: dict[int, float] = {}
    for number, row in enumerate(rows):
        amount = 0.0 if rule.amount is None else outcome(rule.amount, row)
        if outcome(rule.when, row) is True and not isinstance(amount, str):
            assert isinstance(amount, float)
            paid[number] = max(0.0, min(amount, rule.max_amount if rule.max_amount is not None else math.inf))
    return paid


def agrees(found: Simulation, rules: Sequence[Rule], rows: Sequence[Facts]) -> None:
    for result, one in zip(found.rules, rules, strict=True):
        paid = judged(one, rows)
        assert result.matches == len(paid)
        assert result.cost == pytest.approx(math.fsum(paid.values()), rel=1e-15)
        assert result.paid == sum(amount > 0 for amount in paid.values())
        assert result.sample == tuple(paid)[:5]
        assert result.highest == max(paid.values(), default=0.0)


rules_of = st.lists(
    st.tuples(
        trees("boolean", depth=2), st.none() | trees("number", depth=2), st.sampled_from([None, 1.0, 100.0])
    ),
    max_size=5,
)


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=100,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(rules_of, st.lists(facts(), max_size=8), st.integers(1, 8))
def test_a_simulation_agrees_with_the_interpreter_whatever_the_chunks(
    parts: list[Any], rows: list[Facts], size: int
) -> None:
    rules = [Rule(f"r{n}", *part) for n, part in enumerate(parts)]
    chunks = [Columns.of_rows(rows[start : start + size], CATALOGUE) for start in range(0, len(rows), size)]
    found = simulate(rules, whole(chunks), pairs=99)
    agrees(found, rules, rows)
    fired = {one.key: set(judged(one, rows)) for one in rules}
    for pair in found.overlaps:
        assert pair.rows == len(fired[pair.first] & fired[pair.second])


def test_variables_of_a_plugin_are_read_by_their_full_names() -> None:
    own = catalogue_of([Variable(name="betting.net_loss", type="money")])
    one = Rule("r", check("net_loss > 1", own), check("net_loss", own))
    assert simulate([one], Columns.of_arrays({"net_loss": [1, 2]}, own)).cost == 2.0
