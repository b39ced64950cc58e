"""Open, suspend, resume and close markets; a market takes bets while nothing suspends it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets.reading import MARKET, Book, find

CAUSES = ("trader", "feed", "jump", "fixture", "start", "withdrawal", "exposure", "rule")
WAITS = "start"
"""Its time is over, and its fixture has not begun."""
LIFTED_BY_TRADERS = ("trader", "jump", "withdrawal", "exposure", "rule")
"""What a trader may decide; the others end when what caused them ends."""
LIVE = ("open", "suspended")
REASON_CHARACTERS_MAX = 500


def open_market(ctx: Context, book: Book, *, reason: str = "") -> Book:
    """Let a priced draft, or a market that was closed too early, take bets."""
    m = book.market
    if m.status not in ("draft", "closed"):
        raise Conflict(f"market {m.id} is {m.status}: only a draft or closed one is opened")
    if not book.is_priced:
        missing = ", ".join(one.name for one in book.active if one.odds is None)
        raise Conflict(
            f"market {m.id} is not priced: set the odds of {missing or marked('its selections')} first"
        )
    if m.closes_at is not None and m.closes_at <= ctx.clock.now():
        raise Conflict(f"market {m.id} closed at {m.closes_at.isoformat()}: set a later time first")
    status = "suspended" if m.suspensions else "open"
    _set(ctx, book, status=status)
    ctx.emit("betting.market_opened", {**named(book), "odds_version": m.odds_version})
    _audit(ctx, book, "opened", status, reason)
    return reread(ctx, book)


def suspend(ctx: Context, book: Book, cause: str, *, reason: str = "") -> Book:
    """Take no bets until what caused it is over; several causes may hold at once."""
    m = book.market
    if cause not in CAUSES:
        raise InvalidInput(f"no cause {cause!r}: use one of {', '.join(CAUSES)}", {"cause": ["Not valid."]})
    if m.status not in (*LIVE, "draft") or cause in m.suspensions:
        return book
    causes = [*m.suspensions, cause]
    _set(ctx, book, status="draft" if m.status == "draft" else "suspended", suspensions=causes)
    if m.status != "draft":
        said = {**named(book), "cause": cause, "causes": causes, "reason": reason}
        ctx.emit("betting.market_suspended", said)
        _audit(ctx, book, "suspended", "suspended", reason or cause)
    return reread(ctx, book)


def resume(ctx: Context, book: Book, causes: Iterable[str], *, reason: str = "") -> Book:
    """End some causes of a suspension; the market is open again when none is left."""
    m = book.market
    left = [one for one in m.suspensions if one not in set(causes)]
    if left == m.suspensions:
        return book
    is_open = m.status == "suspended" and not left
    _set(ctx, book, suspensions=left, status="open" if is_open else m.status)
    if is_open:
        said = {**named(book), "causes": [one for one in m.suspensions if one not in left]}
        ctx.emit("betting.market_resumed", {**said, "odds_version": m.odds_version})
        _audit(ctx, book, "resumed", "open", reason)
    return reread(ctx, book)


def close(ctx: Context, book: Book) -> Book:
    """Take no more bets, whatever comes."""
    if book.market.status not in LIVE:
        return book
    _set(ctx, book, status="closed")
    ctx.emit("betting.market_closed", named(book))
    return reread(ctx, book)


def wait_for_start(ctx: Context, book: Book) -> Book:
    """Take no bets from the time of the start until the fixture has begun: its feed may be late."""
    book = suspend(ctx, book, WAITS, reason="its fixture has not begun yet")
    _set(ctx, book, closes_at=None)
    return reread(ctx, book)


def close_at(ctx: Context, book: Book, at: datetime | None) -> Book:
    """Change when it closes by itself."""
    if book.market.status not in (*LIVE, "draft"):
        raise Conflict(f"market {book.market.id} is {book.market.status}: its time is over")
    _set(ctx, book, closes_at=at)
    return reread(ctx, book)


def starts_at(ctx: Context, book: Book, at: datetime) -> Book:
    """Move a market with its fixture: it closes as long before the start as it did."""
    m = book.market
    if WAITS in m.suspensions and at > ctx.clock.now():
        book = resume(ctx, book, [WAITS])
        _set(ctx, book, starts_at=at, closes_at=at)
    else:
        shift: timedelta = at - m.starts_at
        _set(ctx, book, starts_at=at, closes_at=None if m.closes_at is None else m.closes_at + shift)
    return reread(ctx, book)


def rename(ctx: Context, book: Book, fixture_name: str) -> Book:
    """Call the fixture of a market as it is called now; bets keep what their players read."""
    _set(ctx, book, fixture_name=fixture_name)
    return reread(ctx, book)


def go_in_play(ctx: Context, book: Book) -> Book:
    """Go on when the fixture has started, or close."""
    if not book.market.goes_in_play:
        return close(ctx, book)
    book = resume(ctx, book, [WAITS])
    _set(ctx, book, is_in_play=True, closes_at=None)
    prices = [
        {"selection_id": str(one.id), "odds": None if one.odds is None else str(one.odds)}
        for one in book.selections
    ]
    ctx.emit("betting.market_in_play", {**named(book), "prices": prices})
    return reread(ctx, book)


def named(book: Book) -> dict[str, Any]:
    """Return what every event about a market says of it."""
    m = book.market
    return {"market_id": str(m.id), "fixture_id": str(m.fixture_id), "template": m.template, "sport": m.sport}


def reread(ctx: Context, book: Book) -> Book:
    """Return the market as it is now."""
    return find(ctx, book.market.id)


def _set(ctx: Context, book: Book, **values: Any) -> None:
    mine = (MARKET.c.tenant_id == ctx.tenant.id) & (MARKET.c.id == book.market.id)
    ctx.connection.execute(update(MARKET).where(mine).values(values))


def _audit(ctx: Context, book: Book, what: str, status: str, reason: str) -> None:
    if ctx.actor.kind != "operator":
        return
    before = {"status": book.market.status, "suspensions": book.market.suspensions}
    subject = f"market:{book.market.id}"
    audit.record(ctx, f"betting.market_{what}", subject, old=before, new={"status": status}, reason=reason)
