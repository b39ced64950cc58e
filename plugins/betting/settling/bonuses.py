"""Extras of bets that cover all lines with singles: a consolation for one winner, a part more for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, exact
from pitboss.plugins.betting.settling.outcomes import Outcome

FACTOR_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonus:
    """What the operator adds to a bet of full cover with singles."""

    one_winner_factor: Exact = 1
    """If one leg alone won and the others lost, its winnings times this: 2 is "double the odds"."""
    all_winners: Mapping[int, Decimal]
    """By number of legs: the part that is added to the return if all won, such as {4: 0.10}.

    Slips with another number of legs get no extra at all."""

    def __post_init__(self) -> None:
        if not 1 <= exact(self.one_winner_factor, marked("the factor of one winner")) <= FACTOR_MAX:
            raise InvalidInput(
                f"the factor of one winner is {self.one_winner_factor}: give 1 to {FACTOR_MAX}"
            )
        for legs, part in self.all_winners.items():
            if not 0 <= exact(part, marked(f"the extra for {legs} winners")) <= FACTOR_MAX:
                raise InvalidInput(f"the extra for {legs} winners is {part}: give 0 to {FACTOR_MAX}")


LUCKY = Bonus(
    one_winner_factor=2,
    all_winners=MappingProxyType({4: Decimal("0.10"), 5: Decimal("0.20"), 6: Decimal("0.25")}),
)
"""The usual extras of Lucky 15, 31 and 63."""


def added(bonus: Bonus, outcomes: Sequence[Outcome], *, returned: Fraction) -> Fraction:
    """Return what is added for one unit a line: a part of the return if all won, or to a sole winner's."""
    won = sum(outcome.state == "won" for outcome in outcomes)
    lost = sum(outcome.state == "lost" for outcome in outcomes)
    if len(outcomes) not in bonus.all_winners or won + lost != len(outcomes):
        return Fraction(0)
    if not lost:
        return returned * Fraction(bonus.all_winners[won])
    if won > 1 or returned < 1:
        return Fraction(0)
    # One winner: all that came back is the return of its single.
    return (returned - 1) * (Fraction(bonus.one_winner_factor) - 1)
