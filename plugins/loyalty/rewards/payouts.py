"""Rewards that are there at once: cash, raffle tickets, and perks that nobody can spend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.bonuses.purses import COST, SHORTFALL, grant_key
from pitboss.plugins.loyalty.rewards import book

_PAYERS = {"cash": COST, "tickets": "tickets_issued"}


def prepare(ctx: Context, terms: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - a kind's signature
    """Return the terms that the reward is kept with."""
    kept = {name: terms[name] for name in ("perk", "payer") if terms.get(name)}
    return kept | {"hours": terms.get("expiry_hours")}


def deliver(ctx: Context, reward: Row[Any]) -> None:
    """Pay cash or tickets into the player's wallet; a perk is only written down."""
    if reward.type == "perk":
        return
    payer = reward.detail["terms"].get("payer", _PAYERS[reward.type])
    wallet = ledger.player(reward.player_id, "wallet", reward.unit)
    leg = ledger.Leg(ledger.house(payer, reward.unit), wallet, reward.amount)
    ledger.post(ctx.connection, key=grant_key(reward.id), op="loyalty.grant", legs=[leg])


def expire(ctx: Context, reward: Row[Any]) -> None:
    """End a perk whose time is over."""
    book.end(ctx, reward, "expired", marked("its time is over"))


def revoke(ctx: Context, reward: Row[Any], reason: str) -> None:
    """Cancel a perk."""
    book.end(ctx, reward, "cancelled", reason)


def take_back(ctx: Context, reward: Row[Any]) -> None:
    """Take cash or tickets back; what was spent of them is owed."""
    if reward.type != "perk":
        ledger.reverse(ctx.connection, key=grant_key(reward.id), shortfall=SHORTFALL)
