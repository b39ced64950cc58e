"""Decide a bet: from its legs, the answers of their markets and the rules of its time to what it pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from pitboss.plugins.betting.exact import text
from pitboss.plugins.betting.settling import payout, rule4
from pitboss.plugins.betting.settling.asking import FROM
from pitboss.plugins.betting.settling.comparing import Outcomes, same
from pitboss.plugins.betting.settling.eachway import (
    PlaceTerms,
    terms_as_json,
    terms_at_the_off,
    terms_from_json,
)
from pitboss.plugins.betting.settling.outcomes import Outcome, outcome_as_json, outcome_from_json
from pitboss.plugins.betting.settling.rule4 import Withdrawal
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Leg, Settled, Slip
from pitboss.plugins.betting.settling.summing import summed

Kind = Literal["won", "lost", "void", "part"]

_VOID = ("void", "push")


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest answer of a market."""

    version: int
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Ground:
    """All that bets are decided on: answers and withdrawals by market, and settlement rules by id."""

    answers: Mapping[UUID, Answer]
    rules: Mapping[UUID, Rules]
    withdrawals: Mapping[UUID, Sequence[Withdrawal]] = field(default_factory=dict)
    alike: dict[Any, Alike | None] = field(default_factory=dict)
    """What was worked out for one bet and serves the next: thousands of one event are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a bet comes to, with what it was decided on."""

    payout: int
    """In minor units."""
    exact: str
    """The same before it was capped and rounded, as text."""
    kind: Kind
    legs: list[dict[str, Any]]
    """Of each leg: the version of its market's answer, the outcome, and the place terms where they are
    those of the off; as JSON."""

    def is_as(self, legs: Sequence[Mapping[str, Any]]) -> bool:
        """Tell whether it was decided in the same way before."""
        pairs = zip(self.legs, legs, strict=True)
        return all(
            same(now["outcome"], before["outcome"]) and now.get("place") == before.get("place")
            for now, before in pairs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """What bets come to that differ in nothing but their stakes: a sum is in proportion to its stake."""

    unit: Fraction
    """What each unit of the stake comes to."""
    legs: list[dict[str, Any]]
    is_void: bool
    is_free: bool
    rules: Rules
    decided: dict[tuple[int, int | None], Decided] = field(default_factory=dict)
    """By the stake and the most that the bet may pay."""

    def of(self, stake: int, most: int | None) -> Decided:
        """Return what a bet of them comes to."""
        key = (stake, most)
        if key not in self.decided:
            self.decided[key] = self._decide(stake, most)
        return self.decided[key]

    def _decide(self, stake: int, most: int | None) -> Decided:
        exact = stake * self.unit
        paid = most if most is not None and exact > most else self.rules.round(exact)
        kind = self._kind(paid, own_stake=0 if self.is_free else stake)
        return Decided(payout=paid, exact=text(exact), kind=kind, legs=self.legs)

    def _kind(self, paid: int, *, own_stake: int) -> Kind:
        if self.is_void:
            return "void"
        if not paid:
            return "lost"
        return "won" if paid > own_stake else "part"


def decide(bet: Any, legs: Sequence[Any], ground: Ground) -> Decided | None:
    """Return what a bet comes to, or None while a leg is not decided."""
    key = _likeness(bet, legs, ground)
    if key not in ground.alike:
        ground.alike[key] = _alike_by(bet, legs, ground)
    alike = ground.alike[key]
    return None if alike is None else _of(bet, alike)


def known(bet: Any, legs: Sequence[Any], ground: Ground) -> list[Outcome | None]:
    """Return what each leg came to, or None for one that is not decided."""
    struck_at = bet.accepted_at or bet.placed_at
    return [_known(leg, ground, struck_at) for leg in legs]


def _known(leg: Any, ground: Ground, struck_at: datetime) -> Outcome | None:
    answer = ground.answers.get(leg.market_id)
    outcomes = {} if answer is None else answer.outcomes
    said = outcomes.get(str(leg.rules_id), {}).get(leg.selection_code)
    if leg.score_from and said is not None and FROM in said:
        said = said[FROM].get(leg.score_from)
    if said is None:
        return None
    gone = rule4.since(ground.withdrawals.get(leg.market_id, ()), struck_at)
    return _deducted(outcome_from_json(said), gone, ground.rules[leg.rules_id])


def _likeness(bet: Any, legs: Sequence[Any], ground: Ground) -> tuple[Any, ...]:
    """Return all that tells what a bet comes to, but for its stake."""
    key = [bet.is_each_way, bet.free_bet_id is None, bet.builder_odds, *bet.system.get("sizes", ())]
    struck_at = bet.accepted_at or bet.placed_at
    for leg in legs:
        key += (leg.market_id, leg.rules_id, leg.selection_code, leg.odds, leg.is_banker, leg.score_from)
        key += leg.place_terms.values()
        if leg.market_id in ground.withdrawals:
            key += rule4.since(ground.withdrawals[leg.market_id], struck_at)
    return tuple(key)


def decide_void(bet: Any, legs: Sequence[Any], rules: Mapping[UUID, Rules], *, reason: str) -> Decided:
    """Return what a bet comes to when an operator voids it: its stake back."""
    outcome = Outcome(state="void", reason=reason)
    used = [{"answer": 0, "outcome": outcome_as_json(outcome)} for _ in legs]
    return _of(bet, _alike(bet, legs, [outcome] * len(legs), used, rules))


def decide_again(
    bet: Any,
    legs: Sequence[Any],
    used: Sequence[Mapping[str, Any]],
    rules: Mapping[UUID, Rules],
    *,
    stake: int,
) -> Settled:
    """Do the sum of a settlement again, from what it was decided on."""
    outcomes = [outcome_from_json(one["outcome"]) for one in used]
    return payout.settle(slip_of(bet, legs, used, stake=stake), outcomes, rules[legs[0].rules_id])


def slip_of(bet: Any, legs: Sequence[Any], used: Sequence[Mapping[str, Any]] = (), *, stake: int) -> Slip:
    """Return a bet as settlement sees it; `stake` is what was still at risk.

    Of legs that were decided say what they were decided on: their place terms may be those of the off.
    """
    decided = used or [{}] * len(legs)
    return Slip(
        legs=tuple(_leg(leg, one) for leg, one in zip(legs, decided, strict=True)),
        stake=stake,
        sizes=tuple(bet.system.get("sizes", ())),
        is_each_way=bet.is_each_way,
        is_free_bet=bet.free_bet_id is not None,
        builder_odds=bet.builder_odds,
        payout_max=bet.decision.get("payout_max"),
    )


def place_of(leg: Any) -> PlaceTerms | None:
    """Return the place terms that a leg was struck at."""
    return terms_from_json(leg.place_terms)


def used_of(bet: Any, leg: Any, outcome: Outcome, ground: Ground) -> dict[str, Any]:
    """Return what a leg was decided on, ready for JSON."""
    answer, rules = ground.answers[leg.market_id], ground.rules[leg.rules_id]
    used = {"answer": answer.version, "outcome": outcome_as_json(outcome)}
    if bet.is_each_way and rules.place_terms_at == "off":
        terms = terms_at_the_off(_started(answer, leg.rules_id), table=rules.place_table)
        used["place"] = terms_as_json(terms)
    return used


def _started(answer: Answer, rules_id: UUID) -> int:
    """Return how many ran: all of a field but those whose bets are void."""
    return sum(outcome["state"] != "void" for outcome in answer.outcomes[str(rules_id)].values())


def _leg(leg: Any, used: Mapping[str, Any]) -> Leg:
    place = terms_from_json(used["place"]) if "place" in used else place_of(leg)
    return Leg(odds=Fraction(leg.odds), name=leg.name, is_banker=leg.is_banker, place=place)


def _of(bet: Any, alike: Alike) -> Decided:
    return alike.of(bet.running_stake, bet.decision.get("payout_max"))


def _alike_by(bet: Any, legs: Sequence[Any], ground: Ground) -> Alike | None:
    outcomes: list[Outcome] = []
    for outcome in known(bet, legs, ground):
        if outcome is None:
            return None
        outcomes.append(outcome)
    used = [used_of(bet, leg, outcome, ground) for leg, outcome in zip(legs, outcomes, strict=True)]
    return _alike(bet, legs, outcomes, used, ground.rules)


def _alike(
    bet: Any,
    legs: Sequence[Any],
    outcomes: Sequence[Outcome],
    used: list[dict[str, Any]],
    rules_by_id: Mapping[UUID, Rules],
) -> Alike:
    # One bet is paid by one set of rules: those of its first leg.
    rules = rules_by_id[legs[0].rules_id]
    # The explanation is written when it is read: from the same outcomes by the same sum.
    return Alike(
        unit=summed(slip_of(bet, legs, used, stake=1), outcomes, rules).exact,
        legs=used,
        is_void=all(outcome.state in _VOID for outcome in outcomes),
        is_free=bet.free_bet_id is not None,
        rules=rules,
    )


def _deducted(outcome: Outcome, gone: Sequence[Decimal | Fraction], rules: Rules) -> Outcome:
    """Take Rule 4 off: the price was struck before runners left, so it had not reckoned with that."""
    if not gone:
        return outcome
    part = rule4.deduction(
        gone,
        bands=rules.rule4_bands,
        pence_max=rules.rule4_pence_max,
        pence_waived=rules.rule4_pence_waived,
    )
    return outcome.deducted(part) if part else outcome
