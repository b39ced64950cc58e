"""Keep prices with every instant at which they changed, and tell of the moves that matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.plugins.sports.sources.imports.values import plain
from pitboss.plugins.sports.sources.prices import reading
from pitboss.plugins.sports.sources.prices.codes import AGGREGATES
from pitboss.plugins.sports.sources.records import SentPrice
from pitboss.plugins.sports.sources.tables import PriceRow

ROWS_A_STATEMENT = 1_000
AHEAD = timedelta(minutes=5)
"""A clock may be this much before ours; a price from farther off is not believed."""
MOVES_A_EVENT_MAX = 200

Place = tuple[UUID, str, str, str, str]
"""Fixture, market, line, selection, bookmaker."""
_PRICE = PriceRow.__table__


def record(ctx: Context, priced: Sequence[tuple[UUID, SentPrice]], *, source: str) -> int:
    """Keep what is new of some prices; return how many. A price that stays the same is kept once."""
    newest = reading.newest_texts(ctx, sorted({fixture_id for fixture_id, _ in priced}))
    now = ctx.clock.now()
    rows, moves = [], defaultdict(list)
    for fixture_id, sent in sorted(priced, key=lambda one: one[1].at):
        place = (fixture_id, sent.market, sent.line, sent.selection, sent.bookmaker)
        before_at, before = newest.get(place, (None, ""))
        text = "" if sent.price is None else plain(sent.price)
        is_late = before_at is not None and sent.at < before_at
        if sent.at > now + AHEAD or sent.at == before_at or (text == before and not is_late):
            continue
        rows.append(_row(ctx, place, sent.at, text, source, now))
        if not is_late:
            newest[place] = (sent.at, text)
            if is_worth_telling(before, text, _least(ctx)) and sent.bookmaker not in AGGREGATES:
                moves[place[:3]].append((sent, before))
    written = _insert(ctx, rows)
    for (fixture_id, market, line), told in moves.items():
        _tell(ctx, fixture_id, market, line, told[-MOVES_A_EVENT_MAX:])
    return written


def is_worth_telling(before: str, after: str, percent_min: Decimal) -> bool:
    """Tell whether a move matters: a first price, one taken down, or one that moved far enough."""
    if before == after:
        return False
    if not before or not after:
        return True
    return abs(Decimal(after) - Decimal(before)) * 100 >= percent_min * Decimal(before)


def purge(ctx: Context) -> int:
    """Delete prices that are past their time; return how many."""
    days = ctx.settings("sports")["sources"]["prices_kept_days"]
    if not days:
        return 0
    oldest = ctx.clock.now() - timedelta(days=days)
    gone = delete(_PRICE).where(_PRICE.c.tenant_id == ctx.tenant.id, _PRICE.c.at < oldest)
    return ctx.connection.execute(gone).rowcount


def _least(ctx: Context) -> Decimal:
    least: Decimal = ctx.settings("sports")["sources"]["price_move_percent_min"]
    return least


def _row(
    ctx: Context, place: Place, at: datetime, price: str, source: str, heard_at: datetime
) -> dict[str, Any]:
    names = ("fixture_id", "market", "line", "selection", "bookmaker")
    where = dict(zip(names, place, strict=True))
    return {
        "tenant_id": ctx.tenant.id,
        **where,
        "at": at,
        "price": price,
        "source": source,
        "heard_at": heard_at,
    }


def _insert(ctx: Context, rows: Sequence[dict[str, Any]]) -> int:
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    # A late price may be there already: what comes back is what was written.
    statement = insert(_PRICE).on_conflict_do_nothing().returning(_PRICE.c.at)
    return sum(
        len(ctx.connection.execute(statement, list(rows[begin : begin + ROWS_A_STATEMENT])).all())
        for begin in range(0, len(rows), ROWS_A_STATEMENT)
    )


def _tell(
    ctx: Context, fixture_id: UUID, market: str, line: str, moves: Iterable[tuple[SentPrice, str]]
) -> None:
    told = [
        {
            "selection": sent.selection,
            "bookmaker": sent.bookmaker,
            "before": before or None,
            "after": None if sent.price is None else plain(sent.price),
            "at": sent.at,
        }
        for sent, before in moves
    ]
    payload = {"fixture_id": fixture_id, "market": market, "line": line, "moves": told}
    ctx.emit("sports.prices_moved", payload)
