"""Postponed fixtures: markets wait as long as their written rules say, and then are void."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import reading, rulebook
from pitboss.plugins.betting.markets.reading import Book

UNDECIDED = ("scheduled", "postponed")


def is_overdue(ctx: Context, book: Book, fixture: Mapping[str, Any]) -> bool:
    """Tell whether a fixture that has not begun was moved beyond the hours of the market's rules."""
    if fixture["status"] not in UNDECIDED:
        return False
    starts_at = datetime.fromisoformat(fixture["starts_at"])
    deadline = deadline_of(ctx, book)
    return starts_at > deadline or (fixture["status"] == "postponed" and ctx.clock.now() >= deadline)


def deadline_of(ctx: Context, book: Book) -> datetime:
    """Return until when a postponed fixture must begin for bets to stand."""
    version = rulebook.rules_by_id(ctx, [book.market.rules_id])[book.market.rules_id]
    first: datetime = book.market.first_starts_at
    return first + timedelta(hours=version.terms["postponement_hours"])


def watch(ctx: Context, book: Book, fixture: Mapping[str, Any]) -> None:
    """Look again when the hours of a postponed market are over."""
    if fixture["status"] != "postponed":
        return
    deadline = deadline_of(ctx, book)
    wait = max(0.0, (deadline - ctx.clock.now()).total_seconds())
    key = f"postponed:{book.market.id}:{deadline.isoformat()}"
    ctx.enqueue(WATCH, {"market_id": str(book.market.id)}, key=key, delay_seconds=wait)


def look_again(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Void a market whose fixture is still postponed after its hours."""
    book = reading.find(ctx, UUID(payload["market_id"]), is_locked=True)
    if book.market.status in ("settled", "void"):
        return
    fixture = ctx.value("sports.fixture", str(book.market.fixture_id))
    if fixture is not None and is_overdue(ctx, book, fixture):
        void(ctx, book, marked(f"{fixture['name']} was postponed for longer than the rules allow"))


def void(ctx: Context, book: Book, reason: str) -> None:
    """Give all stakes of a market back."""
    if book.market.status in ("settled", "void"):
        return
    # Settling reads markets, so it is imported where it is called.
    from pitboss.plugins.betting.settling import voiding

    voiding.void_market(ctx, book.market.id, reason=reason)


WATCH = "betting.watch_postponed"
TASKS = (Task(name=WATCH, title="Void what stays postponed", run=look_again),)
