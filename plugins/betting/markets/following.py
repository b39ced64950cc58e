"""Follow the fixtures: what happens to them moves, suspends and closes their markets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Listener
from pitboss.core.events import Event
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import consensus, dynamic, postponing, reading, states, withdrawing
from pitboss.plugins.betting.markets.publishing import publish_followed, publish_set, takes_markets
from pitboss.plugins.betting.markets.reading import Book

PLAYED = ("finished", "official", "walkover")
HALTED = ("suspended", "postponed", "abandoned")
UNSETTLED = ("draft", "open", "suspended", "closed")
TAKING = ("draft", "open", "suspended")


def publish_for_new(ctx: Context, event: Event) -> None:
    """Give a new fixture its markets: what the feeds price, or drafts of all, as the tenant wants."""
    settings, fixture_id = ctx.settings("betting"), UUID(event.payload["fixture_id"])
    if not takes_markets(ctx, fixture_id):
        return
    if settings["has_feed_markets_by_itself"]:
        publish_followed(ctx, fixture_id)
    if settings["has_markets_by_itself"]:
        publish_set(ctx, fixture_id, is_draft=True)


def follow_change(ctx: Context, event: Event) -> None:
    """Move, suspend, resume or close the markets of a fixture as it is now.

    The event only says that something changed: the fixture itself is asked, so that a late message
    never undoes a newer one.
    """
    fixture = ctx.value("sports.fixture", event.payload["fixture_id"])
    if fixture is None:
        return
    for book in _books(ctx, event, UNSETTLED):
        _follow(ctx, book, fixture)


def follow_withdrawal(ctx: Context, event: Event) -> None:
    """Take a runner out of every market on it."""
    participant_id = UUID(event.payload["participant_id"])
    for book in _books(ctx, event, UNSETTLED):
        withdrawing.withdraw(ctx, book, participant_id)


def suspend_on_stall(ctx: Context, event: Event) -> None:
    """Take no bets while the feed of a fixture is silent."""
    for book in _books(ctx, event, TAKING):
        states.suspend(ctx, book, "feed", reason=marked("the feed is silent"))


def resume_after_stall(ctx: Context, event: Event) -> None:
    """Take bets again when the feed speaks."""
    for book in _books(ctx, event, TAKING):
        states.resume(ctx, book, ["feed"])


def follow_prices(ctx: Context, event: Event) -> None:
    """Reprice the markets that follow the feeds, when bookmakers moved."""
    name, line = event.payload["market"], event.payload["line"]
    for book in _books(ctx, event, TAKING):
        m = book.market
        if m.moves_by == "feed" and consensus.asks_for(m, name=name, line=line):
            dynamic.follow(ctx, book)


def _follow(ctx: Context, book: Book, fixture: Any) -> None:
    status = fixture["status"]
    starts_at = datetime.fromisoformat(fixture["starts_at"])
    if fixture["name"] != book.market.fixture_name:
        book = states.rename(ctx, book, fixture["name"])
    if starts_at != book.market.starts_at:
        book = states.starts_at(ctx, book, starts_at)
    if status == "cancelled":
        postponing.void(ctx, book, marked(f"{fixture['name']} was cancelled"))
    elif postponing.is_overdue(ctx, book, fixture):
        postponing.void(ctx, book, marked(f"{fixture['name']} was moved beyond what the rules allow"))
    elif status in PLAYED:
        states.close(ctx, book)
    elif status in HALTED:
        book = states.suspend(ctx, book, "fixture", reason=marked(f"the fixture is {status}"))
        postponing.watch(ctx, book, fixture)
    else:
        _go_on(ctx, book, is_live=bool(fixture["is_live"]))


def _go_on(ctx: Context, book: Book, *, is_live: bool) -> None:
    book = states.resume(ctx, book, ["fixture"])
    if is_live and not book.market.is_in_play and book.market.status in states.LIVE:
        states.go_in_play(ctx, book)


def _books(ctx: Context, event: Event, statuses: Sequence[str]) -> list[Book]:
    fixture_id = UUID(event.payload["fixture_id"])
    return reading.of_fixtures(ctx, [fixture_id], statuses=statuses, is_locked=True)


LISTENERS = (
    Listener("sports.fixture_scheduled", publish_for_new),
    Listener("sports.fixture_changed", follow_change),
    Listener("sports.participant_withdrawn", follow_withdrawal),
    Listener("sports.feed_stalled", suspend_on_stall),
    Listener("sports.feed_resumed", resume_after_stall),
    Listener("sports.prices_moved", follow_prices),
)
