"""Tiers that an operator decides, whatever the points say: with a reason, and an end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.tiers import ladder
from pitboss.plugins.loyalty.tiers.standings import (
    FAR,
    FIX_ENDED,
    FIXED,
    NOT_FIXED,
    Step,
    Track,
    begin,
    due_at_of,
    earliest,
    find,
    fixed_tier,
    judge,
    moved,
    show,
    tell,
    write,
)


def fix(ctx: Context, player_id: UUID, tier: str, *, until: datetime | None, reason: str) -> Track:
    """Put a player into a tier whatever the points say, until an instant or for good."""
    saved, now = ladder.current(ctx), ctx.clock.now()
    saved.ladder.place(tier)
    if until is not None and until <= now:
        raise InvalidInput(f"until: {until.isoformat()} is over: name a later instant, or none")
    players.lock(ctx, player_id)
    track = judge(ctx, player_id)
    before = (players.find(ctx, player_id) or track.standing).tier
    write(
        ctx,
        player_id,
        fixed_tier=tier,
        fixed_until=until,
        fixed_reason=reason,
        fixed_by=ctx.actor.label,
        due_at=earliest(until, due_at_of(track), FAR),
    )
    if before != tier:
        step = Step(moved(track, before, tier), FIXED)
        tell(ctx, player_id, saved, step, reason=reason)
    show(ctx, player_id, saved, tier)
    new = {"tier": tier, "until": until.isoformat() if until else None}
    audit.record(ctx, "loyalty.tier_fixed", f"player:{player_id}", new=new, reason=reason)
    return track


def unfix(ctx: Context, player_id: UUID, *, reason: str) -> Track:
    """End an override: the points decide again, at once."""
    players.lock(ctx, player_id)
    row = find(ctx, player_id) or begin(ctx, player_id)
    track = judge(ctx, player_id)
    if (fixed := fixed_tier(row, track.at)) is not None:
        write(ctx, player_id, **NOT_FIXED)
        if fixed != track.standing.tier:
            step = Step(moved(track, fixed, track.standing.tier), FIX_ENDED)
            tell(ctx, player_id, track.saved, step, reason=reason)
        show(ctx, player_id, track.saved, track.standing.tier)
    audit.record(ctx, "loyalty.tier_unfixed", f"player:{player_id}", reason=reason)
    return track
