"""A kind of market as its grader sees it: which question it asks, of which part of the match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, get_args

from pitboss.core.errors import InvalidInput, nearest

Score = Literal["points", "periods"]
"""What is counted: all points, or periods won (sets, maps, frames)."""
LineStep = Literal["none", "whole", "half", "quarter"]
"""The finest line of a market: 1, 0.5 or 0.25; none where it has no line."""
SCORES: tuple[Score, ...] = get_args(Score)
STEPS: Mapping[str, Fraction] = MappingProxyType(
    {"whole": Fraction(1), "half": Fraction(1, 2), "quarter": Fraction(1, 4)}
)
LINE_MAX = 1_000
"""A line beyond this is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of market."""

    code: str
    title: str
    grader: str
    """The name of the grader that answers it."""
    selections: tuple[str, ...] = ()
    """The codes of its selections; empty: participants, or scores."""
    line: LineStep = "none"
    period: str = ""
    """Which part of the match; empty: as much of it as the rules say."""
    score: Score = "points"
    statistic: str = ""
    """What is counted instead of the score: corners, cards, aces."""
    places: int = 1
    """Of a field: how many positions win."""
    score_from: tuple[int, int] = (0, 0)
    """The score that counts as nil-nil: that of the moment, for lines that are offered in running."""
    options: tuple[str, ...] = ()
    """Further words for the grader of a third party."""

    def __post_init__(self) -> None:
        if self.score not in SCORES:
            raise InvalidInput(f"template {self.code!r} counts {self.score!r}: {nearest(self.score, SCORES)}")
        if self.line != "none" and self.line not in STEPS:
            raise InvalidInput(
                f"template {self.code!r} has lines of {self.line!r}: {nearest(self.line, list(STEPS))}"
            )
        if self.places < 1:
            raise InvalidInput(f"template {self.code!r} has {self.places} places: give 1 or more")

    def during(self, period: str) -> Template:
        """Return the same question about one part of the match."""
        return replace(self, period=period)

    def after(self, home: int, away: int) -> Template:
        """Return the same question with this score counted as nil-nil."""
        return replace(self, score_from=(home, away))


def check_line(template: Template, line: Decimal | None) -> Fraction | None:
    """Return the line as an exact number, or say why this market cannot have it."""
    if template.line == "none":
        if line is not None:
            raise InvalidInput(f"{template.code} has no line: leave out {line}")
        return None
    if line is None or not line.is_finite() or abs(line) > LINE_MAX:
        raise InvalidInput(
            f"{template.code} needs a line, not {line}: give a multiple of {STEPS[template.line]}"
        )
    exact = Fraction(line)
    if exact % STEPS[template.line]:
        raise InvalidInput(f"the line {line} of {template.code} is not a multiple of {STEPS[template.line]}")
    return exact
