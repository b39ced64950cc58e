"""Markets as others read them: other plugins, traders and players, prices in the format of who looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.identity.preferences import preferences_of
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets.catalogue import template_of
from pitboss.plugins.betting.markets.pricing import book_sum_of, margin_of
from pitboss.plugins.betting.markets.reading import Book
from pitboss.plugins.betting.markets.templates import plain
from pitboss.plugins.betting.odds.formats import FORMATS, show

MARGIN_PLACES = Decimal("0.0001")
WHY_CLOSED = {
    "feed": marked("The live feed is silent: no bets for a moment."),
    "fixture": marked("The fixture is interrupted."),
    "start": marked("The start is awaited: bets in play follow."),
    "withdrawal": marked("A runner was withdrawn: new prices follow."),
}
"""What a player reads; other causes are the house's own business."""


def written(odds: Decimal | None) -> str | None:
    """Write exact decimal odds with two decimals at least."""
    return None if odds is None else show(odds, "decimal")


def format_of(ctx: Context, asked: str | None) -> str:
    """Return the format of odds that the caller asked for, or that the player prefers."""
    if asked:
        if asked not in FORMATS:
            cure = nearest(asked, list(FORMATS))
            raise InvalidInput(f"no odds format {asked!r}: {cure}", {"odds_format": [f"Unknown: {cure}"]})
        return asked
    if ctx.actor.kind != "player" or ctx.actor.id is None:
        return "decimal"
    return str(preferences_of(ctx, ctx.actor.id)["odds_format"])


def is_stale(ctx: Context, market: Any) -> bool:
    """Tell whether the prices of a market are too old for bets."""
    name = "live_price_age_seconds_max" if market.is_in_play else "price_age_seconds_max"
    seconds_max: int = ctx.settings("betting")[name]
    if market.priced_at is None or not seconds_max:
        return market.priced_at is None
    return bool((ctx.clock.now() - market.priced_at).total_seconds() > seconds_max)


def takes_bets(ctx: Context, market: Any) -> bool:
    """Tell whether a bet on a market can be taken now."""
    closes_at: datetime | None = market.closes_at
    is_over = closes_at is not None and closes_at <= ctx.clock.now()
    return market.status == "open" and not is_over and not is_stale(ctx, market)


def for_player(ctx: Context, book: Book, odds_format: str) -> dict[str, Any]:
    """Return a market as players see it."""
    m = book.market
    return {
        **_common(book),
        "is_open": takes_bets(ctx, m),
        "notice": next((WHY_CLOSED[cause] for cause in m.suspensions if cause in WHY_CLOSED), ""),
        "takes_each_way": template_of(ctx, m.template).takes_each_way,
        "selections": [_offered(one, odds_format) for one in book.selections],
    }


def for_trader(ctx: Context, book: Book) -> dict[str, Any]:
    """Return a market as traders see it: its book, its margin and why it is suspended."""
    m, owed = book.market, [one.liability for one in book.selections]
    total, margin = book_sum_of(book.odds), margin_of(book.odds, m.winners)
    return {
        **_common(book),
        "is_open": takes_bets(ctx, m),
        "is_stale": is_stale(ctx, m),
        "suspensions": m.suspensions,
        "goes_in_play": m.goes_in_play,
        "book_sum": plain(m.book_sum),
        "book_sum_now": None if total is None else plain(total.quantize(MARGIN_PLACES)),
        "margin_percent": None if margin is None else percent(margin),
        "moves_by": m.moves_by,
        "pricing": m.pricing,
        "rules_id": m.rules_id,
        "staked": m.staked,
        "liability": max([0, *(amount - m.staked for amount in owed)]),
        "selections": [_traded(one, m.staked) for one in book.selections],
    }


def spoken(book: Book) -> dict[str, Any]:
    """Return a market as plain data for other plugins: ids and instants are text."""
    m = book.market
    return {
        "id": str(m.id),
        "fixture_id": str(m.fixture_id),
        "fixture": m.fixture_name,
        "sport": m.sport,
        "template": m.template,
        "line": m.line,
        "name": m.name,
        "status": m.status,
        "is_in_play": m.is_in_play,
        "starts_at": m.starts_at.isoformat(),
        "odds_version": m.odds_version,
        "selections": [_spoken(one) for one in book.selections],
    }


def _common(book: Book) -> dict[str, Any]:
    m = book.market
    names = ("id", "fixture_id", "sport", "template", "period", "line", "name", "status", "is_in_play")
    more = ("starts_at", "closes_at", "odds_version", "priced_at")
    return {"fixture": m.fixture_name, **{name: getattr(m, name) for name in (*names, *more)}}


def _offered(one: Any, odds_format: str) -> dict[str, Any]:
    return {
        **_selection(one),
        "odds": written(one.odds),
        "odds_shown": None if one.odds is None else show(one.odds, odds_format),  # type: ignore[arg-type]  # checked
    }


def _traded(one: Any, staked: int) -> dict[str, Any]:
    return {
        **_selection(one),
        "odds": written(one.odds),
        "probability": None if one.probability is None else plain(one.probability),
        "chance_percent": None if one.probability is None else percent(one.probability),
        "is_overridden": one.is_overridden,
        "withdrawn_at": one.withdrawn_at,
        "withdrawn_odds": written(one.withdrawn_odds),
        "liability": one.liability,
        "result_if_right": staked - one.liability,
    }


def percent(part: Decimal) -> str:
    """Write a part in percent, with at most two decimals."""
    return plain((part * 100).quantize(Decimal("0.01")))


def _selection(one: Any) -> dict[str, Any]:
    return {"id": one.id, "code": one.code, "name": one.name, "status": one.status}


def _spoken(one: Any) -> Mapping[str, Any]:
    return {**_selection(one), "id": str(one.id), "odds": written(one.odds)}


def moves(book: Book, rows: Sequence[Any], odds_format: str) -> list[dict[str, Any]]:
    """Return moves of a market's prices as they are shown."""
    names = {one.id: one.name for one in book.selections}
    return [
        {
            "id": row.id,
            "selection_id": row.selection_id,
            "selection": names[row.selection_id],
            "odds_version": row.odds_version,
            "before": written(row.before),
            "odds": written(row.odds),
            "odds_shown": None if row.odds is None else show(row.odds, odds_format),  # type: ignore[arg-type]  # checked
            "cause": row.cause,
            "actor": row.actor,
            "detail": row.detail,
            "at": row.at,
        }
        for row in rows
    ]
