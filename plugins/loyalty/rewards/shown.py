"""Rewards and purses as players and operators see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.plugins.loyalty.bonuses import book as bonuses
from pitboss.plugins.loyalty.bonuses import purses
from pitboss.plugins.loyalty.freeplay import tokens as freeplays
from pitboss.plugins.loyalty.rewards import book

COUNTS_SHOWN_MAX = 50
REWARDS_SHOWN_MAX = 200
_COUNTED_IN_UNITS = ("PTS", "RWD", "TKT", "SPN")

ACTIONS: Mapping[str, str] = {
    "bonus": "loyalty.grant_bonus",
    "cashback": "loyalty.grant_bonus",
    "cash": "loyalty.grant_cash",
    "free_bet": "loyalty.grant_free_bet",
    "free_spins": "loyalty.grant_spins",
    "tickets": "loyalty.grant_tickets",
    "perk": "loyalty.grant_perk",
}
"""The action that gives each type."""


def one(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    """Return a reward, with what the latest stakes did to it."""
    stakes = bonuses.counted_stakes(ctx, row.id, COUNTS_SHOWN_MAX) if row.type in book.BONUSES else []
    return many(ctx, [row])[0] | {"stakes": [_count(ctx, stake) for stake in stakes]}


def many(ctx: Context, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Return rewards, each with its progress."""
    found = purses.find_many(ctx, [row.id for row in rows if row.type in book.BONUSES])
    plays = freeplays.find_many(ctx, [row.id for row in rows if row.type in book.FREE_PLAYS])
    held = _held(ctx, found)
    by_id = {row.id: _bonus(ctx, row, held[row.id]) for row in found}
    play_by_id = {row.id: _free_play(ctx, row) for row in plays}
    return [_reward(ctx, row, by_id.get(row.id), play_by_id.get(row.id)) for row in rows]


def wallets(ctx: Context, player_id: UUID) -> dict[str, Any]:
    """Return all that a player has: every bonus apart, in the order of use."""
    unit = ctx.tenant.currency
    wallet = ledger.read_wallet(ctx.connection, player_id, unit)
    order = [row.id for row in purses.active_of(ctx, player_id)]
    order += [row.id for row in freeplays.usable_by(ctx, player_id)]
    active = book.history(
        ctx,
        player_id,
        statuses=("active",),
        types=(*book.BONUSES, *book.FREE_PLAYS),
        limit=REWARDS_SHOWN_MAX,
    )
    items = {item["id"]: item for item in many(ctx, active)}
    usable = [items[id] for id in order if id in items]
    return {
        **{
            name: Money(getattr(wallet, name), unit)
            for name in ("cash", "locked", "owed", "withdrawable", "bonus")
        },
        "points": wallet.points,
        "reward_points": wallet.reward_points,
        "tickets": wallet.tickets,
        "bonuses": [item for item in usable if item["bonus"] is not None],
        "free_plays": [item for item in usable if item["free_play"] is not None],
    }


# -- parts -----------------------------------------------------------------------------------------


def _reward(
    ctx: Context, row: Row[Any], bonus: dict[str, Any] | None, free_play: dict[str, Any] | None
) -> dict[str, Any]:
    is_units = row.unit in _COUNTED_IN_UNITS
    is_perk = row.type == "perk"
    columns = (
        *("id", "type", "status", "unit", "reason", "campaign", "issued_at", "expires_at", "ended_at"),
        *("rule", "rule_version", "decision_id"),
    )
    return {
        **{name: getattr(row, name) for name in columns},
        "amount": None if is_units or is_perk else Money(row.amount, row.unit),
        "units": row.amount if is_units else None,
        "perk": row.detail["terms"].get("perk") if is_perk else None,
        "explanation": _explanation(ctx, row),
        "bonus": bonus,
        "free_play": free_play,
    }


def _bonus(ctx: Context, row: Row[Any], held: int) -> dict[str, Any]:
    unit, counted = ctx.tenant.currency, Fraction(row.counted)
    bonus = purses.bonus_of(row)
    bet_max = row.terms["bet_max"]
    return {
        "balance": Money(held, unit),
        "requirement": Money(row.requirement, unit),
        "wagered": Money(bonus.progress, unit),
        "missing": Money(bonus.missing, unit),
        "percent": round(float(100 * counted / row.requirement), 2) if row.requirement else 100.0,
        "max_bet": None if bet_max is None else Money(bet_max, unit),
        "eligible_games": row.terms["eligible_games"],
        "is_sticky": row.terms["is_sticky"],
        "breaches": row.breaches,
    }


def _free_play(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "left": row.left,
        "value": Money(row.value, ctx.tenant.currency),
        "min_odds": row.terms["odds_min"],
        "eligible_games": row.terms["eligible_games"],
    }


def _count(ctx: Context, row: Row[Any]) -> dict[str, Any]:
    # Whole minor units of what may be a fraction: the sum of all is exact in the bonus itself.
    counted = Money(int(Fraction(row.added)), ctx.tenant.currency)
    return {"at": row.at, "outcome": row.outcome, "counted": counted, "is_undone": row.is_undone}


def _explanation(ctx: Context, row: Row[Any]) -> str | None:
    """Return where the decision is explained to whoever asks."""
    # What missions and campaigns give is caused by them, and was decided by no rule.
    if row.decision_id is None or row.rule is None or ":" in row.rule:
        return None
    of = "me/decisions" if ctx.actor.kind == "player" else "decisions"
    return f"/api/v1/rules/{of}/{row.decision_id}"


def _held(ctx: Context, rows: Iterable[Row[Any]]) -> dict[UUID, int]:
    """Return what the purses hold, in one query for each player."""
    held: dict[UUID, int] = {}
    known: dict[UUID, Mapping[ledger.Account, int]] = {}
    for row in rows:
        if row.player_id not in known:
            known[row.player_id] = ledger.balances(ctx.connection, f"player:{row.player_id}")
        held[row.id] = known[row.player_id].get(purses.account_of(ctx, row), 0)
    return held
