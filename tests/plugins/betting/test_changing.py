"""A price that moved is struck only where the player agreed to such moves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.changing import POLICIES, decide
from tests.plugins.betting.samples import expected


@pytest.mark.parametrize(
    ("mode", "requested", "current", "said", "struck"), expected("price_change")["table"]
)
def test_each_row_of_the_oracle_is_decided(
    mode: Any, requested: str, current: str, said: str, struck: str | None
) -> None:
    found = decide(mode, requested=Decimal(requested), current=Decimal(current))
    assert ("accept" if found.is_accepted else f"reject:{found.reason}") == said
    assert (found.odds_struck and str(found.odds_struck)) == struck
    assert found.current == Decimal(current)


@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_suspended_or_has_no_price_is_never_struck(policy: Any) -> None:
    price = Decimal(2)
    assert decide(policy, requested=price, current=price, is_suspended=True).reason == "suspended"
    assert decide(policy, requested=price, current=None).reason == "suspended"


def test_an_unknown_policy_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="higher_only"):
        decide("higher", requested=Decimal(2), current=Decimal(2))  # type: ignore[arg-type]  # what data may say
