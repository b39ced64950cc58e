"""Ask sources when it is their time, and keep account of every call.

The network is never waited for inside a transaction. What a page says is written in one transaction with
the cursor behind it, so that a crash repeats a page and loses none; a page that comes twice changes
nothing. A failure sets the next attempt: as the source asked, else ever later, spread by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import SystemRandom
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.jobs.failures import backoff_seconds
from pitboss.core.texts import marked
from pitboss.plugins.sports.sources.feeds import book, scoring
from pitboss.plugins.sports.sources.feeds.client import Answer, FeedClient, HttpClient, Question
from pitboss.plugins.sports.sources.feeds.order import Standing, asked
from pitboss.plugins.sports.sources.feeds.taking import Taken, take
from pitboss.plugins.sports.sources.tables import SourceCallRow

POLL = "sports.poll_source"
PAGES_MAX = 100
"""Pages in one go; the next poll goes on where it ended."""
PERIOD_SECONDS = 60
"""How often it is decided whom to ask."""
POLL_SECONDS_MIN = 5

_CALL = SourceCallRow.__table__


def poll_due(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Ask for a poll of each source whose time comes within this minute; return how many."""
    now, count = ctx.clock.now(), 0
    rows = {row.key: row for row in book.list_sources(ctx) if row.is_active and row.url}
    for key in asked([standing_of(row) for row in rows.values()], now):
        count += _enqueue(ctx, rows[key], now)
    return count


def poll(
    ctx: Context,
    payload: Mapping[str, Any],
    *,
    client: FeedClient | None = None,
    chance: Callable[[], float] = SystemRandom().random,
) -> int:
    """Ask one source for what is new, page by page; return how many items were taken."""
    client = client or HttpClient(allow_private=ctx.kernel.settings.webhook_allow_private)
    taken = 0
    for number in range(1, PAGES_MAX + 1):
        row = _may_ask(ctx, payload["source"])
        if row is None:
            break
        question = _question(ctx, row)
        _commit(ctx, number)
        answer = client.fetch(question, ctx.clock.now())
        count, goes_on = _note(ctx, row, answer, chance)
        _commit(ctx, number)
        taken += count
        if not goes_on:
            break
    return taken


def forget_calls(ctx: Context) -> int:
    """Delete the record of calls that is past its time."""
    days = ctx.settings("sports")["sources"]["calls_kept_days"]
    oldest = ctx.clock.now() - timedelta(days=days)
    gone = delete(_CALL).where(_CALL.c.tenant_id == ctx.tenant.id, _CALL.c.at < oldest)
    return ctx.connection.execute(gone).rowcount


def standing_of(row: Row[Any]) -> Standing:
    """Return a source as far as its turn depends on it."""
    names = ("key", "kind", "priority", "is_standby", "failures", "is_suspended", "next_at")
    sport = str(row.options.get("sport", ""))
    return Standing(**{name: getattr(row, name) for name in names}, sport=sport)


# -- asking ----------------------------------------------------------------------------------------


def _enqueue(ctx: Context, row: Row[Any], now: datetime) -> int:
    """Ask for the polls of one source until the next look: one, or several of a quick source."""
    last = row.heard_at
    if last is not None and row.poll_seconds > PERIOD_SECONDS and not row.failures:
        wait = (last + timedelta(seconds=row.poll_seconds) - now).total_seconds()
        if wait > PERIOD_SECONDS:
            return 0
        delays = [max(0, int(wait))]
    else:
        delays = list(range(0, PERIOD_SECONDS, max(row.poll_seconds, POLL_SECONDS_MIN)))
    minute = now.replace(second=0, microsecond=0).isoformat()
    for delay in delays:
        key = f"{row.key}:{minute}:{delay}"
        ctx.enqueue(POLL, {"source": row.key}, key=key, delay_seconds=delay)
    return len(delays)


def _may_ask(ctx: Context, key: str) -> Row[Any] | None:
    """Return the source if it may be asked now; a used quota is noted once, and waits for the next day."""
    try:
        row = book.find(ctx, key)
    except NotFound:
        return None
    now = ctx.clock.now()
    if not row.is_active or not row.url or (row.next_at is not None and row.next_at > now):
        return None
    if row.quota_per_day is None:
        return row
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    of_today = (_CALL.c.tenant_id == ctx.tenant.id, _CALL.c.source == key, _CALL.c.at >= day)
    query = select(func.count()).select_from(_CALL).where(*of_today, _CALL.c.outcome != "quota")
    if (ctx.connection.scalar(query) or 0) < row.quota_per_day:
        return row
    said = marked(f"{row.quota_per_day} calls were made today: no more until tomorrow, by UTC")
    _log(ctx, row, outcome="quota", error=said)
    book.put(ctx, key, next_at=day + timedelta(days=1), error=said)
    return None


def _question(ctx: Context, row: Row[Any]) -> Question:
    secret, options = book.secret_of(ctx, row), row.options
    parameters = {"cursor": row.cursor} if row.cursor else {}
    headers: dict[str, str] = {}
    if secret and options.get("key_parameter"):
        parameters[str(options["key_parameter"])] = secret
    elif secret:
        name = str(options.get("key_header") or "authorization").lower()
        headers[name] = f"Bearer {secret}" if name == "authorization" else secret
    shape = str(options.get("shape") or "items")
    etag = row.etag or ""
    return Question(
        url=row.url, shape=shape, headers=headers, parameters=parameters, etag=etag, secret=secret
    )


def _commit(ctx: Context, number: int) -> None:
    if ctx.job is not None:
        ctx.job.checkpoint({"page": number})
    else:
        ctx.commit()


# -- what came of it -------------------------------------------------------------------------------


def _note(ctx: Context, asked_row: Row[Any], answer: Answer, chance: Callable[[], float]) -> tuple[int, bool]:
    """Write down an answer; return how many items were taken, and whether there are more to ask for."""
    try:
        row = book.find(ctx, asked_row.key, is_locked=True)
    except NotFound:
        return 0, False
    if answer.outcome in ("limited", "failed"):
        _fail(ctx, row, answer, chance)
        return 0, False
    if answer.as_of is not None and row.as_of is not None and answer.as_of < row.as_of:
        said = marked(f"out of order: of {answer.as_of.isoformat()}, after one of {row.as_of.isoformat()}")
        _log(ctx, row, answer, outcome="stale", error=said)
        _judge(ctx, row.key)
        return 0, False
    heard = {"heard_at": ctx.clock.now(), "failures": 0, "next_at": None, "error": ""}
    # Somebody else went further meanwhile, or what a bad source says is not believed until it is good.
    is_taken = row.cursor == asked_row.cursor and (not row.is_suspended or row.kind == "live")
    # An answer without news is a sign of life of what is live.
    is_told = answer.outcome == "ok" or row.kind == "live"
    taken = take(ctx, row, answer.items) if is_told and is_taken else Taken()
    if answer.outcome == "ok" and is_taken:
        heard |= _place_after(row, answer)
    book.put(ctx, row.key, **heard)
    _log(ctx, row, answer, outcome=answer.outcome, taken=taken)
    _judge(ctx, row.key)
    # A cursor that stays where it was would be asked for for ever.
    return taken.items, is_taken and answer.has_more and answer.next_cursor != row.cursor


def _place_after(row: Row[Any], answer: Answer) -> dict[str, Any]:
    """Return where a source stands after a page; its ETag is only good for the same question."""
    cursor = answer.next_cursor if answer.next_cursor is not None else row.cursor
    etag = answer.etag if cursor == row.cursor else None
    return {"cursor": cursor, "etag": etag or None, "as_of": answer.as_of or row.as_of}


def _fail(ctx: Context, row: Row[Any], answer: Answer, chance: Callable[[], float]) -> None:
    failures = row.failures + 1
    # What a source asks for is kept to; a second more for each in a crowd would be politer still.
    pause = float(answer.retry_after_seconds or backoff_seconds(failures, chance()))
    next_at = ctx.clock.now() + timedelta(seconds=pause)
    book.put(ctx, row.key, failures=failures, next_at=next_at, error=answer.error)
    call_id = _log(ctx, row, answer, outcome=answer.outcome)
    ctx.enqueue(POLL, {"source": row.key}, key=f"{row.key}:retry:{call_id}", delay_seconds=pause)
    _judge(ctx, row.key)


def _judge(ctx: Context, key: str) -> None:
    scoring.judge(ctx, book.find(ctx, key))


def _log(
    ctx: Context,
    row: Row[Any],
    answer: Answer | None = None,
    *,
    outcome: str,
    error: str = "",
    taken: Taken | None = None,
) -> Any:
    """Write a call down; its key is no part of it."""
    answer = answer or Answer(outcome="failed")
    landed = (taken or Taken()).landed
    first = f"item {landed.problems[0].place}: {landed.problems[0].message}" if landed.problems else ""
    values = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "source": row.key,
        "request": f"GET {row.url.partition('?')[0]}" + (f" from {row.cursor}" if row.cursor else ""),
        "status": answer.status,
        "items": taken.items if taken else 0,
        "problems": len(landed.problems),
        "corrections": landed.corrections,
        "size_bytes": answer.size_bytes,
        "milliseconds": answer.milliseconds,
        "outcome": outcome,
        "error": error or answer.error or first,
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_CALL), values)
    return values["id"]
