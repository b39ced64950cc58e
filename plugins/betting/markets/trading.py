"""What traders do to markets: publish, price, hold, suspend; each on the version that they saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import documents, dynamic, pricing, publishing, reading, states
from pitboss.plugins.betting.markets.moving import Cause, move
from pitboss.plugins.betting.markets.publishing import Wanted
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION, Book
from pitboss.plugins.betting.markets.templates import plain

BY_TRADER = Cause(name="trader")
QUEUE_MAX = 200


def wanted_of(sent: Mapping[str, Any], *, template: str = "") -> Wanted:
    """Read what a trader asked for."""
    same = ("line", "probabilities", "odds", "book_sum", "moves_by", "pricing", "closes_at", "goes_in_play")
    more = {name: sent[name] for name in (*same, "is_draft") if name in sent}
    template = template or sent["template"]
    return Wanted(template=template, is_from_feed=sent.get("source") == "feed", **more)


def set_prices(ctx: Context, book: Book, sent: Mapping[str, Any]) -> Book:
    """Set all prices of a locked market; a rule may move them again."""
    book = publishing.set_prices(ctx, book, wanted_of(sent, template=book.market.template), BY_TRADER)
    return _priced_again(ctx, book)


def override(
    ctx: Context,
    book: Book,
    odds: Mapping[str, Decimal],
    *,
    is_held: bool = True,
    release: Iterable[str] = (),
) -> Book:
    """Set some prices of a locked market; held, no rule moves them until they are released."""
    by_code = {one.code: one for one in book.active}
    for code in (*odds, *release):
        if code not in by_code:
            cure = nearest(code, list(by_code))
            raise InvalidInput(
                f"no selection {code!r} in {book.market.name}: {cure}", {"odds": {code: [cure]}}
            )
    checked = {by_code[code].id: pricing.check_odds(code, price) for code, price in odds.items()}
    _hold(ctx, checked if is_held else (), is_held=True)
    _hold(ctx, [by_code[code].id for code in release], is_held=False)
    if checked:
        move(ctx, book, checked, BY_TRADER)
    book = dynamic.reprice(ctx, states.reread(ctx, book))
    said = {code: plain(price) for code, price in odds.items()}
    new = {"odds": said, "is_held": is_held, "release": list(release)}
    audit.record(ctx, "betting.prices_set", f"market:{book.market.id}", old=_prices(book), new=new)
    return _priced_again(ctx, book)


def edit(ctx: Context, book: Book, changes: Mapping[str, Any]) -> Book:
    """Change when a locked market closes, or by which rule its prices move."""
    m = book.market
    if m.status in ("settled", "void"):
        raise Conflict(f"market {m.id} is {m.status}: there is nothing left to change")
    values = dict(changes)
    if "moves_by" in values or "pricing" in values:
        rule = values.get("moves_by", m.moves_by)
        values["pricing"] = dynamic.check_rule(rule, values.get("pricing", m.pricing))
    before = {name: getattr(m, name) for name in values}
    mine = (MARKET.c.tenant_id == ctx.tenant.id) & (MARKET.c.id == m.id)
    if values:
        ctx.connection.execute(update(MARKET).where(mine).values(values))
    audit.record(ctx, "betting.market_edited", f"market:{m.id}", old=_plain(before), new=_plain(values))
    return dynamic.reprice(ctx, states.reread(ctx, book))


def resume(ctx: Context, book: Book, *, reason: str = "") -> Book:
    """End what a trader may end of a suspension; say what else still holds."""
    if book.market.status != "suspended":
        raise Conflict(f"market {book.market.id} is {book.market.status}, not suspended")
    found = states.resume(ctx, book, states.LIFTED_BY_TRADERS, reason=reason)
    left = found.market.suspensions
    if left:
        raise Conflict(
            f"market {found.market.id} stays suspended by {', '.join(left)}: it resumes when that is over"
        ).with_details(suspensions=left)
    return found


def queue(ctx: Context) -> list[tuple[list[str], Book]]:
    """Return the markets that wait for a trader, those that start first leading, each with why."""
    soon = (
        MARKET.c.tenant_id == ctx.tenant.id,
        or_(MARKET.c.status == "draft", MARKET.c.status == "suspended", MARKET.c.status == "open"),
        or_(MARKET.c.closes_at.is_(None), MARKET.c.closes_at > ctx.clock.now()),
    )
    query = (
        select(MARKET.c.id).where(*soon).order_by(MARKET.c.starts_at, MARKET.c.id).limit(reading.MARKETS_MAX)
    )
    ids = ctx.connection.scalars(query).all()
    found = [(_why(ctx, book), book) for book in reading.many(ctx, ids)]
    return [(why, book) for why, book in found if why][:QUEUE_MAX]


def _why(ctx: Context, book: Book) -> list[str]:
    m = book.market
    why = [] if book.is_priced else ["unpriced"]
    why += [cause for cause in m.suspensions if cause in states.LIFTED_BY_TRADERS]
    if m.status == "open" and documents.is_stale(ctx, m):
        why.append("stale")
    if m.status == "draft" and book.is_priced:
        why.append("draft")
    return why


def _priced_again(ctx: Context, book: Book) -> Book:
    """Let a market that waited for prices take bets, now that a trader has set them all."""
    if book.is_priced:
        return states.resume(ctx, book, ["withdrawal", "jump"], reason=marked("priced by a trader"))
    return book


def _hold(ctx: Context, selection_ids: Iterable[UUID], *, is_held: bool) -> None:
    ids = sorted(selection_ids)
    mine = (SELECTION.c.tenant_id == ctx.tenant.id) & SELECTION.c.id.in_(ids)
    if ids:
        ctx.connection.execute(update(SELECTION).where(mine).values(is_overridden=is_held))


def _prices(book: Book) -> dict[str, Any]:
    return {"odds": {one.code: plain(one.odds) for one in book.active if one.odds is not None}}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, (dict, bool)) else str(value) for name, value in values.items()}
