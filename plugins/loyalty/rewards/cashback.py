"""How much of what a player lost comes back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor, rate, rounded, rounding_rule

Method = Literal["ggr", "flow"]
Reason = Literal["paid", "capped", "no_loss", "below_loss_min", "below_payout_min"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the operator wrote down; money in minor units."""

    rate: Decimal
    method: Method = "ggr"
    payout_max: int | None = None
    payout_min: int = 0
    """Less than this is not paid at all."""
    loss_min: int = 0
    rounding: str = "half_up"

    def __post_init__(self) -> None:
        if rate(self.rate, marked("the rate")) > 1:
            raise InvalidInput(f"the rate is {self.rate}: give a share from 0 to 1, such as 0.05")
        rounding_rule(self.rounding)
        minor(self.payout_min, marked("the minimum payout"))
        minor(self.loss_min, marked("the minimum loss"))
        if self.payout_max is not None:
            minor(self.payout_max, marked("the maximum payout"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The GGR method: stakes and returns of settled play."""

    staked: int
    returned: int
    bonus: int = 0
    """Rewards of the period, which are deducted from the loss."""

    @property
    def net_loss(self) -> int:
        """Return stakes less returns and rewards; negative for a winner."""
        return minor(self.staked, "stakes") - minor(self.returned, "returns") - minor(self.bonus, "rewards")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The flow method: what came in and is neither withdrawn nor there any more."""

    start: int
    deposited: int
    withdrawn: int
    end: int
    bonus: int = 0

    @property
    def net_loss(self) -> int:
        """Return start and deposits less withdrawals, end and rewards; negative for a winner."""
        came = minor(self.start, marked("the start")) + minor(self.deposited, "deposits")
        went = minor(self.withdrawn, "withdrawals") + minor(self.end, marked("the end"))
        return came - went - minor(self.bonus, "rewards")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cashback:
    """What is paid, and why it is that much."""

    amount: int
    net_loss: int
    exact: Fraction
    """Rate times loss, before cap and rounding."""
    reason: Reason


def cashback(terms: Terms, figures: Play | Flow) -> Cashback:
    """Return what is paid: the rate of the net loss, capped, then rounded once.

    >>> cashback(Terms(rate=Decimal("0.05"), method="flow"), Flow(
    ...     start=10000, deposited=30000, withdrawn=20000, end=5000)).amount
    750
    """
    method = "ggr" if isinstance(figures, Play) else "flow"
    if method != terms.method:
        raise InvalidInput(f"the terms go by {terms.method}, the figures by {method}: give the other ones")
    loss = figures.net_loss
    exact = rate(terms.rate, marked("the rate")) * max(0, loss)
    amount = rounded(exact, terms.rounding)
    reason: Reason = "paid"
    if loss <= 0:
        reason = "no_loss"
    elif loss < terms.loss_min:
        reason = "below_loss_min"
    elif terms.payout_max is not None and exact > terms.payout_max:
        reason, amount = "capped", terms.payout_max
    if reason in ("paid", "capped") and amount < terms.payout_min:
        reason = "below_payout_min"
    return Cashback(
        amount=amount if reason in ("paid", "capped") else 0, net_loss=loss, exact=exact, reason=reason
    )
