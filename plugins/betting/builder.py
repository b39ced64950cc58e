"""The price of several answers about one match, together: they hang together, so nothing is multiplied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, exact, price, share
from pitboss.plugins.betting.grading.grade import grade
from pitboss.plugins.betting.grading.graders import GRADERS
from pitboss.plugins.betting.grading.question import Grader
from pitboss.plugins.betting.grading.results import EVERYTHING
from pitboss.plugins.betting.grading.templates import Template
from pitboss.plugins.betting.odds.ladder import HUNDREDTHS, Rung, round_down
from pitboss.plugins.betting.odds.moving import BOOK_SUM_MAX, NEAR_ONE
from pitboss.plugins.betting.settling.rules import Rules

PICKS_MAX = 12
CELLS_MAX = 2_500
"""Scores of one grid: 50 by 50."""

Grid = Mapping[tuple[int, int], Fraction]
_PLAIN = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One answer of the builder."""

    template: Template
    selection: str
    line: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A price and what it came from."""

    odds: Decimal
    fair_odds: Fraction
    probability: Fraction
    """That all picks win."""
    alone: tuple[Fraction, ...]
    """The probability of each pick."""

    @property
    def correlation(self) -> Fraction:
        """Return how much likelier they are together than if they had nothing to do with one another."""
        return self.probability / prod(self.alone)


def grid_of(rows: Sequence[Sequence[Exact]] | None) -> Grid:
    """Read the probability of each score, home goals by away goals; refuse to go without.

    >>> grid_of([[Decimal("0.5"), Decimal("0.25")], [Decimal("0.25"), Decimal("0")]])[0, 1]
    Fraction(1, 4)
    """
    if not rows:
        raise InvalidInput("there is no joint model of this match: its picks are not sold together")
    cells = {(home, away): share(p, "a cell") for home, row in enumerate(rows) for away, p in enumerate(row)}
    if len(cells) > CELLS_MAX:
        raise InvalidInput(f"the grid has {len(cells)} scores: at most {CELLS_MAX}")
    total = sum(cells.values(), start=Fraction(0))
    if abs(total - 1) > NEAR_ONE:
        raise InvalidInput(f"the scores sum to {float(total):.8g}: make it 1")
    return {score: p / total for score, p in cells.items()}


def build(
    grid: Grid,
    picks: Sequence[Pick],
    *,
    book_sum: Exact,
    ladder: Sequence[Rung] = HUNDREDTHS,
    graders: Mapping[str, Grader] = GRADERS,
) -> Built:
    """Return the price of all picks together, from the scores at which all of them win.

    To price a builder again without a void leg, build it from the picks that are left.
    """
    if not 1 <= len(picks) <= PICKS_MAX:
        raise InvalidInput(f"the builder has {len(picks)} picks: give 1 to {PICKS_MAX}")
    target = exact(book_sum, marked("the target of the book"))
    if not 1 <= target <= BOOK_SUM_MAX:
        raise InvalidInput(f"the target of the book is {book_sum}: give 1 to {BOOK_SUM_MAX}, such as 1.1")
    wins = [_wins(grid, pick, graders) for pick in picks]
    _check_apart(wins, picks, grid)
    together = _mass(grid, frozenset.intersection(*wins))
    return Built(
        odds=round_down(price(1 / (together * target), marked("the price of so likely a builder")), ladder),
        fair_odds=1 / together,
        probability=together,
        alone=tuple(_mass(grid, each) for each in wins),
    )


def _mass(grid: Grid, scores: frozenset[tuple[int, int]]) -> Fraction:
    return sum((grid[score] for score in scores), start=Fraction(0))


def _wins(grid: Grid, pick: Pick, graders: Mapping[str, Grader]) -> frozenset[tuple[int, int]]:
    """Return the scores at which a pick wins; refuse one that the score of the match does not answer."""
    template = pick.template
    if template.statistic or template.score != "points" or template.period not in ("", EVERYTHING):
        raise InvalidInput(f"{template.code} is not told by the final score: leave it out of the builder")
    found = {}
    for score in grid:
        state = grade(template, pick.line, pick.selection, _result(*score), _PLAIN, graders).state
        if state not in ("won", "lost"):
            raise InvalidInput(
                f"{template.code} {pick.line} can be {state}: take a line that only wins or loses"
            )
        found[score] = state == "won"
    return frozenset(score for score, is_won in found.items() if is_won)


def _result(home: int, away: int) -> dict[str, Any]:
    return {"periods": [{"code": "match", "home": home, "away": away}]}


def _check_apart(wins: Sequence[frozenset[tuple[int, int]]], picks: Sequence[Pick], grid: Grid) -> None:
    """Refuse picks that exclude one another, and those that the others already contain."""
    together = _mass(grid, frozenset.intersection(*wins))
    if not together:
        raise InvalidInput("these picks cannot win together: take one out")
    if len(picks) == 1:
        return
    for place, pick in enumerate(picks):
        others = frozenset.intersection(*(each for at, each in enumerate(wins) if at != place))
        if _mass(grid, others) == together:
            raise InvalidInput(
                f"{pick.template.code} {pick.selection} follows from the other picks: take it out"
            )
