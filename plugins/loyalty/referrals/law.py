"""How an invitation becomes a reward for both sides, or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.abuse.links import SCORE_MAX, WEIGHTS, Kind, Score, Traits, score, shared
from pitboss.plugins.loyalty.amounts import minor

State = Literal["invited", "registered", "qualified", "rewarded", "held", "rejected", "clawed_back"]

MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        "invited": frozenset({"registered", "rejected"}),
        "registered": frozenset({"qualified", "held", "rejected"}),
        "qualified": frozenset({"registered", "rewarded", "held", "rejected"}),
        "held": frozenset({"registered", "rewarded", "rejected", "clawed_back"}),
        "rewarded": frozenset({"held", "clawed_back"}),
        "rejected": frozenset(),
        "clawed_back": frozenset(),
    }
)
"""What may follow each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator wrote down; money in minor units."""

    referrer_reward: int
    friend_reward: int
    deposit_min: int = 0
    wagered_min: int = 0
    valid_for: timedelta | None = None
    """How long after registering the friend may qualify."""
    rewards_max: int | None = None
    """The most friends that one referrer is rewarded for."""
    amount_max: int | None = None
    """The most that one referrer is paid in all."""
    hold_score: int = 5
    reject_score: int = SCORE_MAX
    weights: Mapping[Kind, int] = field(default_factory=lambda: WEIGHTS)

    def __post_init__(self) -> None:
        for amount in (self.referrer_reward, self.friend_reward, self.deposit_min, self.wagered_min):
            minor(amount, marked("an amount of a referral programme"))
        if not 0 < self.hold_score <= self.reject_score:
            raise InvalidInput(
                f"held from {self.hold_score}, rejected from {self.reject_score}: give rising scores above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """One friend, of one referrer."""

    id: str
    referrer: str
    friend: str | None = None
    state: State = "invited"
    registered_at: datetime | None = None
    score: int = 0
    reasons: tuple[str, ...] = ()
    """Why it is in its state."""
    is_rewarded: bool = False
    """Both sides were paid, which a rejection has to claw back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the friend did since registering; settled play only."""

    deposited: int
    wagered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What the referrer was already rewarded for."""

    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What both sides get, and why the referrer gets less, if so."""

    referrer: int
    friend: int
    reasons: tuple[str, ...] = ()


# -- steps -----------------------------------------------------------------------------------------


def register(referral: Referral, terms: Terms, *, referrer: Traits, friend: Traits, at: datetime) -> Referral:
    """Attribute a friend who registered with the code; one who looks like the referrer is held."""
    joined = move(referral, "registered")
    joined = replace(joined, friend=friend.player, registered_at=at)
    if friend.player == referral.referrer:
        return move(joined, "rejected", marked("nobody refers themselves"))
    return screen(joined, terms, pair_score(referrer, friend, terms.weights))


def pair_score(referrer: Traits, friend: Traits, weights: Mapping[Kind, int] = WEIGHTS) -> Score:
    """Say how much two accounts look like one person: same device and card is 8 of 10."""
    return score(shared(referrer, friend), weights)


def screen(referral: Referral, terms: Terms, found: Score) -> Referral:
    """Hold or reject a referral for its score; run it again whenever more is known of either side."""
    if found.points <= referral.score or referral.state in ("rejected", "clawed_back"):
        return referral
    scored = replace(referral, score=found.points)
    if found.points >= terms.reject_score:
        return reject(scored, *found.reasons)
    if found.points >= terms.hold_score and referral.state != "held":
        return move(scored, "held", *found.reasons)
    return scored


def missing(terms: Terms, referral: Referral, figures: Figures, *, at: datetime) -> tuple[str, ...]:
    """Return what the friend still has to do; nothing when the referral qualifies."""
    if referral.registered_at is None:
        return (marked("the friend has not registered"),)
    wants = list(_undone(terms, figures))
    if terms.valid_for is not None and at >= referral.registered_at + terms.valid_for:
        wants.append(marked(f"the {terms.valid_for.days} days to qualify are over"))
    return tuple(wants)


def qualify(referral: Referral, terms: Terms, figures: Figures, *, at: datetime) -> Referral:
    """Qualify a registered referral once the friend did all that is asked; else return it as it is."""
    if referral.state != "registered" or missing(terms, referral, figures, at=at):
        return referral
    return move(referral, "qualified")


def recheck(referral: Referral, terms: Terms, figures: Figures) -> Referral:
    """Follow a rollback of what the friend did: the qualified wait again, the rewarded are clawed back."""
    undone = _undone(terms, figures)
    if not undone or not (referral.is_rewarded or referral.state == "qualified"):
        return referral
    return reject(referral, *undone) if referral.is_rewarded else move(referral, "registered", *undone)


def reward(referral: Referral, terms: Terms, paid: Paid) -> tuple[Referral, Reward]:
    """Reward both sides; the friend gets all of it even when the referrer's cap is reached."""
    left = terms.referrer_reward
    reasons: tuple[str, ...] = ()
    if terms.rewards_max is not None and paid.count >= terms.rewards_max:
        left, reasons = (
            0,
            (marked(f"the referrer was rewarded for {paid.count} of {terms.rewards_max} friends"),),
        )
    elif terms.amount_max is not None and paid.amount + left > terms.amount_max:
        left = max(0, terms.amount_max - paid.amount)
        reasons = (marked(f"the referrer was paid {paid.amount} of {terms.amount_max}"),)
    done = replace(move(referral, "rewarded"), is_rewarded=True)
    return done, Reward(referrer=left, friend=terms.friend_reward, reasons=reasons)


def clear(referral: Referral) -> Referral:
    """Let a held referral go on, after a person looked at it; a rewarded one stays rewarded."""
    if referral.state != "held":
        raise Conflict(f"referral {referral.id!r} is {referral.state}: only a held one can be cleared")
    return move(referral, "rewarded" if referral.is_rewarded else "registered")


def reject(referral: Referral, *reasons: str) -> Referral:
    """Refuse a referral; if it was rewarded, both rewards are to be clawed back."""
    if not referral.is_rewarded:
        return move(referral, "rejected", *reasons)
    return replace(move(referral, "clawed_back", *reasons), is_rewarded=False)


def move(referral: Referral, state: State, *reasons: str) -> Referral:
    """Move a referral on, if that may follow."""
    if state not in MOVES[referral.state]:
        allowed = " or ".join(sorted(MOVES[referral.state]))
        cure = f"only {allowed}" if allowed else marked("for that is its end")
        raise Conflict(f"referral {referral.id!r} is {referral.state}: {state} cannot follow, {cure}")
    return replace(referral, state=state, reasons=reasons)


def _undone(terms: Terms, figures: Figures) -> tuple[str, ...]:
    asked = (
        ("deposited", figures.deposited, terms.deposit_min),
        ("wagered", figures.wagered, terms.wagered_min),
    )
    return tuple(f"{verb} {done} of {least}" for verb, done, least in asked if done < least)
