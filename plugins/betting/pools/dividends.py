"""What a pool pays: takeout, then what is left to those who were right, down to the break point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.exact import Exact, Rounding, exact, minor, rounded, share

RUNNERS_MAX = 1_000
WINNERS_MAX = 1_000
NoWinner = Literal["refund", "carry", "next_best"]
"""What becomes of a pool that nobody won: stakes back, all of it into the next pool, or to the next best."""
NO_WINNER: tuple[NoWinner, ...] = get_args(NoWinner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was declared before the pool opened."""

    takeout: Decimal | Fraction
    """The part of the stakes that the house keeps."""
    break_to: Decimal | Fraction = Decimal("0.10")
    """What a unit pays goes down to a multiple of this; the rest is the breakage."""
    minimum: Decimal | Fraction = Decimal(1)
    """The least that a winning unit pays, from the house if the pool has less."""
    no_winner: NoWinner = "refund"
    rounding: Rounding = "half_up"
    """Of the takeout."""

    def __post_init__(self) -> None:
        share(self.takeout, marked("the takeout"))
        if exact(self.break_to, marked("the break point")) <= 0:
            raise InvalidInput(f"the break point is {self.break_to}: give more than 0, such as 0.10")
        if exact(self.minimum, marked("the minimum")) < 0:
            raise InvalidInput(f"the minimum is {self.minimum}: give 0 or more")
        if self.no_winner not in NO_WINNER:
            raise InvalidInput(f"no_winner is {self.no_winner!r}: {nearest(self.no_winner, NO_WINNER)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dividend:
    """What one runner pays."""

    staked: int
    unbroken: Fraction
    """Per unit, before it goes down to the break point."""
    per_unit: Fraction
    """Per unit of stake, the stake included."""

    def pays(self, stake: int) -> int:
        """Return what a ticket is paid: whole minor units, rounded down."""
        return int(stake * self.per_unit // 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What becomes of a pool; every minor unit of `gross` and `carried_in` is in one of the figures."""

    state: Literal["paid", "refunded", "carried"]
    gross: int
    """Stakes, without those on withdrawn runners."""
    refunded: int
    """Stakes on withdrawn runners; all stakes if the pool is refunded."""
    carried_in: int = 0
    takeout: int = 0
    net: int = 0
    dividends: Mapping[str, Dividend] = field(default_factory=dict)
    paid: int = 0
    """To all winners, were each runner's stakes one ticket: tickets rounded down leave a little more."""
    breakage: int = 0
    """What is left; below 0 the house adds it (a minus pool)."""
    carried_out: int = 0


def declare(
    stakes: Mapping[str, int],
    order: Sequence[Sequence[str]],
    terms: Terms,
    *,
    withdrawn: Sequence[str] = (),
    carried_in: int = 0,
) -> Declared:
    """Return the dividends of a pool; `order` names those who win it, and then the next best.

    A win pool is won by the first, a place pool by all who are placed, a tie by all in it. What is left
    when their stakes are back is divided equally between them, and then by each one's own stakes: the
    less backed pays more. With one winner that is all of the net over its stakes.

    >>> pool = declare({"a": 300, "b": 700}, [["a"]], Terms(takeout=Decimal("0.10")))
    >>> pool.takeout, float(pool.dividends["a"].per_unit), pool.paid, pool.breakage
    (100, 3.0, 900, 0)
    """
    _check(stakes, order, withdrawn)
    minor(carried_in, marked("what is carried in"))
    gone = sum(stakes.get(runner, 0) for runner in withdrawn)
    gross = sum(stakes.values()) - gone
    winners = _winners(stakes, order, terms)
    if not winners and terms.no_winner != "carry":
        # What an earlier pool left stays for the next one: nobody here staked it.
        return Declared(
            state="refunded",
            gross=gross,
            refunded=gross + gone,
            carried_in=carried_in,
            carried_out=carried_in,
        )
    takeout = rounded(share(terms.takeout, marked("the takeout")) * gross, terms.rounding)
    net = gross - takeout + carried_in
    kept = Declared(
        state="carried", gross=gross, refunded=gone, carried_in=carried_in, takeout=takeout, net=net
    )
    if not winners:
        return replace(kept, carried_out=net)
    dividends = _dividends(winners, net, terms)
    paid = sum(each.pays(each.staked) for each in dividends.values())
    return replace(kept, state="paid", dividends=dividends, paid=paid, breakage=net - paid)


def approximates(stakes: Mapping[str, int], terms: Terms) -> dict[str, Fraction | None]:
    """Return what each runner of a win pool would pay now, unbroken; None: nobody backs it."""
    gross = sum(stakes.values())
    net = gross - share(terms.takeout, marked("the takeout")) * gross
    return {runner: net / staked if staked else None for runner, staked in stakes.items()}


def _winners(stakes: Mapping[str, int], order: Sequence[Sequence[str]], terms: Terms) -> dict[str, int]:
    """Return those who share, with their stakes: one that nobody backed leaves its part to the others."""
    tiers = order if terms.no_winner == "next_best" else order[:1]
    for tier in tiers:
        backed = {runner: stakes[runner] for runner in tier if stakes.get(runner)}
        if backed:
            return backed
    return {}


def _dividends(winners: Mapping[str, int], net: int, terms: Terms) -> dict[str, Dividend]:
    profit = Fraction(net - sum(winners.values()), len(winners))
    found = {}
    for runner, staked in winners.items():
        unbroken = 1 + profit / staked
        per_unit = max(_broken(unbroken, terms), Fraction(terms.minimum))
        found[runner] = Dividend(staked=staked, unbroken=unbroken, per_unit=per_unit)
    return found


def _broken(unbroken: Fraction, terms: Terms) -> Fraction:
    step = Fraction(terms.break_to)
    return max(Fraction(0), unbroken // step * step)


def _check(stakes: Mapping[str, int], order: Sequence[Sequence[str]], withdrawn: Sequence[str]) -> None:
    if not 1 <= len(stakes) <= RUNNERS_MAX:
        raise InvalidInput(f"the pool has {len(stakes)} runners: give 1 to {RUNNERS_MAX}")
    for runner, staked in stakes.items():
        minor(staked, marked(f"the stakes on {runner}"))
    named = [runner for tier in order for runner in tier]
    if not order or not order[0] or len(set(named)) != len(named):
        raise InvalidInput("the order names nobody, or somebody twice: name the winners, then the next best")
    if both := sorted(set(named) & set(withdrawn)):
        raise InvalidInput(f"{', '.join(both)} cannot be withdrawn and placed: correct the order")


def shared(pot: int, ranking: Sequence[Sequence[str]], shares: Sequence[Exact]) -> dict[str, int]:
    """Return what each of a private pool gets: the parts of the places, those of a tie added and divided.

    `ranking` has those of each place; a tie takes as many places as it has members. A place that nobody
    took leaves its part to the others in proportion. What does not divide goes by minor units to the
    earlier named, so that all of the pot is paid.

    >>> shared(1000, [["ann"], ["bob", "cid"]], [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")])
    {'ann': 500, 'bob': 250, 'cid': 250}
    """
    minor(pot, marked("the pot"))
    parts = [share(each, marked("the part of a place")) for each in shares]
    members = [member for tier in ranking for member in tier]
    if not members or len(members) > WINNERS_MAX or len(set(members)) != len(members):
        raise InvalidInput(f"the ranking has {len(members)} members: name each once, 1 to {WINNERS_MAX}")
    if not parts or sum(parts, start=Fraction(0)) != 1:
        raise InvalidInput(f"the parts of the places are {list(map(str, shares))}: make them sum to 1")
    weights: dict[str, Fraction] = {}
    taken = 0
    for tier in ranking:
        occupied = sum(parts[taken : taken + len(tier)], start=Fraction(0))
        weights |= {member: occupied / len(tier) for member in tier}
        taken += len(tier)
    return divided(pot, {member: weight for member, weight in weights.items() if weight})


def divided(pot: int, weights: Mapping[str, Exact]) -> dict[str, int]:
    """Divide a pot by weights, such as stakes, to the last minor unit: the rest goes by largest remainder.

    >>> divided(100, {"ann": 1, "bob": 1, "cid": 1})
    {'ann': 34, 'bob': 33, 'cid': 33}
    """
    total = sum((exact(each, "a weight") for each in weights.values()), start=Fraction(0))
    if total <= 0 or any(exact(each, "a weight") < 0 for each in weights.values()):
        raise InvalidInput("the weights are all 0, or one is below 0: give at least one above")
    ideal = {member: pot * exact(weight, "a weight") / total for member, weight in weights.items()}
    paid = {member: int(each // 1) for member, each in ideal.items()}
    first = sorted(ideal, key=lambda member: paid[member] - ideal[member])
    for member in first[: pot - sum(paid.values())]:
        paid[member] += 1
    return paid
