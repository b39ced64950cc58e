"""What becomes of a slip whose prices moved since the player saw them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from pitboss.core.errors import InvalidInput, nearest

Policy = Literal["none", "higher_only", "any"]
"""Which moves a player takes without being asked again: none, better prices, or all."""
POLICIES: tuple[Policy, ...] = get_args(Policy)
Reason = Literal["", "odds_changed", "suspended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a leg is struck and at which price; the present price goes back to be confirmed."""

    is_accepted: bool
    reason: Reason = ""
    odds_struck: Decimal | None = None
    current: Decimal | None = None


def decide(
    policy: Policy, *, requested: Decimal, current: Decimal | None, is_suspended: bool = False
) -> Decision:
    """Return whether a leg is struck; what is suspended or has no price never is.

    >>> decide("higher_only", requested=Decimal("2.00"), current=Decimal("2.10")).odds_struck
    Decimal('2.10')
    """
    if policy not in POLICIES:
        raise InvalidInput(f"no price policy {policy!r}: {nearest(policy, POLICIES)}")
    if is_suspended or current is None:
        return Decision(is_accepted=False, reason="suspended", current=current)
    is_taken = policy == "any" or current == requested or (policy == "higher_only" and current > requested)
    if not is_taken:
        return Decision(is_accepted=False, reason="odds_changed", current=current)
    return Decision(is_accepted=True, odds_struck=current, current=current)
