"""A small picture of a book: what each outcome would win or lose the house, as bars around zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 160
HEIGHT = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """One outcome's bar, in the units of the picture."""

    x: int
    width: int
    is_loss: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All bars in one scale, and where zero is: losses are left of it."""

    bars: tuple[Bar, ...]
    zero: int
    width: int = WIDTH
    height: int = HEIGHT


def picture_of(results: Sequence[int]) -> Picture:
    """Draw what the house would have by each outcome.

    >>> picture_of([-50, 100]).bars
    (Bar(x=0, width=53, is_loss=True), Bar(x=53, width=106, is_loss=False))
    """
    low, high = min(0, *results, 0), max(0, *results, 0)
    span = high - low or 1
    zero = -low * WIDTH // span
    return Picture(tuple(_bar(result, zero, span) for result in results), zero)


def _bar(result: int, zero: int, span: int) -> Bar:
    width = abs(result) * WIDTH // span
    return Bar(max(0, zero - width) if result < 0 else zero, width, result < 0)
