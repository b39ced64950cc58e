"""How points are earned, kept in lots, spent soonest-to-expire first, and taken back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from pitboss.core.errors import Conflict, InsufficientFunds, InvalidInput, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor, rate
from pitboss.plugins.loyalty.expiry import is_over, order_of_use


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What an operation adds, or with negative points takes, and the part of a point that is kept."""

    points: int
    carry: Fraction
    """At least 0, below 1."""
    value: Fraction
    """The operation alone, exactly; `take_back` needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Points of one earning: they expire together."""

    id: str
    left: int
    earned_at: datetime
    expires_at: datetime | None = None
    usable_from: datetime | None = None
    """Pending until then."""
    held: int = 0
    """Part of `left` that is set aside."""

    def __post_init__(self) -> None:
        if minor(self.held, marked("the points held")) > minor(self.left, marked("the points left")):
            raise InvalidInput(f"lot {self.id!r} holds {self.held} of {self.left} points: give at most all")

    @property
    def free(self) -> int:
        """Return what is left and not held."""
        return self.left - self.held

    def usable(self, at: datetime) -> int:
        """Return what can be spent at an instant."""
        is_pending = self.usable_from is not None and at < self.usable_from
        return 0 if is_pending or self.is_expired(at) else self.free

    def is_expired(self, at: datetime) -> bool:
        """Tell whether the lot's time is over."""
        return is_over(self.expires_at, at)


@dataclass(frozen=True, slots=True)
class Take:
    """Points of one lot: one ledger entry."""

    lot: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an operation took from which lots, how the lots stand afterwards, and what it could not take."""

    lots: tuple[Lot, ...]
    takes: tuple[Take, ...] = ()
    owed: int = 0

    @property
    def points(self) -> int:
        """Return the points taken from all lots."""
        return sum(take.points for take in self.takes)


# -- earning ---------------------------------------------------------------------------------------


def earn(
    amount: int,
    *,
    per: int,
    contribution: Decimal = Decimal(1),
    multiplier: Decimal = Decimal(1),
    carry: Fraction = Fraction(0),
) -> Earned:
    """Earn a point for each `per` of an amount; the rest is carried, so splitting changes no total.

    >>> earn(2500, per=1000)
    Earned(points=2, carry=Fraction(1, 2), value=Fraction(5, 2))
    """
    if minor(per, marked("the amount for one point")) == 0:
        raise InvalidInput("the amount for one point is 0: give a positive number of minor units")
    weight = rate(contribution, marked("the contribution")) * rate(multiplier, marked("the multiplier"))
    return _move(minor(amount, marked("an amount")) * weight / per, carry)


def take_back(earned: Earned, *, carry: Fraction) -> Earned:
    """Reverse one earning against today's carry: points come out negative, as if it had never been."""
    return _move(-earned.value, carry)


# -- spending --------------------------------------------------------------------------------------


def balance(lots: Iterable[Lot], *, at: datetime) -> int:
    """Return what can be spent at an instant."""
    return sum(lot.usable(at) for lot in lots)


def redeem(lots: Sequence[Lot], points: int, *, at: datetime) -> Change:
    """Spend points of the lots that expire first."""
    takes = _choose(lots, points, at)
    return Change(lots=_without(lots, takes), takes=takes)


def expire(lots: Sequence[Lot], *, at: datetime) -> Change:
    """Expire what is left of each lot whose time is over: one entry for each.

    Held points stay until they are captured; released ones go at the next run.
    """
    over = [lot for lot in _in_order(lots) if lot.is_expired(at) and lot.free]
    takes = tuple(Take(lot.id, lot.free) for lot in over)
    return Change(lots=_without(lots, takes), takes=takes)


def reverse(lots: Sequence[Lot], points: int, *, lot: str) -> Change:
    """Take back points of an earning from its own lot; what is no longer there is owed."""
    own = _find(lots, lot).free
    part = min(minor(points, marked("the points taken back")), own)
    takes = (Take(lot, part),) if part else ()
    return Change(lots=_without(lots, takes), takes=takes, owed=points - part)


def repay(lots: Sequence[Lot], owed: int, *, at: datetime) -> Change:
    """Pay what is owed with the points that can be spent, as far as they go."""
    part = min(minor(owed, marked("the points owed")), balance(lots, at=at))
    takes = _choose(lots, part, at)
    return Change(lots=_without(lots, takes), takes=takes, owed=owed - part)


# -- holds -----------------------------------------------------------------------------------------


def hold(lots: Sequence[Lot], points: int, *, at: datetime) -> Change:
    """Set points aside, chosen as for spending; keep the takes to release or capture them."""
    takes = _choose(lots, points, at)
    return Change(lots=_with_held(lots, takes, sign=1), takes=takes)


def release(lots: Sequence[Lot], takes: Sequence[Take]) -> Change:
    """Give held points back to their lots; nothing leaves."""
    return Change(lots=_with_held(lots, takes, sign=-1))


def capture(lots: Sequence[Lot], takes: Sequence[Take]) -> Change:
    """Spend held points, even of a lot that expired meanwhile."""
    return Change(lots=_without(_with_held(lots, takes, sign=-1), takes), takes=tuple(takes))


# -- helpers ---------------------------------------------------------------------------------------


def _move(value: Fraction, carry: Fraction) -> Earned:
    if not 0 <= carry < 1:
        raise InvalidInput(f"the carry is {carry}: it is a part of a point, from 0 to below 1")
    total = carry + value
    points = math.floor(total)
    return Earned(points=points, carry=total - points, value=value)


def _in_order(lots: Iterable[Lot]) -> list[Lot]:
    return sorted(lots, key=lambda lot: order_of_use(lot.expires_at, lot.earned_at, lot.id))


def _choose(lots: Sequence[Lot], points: int, at: datetime) -> tuple[Take, ...]:
    left = minor(points, marked("the points"))
    takes = []
    for lot in _in_order(lots):
        if part := min(left, lot.usable(at)):
            takes.append(Take(lot.id, part))
            left -= part
    if left:
        raise InsufficientFunds(f"{points} points are {left} more than can be spent")
    return tuple(takes)


def _find(lots: Sequence[Lot], id: str) -> Lot:
    for lot in lots:
        if lot.id == id:
            return lot
    raise NotFound(f"there is no lot {id!r}")


def _without(lots: Sequence[Lot], takes: Sequence[Take]) -> tuple[Lot, ...]:
    taken = {take.lot: take.points for take in takes}
    return tuple(replace(lot, left=lot.left - taken.get(lot.id, 0)) for lot in lots)


def _with_held(lots: Sequence[Lot], takes: Sequence[Take], *, sign: int) -> tuple[Lot, ...]:
    for take in takes:
        if sign < 0 and _find(lots, take.lot).held < take.points:
            raise Conflict(f"lot {take.lot!r} holds less than {take.points} points: they are gone")
    moved = {take.lot: sign * take.points for take in takes}
    return tuple(replace(lot, held=lot.held + moved.get(lot.id, 0)) for lot in lots)
