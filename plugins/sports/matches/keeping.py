"""Keep an answer about matches for a moment: until something of them moves, two seconds at the longest."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.events import EventRow

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel

KEPT_SECONDS = 2
"""Ages that are shown, and what moves without an event, are no older than this."""
ANSWERS_MAX = 500
"""Of one process: all are dropped when there are more, for most are old."""
MOVES = (
    "sports.fixture_scheduled",
    "sports.fixture_changed",
    "sports.live_updated",
    "sports.feed_stalled",
    "sports.feed_resumed",
    "sports.prices_moved",
    "sports.result_recorded",
)
"""What changes what is said of matches."""

_LOG = EventRow.__table__
Version = tuple[UUID | None, ...]
_kept: WeakKeyDictionary[Kernel, dict[Hashable, tuple[Version, datetime, Any]]] = WeakKeyDictionary()


def kept(ctx: Context, asked: Hashable, answer: Callable[[], Any]) -> Any:
    """Return what was answered to the same a moment ago, if nothing has moved; else answer, and keep it."""
    answers = _kept.setdefault(ctx.kernel, {})
    key, version, now = (ctx.tenant.id, asked), _version(ctx), ctx.clock.now()
    found = answers.get(key)
    if found is not None and found[0] == version and now - found[1] < timedelta(seconds=KEPT_SECONDS):
        return found[2]
    made = answer()
    if len(answers) >= ANSWERS_MAX:
        answers.clear()
    answers[key] = (version, now, made)
    return made


def _version(ctx: Context) -> Version:
    """Return the newest event of each kind: read before the answer, so that it is never newer."""
    newest = (
        select(_LOG.c.id)
        .where(_LOG.c.tenant_id == ctx.tenant.id, _LOG.c.name == name)
        .order_by(_LOG.c.id.desc())
        .limit(1)
        .scalar_subquery()
        for name in MOVES
    )
    return tuple(ctx.connection.execute(select(*newest)).one())
