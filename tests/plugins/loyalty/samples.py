"""What the tests of loyalty share: the oracles, money as text, instants, and how much Hypothesis tries."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings

from pitboss.core.money import Currencies, Money

ROOT = Path(__file__).parents[3]
ORACLES: dict[str, dict[str, Any]] = {
    oracle["id"]: oracle
    for oracle in json.loads((ROOT / "tests/data/oracles/loyalty.json").read_text("utf-8"))["oracles"]
}
EXAMPLES = 40
law = settings(deadline=None, derandomize=True, max_examples=EXAMPLES, database=None)
sequences = settings(law, max_examples=20, stateful_step_count=25)
"""For state machines, of which each example is many steps."""

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
_EURO = Currencies()


def cents(text: str | int) -> int:
    """Read an amount of an oracle."""
    return _EURO.parse(str(text), "EUR").minor


def euros(minor: int) -> str:
    """Write an amount as the oracles do."""
    return _EURO.text(Money(minor, "EUR"))


def day(number: float) -> datetime:
    """Return an instant by its days after the start."""
    return START + timedelta(days=number)
