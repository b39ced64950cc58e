"""What a dead heat leaves of a bet: a part of its stake, or a part of its odds."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, get_args

from pitboss.core.errors import InvalidInput, nearest

Policy = Literal["stake", "odds"]
"""`stake`: the stake is divided, and the rest of it loses. `odds`: the odds are divided, but not below 1."""
POLICIES: tuple[Policy, ...] = get_args(Policy)


def places_share(position: int, tied: int, places: int) -> Fraction:
    """Return the part that each of those tied at a position gets of the paid places that they straddle.

    >>> places_share(3, 2, 3), places_share(1, 2, 3), places_share(4, 1, 3)
    (Fraction(1, 2), Fraction(1, 1), Fraction(0, 1))
    """
    if min(position, tied, places) < 1:
        raise InvalidInput(f"position {position}, tied {tied}, places {places}: give 1 or more of each")
    left = max(0, places - position + 1)
    return Fraction(min(left, tied), tied)


def divided(odds: Fraction, share: Fraction, policy: Policy) -> Fraction:
    """Return what one unit becomes when a share of it won at these odds.

    >>> divided(Fraction(6, 5), Fraction(1, 2), "stake"), divided(Fraction(6, 5), Fraction(1, 2), "odds")
    (Fraction(3, 5), Fraction(1, 1))
    """
    if policy not in POLICIES:
        raise InvalidInput(f"a dead heat divides {policy!r}: {nearest(policy, list(POLICIES))}")
    if share == 1:
        return odds
    if policy == "stake":
        return odds * share
    return max(Fraction(1), odds * share)
