"""Exclusive groups: of the rewards of one group the best or the first is done, or all up to a cap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.core.texts import kept
from pitboss.rules.runtime.payments import Claim, Payment
from pitboss.rules.runtime.tables import Outcome


def settle_groups(ctx: Context, claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims of one event, by priority, with those that lost in their group ended."""
    settled = list(claims)
    for group in dict.fromkeys(c.rule.exclusive.group for c in claims if c.rule.exclusive):
        places = [n for n, c in enumerate(claims) if c.rule.exclusive and c.rule.exclusive.group == group]
        for place, found in zip(places, _settled(ctx, [claims[n] for n in places]), strict=True):
            settled[place] = found
    return settled


def _settled(ctx: Context, claims: Sequence[Claim]) -> list[Claim]:
    # The rule of highest priority says how its group is settled.
    exclusive = claims[0].rule.exclusive
    assert exclusive is not None
    if exclusive.pick == "sum_capped":
        return list(_up_to(ctx, claims, exclusive.max_amount))
    taken = claims[0] if exclusive.pick == "first" else max(claims, key=_worth)
    reason = kept(
        "%(rule)s was taken of the group %(group)s", rule=repr(taken.live.key), group=repr(exclusive.group)
    )
    return [c if c is taken else c.ended(Outcome.EXCLUDED, reason) for c in claims]


def _up_to(ctx: Context, claims: Sequence[Claim], cap: float | None) -> Iterator[Claim]:
    """Cut the amounts, in their order, so that together they stay within the cap, for each unit."""
    left: dict[str, int] = {}
    for claim in claims:
        cut = tuple(_cut(ctx, payment, cap, left) for payment in claim.payments)
        yield replace(claim, payments=cut)


def _cut(ctx: Context, payment: Payment, cap: float | None, left: dict[str, int]) -> Payment:
    if payment.amount is None or cap is None:
        return payment
    unit = payment.amount.currency
    if unit not in left:
        left[unit] = ctx.tenant.currencies.round(Decimal(repr(cap)), unit, "down")[0].minor
    paid = min(payment.amount.minor, left[unit])
    left[unit] -= paid
    return replace(payment, amount=Money(paid, unit))


def _worth(claim: Claim) -> int:
    return claim.amount.minor if claim.amount is not None else 0
