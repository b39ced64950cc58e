"""Which purses pay a stake, and where what it returns goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pitboss.core.errors import InsufficientFunds, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import divide, minor
from pitboss.plugins.loyalty.bonuses.wagering import Bonus


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is left of one active bonus; give several in their order of use."""

    id: str
    balance: int
    is_sticky: bool = False
    phantom: int = 0
    """How much a withdrawal of cash still has to give back, because it was only lent."""
    is_kept: bool = False
    """A withdrawal does not forfeit it."""

    def __post_init__(self) -> None:
        minor(self.balance, marked(f"the balance of bonus {self.id!r}"))
        minor(self.phantom, marked(f"the phantom part of bonus {self.id!r}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """An amount by purse: what each paid of a stake, or gets of a return."""

    cash: int = 0
    bonuses: Mapping[str, int] = field(default_factory=dict)
    forfeited: int = 0

    @property
    def total(self) -> int:
        """Return the whole amount."""
        return self.cash + self.from_bonus + self.forfeited

    @property
    def from_bonus(self) -> int:
        """Return what belongs to bonuses."""
        return sum(self.bonuses.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a withdrawal before completion pays, and what it costs each bonus."""

    paid: int
    deducted: Mapping[str, int] = field(default_factory=dict)
    """Taken off the withdrawal because it was only lent; what was won with the bonus stays locked."""
    forfeited: Mapping[str, int] = field(default_factory=dict)


def purse_of(bonus: Bonus, *, balance: int) -> Purse:
    """Return the purse of a bonus."""
    return Purse(
        id=bonus.id,
        balance=balance,
        is_sticky=bonus.terms.is_sticky,
        phantom=bonus.phantom,
        is_kept=bonus.terms.is_phantom,
    )


def pay(stake: int, *, cash: int, purses: Sequence[Purse] = ()) -> Shares:
    """Say what each purse pays: sticky bonuses first, then cash, then the other bonuses.

    >>> pay(5000, cash=4000, purses=[Purse(id="a", balance=5000)])
    Shares(cash=4000, bonuses={'a': 1000}, forfeited=0)
    """
    left = minor(stake, "a stake")
    minor(cash, marked("the cash"))
    bonuses: dict[str, int] = {}
    left = _draw(left, [purse for purse in purses if purse.is_sticky], bonuses)
    from_cash = min(left, cash)
    left = _draw(left - from_cash, [purse for purse in purses if not purse.is_sticky], bonuses)
    if left:
        raise InsufficientFunds(f"a stake of {stake} is {left} more than cash and bonuses hold")
    return Shares(cash=from_cash, bonuses=bonuses)


def divide_return(paid: Shares, amount: int) -> Shares:
    """Divide what a stake returns as it was paid; the parts always sum.

    >>> divide_return(Shares(cash=4000, bonuses={"a": 1000}), 8000)
    Shares(cash=6400, bonuses={'a': 1600}, forfeited=0)
    """
    minor(amount, "a return")
    if not amount:
        return Shares()
    cash, *parts = divide(amount, [paid.cash, *paid.bonuses.values()])
    shares = zip(paid.bonuses, parts, strict=True)
    return Shares(cash=cash, bonuses={id: part for id, part in shares if part})


def land(shares: Shares, *, converted: Collection[str] = (), closed: Collection[str] = ()) -> Shares:
    """Send the shares of bonuses that ended meanwhile on: to cash where converted, else forfeited."""
    kept = {id: part for id, part in shares.bonuses.items() if id not in converted and id not in closed}
    to_cash = sum(part for id, part in shares.bonuses.items() if id in converted)
    return Shares(
        cash=shares.cash + to_cash,
        bonuses=kept,
        forfeited=shares.total - shares.cash - to_cash - sum(kept.values()),
    )


def withdraw(amount: int, *, cash: int, purses: Sequence[Purse] = ()) -> Withdrawal:
    """Say what a withdrawal pays while bonuses are not complete.

    A phantom bonus is deducted from what is paid, once, and what was won with it stays locked; any
    other bonus is forfeited whole.
    """
    if not minor(amount, "a withdrawal"):
        raise InvalidInput("a withdrawal of 0 would only forfeit bonuses: give a positive amount")
    if amount > cash:
        raise InsufficientFunds(f"a withdrawal of {amount} is more than the cash of {cash}")
    lent = sum(purse.phantom for purse in purses)
    if amount <= lent:
        raise InsufficientFunds(f"{lent} of a withdrawal is deducted for bonuses: withdraw more than that")
    deducted = {purse.id: purse.phantom for purse in purses if purse.phantom}
    forfeited = {purse.id: purse.balance for purse in purses if not purse.is_kept}
    return Withdrawal(paid=amount - lent, deducted=deducted, forfeited=forfeited)


def _draw(left: int, purses: Sequence[Purse], bonuses: dict[str, int]) -> int:
    for purse in purses:
        if part := min(left, purse.balance):
            bonuses[purse.id] = part
            left -= part
    return left
