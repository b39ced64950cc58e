"""A player's tier as it is shown: what it gives, how far the next one is, and when it would be lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.context import Context
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.tiers import ladder, standings
from pitboss.plugins.loyalty.tiers.ladder import Saved
from pitboss.plugins.loyalty.tiers.law import Course, Tier, join, progress, warns_at
from pitboss.plugins.loyalty.tiers.standings import Track


def view(ctx: Context, player_id: UUID) -> dict[str, Any]:
    """Return a player's tier as of now, however long ago it was judged."""
    row = standings.find(ctx, player_id)
    track = standings.track_of(ctx, row) if row is not None else _newcomer(ctx)
    fixed = standings.fixed_tier(row, track.at) if row is not None else None
    code = fixed if fixed and track.saved.has(fixed) else track.standing.tier
    tier = track.saved.ladder.tiers[track.saved.ladder.place(code)]
    return {
        "tier": tier_of(tier),
        "mode": track.saved.ladder.mode,
        "score": track.score,
        "since": track.standing.since,
        "next": _next(track, code),
        "loss": None if fixed else _loss(track, tier),
        "term_ends_at": track.standing.term_ends_at,
        "judged_next_at": _judged_next_at(track, row, fixed),
        "is_fixed": fixed is not None,
        "fixed_until": row.fixed_until if row is not None and fixed else None,
    }


def override(row: Row[Any] | None, at: datetime) -> Mapping[str, Any] | None:
    """Return who put a player in a tier, until when and why; None where the points decide."""
    if row is None or standings.fixed_tier(row, at) is None:
        return None
    return {
        "tier": row.fixed_tier,
        "until": row.fixed_until,
        "reason": row.fixed_reason,
        "by": row.fixed_by,
    }


def history(ctx: Context, player_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return a player's changes of tier, the newest first."""
    table = players.CHANGE
    query = select(table).where(
        table.c.tenant_id == ctx.tenant.id,
        table.c.player_id == player_id,
        table.c.what.in_((standings.WHAT, standings.VOIDED)),
    )
    if before is not None:
        query = query.where(table.c.id < before)
    return list(ctx.connection.execute(query.order_by(table.c.id.desc()).limit(limit)))


def tier_of(tier: Tier) -> dict[str, Any]:
    """Return a tier and its benefits as players see them."""
    return {
        "code": tier.code,
        "title": tier.title,
        "entry": tier.entry,
        "keeps": tier.keeps,
        "multiplier": tier.benefits["multiplier"],
        "texts": tier.benefits["texts"],
    }


def _newcomer(ctx: Context) -> Track:
    saved: Saved = ladder.current(ctx)
    now = ctx.clock.now()
    return Track(saved, join(saved.ladder, at=now), (), Course(saved.ladder, []), None, now)


def _next(track: Track, code: str) -> dict[str, Any] | None:
    ahead = progress(track.saved.ladder, code, track.score)
    if ahead.next is None:
        return None
    return {**tier_of(ahead.next), "missing": ahead.missing, "sentence": ahead.sentence()}


def _loss(track: Track, tier: Tier) -> dict[str, Any] | None:
    if track.due is None:
        return None
    return {"at": track.due.at, "to": track.due.after, "missing": max(0, tier.keeps - track.due.score)}


def _judged_next_at(track: Track, row: Row[Any] | None, fixed: str | None) -> datetime | None:
    instants = [row.fixed_until] if row is not None and fixed else []
    if track.due is not None:
        warning = warns_at(track.due)
        instants.append(warning if warning > track.at else track.due.at)
    return min((at for at in instants if at is not None), default=None)
