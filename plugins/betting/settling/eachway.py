"""Each-way bets: the place terms of a race, and the place part of a bet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exact import Exact, price, read, text
from pitboss.plugins.betting.settling.deadheat import places_share
from pitboss.plugins.betting.settling.outcomes import Outcome

PLACES_MAX = 50
"""More paid places than this are a mistake."""
WinOnly = Literal["win", "refuse"]
"""Where no place is paid: the place half goes on the win as well, or the bet is refused."""


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """The part of the odds that a place pays, and how many places."""

    fraction: Fraction
    places: int

    def __post_init__(self) -> None:
        if not isinstance(self.fraction, Fraction) or not 0 < self.fraction <= 1:
            raise InvalidInput(f"the place part is {self.fraction!r}: give a fraction such as 1/5")
        if not 1 <= self.places <= PLACES_MAX:
            raise InvalidInput(f"{self.places} places are paid: give 1 to {PLACES_MAX}")


@dataclass(frozen=True, slots=True)
class Row:
    """From so many runners on, these terms hold; None: no place is paid."""

    runners_min: int
    terms: PlaceTerms | None
    is_handicap: bool | None = None
    """None: for handicaps and for other races."""


_FIFTH_3 = PlaceTerms(Fraction(1, 5), 3)
STANDARD: tuple[Row, ...] = (
    Row(0, None),
    Row(5, PlaceTerms(Fraction(1, 4), 2)),
    Row(8, _FIFTH_3),
    Row(12, PlaceTerms(Fraction(1, 4), 3), is_handicap=True),
    Row(16, PlaceTerms(Fraction(1, 4), 4), is_handicap=True),
)
"""The usual terms by the runners that start; a tenant writes its own, and a race may have its own."""


def place_terms(runners: int, *, is_handicap: bool, table: Sequence[Row] = STANDARD) -> PlaceTerms | None:
    """Return the terms of a race, or None where only the winner is paid.

    >>> place_terms(16, is_handicap=True)
    PlaceTerms(fraction=Fraction(1, 4), places=4)
    """
    fitting = [
        row
        for row in table
        if row.runners_min <= runners and (row.is_handicap is None or row.is_handicap == is_handicap)
    ]
    if not fitting:
        raise InvalidInput(f"no place terms for {runners} runners: add a row that begins at 0 to the table")
    return max(fitting, key=lambda row: row.runners_min).terms


def terms_at_the_off(runners: int, *, table: Sequence[Row]) -> PlaceTerms | None:
    """Return the terms of a race by those that started; a table that says nothing of so few pays no place."""
    begun = any(row.runners_min <= runners and not row.is_handicap for row in table)
    return place_terms(runners, is_handicap=False, table=table) if begun else None


def terms_as_json(terms: PlaceTerms | None) -> dict[str, Any]:
    """Write terms down so that `terms_from_json` reads the same ones; nothing where no place is paid."""
    return {} if terms is None else {"fraction": text(terms.fraction), "places": terms.places}


def terms_from_json(data: Mapping[str, Any]) -> PlaceTerms | None:
    """Read what `terms_as_json` wrote."""
    return PlaceTerms(read(data["fraction"]), data["places"]) if data else None


def agreed_terms(terms: PlaceTerms | None, policy: WinOnly) -> PlaceTerms | None:
    """Return the terms that an each-way bet is struck at, or refuse it where no place is paid."""
    if terms is None and policy == "refuse":
        raise InvalidInput("this race pays no places: bet to win, or choose another race")
    return terms


def place_odds(odds: Exact, terms: PlaceTerms) -> Fraction:
    """Return the decimal odds of a place.

    >>> place_odds(9, PlaceTerms(Fraction(1, 5), 3))
    Fraction(13, 5)
    """
    return 1 + (price(odds) - 1) * terms.fraction


def place_outcome(outcome: Outcome, terms: PlaceTerms) -> Outcome:
    """Return what the place part came to, from where the runner finished."""
    if outcome.state in ("void", "push"):
        return outcome
    if outcome.position is None:
        # Who won is placed, also where nobody told the order of finish.
        return outcome if outcome.state == "won" else replace(outcome, state="lost", share=Fraction(1))
    share = places_share(outcome.position, outcome.tied, terms.places)
    if not share:
        return replace(outcome, state="lost", share=Fraction(1))
    return replace(outcome, state="won", share=share)
