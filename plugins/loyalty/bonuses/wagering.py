"""What a bonus asks to be wagered, and how far its player has come.

A stake counts as if each of its minor units were staked alone, in order: it counts towards the bonus
that is first in the order of use until that is complete, and what is left counts towards the next.
So splitting a stake never changes a total. A bet above the maximum is judged whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor, rate, rounded, rounding_rule
from pitboss.plugins.loyalty.expiry import is_over, order_of_use

Base = Literal["bonus", "bonus_and_deposit"]
Counts = Literal["all", "bonus", "cash"]
BreachPolicy = Literal["flag", "forfeit"]
State = Literal["active", "completed", "expired", "forfeited", "cancelled", "lost"]
Ending = Literal["forfeited", "cancelled", "lost"]
Outcome = Literal[
    "counted", "excluded", "low_odds", "max_bet_breach", "before_grant", "expired", "complete", "closed"
]

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator wrote down for a bonus; money in minor units, rates as decimals."""

    multiplier: Decimal
    base: Base = "bonus"
    contributions: Mapping[str, Decimal] = field(default_factory=dict)
    """By game or by category; the game wins."""
    contribution_default: Decimal = Decimal(1)
    bet_max: int | None = None
    odds_min: Decimal | None = None
    """Bets that have odds count only from these on."""
    eligible_games: frozenset[str] | None = None
    """Games or categories; None allows all."""
    valid_for: timedelta | None = None
    is_sticky: bool = False
    """A sticky bonus is staked before cash, any other after it."""
    is_phantom: bool = False
    """The amount itself is never paid out, only what was won with it."""
    counts: Counts = "all"
    """Which part of a stake counts: all of it, or what bonus or cash paid."""
    conversion_max: int | None = None
    conversion_multiple_max: Decimal | None = None
    """The same maximum as a multiple of the bonus; the lower one binds."""
    breach_policy: BreachPolicy = "flag"
    rounding: str = "half_up"

    def __post_init__(self) -> None:
        rate(self.multiplier, marked("the multiplier"))
        rounding_rule(self.rounding)
        rate(self.contribution_default, marked("the default contribution"))
        for name, share in self.contributions.items():
            if rate(share, marked(f"the contribution of {name!r}")) > 1:
                raise InvalidInput(f"the contribution of {name!r} is {share}: give a share from 0 to 1")
        if self.contribution_default > 1:
            raise InvalidInput(f"the default contribution is {self.contribution_default}: give at most 1")
        for limit, of in (
            (self.bet_max, marked("the maximum bet")),
            (self.conversion_max, marked("the maximum conversion")),
        ):
            if limit is not None:
                minor(limit, of)
        if self.conversion_multiple_max is not None:
            rate(self.conversion_multiple_max, marked("the maximum conversion multiple"))
        if self.valid_for is not None and self.valid_for <= timedelta(0):
            raise InvalidInput(f"a bonus is valid for {self.valid_for}: give a positive time, or none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonus:
    """One bonus of one player, with its own requirement and its own progress."""

    id: str
    terms: Terms
    amount: int
    requirement: int
    granted_at: datetime
    expires_at: datetime | None = None
    counted: Fraction = _NONE
    """Exact, in minor units: never below 0, never above the requirement."""
    breaches: int = 0
    deducted: int = 0
    """How much of a phantom amount withdrawals have already paid back."""
    state: State = "active"

    @property
    def progress(self) -> int:
        """Return the whole minor units that are wagered; the fraction stays in `counted`."""
        return math.floor(self.counted)

    @property
    def missing(self) -> int:
        """Return what is still to be wagered at full contribution, up to the last begun minor unit."""
        return math.ceil(self.requirement - self.counted)

    @property
    def phantom(self) -> int:
        """Return what of the amount is never paid out and was not given back yet."""
        return max(0, self.amount - self.deducted) if self.terms.is_phantom else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What was bet: the whole amount, and how much of it a bonus paid."""

    amount: int
    game: str
    at: datetime
    category: str = ""
    odds: Decimal | None = None
    from_bonus: int = 0

    def __post_init__(self) -> None:
        if minor(self.from_bonus, marked("the bonus part of a stake")) > minor(self.amount, "a stake"):
            raise InvalidInput(f"a stake of {self.amount} has {self.from_bonus} from bonus: give at most all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What one stake did to one bonus: keep it, because a rollback needs it."""

    bonus: str
    outcome: Outcome
    added: Fraction = _NONE
    used: int = 0
    """How much of the stake this bonus took up; the rest counts towards the next."""
    forfeits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a complete bonus becomes: cash, and what its terms do not pay out."""

    converted: int
    forfeited: int


# -- a bonus begins --------------------------------------------------------------------------------


def requirement(terms: Terms, *, amount: int, deposit: int = 0) -> int:
    """Return what must be wagered, rounded once.

    >>> requirement(Terms(multiplier=Decimal(10), base="bonus_and_deposit"), amount=1000, deposit=5000)
    60000
    """
    base = minor(amount, "a bonus") + (minor(deposit, "a deposit") if terms.base != "bonus" else 0)
    return minor(rounded(Fraction(terms.multiplier) * base, terms.rounding), "a requirement")


def multiple_asked(terms: Terms, *, amount: int, deposit: int = 0) -> Fraction:
    """Return how many times the bonus itself must be wagered: what a jurisdiction caps.

    >>> multiple_asked(Terms(multiplier=Decimal(10), base="bonus_and_deposit"), amount=1000, deposit=5000)
    Fraction(60, 1)
    """
    base = amount if terms.base == "bonus" else amount + deposit
    return Fraction(terms.multiplier) * base / amount if amount else Fraction(0)


def grant(id: str, *, terms: Terms, amount: int, deposit: int = 0, at: datetime) -> Bonus:
    """Begin a bonus; one that asks for nothing is complete at once."""
    asked = requirement(terms, amount=amount, deposit=deposit)
    return Bonus(
        id=id,
        terms=terms,
        amount=amount,
        requirement=asked,
        granted_at=at,
        expires_at=at + terms.valid_for if terms.valid_for else None,
        state="active" if asked else "completed",
    )


def in_order(bonuses: Iterable[Bonus]) -> list[Bonus]:
    """Return the active bonuses in their order of use: soonest expiry first, then oldest."""
    active = [bonus for bonus in bonuses if bonus.state == "active"]
    return sorted(active, key=lambda bonus: order_of_use(bonus.expires_at, bonus.granted_at, bonus.id))


# -- stakes count ----------------------------------------------------------------------------------


def contribution(terms: Terms, stake: Stake) -> Fraction:
    """Return the share of a stake that counts: by game, else by category, else the default."""
    for name in (stake.game, stake.category):
        if name in terms.contributions:
            return Fraction(terms.contributions[name])
    return Fraction(terms.contribution_default)


def count(bonus: Bonus, stake: Stake) -> tuple[Bonus, Count]:
    """Count a stake towards one bonus; return the bonus as it then stands, and what the stake did.

    A game whose contribution is 0 counts, as nothing; one that is not eligible is excluded.
    """
    return _count(bonus, stake, cash=stake.amount - stake.from_bonus, bonus_money=stake.from_bonus)


def count_all(bonuses: Iterable[Bonus], stake: Stake) -> list[tuple[Bonus, Count]]:
    """Count a stake towards several bonuses in their order of use, until all of it is used."""
    cash, bonus_money = stake.amount - stake.from_bonus, stake.from_bonus
    counts = []
    for bonus in in_order(bonuses):
        if not cash + bonus_money:
            break
        counted, done = _count(bonus, stake, cash=cash, bonus_money=bonus_money)
        from_cash = 0 if bonus.terms.counts == "bonus" else min(cash, done.used)
        cash, bonus_money = cash - from_cash, bonus_money - (done.used - from_cash)
        counts.append((counted, done))
    return counts


def roll_back(bonus: Bonus, count: Count) -> Bonus:
    """Take back what one stake did; each stake at most once, which the caller sees to.

    A complete bonus that falls below its requirement is active again, and so is one that this very
    stake forfeited: whoever converted or forfeited its balance reverses that.
    """
    if count.bonus != bonus.id:
        raise InvalidInput(f"the stake counted towards bonus {count.bonus!r}, not {bonus.id!r}")
    if count.added > bonus.counted:
        raise Conflict(f"bonus {bonus.id!r} has {bonus.counted} counted: {count.added} is gone already")
    left = bonus.counted - count.added
    breaches = bonus.breaches - (count.outcome == "max_bet_breach")
    reopens = (bonus.state == "completed" and left < bonus.requirement) or (
        bonus.state == "forfeited" and count.forfeits
    )
    return replace(bonus, counted=left, breaches=max(0, breaches), state="active" if reopens else bonus.state)


# -- a bonus ends ----------------------------------------------------------------------------------


def expire(bonus: Bonus, *, at: datetime) -> Bonus:
    """Expire a bonus whose time has come; whoever was complete in time keeps it."""
    if bonus.state != "active" or not is_over(bonus.expires_at, at):
        return bonus
    return replace(bonus, state="expired")


def close(bonus: Bonus, *, ending: Ending) -> Bonus:
    """End an active bonus before its time: forfeited, cancelled, or lost because nothing is left of it."""
    if bonus.state != "active":
        raise Conflict(f"bonus {bonus.id!r} is {bonus.state}: only an active one can be {ending}")
    return replace(bonus, state=ending)


def conversion(bonus: Bonus, *, balance: int) -> Conversion:
    """Divide the balance of a complete bonus into what becomes cash and what is forfeited."""
    if bonus.state != "completed":
        raise Conflict(f"bonus {bonus.id!r} is {bonus.state}: wager {bonus.missing} more before converting")
    payable = max(0, minor(balance, marked("the balance")) - bonus.phantom)
    converted = min([payable, *_conversion_limits(bonus)])
    return Conversion(converted=converted, forfeited=balance - converted)


# -- helpers ---------------------------------------------------------------------------------------


def _count(bonus: Bonus, stake: Stake, *, cash: int, bonus_money: int) -> tuple[Bonus, Count]:
    outcome = _judge(bonus, stake)
    if outcome == "max_bet_breach":
        return _breach(bonus)
    if outcome != "counted":
        return bonus, Count(bonus=bonus.id, outcome=outcome)
    share = contribution(bonus.terms, stake)
    if not share:
        return bonus, Count(bonus=bonus.id, outcome="counted")
    available = {"all": cash + bonus_money, "bonus": bonus_money, "cash": cash}[bonus.terms.counts]
    missing = bonus.requirement - bonus.counted
    used = min(available, math.ceil(missing / share))
    added = min(used * share, missing)
    state: State = "completed" if added == missing else "active"
    counted = replace(bonus, counted=bonus.counted + added, state=state)
    return counted, Count(bonus=bonus.id, outcome="counted", added=added, used=used)


def _judge(bonus: Bonus, stake: Stake) -> Outcome:
    terms = bonus.terms
    if bonus.state == "completed":
        return "complete"
    if bonus.state == "expired" or is_over(bonus.expires_at, stake.at):
        return "expired"
    if bonus.state != "active":
        return "closed"
    if stake.at < bonus.granted_at:
        return "before_grant"
    if terms.eligible_games is not None and not terms.eligible_games & {stake.game, stake.category}:
        return "excluded"
    if terms.bet_max is not None and stake.amount > terms.bet_max:
        return "max_bet_breach"
    if terms.odds_min is not None and stake.odds is not None and stake.odds < terms.odds_min:
        return "low_odds"
    return "counted"


def _breach(bonus: Bonus) -> tuple[Bonus, Count]:
    forfeits = bonus.terms.breach_policy == "forfeit"
    flagged = replace(bonus, breaches=bonus.breaches + 1, state="forfeited" if forfeits else bonus.state)
    return flagged, Count(bonus=bonus.id, outcome="max_bet_breach", forfeits=forfeits)


def _conversion_limits(bonus: Bonus) -> list[int]:
    terms = bonus.terms
    limits = [] if terms.conversion_max is None else [terms.conversion_max]
    if terms.conversion_multiple_max is not None:
        limits.append(rounded(Fraction(terms.conversion_multiple_max) * bonus.amount, terms.rounding))
    return limits
