"""Players join the ladder when loyalty first knows of them: no tier is unknown before the first points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import exists, insert, literal, select, update

from pitboss.core.context import Context
from pitboss.core.contracts import Listener
from pitboss.core.events import Event
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.players import PLAYER, profiles
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import standings
from pitboss.plugins.loyalty.tiers.law import join
from pitboss.plugins.loyalty.tiers.standings import FAR, STANDING


def enrol(ctx: Context, event: Event) -> None:
    """Make the row of a player who registered, in the lowest tier: rules know who never played."""
    if event.player_id is None:
        return
    profiles.lock(ctx, [event.player_id])
    if players.lock(ctx, event.player_id).tier is None:
        standings.join_ladder(ctx, event.player_id)


def tenant_enabled(ctx: Context) -> None:
    """Make a row for every player who has none yet, and put who stands nowhere into the lowest tier."""
    profiles.tenant_enabled(ctx)
    ladder = ladders.current(ctx).ladder
    _stand(ctx, standings.columns(join(ladder, at=ctx.clock.now())))
    multiplier = Decimal(ladder.tiers[0].benefits["multiplier"])
    ctx.connection.execute(
        update(PLAYER)
        .where(PLAYER.c.tenant_id == ctx.tenant.id, PLAYER.c.tier.is_(None))
        .values(tier=ladder.tiers[0].code, tier_multiplier=float(multiplier))
    )


def _stand(ctx: Context, begun: dict[str, Any]) -> None:
    """Write down in one statement where everybody stands who stands nowhere."""
    values = {**begun, "due_at": FAR, "score_max": 0, "fixed_reason": ""}
    columns = [literal(value, STANDING.c[name].type).label(name) for name, value in values.items()]
    stands = exists().where(
        STANDING.c.tenant_id == PLAYER.c.tenant_id, STANDING.c.player_id == PLAYER.c.player_id
    )
    newcomers = (
        select(PLAYER.c.tenant_id, PLAYER.c.player_id, *columns)
        .where(PLAYER.c.tenant_id == ctx.tenant.id, PLAYER.c.tier.is_(None), ~stands)
        .order_by(PLAYER.c.player_id)
    )
    names = ["tenant_id", "player_id", *values]
    ctx.connection.execute(insert(STANDING).from_select(names, newcomers, include_defaults=False))


LISTENERS = (Listener("core.player_registered", enrol),)
