"""The trading desk: fixtures with their markets, prices edited in place, exposure, and what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.contracts import Menu, Routes
from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.http import current, etag_of, requires
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import (
    boards,
    catalogue,
    documents,
    dynamic,
    editing,
    pricing,
    publishing,
    reading,
    standing,
    states,
    telling,
    trading,
    worst,
)
from pitboss.plugins.betting.markets.editing import AtALoss
from pitboss.plugins.betting.markets.picture import picture_of
from pitboss.plugins.betting.markets.reading import Book
from pitboss.plugins.betting.markets.telling import Switched
from pitboss.plugins.betting.pages import Changed, cursor, done, said

PAGE_ROWS = 50
KINDS = {
    "draft": (marked("Draft"), ""),
    "open": (marked("Open"), "good"),
    "suspended": (marked("Suspended"), "warn"),
    "closed": (marked("Closed"), ""),
    "settled": (marked("Settled"), "info"),
    "void": (marked("Void"), "bad"),
}
"""What each status is called on screen, and its colour."""
REASONS = {
    "trader": marked("Suspended by a trader"),
    "jump": marked("Its prices jumped"),
    "withdrawal": marked("A runner was withdrawn"),
    "exposure": marked("Too much at risk"),
    "rule": marked("Suspended by a rule"),
    "feed": marked("The feed is silent"),
    "fixture": marked("The fixture does not go on"),
    "start": marked("The fixture has not begun yet"),
    "unpriced": marked("Not priced"),
    "stale": marked("Stale prices"),
    "draft": marked("Draft"),
}
"""Why a market takes no bets, or waits for a trader."""
RULE_TITLES = {
    "": marked("Traders alone"),
    "margin": marked("Margin target"),
    "feed": marked("Bookmakers of the feeds"),
    "liability": marked("Liability"),
    "lmsr": marked("Market maker (LMSR)"),
}

blueprint = Blueprint("betting_desk", __name__, url_prefix="/desk", template_folder="../templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Trading desk", icon="gauge", order=210),
    permission="betting.read",
    dashboard=standing.concerns,
)


@blueprint.get("/")
@requires("betting.read")
def index() -> str:
    """List what waits for a trader, and the fixtures with markets."""
    ctx = current()
    sport, status = request.args.get("sport", ""), request.args.get("status", "")
    asked = {"sport": sport} if sport else {}
    statuses = (status,) if status in KINDS else boards.ON_DESK
    rows = boards.on_desk(ctx, asked, statuses=statuses, limit=PAGE_ROWS)
    waiting = [(why, documents.for_trader(ctx, book)) for why, book in trading.queue(ctx)]
    return _page(
        "desk",
        rows=rows,
        worst=worst.of_fixtures(ctx, [row.fixture_id for row in rows], statuses),
        waiting=waiting,
        sport=sport,
        status=status,
        codes=boards.sport_codes(ctx),
    )


@blueprint.get("/fixtures/<uuid:fixture_id>")
@requires("betting.read")
def fixture(fixture_id: UUID) -> str:
    """Show a fixture with all of its markets."""
    ctx = current()
    found = ctx.value("sports.fixture", str(fixture_id))
    books = reading.of_fixtures(ctx, [fixture_id])
    offered = [one for one in catalogue.templates_of(ctx).values() if found and found["sport"] in one.sports]
    return _page(
        "fixture",
        fixture=found,
        fixture_id=fixture_id,
        name=found["name"] if found else books[0].market.fixture_name if books else str(fixture_id),
        starts_at=datetime.fromisoformat(found["starts_at"]) if found else None,
        books=[_card(ctx, book) for book in books],
        offered=[(one.code, one.title) for one in offered],
    )


@blueprint.get("/markets/<uuid:market_id>")
@requires("betting.read")
def market(market_id: UUID) -> str:
    """Show one market with the log of its moves."""
    ctx = current()
    book = reading.find(ctx, market_id)
    return _market_page(ctx, book, _card(ctx, book))


@blueprint.post("/fixtures/<uuid:fixture_id>/markets")
@requires("betting.trade")
def publish(fixture_id: UUID) -> Response:
    """Publish one market as a draft that waits for its prices, or with those of the feeds."""
    wanted = publishing.Wanted(
        template=said("template"),
        line=said("line"),
        is_from_feed=said("source") == "feed",
        goes_in_play=bool(said("goes_in_play")),
    )
    return _done(fixture_id, lambda ctx: [publishing.publish(ctx, fixture_id, wanted)], telling.published)


@blueprint.post("/fixtures/<uuid:fixture_id>/set")
@requires("betting.trade")
def publish_set(fixture_id: UUID) -> Response:
    """Publish the default markets that the fixture does not have."""
    return _done(fixture_id, lambda ctx: publishing.publish_set(ctx, fixture_id), telling.published)


@blueprint.post("/fixtures/<uuid:fixture_id>/<what>")
@requires("betting.trade")
def switch_fixture(fixture_id: UUID, what: str) -> Response:
    """Suspend every market of a fixture, or resume those that a trader had suspended."""
    if what not in ("suspend", "resume"):
        raise NotFound(_("markets of a fixture are suspended or resumed, not %(what)s", what=repr(what)))

    def switch(ctx: Context) -> Switched:
        before = reading.of_fixtures(ctx, [fixture_id], statuses=("draft", *states.LIVE), is_locked=True)
        return [(book, _switched(ctx, book, what)) for book in before]

    return _done(fixture_id, switch, telling.resumed if what == "resume" else telling.suspended)


def _switched(ctx: Context, book: Book, what: str) -> Book:
    if book.market.status not in states.LIVE:
        return book
    if what == "suspend":
        return states.suspend(ctx, book, "trader", reason=said("reason"))
    return states.resume(ctx, book, ["trader"], reason=said("reason"))


@blueprint.post("/markets/<uuid:market_id>/<what>")
@requires("betting.trade")
def switch(market_id: UUID, what: str) -> Response:
    """Open, suspend, resume or close a market."""
    changes: dict[str, Callable[[Context, Book], Book]] = {
        "open": states.open_market,
        "close": states.close,
        "resume": trading.resume,
        "suspend": lambda ctx, book: states.suspend(ctx, book, "trader", reason=said("reason")),
    }
    if what not in changes:
        raise NotFound(_("a market is not %(what)s: %(known)s", what=repr(what), known=", ".join(changes)))
    return _change(market_id, changes[what])


@blueprint.post("/markets/<uuid:market_id>/prices")
@requires("betting.trade")
def prices(market_id: UUID) -> Response:
    """Save the prices that were edited in place; who was overtaken sees both."""
    return _change(market_id, editing.save, warn=editing.warning)


@blueprint.post("/markets/<uuid:market_id>/rule")
@requires("betting.trade")
def rule(market_id: UUID) -> Response:
    """Choose the rule that moves the prices."""

    def save(ctx: Context, book: Book) -> Book:
        numbers = {name: int(said(name)) for name in ("scale", "liquidity") if said(name).isdecimal()}
        kept = {name: n for name, n in numbers.items() if name in dynamic.RULES[_known_rule()]().fields}
        return trading.edit(ctx, book, {"moves_by": _known_rule(), "pricing": kept})

    return _change(market_id, save)


def _known_rule() -> str:
    return said("moves_by") if said("moves_by") in dynamic.RULES else ""


def _change(
    market_id: UUID,
    change: Callable[[Context, Book], Book],
    *,
    warn: Callable[[Book], str] = lambda _book: "",
) -> Response:
    """Change a market and show it again: as a part of the page where htmx asked, else the page."""
    ctx = current()
    try:
        book = change(ctx, reading.find(ctx, market_id, is_locked=True))
    except PitbossError as error:
        ctx.rollback()
        return _refused(ctx, reading.find(ctx, market_id), error)
    warned = warn(book)
    if _is_part():
        return make_response(_page("_market", card=_card(ctx, book), warned=warned, is_alone=True))
    if warned:
        flash(warned, "warn")
    return redirect(_shown(book), 303)


def _refused(ctx: Context, book: Book, error: PitbossError) -> Response:
    """Say why a market was not changed, with what the trader wrote."""
    problem = retold(str(error))
    kept = editing.sent(book) if isinstance(error, InvalidInput) else {}
    card = _card(ctx, book) | {"sent": kept, "is_at_a_loss": isinstance(error, AtALoss)}
    if _is_part():
        # 200 also for a problem: htmx puts only answers below 400 into the page.
        return make_response(_page("_market", card=card, problem=problem, is_alone=True))
    if kept:
        return make_response(_market_page(ctx, book, card, problem=problem), 422)
    flash(problem, "bad")
    return redirect(_shown(book), 303)


def _is_part() -> bool:
    return bool(request.headers.get("HX-Request"))


def _shown(book: Book) -> str:
    return url_for(".fixture", fixture_id=book.market.fixture_id)


def _done(
    fixture_id: UUID, change: Callable[[Context], Changed], message: Callable[[Changed], str]
) -> Response:
    return done(lambda: change(current()), message, back_to=url_for(".fixture", fixture_id=fixture_id))


def _market_page(ctx: Context, book: Book, card: dict[str, Any], *, problem: str = "") -> str:
    rows = reading.moves(ctx, book.market.id, before=cursor(), limit=PAGE_ROWS + 1)
    following = rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None
    moves = documents.moves(book, rows[:PAGE_ROWS], "decimal")
    return _page("market", card=card, moves=moves, following=following, titles=RULE_TITLES, problem=problem)


def _card(ctx: Context, book: Book) -> dict[str, Any]:
    m, shown = book.market, documents.for_trader(ctx, book)
    if_void = m.staked - m.refund
    margin = editing.margin(book)
    by_price = pricing.chances({one.code: one.odds for one in book.active if one.odds is not None}, m.winners)
    by_model = {one.code: one.probability for one in book.selections if one.probability is not None}
    return {
        "market": shown,
        "target": editing.written(editing.target(book)),
        "margin": None if margin is None else editing.written(margin),
        "worst": worst.of_book(book),
        "if_void": if_void,
        "by_price": {code: editing.written(chance) for code, chance in by_price.items()},
        "by_model": {code: editing.written(chance) for code, chance in by_model.items()},
        "picture": picture_of([*(one["result_if_right"] for one in shown["selections"]), if_void]),
        "version": etag_of(book.version),
        "sent": {},
    }


def _page(template: str, **values: Any) -> str:
    values = {"kinds": KINDS, "reasons": REASONS, "problem": "", "warned": "", **values}
    return render_template(f"betting/{template}.html", **values)
