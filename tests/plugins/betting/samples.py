"""What the tests of betting sums share: the oracles, money as text, slips, and how much Hypothesis tries."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from pitboss.core.money import Currencies, Money
from pitboss.plugins.betting.settling.outcomes import Outcome, State
from pitboss.plugins.betting.settling.slip import Leg, Slip

ROOT = Path(__file__).parents[3]
ORACLES: dict[str, dict[str, Any]] = {
    oracle["id"]: oracle
    for oracle in json.loads((ROOT / "tests/data/oracles/betting.json").read_text("utf-8"))["oracles"]
}
law = settings(deadline=None, derandomize=True, max_examples=40, database=None)
_EURO = Currencies()

prices = st.decimals("1.01", "30", places=2)
states: st.SearchStrategy[State] = st.sampled_from(["won", "lost", "void", "push", "half_won", "half_lost"])
outcomes = st.builds(
    Outcome,
    state=states,
    share=st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2, 3)]),
    deduction=st.sampled_from([Fraction(0), Fraction(1, 5)]),
)
TEN_LEGS = Slip(
    legs=tuple(Leg(odds=Decimal(place + 2) + Decimal("0.37")) for place in range(10)),
    stake=1013,
    sizes=tuple(range(2, 11)),
)
"""A system of 1,013 lines; a bench times `payout.potential(TEN_LEGS, Rules())`."""


def expected(name: str) -> Any:
    """Return what an oracle expects."""
    return ORACLES[name]["expected"]


def cents(text: str | int) -> int:
    """Read an amount of an oracle."""
    return _EURO.parse(str(text), "EUR").minor


def euros(minor: int) -> str:
    """Write an amount as the oracles do."""
    return _EURO.text(Money(minor, "EUR"))


def near(value: Decimal | Fraction, text: str, digits: int = 12) -> bool:
    """Tell whether a number agrees with an oracle's to so many significant digits."""
    wanted = Fraction(text)
    return abs(Fraction(value) - wanted) <= abs(wanted) / 10**digits


def fractional(text: str) -> Fraction:
    """Read traditional odds as decimal ones: 8/1 is 9."""
    return Fraction(text) + 1


def legs(*odds: str | Fraction, **more: Any) -> tuple[Leg, ...]:
    """Return legs at these odds."""
    return tuple(Leg(odds=Decimal(each) if isinstance(each, str) else each, **more) for each in odds)


def came(*states: State) -> list[Outcome]:
    """Return what legs came to."""
    return [Outcome(state=state) for state in states]
