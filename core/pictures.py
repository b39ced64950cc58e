"""Small pictures of figures, drawn by the server as an SVG: no script, and they print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped

WIDTH, HEIGHT, MARGIN = 96, 24, 2
WIDE, TALL = 480, 96
STRIP = 24
"""The height of a picture of one value."""
_GAP = 0.2
"""Of a bar's place that stays free."""


@dataclass(frozen=True, slots=True)
class Line:
    """A series as a line, from left to right."""

    width: int
    height: int
    points: str
    """What stands in the `points` of a polyline."""
    area: str
    """The same closed along the ground."""
    last: tuple[float, float]
    limit: float | None
    """How high the line of the limit is, where there is one."""
    says: str
    """The series in words, for those who do not see it."""


def line(
    values: Sequence[float],
    what: str,
    *,
    is_large: bool = False,
    from_zero: bool = True,
    limit: float | None = None,
) -> Line:
    """Draw a series; `what` names what it counts, and `limit` what it should not pass."""
    width, height = (WIDE, TALL) if is_large else (WIDTH, HEIGHT)
    known = [*values, *([] if limit is None else [limit])]
    low, high = min(0.0, *known) if from_zero else min(known), max(known)
    spread = (high - low) or 1.0
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)

    def up(value: float) -> float:
        return round(height - MARGIN - (value - low) / spread * (height - 2 * MARGIN), 1)

    places = [(round(MARGIN + n * step, 1), up(value)) for n, value in enumerate(values)]
    points = " ".join(f"{x},{y}" for x, y in places)
    area = f"{places[0][0]},{height} {points} {places[-1][0]},{height}"
    says = _(
        "%(what)s: %(first)s at first, %(high)s at most, %(last)s at last",
        what=what,
        first=figure(values[0]),
        high=figure(max(values)),
        last=figure(values[-1]),
    )
    if limit is None:
        return Line(width, height, points, area, places[-1], None, says)
    bound = _("%(series)s, of %(limit)s", series=says, limit=figure(limit))
    return Line(width, height, points, area, places[-1], up(limit), bound)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture, in its units."""

    x: float
    y: float
    width: float
    height: float
    is_below: bool
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A series as bars over and under a line at nothing, with what each stands for."""

    width: int
    height: int
    zero: float
    bars: tuple[Bar, ...]
    says: str
    highest: str
    """The highest value, in words."""
    ends: tuple[str, ...] = ()
    """What the first and the last bar stand for, where that is to be read beside the picture."""


def bars(
    values: Sequence[float],
    titles: Sequence[str],
    what: str,
    *,
    ends: tuple[str, ...] = (),
    shown: Callable[[float], str] | None = None,
) -> Bars:
    """Draw a series as bars; `shown` writes one of its values.

    >>> [(bar.y, bar.height) for bar in bars([10, -10], ["up", "down"], "Both").bars]
    [(0.0, 48.0), (48.0, 48.0)]
    """
    highest, lowest = max((0.0, *values)), min((0.0, *values))
    scale = TALL / (highest - lowest or 1.0)
    zero = highest * scale
    place = WIDE / max(1, len(values))
    drawn = tuple(
        Bar(
            round(number * place, 2),
            round(zero - max(value, 0) * scale, 2),
            round(place * (1 - _GAP), 2),
            round(abs(value) * scale, 2),
            value < 0,
            title,
        )
        for number, (value, title) in enumerate(zip(values, titles, strict=True))
    )
    write = shown or figure
    high = write(highest)
    says = _("%(what)s, %(count)s bars: %(high)s at most", what=what, count=len(values), high=high)
    if lowest:
        says = _("%(series)s, %(low)s at least", series=says, low=write(lowest))
    return Bars(WIDE, TALL, round(zero, 2), drawn, says, high, ends)


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with what it may be, from left to right, beside nothing."""

    width: int
    height: int
    zero: float
    low: float
    value: float
    high: float
    says: str


def interval(low: float, value: float, high: float, says: str) -> Interval:
    """Draw a value with its interval."""
    left, right = min(0.0, low), max(0.0, high)
    spread = (right - left) or 1.0

    def across(at: float) -> float:
        return round(MARGIN + (at - left) / spread * (WIDE - 2 * MARGIN), 1)

    return Interval(WIDE, STRIP, across(0.0), across(low), across(value), across(high), says)


def figure(value: float) -> str:
    """Write a value as people read it: whole, or with two places."""
    return grouped(f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}")
