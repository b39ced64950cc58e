"""Rewards: the list with its filters, and one of them with the decision behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from werkzeug.wrappers import Response

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of, player_meant
from pitboss.core.texts import gettext as _
from pitboss.plugins.loyalty import rulebook
from pitboss.plugins.loyalty.admin.forms import reason_of
from pitboss.plugins.loyalty.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    page,
    tried,
)
from pitboss.plugins.loyalty.bonuses import purses
from pitboss.plugins.loyalty.rewards import book, byhand, lifecycle, shown
from pitboss.plugins.loyalty.rewards.api import STATUSES

IN_MONEY = frozenset({"deposit", "bet_max", "conversion_max", "payout_max", "value"})
"""Terms that are kept in minor units of the tenant's currency."""


@blueprint.get("/rewards")
@requires("loyalty.read")
def rewards() -> Response:
    """List rewards, the newest first."""
    ctx, wanted = current(), asked("status", "type", "rule", "player")
    found = book.history(
        ctx,
        player_meant(ctx, wanted["player"]),
        statuses=[wanted["status"]] if wanted["status"] else (),
        types=[wanted["type"]] if wanted["type"] else (),
        rule=wanted["rule"] or None,
        before=cursor(),
        limit=PAGE_ROWS + 1,
    )
    rows, following = cut(found)
    return page(
        "rewards",
        rewards=shown.many(ctx, rows),
        owners={row.id: row.player_id for row in rows},
        names=names_of(ctx, [row.player_id for row in rows]),
        next_cursor=following,
        asked=wanted,
        statuses=STATUSES,
        types=list(lifecycle.TYPES),
    )


@blueprint.get("/rewards/<uuid:reward_id>")
@requires("loyalty.read")
def reward(reward_id: UUID) -> Response:
    """Show a reward: its progress, its legs in the ledger, and why it was given."""
    ctx = current()
    row = book.find(ctx, reward_id)
    return page(
        "reward",
        reward=shown.one(ctx, row),
        row=row,
        terms=_terms(row),
        in_money=IN_MONEY,
        names=names_of(ctx, [row.player_id]),
        is_open=row.status in book.OPEN,
        why=rulebook.why_of(ctx, row.decision_id)
        if row.decision_id and ctx.actor.may("rules.read")
        else None,
        journals=list(_journals(ctx, row)),
    )


def _terms(row: Row[Any]) -> dict[str, Any]:
    """Return what a reward was given under, but for what says nothing."""
    kept = row.detail["terms"].items()
    return {name: value for name, value in kept if value or (value is False and name not in IN_MONEY)}


def _journals(ctx: Context, row: Row[Any]) -> Iterator[ledger.Journal]:
    """Yield what was posted of a reward, in order."""
    keys = [purses.grant_key(row.id)]
    if row.type in book.BONUSES:
        keys += [key for bonus in purses.find_many(ctx, [row.id]) for key in bonus.ends]
    for key in [*keys, f"reverse:{keys[0]}"]:
        with suppress(NotFound):
            yield ledger.find_journal(ctx.connection, key)


@blueprint.post("/rewards/<uuid:reward_id>/cancel")
@requires("loyalty.grant")
def cancel_reward(reward_id: UUID) -> Response:
    """Cancel a reward that is not over."""

    def run(ctx: Context) -> str:
        lifecycle.cancel(ctx, reward_id, reason=reason_of())
        return _("The reward is cancelled: what was left of it went back to the house.")

    return tried(run, "reward", reward_id=reward_id)


@blueprint.post("/rewards/<uuid:reward_id>/release")
@requires("loyalty.grant")
def release_reward(reward_id: UUID) -> Response:
    """Deliver a reward that was held back."""

    def run(ctx: Context) -> str:
        byhand.release(ctx, reward_id, reason=reason_of())
        return _("The reward is delivered.")

    return tried(run, "reward", reward_id=reward_id)
