"""The envelope: what is read is what is written, and formatting twice changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import (
    FILE_BYTES_MAX,
    KINDS,
    RULE_BYTES_MAX,
    Reward,
    format_rule,
    read_rule,
    read_rules,
    write_rule,
)
from tests.rules.engine.samples import BRIEF, RIGHT

slice_of = settings(deadline=None, derandomize=True, max_examples=100, database=None)

names = st.text("abcdefghij-._", min_size=1, max_size=20).filter(
    lambda key: key[0].isalpha() and key[-1].isalpha()
)
texts = st.text(max_size=20)
amounts = st.integers(0, 10**6) | st.integers(0, 10**6).map(lambda cents: cents / 100)


def envelopes() -> st.SearchStrategy[dict[str, Any]]:
    """Draw rewards with any of the optional parts."""
    period = st.sampled_from(("hour", "day", "week", "month", "lifetime"))
    per_player = st.fixed_dictionaries({"count": st.integers(1, 9), "period": period})
    budget = st.fixed_dictionaries({"amount": amounts.filter(bool), "period": period})
    action = st.fixed_dictionaries(
        {"action": names},
        optional={"amount": amounts, "max_amount": amounts, "expiry_hours": st.integers(1, 99)},
    )
    optional = {
        "name": texts,
        "description": texts,
        "on": st.lists(names, max_size=3),
        "when": st.just({"net_loss_min": 100}) | st.just("net_loss >= 100"),
        "priority": st.integers(-9, 9),
        "effective": st.just({"from": "2026-12-01"}) | st.just({"until": "2026-12-01T09:00:00Z"}),
        "tags": st.lists(names, max_size=3),
        "stop": st.booleans(),
        "exclusive": st.fixed_dictionaries({"group": names}, optional={"max_amount": amounts}),
        "limits": st.fixed_dictionaries({}, optional={"per_player": per_player, "budget": budget}),
        "holdout_percent": st.integers(0, 100),
        "tests": st.just([{"facts": {"net_loss": 5}, "expect": {"match": False}}]),
    }
    needed = {"kind": st.just("reward"), "key": names, "then": st.lists(action, min_size=1, max_size=3)}
    return st.fixed_dictionaries(needed, optional=optional)


@slice_of
@given(envelopes())
def test_what_is_written_reads_back_as_the_same_rule(data: dict[str, Any]) -> None:
    rule = read_rule(data)

    assert read_rule(write_rule(rule)) == rule
    assert read_rule(format_rule(rule)) == rule


@slice_of
@given(envelopes())
def test_formatting_twice_changes_nothing(data: dict[str, Any]) -> None:
    once = format_rule(read_rule(data))

    assert format_rule(read_rule(once)) == once


@pytest.mark.parametrize("data", RIGHT, ids=lambda data: str(data["key"]))
def test_a_right_rule_is_written_with_its_own_keys_only(data: dict[str, Any]) -> None:
    assert write_rule(read_rule(data)).keys() <= data.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_says_its_kind(kind: str) -> None:
    more = {
        "reward": {"then": [{"action": "a.b"}]},
        "alert": {"message": "look"},
        "formula": {"formula": "1"},
        "limit": {"operation": "a.b", "message": "no"},
    }
    rule = read_rule({"kind": kind, "key": "a"} | more.get(kind, {}))

    assert (rule.kind, write_rule(rule)["kind"]) == (kind, kind)


def test_the_briefs_rule_is_read_from_text() -> None:
    rule = read_rule(json.dumps(BRIEF))

    assert isinstance(rule, Reward)
    assert rule.limits is not None
    assert rule.limits.per_player is not None
    assert (rule.key, rule.priority, rule.limits.per_player.count) == ("weekly-cashback", 10, 1)


def test_what_is_as_it_would_be_anyway_is_not_written() -> None:
    data = {"kind": "segment", "key": "all", "priority": 0, "tags": [], "effective": None, "when": {}}

    assert write_rule(read_rule(data)) == {"kind": "segment", "key": "all"}


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "segment", "key": "a"}',
        '[{"kind": "segment", "key": "a"}]',
        '{"pack": "p", "title": "P", "version": 1, "rules": [{"kind": "segment", "key": "a"}]}',
    ],
)
def test_a_file_holds_a_rule_or_a_list_or_a_pack(text: str) -> None:
    assert [rule.key for rule in read_rules(text)] == ["a"]


def test_a_rule_in_a_file_is_refused_by_its_key() -> None:
    with pytest.raises(Refused) as refused:
        read_rules('[{"kind": "segment", "key": "a"}, {"kind": "segment", "key": "b", "prioriti": 1}]')

    assert str(refused.value) == "b: unknown key 'prioriti': did you mean priority?"


def test_two_rules_of_a_file_have_not_one_key() -> None:
    with pytest.raises(Refused) as refused:
        read_rules('[{"kind": "segment", "key": "a"}, {"kind": "segment", "key": "a"}]')

    assert str(refused.value) == "a: the key 'a' stands twice: each rule has one of its own"


def test_a_rule_is_read_up_to_its_size_and_no_further() -> None:
    fits = {"kind": "segment", "key": "a", "tags": [""]}
    fits["tags"] = ["x" * (RULE_BYTES_MAX - len(json.dumps(fits)))]

    assert len(json.dumps(fits)) == RULE_BYTES_MAX
    assert read_rule(json.dumps(fits)).key == "a"
    with pytest.raises(Refused, match="bytes are too many"):
        read_rule(json.dumps(fits) + " ")


def test_a_file_is_read_up_to_its_size_and_no_further() -> None:
    with pytest.raises(Refused, match="bytes are too many"):
        read_rules(" " * (FILE_BYTES_MAX + 1))


def test_a_rule_cannot_be_changed() -> None:
    rule = read_rule(BRIEF)

    with pytest.raises(AttributeError):
        rule.key = "other"  # type: ignore[misc]  # the point of the test


def test_a_key_ends_where_it_ends() -> None:
    with pytest.raises(Refused, match="is not a key"):
        read_rule({"kind": "segment", "key": "abc\n"})


def test_a_whole_number_is_written_as_it_was() -> None:
    assert write_rule(read_rule(BRIEF))["limits"]["budget"] == {"amount": 10000, "period": "day"}
    assert '"amount": 10000,' in format_rule(read_rule(BRIEF))


def test_the_briefs_rule_is_written_as_it_was() -> None:
    shorter = {key: value for key, value in BRIEF.items() if key != "stop"} | {
        "effective": {"from": "2026-12-01"}
    }

    assert write_rule(read_rule(BRIEF)) == shorter
