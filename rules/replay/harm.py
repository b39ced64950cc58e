"""Players who should not be tempted: what their facts say, and what the guards of plugins say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import polars as pl

from pitboss.core import contracts, facts
from pitboss.core.context import Context
from pitboss.core.errors import Refused
from pitboss.core.texts import kept, marked
from pitboss.rules.book.live import glance
from pitboss.rules.replay.history import PLAYER
from pitboss.rules.replay.trial import HARMED
from pitboss.rules.runtime import limits

OPERATION = "rules.reward_simulated"
"""What guards are asked of each player whom a simulation would reward; they get a `RewardSimulated`."""
ASKED_MAX = 50_000
"""Of how many players guards are asked: each may read the database."""


@dataclass(frozen=True, slots=True)
class RewardSimulated:
    """What a guard of `rules.reward_simulated` is asked about."""

    rule: str
    version: int
    player_id: UUID
    actions: tuple[str, ...]
    """The actions that would be done."""


@dataclass(slots=True)
class Flagged:
    """Who should not be rewarded, and why."""

    reasons: dict[str, list[str | list[Any]]] = field(default_factory=dict)
    not_asked: int = 0
    """Of how many players guards were not asked."""

    def add(self, player: str, reason: str | list[Any]) -> None:
        """Flag a player."""
        said = self.reasons.setdefault(player, [])
        if reason not in said:
            said.append(reason)


def flagged(
    ctx: Context,
    rule: str,
    version: int,
    actions: tuple[str, ...],
    matches: pl.DataFrame,
    names: Collection[str],
) -> Flagged:
    """Return which of the players that match should not be rewarded."""
    found = Flagged()
    for player in matches.filter(pl.col(HARMED))[PLAYER].drop_nulls().unique():
        found.add(player, marked("a fact said so when it was recorded"))
    players = matches[PLAYER].drop_nulls().unique(maintain_order=True).to_list()
    for player, fact in _flagged_now(ctx, players, names):
        found.add(player, kept("%(fact)s holds now", fact=fact))
    if _has_guards(ctx):
        found.not_asked = max(0, len(players) - ASKED_MAX)
        for player in players[:ASKED_MAX]:
            for reason in _refusals(ctx, RewardSimulated(rule, version, UUID(player), actions)):
                found.add(player, reason)
    return found


def _flagged_now(ctx: Context, players: list[str], names: Collection[str]) -> list[tuple[str, str]]:
    stored = [n for n in sorted(names) if ctx.view.term(n, contracts.Variable).in_bulk]
    if not stored or not players:
        return []
    columns = facts.read_many(ctx, [UUID(player) for player in players], stored)
    return [
        (str(player), name)
        for name in stored
        for player, value in zip(columns.player_ids, columns.values[name], strict=True)
        if value is True
    ]


def _refusals(ctx: Context, asked: RewardSimulated) -> Collection[str]:
    try:
        ctx.guard(OPERATION, asked)
    except Refused as refused:
        return refused.reasons
    return ()


def _has_guards(ctx: Context) -> bool:
    """Tell whether anybody would answer: the limits of the book are asked about everything."""
    others = [owned for owned in ctx.view.guarding(OPERATION) if owned.item not in limits.GUARDS]
    return bool(others) or OPERATION in glance(ctx).limits


def without(matches: pl.DataFrame, found: Flagged) -> pl.DataFrame:
    """Return the matches of the other players."""
    if not found.reasons:
        return matches
    return matches.filter(pl.col(PLAYER).is_null() | ~pl.col(PLAYER).is_in(list(found.reasons)))


def listed(found: Flagged, limit: int) -> list[Mapping[str, object]]:
    """Return some of them, with the reasons."""
    return [
        {"player_id": player, "reasons": reasons} for player, reasons in list(found.reasons.items())[:limit]
    ]
