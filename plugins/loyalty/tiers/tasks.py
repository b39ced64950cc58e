"""Work on tiers in the background: standings that are due, and all of them after a new ladder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.players.sweeping import for_players
from pitboss.plugins.loyalty.tiers import ladder, standings
from pitboss.plugins.loyalty.tiers.standings import STANDING


def judge_due(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Judge the players of whom a warning or a downgrade is due."""
    for_players(ctx, STANDING, (STANDING.c.due_at <= ctx.clock.now(),), lambda id: _judge(ctx, id))


def judge_all(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Judge every player by a ladder that was saved; who was judged since is left out."""
    saved = ladder.of_version(ctx, payload["version"])
    for_players(ctx, STANDING, (STANDING.c.judged_at <= saved.saved_at,), lambda id: _judge(ctx, id))


def _judge(ctx: Context, player_id: UUID) -> None:
    players.lock(ctx, player_id)
    standings.judge(ctx, player_id)


TASKS: tuple[Task, ...] = (
    Task(name="loyalty.judge_tiers", title="Judge tiers that are due", run=judge_due, cron="*/5 * * * *"),
    Task(name=ladder.JUDGE_ALL, title="Judge every player by a new ladder", run=judge_all),
)
