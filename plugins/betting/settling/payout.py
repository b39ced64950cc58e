"""What a slip pays: the exact sum, capped and rounded once, with its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pitboss.plugins.betting.settling.explaining import explain
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Settled, Slip
from pitboss.plugins.betting.settling.summing import summed

__all__ = ["WON", "best", "most", "paid", "potential", "settle", "summed"]

WON = Outcome(state="won", reason="won", position=1)


def settle(slip: Slip, outcomes: Sequence[Outcome], rules: Rules) -> Settled:
    """Return what a slip pays for what its legs came to, in their order.

    >>> from pitboss.plugins.betting.settling.slip import Leg
    >>> double = Slip(legs=(Leg(odds=Fraction(2)), Leg(odds=Fraction(3))), stake=1000)
    >>> settle(double, [WON, WON], Rules()).payout_minor
    6000
    """
    sums = summed(slip, outcomes, rules)
    payout = paid(slip, sums.exact, rules)
    explanation = explain(slip, outcomes, sums, rules=rules, payout=payout)
    return Settled(exact=sums.exact, payout_minor=payout, explanation=explanation)


def paid(slip: Slip, exact: Fraction, rules: Rules) -> int:
    """Cap what a slip returns, then round it once."""
    if slip.payout_max is not None and exact > slip.payout_max:
        return slip.payout_max
    return rules.round(exact)


def best(slip: Slip, rules: Rules) -> Fraction:
    """Return the exact sum of a slip if every leg wins."""
    return summed(slip, [WON] * len(slip.legs), rules).exact


def potential(slip: Slip, rules: Rules) -> int:
    """Return what a slip pays if every leg wins."""
    return paid(slip, best(slip, rules), rules)


def most(slip: Slip, known: Sequence[Outcome | None], rules: Rules) -> int:
    """Return the most that a slip may still pay, where None is a leg that is not decided; 0: it has lost.

    >>> from pitboss.plugins.betting.settling.slip import Leg
    >>> double = Slip(legs=(Leg(odds=Fraction(2)), Leg(odds=Fraction(3))), stake=1000)
    >>> most(double, [Outcome(state="lost"), None], Rules())
    0
    """
    exact = summed(slip, [WON if outcome is None else outcome for outcome in known], rules).exact
    policy = rules.void_leg if slip.builder_odds is None else rules.builder_void
    if policy == "void_slip" and None in known and not slip.is_free_bet:
        # A leg that is still open may become void, and with it the slip.
        exact = max(exact, Fraction(slip.stake))
    return paid(slip, exact, rules)
