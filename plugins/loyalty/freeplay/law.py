"""Play that the house pays for: free bets and free spins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor, rounded
from pitboss.plugins.loyalty.expiry import is_over, order_of_use

Result = Literal["won", "half_won", "push", "half_lost", "lost"]

_WON_SHARES: Mapping[str, tuple[Fraction, Fraction]] = MappingProxyType(
    {
        "won": (Fraction(1), Fraction(0)),
        "half_won": (Fraction(1, 2), Fraction(1, 2)),
        "push": (Fraction(0), Fraction(1)),
        "half_lost": (Fraction(0), Fraction(1, 2)),
        "lost": (Fraction(0), Fraction(0)),
    }
)
"""For each result: the share of the stake that wins at the odds, and the share that comes back."""


# -- free bets -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeBet:
    """A stake that the house puts up, and keeps."""

    id: str
    stake: int
    expires_at: datetime | None = None
    odds_min: Decimal | None = None
    payout_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a free bet pays, and whether the player may place it again."""

    pays: int
    is_given_back: bool = False


def multiplier(result: Result, odds: Decimal) -> Fraction:
    """Return what a unit staked returns, the stake included.

    >>> multiplier("half_won", Decimal("1.95"))
    Fraction(59, 40)
    """
    if result not in _WON_SHARES:
        raise InvalidInput(f"unknown result {result!r}: {nearest(result, list(_WON_SHARES))}")
    if not isinstance(odds, Decimal) or not odds.is_finite() or odds < 1:
        raise InvalidInput(f"odds are {odds!r}: give decimal odds of at least 1")
    wins, returns = _WON_SHARES[result]
    return wins * Fraction(odds) + returns


def profit(stake: int, multiplier: Fraction, *, rounding: str = "half_up") -> int:
    """Return what a free bet pays: the stake is not returned, and never costs the player anything.

    >>> profit(1000, Fraction(3)), profit(1000, Fraction(1, 2))
    (2000, 0)
    """
    return rounded(max(Fraction(0), minor(stake, marked("a free bet")) * (multiplier - 1)), rounding)


def check_use(bet: FreeBet, *, at: datetime, odds: Decimal) -> None:
    """Refuse a free bet that is expired, or odds that are too low for it."""
    if is_over(bet.expires_at, at):
        raise Conflict(f"free bet {bet.id!r} expired at {bet.expires_at}")
    if bet.odds_min is not None and odds < bet.odds_min:
        raise Conflict(f"free bet {bet.id!r} needs odds of at least {bet.odds_min}, not {odds}")


def settle(
    bet: FreeBet, multiplier: Fraction, *, is_void: bool = False, rounding: str = "half_up"
) -> Settled:
    """Settle a free bet; one that was void or a push decided nothing, and the player gets it back."""
    if is_void:
        return Settled(pays=0, is_given_back=True)
    pays = profit(bet.stake, multiplier, rounding=rounding)
    return Settled(pays=pays if bet.payout_max is None else min(pays, bet.payout_max))


# -- free spins ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Spins:
    """Free spins of one grant: each is worth a fixed stake, until they expire."""

    id: str
    left: int
    value: int
    """What one spin stakes, in minor units."""
    granted_at: datetime
    expires_at: datetime | None = None
    games: frozenset[str] | None = None
    """None allows all."""

    def __post_init__(self) -> None:
        minor(self.left, marked("the spins left"))
        minor(self.value, marked("the value of a spin"))

    @property
    def worth(self) -> int:
        """Return what all that is left would stake."""
        return self.left * self.value

    def is_expired(self, at: datetime) -> bool:
        """Tell whether they can no longer be used."""
        return is_over(self.expires_at, at)


def spin(grants: Iterable[Spins], *, game: str, at: datetime) -> Spins:
    """Take one spin from the grant that expires first; return that grant with one less."""
    usable = [
        grant
        for grant in grants
        if grant.left and not grant.is_expired(at) and (grant.games is None or game in grant.games)
    ]
    if not usable:
        raise InsufficientFunds(f"no free spin is left for {game!r}")
    first = min(usable, key=lambda grant: order_of_use(grant.expires_at, grant.granted_at, grant.id))
    return replace(first, left=first.left - 1)


def give_back(grant: Spins, *, spins: int = 1) -> Spins:
    """Return spins whose rounds were rolled back; expired ones go at the next `expire_spins`."""
    return replace(grant, left=grant.left + minor(spins, marked("the spins given back")))


def expire_spins(grants: Sequence[Spins], *, at: datetime) -> list[Spins]:
    """Return the grants that lose their rest now, as they were: one entry for each."""
    return [grant for grant in grants if grant.left and grant.is_expired(at)]
