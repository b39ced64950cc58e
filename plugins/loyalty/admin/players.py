"""Players: find one, and see what loyalty knows of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of
from pitboss.core.identity.players import find_player, search_players
from pitboss.core.ledger.wallet import POINTS
from pitboss.plugins.loyalty import players as loyal
from pitboss.plugins.loyalty.abuse import watch
from pitboss.plugins.loyalty.admin.pages import PAGE_ROWS, blueprint, cursor, page
from pitboss.plugins.loyalty.catalogue import redemptions
from pitboss.plugins.loyalty.points import api as points
from pitboss.plugins.loyalty.quests import board, days
from pitboss.plugins.loyalty.referrals import book as referrals
from pitboss.plugins.loyalty.rewards import book, shown
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import standings, view

SHOWN = 10
"""Rows of each list on a player's page; the lists of their own have more."""


@blueprint.get("/players")
@requires("loyalty.read")
def players() -> Response:
    """List players with their tier, points and risk."""
    ctx, text = current(), request.args.get("q", "").strip()
    found = search_players(ctx, text=text, after=cursor(), limit=PAGE_ROWS)
    return page(
        "players",
        rows=found.players,
        loyal=_known(ctx, [one.id for one in found.players]),
        next_cursor=found.cursor,
        text=text,
        titles=_titles(ctx),
    )


@blueprint.get("/players/<uuid:player_id>")
@requires("loyalty.read")
def player(player_id: UUID) -> Response:
    """Show a player's loyalty: tier, bonuses, points, missions, rewards, risk and referrals."""
    return player_page(player_id)


def player_page(player_id: UUID, status: int = 200, **more: Any) -> Response:
    """Render a player's page."""
    ctx = current()
    found = find_player(ctx, player_id)
    came_by, friends = referrals.of_friend(ctx, player_id), _friends(ctx, player_id)
    return page(
        "player",
        status,
        player=found,
        loyal=loyal.find(ctx, player_id),
        wallets=shown.wallets(ctx, player_id),
        rewards=shown.many(ctx, book.history(ctx, player_id, limit=SHOWN)),
        redemptions=redemptions.list_redemptions(ctx, player_id=player_id, limit=SHOWN),
        missions=board.cards(ctx, player_id, "mission"),
        achievements=board.cards(ctx, player_id, "achievement"),
        streak=days.streak_of(ctx, player_id),
        came_by=came_by,
        friends=friends,
        code=referrals.code_of(ctx, player_id),
        cap=referrals.cap(ctx, player_id),
        names=names_of(ctx, [*([came_by.referrer_id] if came_by else []), *(r.friend_id for r in friends)]),
        form_key=uuid7(),
        **_standing(ctx, player_id),
        **_points(ctx, player_id),
        **_risk(ctx, player_id),
        **more,
    )


# -- parts -----------------------------------------------------------------------------------------


def _standing(ctx: Context, player_id: UUID) -> dict[str, Any]:
    override = view.override(standings.find(ctx, player_id), ctx.clock.now())
    ladder = ladders.current(ctx).ladder
    return {
        "standing": view.view(ctx, player_id),
        "override": override,
        "tier_history": view.history(ctx, player_id, limit=SHOWN),
        "ladder": [(tier.code, tier.title) for tier in ladder.tiers],
    }


def _points(ctx: Context, player_id: UUID) -> dict[str, Any]:
    found = points.shown(ctx, player_id)
    return {
        "balances": found["balances"],
        "lots": found["lots"][:SHOWN],
        "lot_count": len(found["lots"]),
        "carry": found["carry"],
        "moves": ledger.history(
            ctx.connection, ledger.player(player_id, "wallet", POINTS), limit=SHOWN
        ).entries,
    }


def _risk(ctx: Context, player_id: UUID) -> dict[str, Any]:
    if not ctx.actor.may("loyalty.signals"):
        return {"signals": [], "changes": []}
    table = loyal.CHANGE
    query = select(table).where(
        table.c.tenant_id == ctx.tenant.id,
        table.c.player_id == player_id,
        table.c.what.in_((loyal.BLOCK, watch.RISK)),
    )
    return {
        "signals": watch.list_signals(ctx, player_id=player_id, limit=SHOWN),
        "changes": list(ctx.connection.execute(query.order_by(table.c.id.desc()).limit(SHOWN))),
    }


def _friends(ctx: Context, player_id: UUID) -> list[Any]:
    return referrals.list_referrals(ctx, referrer_id=player_id, limit=SHOWN)


def _known(ctx: Context, player_ids: list[UUID]) -> dict[UUID, Any]:
    table = loyal.PLAYER
    query = select(table).where(table.c.tenant_id == ctx.tenant.id, table.c.player_id.in_(player_ids))
    return {row.player_id: row for row in ctx.connection.execute(query)}


def _titles(ctx: Context) -> dict[str, str]:
    return {tier.code: tier.title for tier in ladders.current(ctx).ladder.tiers}
