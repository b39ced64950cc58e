"""Rewards that an operator gives, or lets go out, by hand: once for a key, with the reason kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.identity.players import find_player
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.rewards import book, lifecycle, shown

COUNTED = ("free_spins", "tickets")
"""Types whose amount is how many; others but a perk pay money."""
NOT_TERMS = frozenset({"key", "to", "amount", "type", "claimable", "campaign"})


def give(
    ctx: Context,
    player_id: UUID,
    type: str,
    *,
    key: str,
    reason: str,
    amount: Money | None = None,
    units: int | None = None,
    terms: Mapping[str, Any] | None = None,
    is_claimable: bool = False,
) -> Row[Any]:
    """Give a player a reward with its reason; the same key gives it once."""
    player = find_player(ctx, player_id)
    parameters = _parameters(ctx, type, amount=amount, units=units, terms=terms or {})
    given = ctx.of(player.id).act(
        shown.ACTIONS[type], key=f"hand:{ctx.actor.id}:{key}", claimable=is_claimable, **parameters
    )
    row = book.find(ctx, given)
    new = {"player_id": str(player.id), "type": row.type, "amount": row.amount, "unit": row.unit}
    audit.record(ctx, "loyalty.give_reward", f"reward:{row.id}", new=new, reason=reason)
    return row


def release(ctx: Context, reward_id: UUID, *, reason: str) -> Row[Any]:
    """Deliver a reward that was held back, with the reason."""
    row = lifecycle.release(ctx, reward_id)
    audit.record(ctx, "loyalty.release_reward", f"reward:{row.id}", reason=reason)
    return row


def _parameters(
    ctx: Context, type: str, *, amount: Money | None, units: int | None, terms: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the parameters of the action, with its amount in its own unit."""
    taken = sorted(NOT_TERMS & set(terms))
    if taken:
        raise InvalidInput(f"terms: {taken[0]!r} is no term of a reward", {"terms": ["Not a term."]})
    parameters = dict(terms)
    if type == "cashback":
        parameters["type"] = "CASHBACK"
    if type == "perk":
        return parameters
    if type in COUNTED:
        return {**parameters, "amount": _needed(units, "units")}
    return {**parameters, "amount": _minor(ctx, _needed(amount, "amount"))}


def _needed(value: Any, name: str) -> Any:
    if value is None:
        raise InvalidInput(f"{name}: say how much", {name: ["Missing data for required field."]})
    return value


def _minor(ctx: Context, amount: Money) -> int:
    if amount.currency != ctx.tenant.currency or amount.minor <= 0:
        given = f"{ctx.tenant.currencies.text(amount)} {amount.currency}"
        cure = marked(f"{given} does not fit: give a positive amount in {ctx.tenant.currency}")
        raise InvalidInput(f"amount: {cure}", {"amount": [cure]})
    return amount.minor
