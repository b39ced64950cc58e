"""What the house would lose: the book of a market by its answers, and what a slip adds to each book.

A slip with legs on several markets stands in the book of each as if all its other legs won. So a book
never says less than what the house could owe, whatever happens elsewhere; it often says more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, minor, price
from pitboss.plugins.betting.settling.outcomes import VOID, Outcome
from pitboss.plugins.betting.settling.payout import most
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Slip

PUSH = "push"
"""The answer by which the bets of a market get their stakes back: its line was hit."""
_LOST_BUT_PLACED = Outcome(state="lost", position=1)
"""The worst for the house of a leg that does not win: its place part is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a slip adds to the book of one leg's market; minor units, each the most it could be."""

    leg: int
    stake: int
    """What was paid in; once for each fixture, for money counts only once."""
    if_won: int
    if_lost: int
    if_void: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What one bet adds to one book."""

    wins_on: frozenset[str]
    """The answers on which it is paid."""
    stake: int
    if_won: int
    if_lost: int = 0
    if_void: int | None = None
    """None: the stake."""

    def owed(self, answer: str) -> int:
        """Return the most that it is paid on an answer."""
        if answer in self.wins_on:
            return self.if_won
        if answer == PUSH:
            return self.stake if self.if_void is None else self.if_void
        return self.if_lost


def single(selection: str, stake: int, odds: Exact) -> Position:
    """Return the position of a single bet; what it returns is rounded up."""
    returned = -(-minor(stake, marked("the stake")) * price(odds) // 1)
    return Position(wins_on=frozenset({selection}), stake=stake, if_won=int(returned))


def carried(
    slip: Slip,
    rules: Rules,
    fixtures: Sequence[object] = (),
    known: Sequence[Outcome | None] = (),
) -> tuple[Carried, ...]:
    """Return what a slip adds to the book of each leg that is not decided.

    Name the fixture of each leg, if two share one; and what legs came to that are decided, None for others.
    """
    careful = replace(rules, rounding="ceiling")
    paid_in = 0 if slip.is_free_bet else slip.stake
    now = list(known) or [None] * len(slip.legs)
    won = most(slip, now, careful)
    seen: set[object] = set()
    found = []
    for leg in (place for place, outcome in enumerate(now) if outcome is None):
        fixture = fixtures[leg] if fixtures else leg
        lost = most(slip, _with(now, leg, _LOST_BUT_PLACED), careful)
        stake = 0 if fixture in seen else paid_in
        seen.add(fixture)
        # A builder would be priced again without the leg: surely for less.
        void = won if slip.builder_odds is not None else most(slip, _with(now, leg, VOID), careful)
        found.append(Carried(leg=leg, stake=stake, if_won=won, if_lost=lost, if_void=void))
    return tuple(found)


def _with(known: Sequence[Outcome | None], leg: int, outcome: Outcome) -> list[Outcome | None]:
    return [*known[:leg], outcome, *known[leg + 1 :]]


def position(part: Carried, wins_on: Iterable[str]) -> Position:
    """Return what a carried leg adds to its book."""
    return Position(
        wins_on=frozenset(wins_on),
        stake=part.stake,
        if_won=part.if_won,
        if_lost=part.if_lost,
        if_void=part.if_void,
    )


def book(answers: Sequence[str], positions: Sequence[Position]) -> dict[str, int]:
    """Return what the house is left with on each answer: stakes less what it owes.

    Add `PUSH` to the answers of a market whose line can be hit. Half-won answers and dead heats lie
    between those named, so they are never the worst.

    >>> book(["h", "a"], [single("h", 100, Fraction(2)), single("a", 50, Fraction(3))])
    {'h': -50, 'a': 0}
    """
    staked = sum(each.stake for each in positions)
    return {answer: staked - sum(each.owed(answer) for each in positions) for answer in answers}


def worst_liability(result: Mapping[str, int]) -> int:
    """Return the most that the house can lose on a book; 0: it cannot.

    >>> worst_liability({"h": -35, "d": 134})
    35
    """
    return max(0, -min(result.values()))


def stake_max(result: Mapping[str, int], wins_on: Iterable[str], odds: Exact, *, limit: int) -> int:
    """Return the largest further stake at these odds that keeps each answer within the limit.

    >>> stake_max({"h": -3500, "d": 13400, "a": -3000}, ["h"], Fraction("1.95"), limit=40000)
    38421
    """
    rooms = [minor(limit, marked("the limit")) + result[answer] for answer in wins_on]
    if not rooms:
        raise InvalidInput("the bet wins on no answer of this book: name one")
    return max(0, int(Fraction(min(rooms)) / (price(odds) - 1) // 1))
