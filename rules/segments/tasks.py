"""Refresh segments in the background."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.events import Event
from pitboss.rules.book.live import Book, book_of
from pitboss.rules.segments import membership
from pitboss.rules.segments.growth import keep_sizes
from pitboss.rules.segments.refresh import due_keys, renew
from pitboss.rules.segments.standing import mend_players
from pitboss.rules.segments.telling import tell

REFRESH = "rules.refresh_segments"
REFRESH_SECONDS_MAX = 3_600
LIVE_STEPS = frozenset({"published", "rolled_back", "paused", "resumed", "retired"})
"""The steps that change what is live."""
LIVE_KINDS = frozenset({"segment", "formula"})
"""The kinds that segments are made of."""


def run(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Refresh one segment, or all that are due; a run that was broken off goes on where it was."""
    book = book_of(ctx)
    if book.is_stopped:
        return
    saved = dict(ctx.job.saved) if ctx.job is not None else {}
    keys, done = _wanted(ctx, book, payload), list(saved.get("done", ()))
    for key in keys:
        if key not in done:
            _refresh_one(ctx, book, key, saved if saved.get("key") == key else {}, done)
            done.append(key)
            _progress(ctx, len([k for k in keys if k in done]), len(keys), {"done": done})
    mend_players(ctx, book)
    keep_sizes(ctx)


def changed(ctx: Context, event: Event) -> None:
    """Refresh what a step with a rule changed."""
    payload = {"changed": event.payload["key"]} if event.payload["kind"] == "segment" else {}
    ctx.enqueue(REFRESH, payload, key=f"event:{event.id}")


def wants(_ctx: Context, event: Event) -> bool:
    """Tell whether a step changes who is in a segment."""
    return event.payload["kind"] in LIVE_KINDS and event.payload["step"] in LIVE_STEPS


def _wanted(ctx: Context, book: Book, payload: Mapping[str, Any]) -> list[str]:
    """Return what an operator asked for by name, what changed, or else all that is due."""
    if "key" in payload:
        return [payload["key"]]
    due = due_keys(ctx, book)
    return [key for key in due if key == payload["changed"]] if "changed" in payload else due


def _refresh_one(ctx: Context, book: Book, key: str, saved: Mapping[str, Any], done: list[str]) -> None:
    """Change who is in, then tell of it; what was changed is not told of twice, nor forgotten."""
    if saved:
        at, after = datetime.fromisoformat(saved["at"]), saved.get("after")
    else:
        found = renew(ctx, book, key)
        if not found.moved:
            return
        at, after = found.at, None
    state = {"done": done, "key": key, "at": at.isoformat()}
    if not saved:
        _keep(ctx, state)
    for player_id in tell(ctx, key, at, after=UUID(after) if after else None):
        _keep(ctx, state | {"after": str(player_id)})


def _progress(ctx: Context, count: int, total: int, state: Mapping[str, Any]) -> None:
    if ctx.job is not None:
        ctx.job.progress(count, total)
    _keep(ctx, state)


def _keep(ctx: Context, state: Mapping[str, Any]) -> None:
    if ctx.job is not None:
        ctx.job.checkpoint(state)


TASKS = (
    Task(
        name=REFRESH,
        title="Refresh segments",
        run=run,
        cron="*/15 * * * *",
        time_limit_seconds=REFRESH_SECONDS_MAX,
    ),
    *membership.TASKS,
)
LISTENERS = (Listener("rules.rule_changed", changed, name="refresh_segments", wants=wants),)
