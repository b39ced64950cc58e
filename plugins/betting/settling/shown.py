"""Runs, previews and explanations as the API and the pages show them: whole amounts as money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import ngettext, number
from pitboss.plugins.betting.settling.previewing import Preview

ENDS: Mapping[str, tuple[str, str]] = {
    "won": ("Won", "good"),
    "lost": ("Lost", "bad"),
    "part": ("Paid in part", "warn"),
    "void": ("Void", ""),
}
"""What a bet is called on screen by how it ended, and its colour."""


def run(ctx: Context, row: Any) -> dict[str, Any]:
    """Return a run."""
    shown = {name: getattr(row, name) for name in _RUN}
    return shown | {
        "paid": money(ctx, row.paid),
        "taken_back": money(ctx, row.taken_back),
        "held": row.detail.get("held", []) if row.state == "held" else [],
        "problems": row.detail.get("problems", {}),
        "reason": row.detail.get("reason", ""),
    }


def preview(ctx: Context, found: Preview) -> dict[str, Any]:
    """Return what an answer would change."""
    changes = [
        {
            "bet_id": one.bet_id,
            "player_id": one.player_id,
            "stake": money(ctx, one.stake),
            "before": None if one.before is None else money(ctx, one.before),
            "after": money(ctx, one.after),
            "kind": one.kind,
        }
        for one in found.changes
    ]
    return {name: getattr(found, name) for name in _PREVIEW} | {
        "summary": summary(ctx, found),
        "paid_before": money(ctx, found.paid_before),
        "paid_after": money(ctx, found.paid_after),
        "net": money(ctx, found.net),
        "changes": changes,
    }


def summary(ctx: Context, found: Preview) -> str:
    """Say in a sentence what an answer would change, as the house sees it."""
    settled, again = found.settled_count, found.resettled_count
    parts = [
        ngettext("settles %(count)s bet", "settles %(count)s bets", settled, count=number(settled)),
        ngettext("re-settles %(count)s bet", "re-settles %(count)s bets", again, count=number(again)),
    ]
    said = [part for part, count in zip(parts, (settled, again), strict=True) if count]
    if not said:
        return _("changes no bet")
    if found.is_partial:
        looked, every = number(found.looked_count), number(found.bet_count)
        said[-1] += _(" (of the first %(looked)s of %(every)s)", looked=looked, every=every)
    net = f"{ctx.tenant.currencies.text(money(ctx, found.net))} {ctx.tenant.currency}"
    return _("%(changes)s, net %(amount)s", changes=_(" and ").join(said), amount=net)


def explanation(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a bet came to what it paid."""
    unit = found["currency"]
    balance = found["balance"]
    return {
        **found,
        "stake": Money(found["stake"], unit),
        "payout": Money(found["payout"], unit),
        "settlements": [_settlement(one, unit) for one in found["settlements"]],
        "journals": [_journal(one, unit) for one in found["journals"]],
        "balance": {
            "accounts": {name: Money(amount, unit) for name, amount in balance["accounts"].items()},
            "sum": Money(balance["sum"], unit),
        },
    }


def money(ctx: Context, minor: int) -> Money:
    """Return an amount in the tenant's currency."""
    return Money(minor, ctx.tenant.currency)


def _settlement(one: Mapping[str, Any], unit: str) -> dict[str, Any]:
    replay = one["replay"]
    return {
        **one,
        "stake": Money(one["stake"], unit),
        "payout": Money(one["payout"], unit),
        "replay": {**replay, "payout": Money(replay["payout"], unit)},
    }


def _journal(one: Mapping[str, Any], unit: str) -> dict[str, Any]:
    moved = [{**transfer, "amount": Money(transfer["amount"], unit)} for transfer in one["transfers"]]
    return {**one, "transfers": moved}


_RUN = (
    "id",
    "fixture_id",
    "market_id",
    "kind",
    "state",
    "result_version",
    "bet_count",
    "looked_count",
    "settled_count",
    "started_by",
    "started_at",
    "ended_at",
)
_PREVIEW = (
    "bet_count",
    "looked_count",
    "is_partial",
    "settled_count",
    "resettled_count",
    "problems",
)
