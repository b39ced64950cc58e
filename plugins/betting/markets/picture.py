"""A small picture of a book: what each answer would win or lose the house, as bars around zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 160
HEIGHT_OF_BAR = 14
GAP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer's bar, in the units of the picture."""

    x: int
    y: int
    width: int
    is_loss: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All bars, and where zero is."""

    bars: tuple[Bar, ...]
    zero: int
    height: int
    width: int = WIDTH


def picture_of(results: Sequence[int]) -> Picture:
    """Draw what the house would have by each answer.

    >>> picture_of([-50, 100]).bars
    (Bar(x=0, y=0, width=53, is_loss=True), Bar(x=53, y=18, width=106, is_loss=False))
    """
    low, high = min(0, *results, 0), max(0, *results, 0)
    span = high - low or 1
    zero = -low * WIDTH // span
    bars = tuple(_bar(result, number, zero, span) for number, result in enumerate(results))
    return Picture(bars, zero, len(results) * (HEIGHT_OF_BAR + GAP))


def _bar(result: int, number: int, zero: int, span: int) -> Bar:
    width = abs(result) * WIDTH // span
    x = zero - width if result < 0 else zero
    return Bar(max(0, x), number * (HEIGHT_OF_BAR + GAP), width, result < 0)
