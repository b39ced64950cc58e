"""Plugins read conditions over events with the language of rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pitboss.core.contracts import Event
from pitboss.core.errors import InvalidInput
from pitboss.core.registry import Candidate, installed
from pitboss.rules.filters import read_filter
from tests.rules import casino

ROUND = {"game": "slots", "stake": 500, "won": 0}


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE]


@pytest.mark.parametrize(
    ("when", "passes"),
    [
        ({}, True),
        ("stake >= 5", True),
        ("stake > 5", False),
        ({"stake_min": 5, "game": {"in": ["slots", "poker"]}}, True),
        ({"game": "poker"}, False),
        ("event.won / (stake - 5) > 1", False),
    ],
)
def test_a_filter_holds_amounts_in_major_units_against_a_payload(ctx, when: Any, passes: bool) -> None:
    found = read_filter(ctx, when, [ctx.view.term("casino.round_played", Event)])

    assert found.lets_through(ctx, ROUND) is passes


@pytest.mark.parametrize("when", ["stak >= 5", {"stake_min": "five"}, "__import__('os')", 7])
def test_a_filter_that_is_written_wrongly_says_where(ctx, when: Any) -> None:
    with pytest.raises(InvalidInput, match="when"):
        read_filter(ctx, when, [ctx.view.term("casino.round_played", Event)])


def test_a_payload_that_does_not_fit_does_not_pass(ctx) -> None:
    found = read_filter(ctx, "stake >= 5", [ctx.view.term("casino.round_played", Event)])

    assert not found.lets_through(ctx, {"stake": "much"})
    assert not found.lets_through(ctx, {})
