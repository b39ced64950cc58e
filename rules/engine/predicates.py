"""What one fact may be: numbers between bounds, some texts, or truths; and perhaps the unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pitboss.rules.engine.catalogue import WHOLE_MAX

_INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Ranges:
    """Numbers between bounds that are both included, ascending and apart; -inf and inf are no bounds."""

    intervals: tuple[tuple[float, float], ...] = ()
    unknown: bool = False

    @classmethod
    def of(cls, intervals: Iterable[tuple[float, float]], unknown: bool = False) -> Ranges:
        """Bring intervals into the one form that says the same: clipped to what facts can be, and merged."""
        merged: list[tuple[float, float]] = []
        for low, high in sorted(map(_clipped, intervals)):
            if low > high or low > WHOLE_MAX or high < -WHOLE_MAX:
                continue
            if merged and low <= math.nextafter(merged[-1][1], _INFINITY):
                merged[-1] = merged[-1][0], max(high, merged[-1][1])
            else:
                merged.append((low, high))
        return cls(tuple(merged), unknown)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return not self.intervals and not self.unknown

    @property
    def all(self) -> Ranges:
        """Return all there can be."""
        return Ranges(((-_INFINITY, _INFINITY),), unknown=True)

    @property
    def others(self) -> Ranges:
        """Return the numbers that are not in it; the unknown is no number."""
        edges = [-_INFINITY]
        for low, high in self.intervals:
            edges += [math.nextafter(low, -_INFINITY), math.nextafter(high, _INFINITY)]
        edges.append(_INFINITY)
        if self.intervals and self.intervals[0][0] == -_INFINITY:
            del edges[:2]
        if self.intervals and self.intervals[-1][1] == _INFINITY:
            del edges[-2:]
        return Ranges(tuple(zip(edges[::2], edges[1::2], strict=True)))

    def __and__(self, other: Ranges) -> Ranges:
        """Return what is in both."""
        both = _shared(self.intervals, other.intervals)
        return Ranges.of(both, self.unknown and other.unknown)

    def __or__(self, other: Ranges) -> Ranges:
        """Return what is in either."""
        return Ranges.of((*self.intervals, *other.intervals), self.unknown or other.unknown)

    def accepts(self, value: float | None) -> bool:
        """Tell whether a value is in it; None is the unknown."""
        return self.unknown if value is None else any(low <= value <= high for low, high in self.intervals)


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts, or all but some."""

    values: frozenset[str] = frozenset()
    is_complement: bool = False
    unknown: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return not self.values and not self.is_complement and not self.unknown

    @property
    def all(self) -> Texts:
        """Return all there can be."""
        return Texts(is_complement=True, unknown=True)

    @property
    def others(self) -> Texts:
        """Return the texts that are not in it; the unknown is no text."""
        return Texts(self.values, not self.is_complement)

    def __and__(self, other: Texts) -> Texts:
        """Return what is in both."""
        unknown = self.unknown and other.unknown
        if self.is_complement and other.is_complement:
            return Texts(self.values | other.values, is_complement=True, unknown=unknown)
        if self.is_complement:
            return Texts(other.values - self.values, unknown=unknown)
        kept = self.values - other.values if other.is_complement else self.values & other.values
        return Texts(kept, unknown=unknown)

    def __or__(self, other: Texts) -> Texts:
        """Return what is in either."""
        neither = self.others & other.others
        return Texts(neither.values, not neither.is_complement, self.unknown or other.unknown)

    def accepts(self, value: str | None) -> bool:
        """Tell whether a value is in it; None is the unknown."""
        return self.unknown if value is None else (value in self.values) != self.is_complement


@dataclass(frozen=True, slots=True)
class Truths:
    """True, false, both or neither."""

    values: frozenset[bool] = frozenset()
    unknown: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return not self.values and not self.unknown

    @property
    def all(self) -> Truths:
        """Return all there can be."""
        return Truths(frozenset({True, False}), unknown=True)

    @property
    def others(self) -> Truths:
        """Return the truths that are not in it; the unknown is none."""
        return Truths(frozenset({True, False}) - self.values)

    def __and__(self, other: Truths) -> Truths:
        """Return what is in both."""
        return Truths(self.values & other.values, self.unknown and other.unknown)

    def __or__(self, other: Truths) -> Truths:
        """Return what is in either."""
        return Truths(self.values | other.values, self.unknown or other.unknown)

    def accepts(self, value: bool | None) -> bool:
        """Tell whether a value is in it; None is the unknown."""
        return self.unknown if value is None else value in self.values


Predicate: TypeAlias = Ranges | Texts | Truths
"""What one fact may be."""


def _clipped(bounds: tuple[float, float]) -> tuple[float, float]:
    # Facts end at WHOLE_MAX, so a bound there is none; 0.0 stands for -0.0, which it equals.
    low, high = bounds
    return -_INFINITY if low <= -WHOLE_MAX else low + 0.0, _INFINITY if high >= WHOLE_MAX else high + 0.0


def _shared(
    one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    """Yield what two ascending lists of intervals share, in one walk along both."""
    i = j = 0
    while i < len(one) and j < len(other):
        low, high = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if low <= high:
            yield low, high
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
