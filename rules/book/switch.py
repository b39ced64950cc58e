"""The switch that stops all rules of a tenant at once, and lets them work again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pitboss.core import audit
from pitboss.core.errors import Conflict
from pitboss.core.texts import gettext as _
from pitboss.rules.book import store
from pitboss.rules.book.drafts import check_comment

if TYPE_CHECKING:
    from pitboss.core.context import Context


@dataclass(frozen=True, slots=True)
class BookState:
    """How the rulebook of a tenant stands."""

    revision: int
    is_stopped: bool
    stopped_by: str | None
    stopped_at: datetime | None
    reason: str | None
    rules: dict[str, int]
    """How many rules there are in each state."""


def state_of(ctx: Context) -> BookState:
    """Return how the rulebook stands."""
    row = store.book_row(ctx)
    counts = store.counts(ctx)
    if row is None:
        return BookState(0, False, None, None, None, counts)
    return BookState(row.revision, row.is_stopped, row.stopped_by, row.stopped_at, row.reason, counts)


def stop(ctx: Context, *, reason: str) -> BookState:
    """Stop all rules of the tenant; events go on being recorded, and nothing is judged."""
    check_comment(reason, "reason", is_needed=True)
    if store.hold(ctx).is_stopped:
        raise Conflict(_("all rules are stopped already"))
    at = ctx.clock.now()
    store.write_switch(ctx, is_stopped=True, stopped_by=ctx.actor.label, stopped_at=at, reason=reason)
    return _told(ctx, "stopped", reason)


def start(ctx: Context, *, reason: str) -> BookState:
    """Let the rules work again."""
    check_comment(reason, "reason", is_needed=True)
    if not store.hold(ctx).is_stopped:
        raise Conflict(_("the rules are not stopped"))
    store.write_switch(ctx, is_stopped=False, stopped_by=None, stopped_at=None, reason=None)
    return _told(ctx, "started", reason)


def _told(ctx: Context, step: str, reason: str) -> BookState:
    store.touch(ctx)
    is_stopped = step == "stopped"
    audit.record(
        ctx,
        f"rules.{step}",
        "rulebook",
        old={"is_stopped": not is_stopped},
        new={"is_stopped": is_stopped},
        reason=reason,
    )
    ctx.emit(f"rules.book_{step}", {"by": ctx.actor.label, "reason": reason})
    return state_of(ctx)
