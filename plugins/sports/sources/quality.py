"""What a source is worth, by its own record: pure arithmetic on counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SCORE_MAX = 100
CALLS_MIN = 5
"""A source that was hardly asked yet is taken at its word."""
ANSWERED, FRESH, CORRECT = Fraction(50, 100), Fraction(30, 100), Fraction(20, 100)
"""How much each counts; a source that answers, on time, with what need not be corrected has all of it."""
LATE_PERIODS_MAX = 10
"""A source that was not heard for so many of its periods is not fresh at all."""
CORRECTIONS_WEIGHT = 5
"""One correction is as bad as so many items that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What happened with a source lately."""

    calls: int = 0
    failures: int = 0
    items: int = 0
    problems: int = 0
    """Items that could not be read."""
    corrections: int = 0
    """Results that it took back."""
    seconds_since_heard: int | None = None
    period_seconds: int = 60


def score(record: Record) -> int:
    """Return 0 to 100.

    >>> score(Record(calls=10, failures=5, items=100, seconds_since_heard=30))
    75
    """
    if record.calls < CALLS_MIN:
        return SCORE_MAX
    answered = Fraction(record.calls - record.failures, record.calls)
    parts = ANSWERED * answered + FRESH * _freshness(record) + CORRECT * _correctness(record)
    return int(parts * SCORE_MAX + Fraction(1, 2))


def _freshness(record: Record) -> Fraction:
    if record.seconds_since_heard is None:
        return Fraction(0)
    late = Fraction(record.seconds_since_heard, max(record.period_seconds, 1)) - 1
    return max(Fraction(0), 1 - max(Fraction(0), late) / (LATE_PERIODS_MAX - 1))


def _correctness(record: Record) -> Fraction:
    if not record.items + record.problems:
        return Fraction(1)
    wrong = record.problems + CORRECTIONS_WEIGHT * record.corrections
    return max(Fraction(0), 1 - Fraction(wrong, record.items + record.problems))
