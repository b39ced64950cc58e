"""What files and feeds say, in one shape: fixtures, how they ended, and what they were priced at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

VALUE_CHARACTERS_MAX = 100

Role = Literal["home", "away", "runner"]


@dataclass(frozen=True, slots=True)
class Named:
    """Someone or something as a sender calls it."""

    name: str
    external_id: str = ""
    country: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFixture:
    """A fixture as it was sent; nothing says yet whether we know it."""

    sport: str
    competition: Named
    starts_at: datetime
    participants: tuple[Named, ...]
    roles: tuple[Role, ...] = ("home", "away")
    external_id: str = ""
    name: str = ""
    """Of a race; a match is called by its sides."""
    season: str = ""
    round: str = ""
    venue: str = ""
    status: str = ""
    is_time_known: bool = True
    """Without it only the day is meant: a kick-off that is known better stays."""

    @property
    def is_bare(self) -> bool:
        """Tell whether only the sender's id says which fixture is meant."""
        return not self.participants

    @property
    def label(self) -> str:
        """Return what it is called, for people."""
        if self.name or self.is_bare:
            return self.name or self.external_id
        return " v ".join(one.name for one in self.participants[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPrice:
    """What a bookmaker offered for a selection, from an instant on."""

    bookmaker: str
    market: str
    selection: str
    price: Decimal | None
    """None: taken down."""
    at: datetime
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One row or item: a fixture, and what else it says of it."""

    place: int
    """The line of the file, or the number of the item."""
    fixture: SentFixture
    score: tuple[int, int] | None = None
    """What both sides scored in the end."""
    outcome: Mapping[str, Any] | None = None
    """The structured result, where the periods are known."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """Pairs of home and away, by what was counted."""
    prices: tuple[SentPrice, ...] = ()
    quoted: Mapping[str, str] = field(default_factory=dict)
    """The prices by the codes of their columns, as history keeps them."""


def renamed(sent: Sent, names: Mapping[str, str]) -> Sent:
    """Return what was sent with our names for what the sender calls otherwise."""
    if not names:
        return sent

    def ours(named: Named) -> Named:
        return replace(named, name=names.get(named.name, named.name))

    fixture = sent.fixture
    sides = tuple(ours(named) for named in fixture.participants)
    return replace(sent, fixture=replace(fixture, competition=ours(fixture.competition), participants=sides))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one value, and what to do about it."""

    place: int
    column: str
    value: str
    message: str


class Unreadable(Exception):
    """Say which value of a row cannot be read; the row is left out, the others are not."""

    def __init__(self, column: str, value: object, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.value = "" if value is None else str(value)[:VALUE_CHARACTERS_MAX]
        self.message = message

    def at(self, place: int) -> Problem:
        """Return it as a problem of a row."""
        return Problem(place, self.column, self.value, self.message)
