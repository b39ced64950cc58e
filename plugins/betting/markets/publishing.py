"""Publish markets: one question about a fixture, or the tenant's whole set of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.betting.markets import catalogue, consensus, dynamic, pricing, reading, rulebook, states
from pitboss.plugins.betting.markets.moving import Cause, move
from pitboss.plugins.betting.markets.reading import MARKET, SELECTION, Book
from pitboss.plugins.betting.markets.templates import (
    Answer,
    Template,
    answers,
    check_fits,
    name_of,
    read_line,
    winners_of,
)

TAKES_MARKETS = ("scheduled", "live", "suspended", "postponed")
"""States of a fixture in which a market can still be asked about it."""
MARKETS_PER_FIXTURE_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A market as a trader asks for it: priced by probabilities, by odds, from the feeds, or not yet."""

    template: str
    line: str = ""
    probabilities: Mapping[str, Decimal] = field(default_factory=dict)
    odds: Mapping[str, Decimal] = field(default_factory=dict)
    is_from_feed: bool = False
    book_sum: Decimal | None = None
    moves_by: str = ""
    pricing: Mapping[str, Any] = field(default_factory=dict)
    closes_at: datetime | None = None
    """None: when the fixture starts."""
    goes_in_play: bool = False
    is_draft: bool = False


def publish(ctx: Context, fixture_id: UUID, wanted: Wanted) -> Book:
    """Publish one market; priced, it takes bets at once unless it is to be a draft."""
    fixture = fixture_of(ctx, fixture_id)
    template = catalogue.template_of(ctx, wanted.template)
    check_fits(template, fixture["sport"])
    line = read_line(template, wanted.line)
    _check_room(ctx, fixture_id)
    made = answers(template, fixture, line)
    row = _market_row(ctx, fixture, template, line, wanted)
    _write(ctx, row, _selection_rows(ctx, row["id"], made))
    book = _priced(ctx, reading.find(ctx, row["id"]), wanted)
    if ctx.actor.kind == "operator":
        said = {"fixture": fixture["name"], "name": row["name"], "template": template.code, "line": line}
        audit.record(ctx, "betting.market_published", f"market:{row['id']}", new=said)
    return book if wanted.is_draft or not book.is_priced else states.open_market(ctx, book)


def publish_set(ctx: Context, fixture_id: UUID, *, is_draft: bool = False) -> list[Book]:
    """Publish the markets of the tenant's default set that the fixture does not have yet.

    What the feeds price is open at once; the rest are drafts that wait for a trader.
    """
    fixture = fixture_of(ctx, fixture_id)
    known = {(book.market.template, book.market.line) for book in reading.of_fixtures(ctx, [fixture_id])}
    made = []
    for one in catalogue.default_set(ctx, fixture["sport"]):
        if (one["template"], one["line"]) not in known:
            made.append(_publish_default(ctx, fixture, one, is_draft=is_draft))
    return made


def publish_followed(ctx: Context, fixture_id: UUID) -> list[Book]:
    """Publish the markets of the default set that bookmakers of the feeds price, and let these move them."""
    fixture = fixture_of(ctx, fixture_id)
    has_begun = datetime.fromisoformat(fixture["starts_at"]) <= ctx.clock.now()
    known = {(book.market.template, book.market.line) for book in reading.of_fixtures(ctx, [fixture_id])}
    made = []
    for one in catalogue.default_set(ctx, fixture["sport"]):
        template, line = catalogue.template_of(ctx, one["template"]), one["line"]
        if (template.code, line) in known or not _is_priced_by_feeds(ctx, fixture, template, line):
            continue
        goes_in_play = not template.is_field
        if has_begun and not goes_in_play:
            continue
        wanted = Wanted(
            template=template.code, line=line, is_from_feed=True, moves_by="feed", goes_in_play=goes_in_play
        )
        made.append(publish(ctx, fixture_id, wanted))
    return made


def _is_priced_by_feeds(ctx: Context, fixture: Mapping[str, Any], template: Template, line: str) -> bool:
    question = consensus.Question(
        fixture_id=UUID(fixture["id"]),
        template=template.code,
        line=read_line(template, line),
        codes=[answer.code for answer in answers(template, fixture, line)],
        winners=max(1, winners_of(template, line)),
    )
    try:
        consensus.ask(ctx, question)
    except InvalidInput:
        return False
    return True


def takes_markets(ctx: Context, fixture_id: UUID) -> bool:
    """Tell whether a market can still be asked about a fixture."""
    found = ctx.value("sports.fixture", str(fixture_id))
    return found is not None and found["status"] in TAKES_MARKETS


def fixture_of(ctx: Context, fixture_id: UUID) -> Mapping[str, Any]:
    """Return a fixture about which markets can be published."""
    found: Mapping[str, Any] | None = ctx.value("sports.fixture", str(fixture_id))
    if found is None:
        raise NotFound(f"no fixture {fixture_id}")
    if found["status"] not in TAKES_MARKETS:
        raise Conflict(f"{found['name']} is {found['status']}: no market is published about it any more")
    return found


def _publish_default(
    ctx: Context, fixture: Mapping[str, Any], one: Mapping[str, str], *, is_draft: bool
) -> Book:
    book = publish(
        ctx, UUID(fixture["id"]), Wanted(template=one["template"], line=one["line"], is_draft=True)
    )
    try:
        probabilities = consensus.ask(ctx, dynamic.question_of(book))
    except InvalidInput:
        return book
    asked = Wanted(template=one["template"], probabilities=probabilities)
    book = set_prices(ctx, book, asked, Cause(name="feed"))
    return book if is_draft or not book.is_priced else states.open_market(ctx, book)


def _priced(ctx: Context, book: Book, wanted: Wanted) -> Book:
    if not (wanted.probabilities or wanted.odds or wanted.is_from_feed):
        return book
    return set_prices(ctx, book, wanted, Cause(name="opened"))


def set_prices(ctx: Context, book: Book, wanted: Wanted, cause: Cause) -> Book:
    """Set all prices of a locked market from probabilities, from odds, or from the feeds."""
    by_code = {one.code: one for one in book.active}
    odds, probabilities = _asked_prices(ctx, book, wanted, list(by_code))
    if probabilities:
        remember(ctx, {by_code[code].id: p for code, p in probabilities.items()})
    return move(ctx, book, {by_code[code].id: price for code, price in odds.items()}, cause)


def _asked_prices(
    ctx: Context, book: Book, wanted: Wanted, codes: list[str]
) -> tuple[dict[str, Decimal], Mapping[str, Decimal]]:
    given = [bool(wanted.probabilities), bool(wanted.odds), wanted.is_from_feed]
    if sum(given) != 1:
        raise InvalidInput("give probabilities, odds, or the feeds as the source: one of them")
    if wanted.odds:
        pricing.check_complete(codes, wanted.odds, "odds")
        checked = {code: pricing.check_odds(code, odds) for code, odds in wanted.odds.items()}
        return checked, pricing.implied(checked)
    found: Mapping[str, Decimal] = wanted.probabilities
    if wanted.is_from_feed:
        found = consensus.ask(ctx, dynamic.question_of(book))
    pricing.check_complete(codes, found, "probabilities")
    book_sum = wanted.book_sum or book.market.book_sum
    odds = pricing.from_probabilities(
        found, book_sum=book_sum, winners=book.market.winners, ladder=dynamic.ladder_of(ctx, book)
    )
    return odds, found


def remember(ctx: Context, probabilities: Mapping[UUID, Decimal]) -> None:
    """Keep what prices came from, before the margin."""
    for selection_id, p in sorted(probabilities.items()):
        mine = (SELECTION.c.tenant_id == ctx.tenant.id) & (SELECTION.c.id == selection_id)
        ctx.connection.execute(update(SELECTION).where(mine).values(probability=p))


def _check_room(ctx: Context, fixture_id: UUID) -> None:
    query = select(MARKET.c.id).where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.fixture_id == fixture_id)
    if len(ctx.connection.execute(query.limit(MARKETS_PER_FIXTURE_MAX)).all()) == MARKETS_PER_FIXTURE_MAX:
        raise Conflict(f"fixture {fixture_id} has {MARKETS_PER_FIXTURE_MAX} markets: that is the most")


def _market_row(
    ctx: Context, fixture: Mapping[str, Any], template: Template, line: str, wanted: Wanted
) -> dict[str, Any]:
    starts_at = datetime.fromisoformat(fixture["starts_at"])
    is_live = bool(fixture["is_live"])
    if is_live and not wanted.goes_in_play:
        raise Conflict(f"{fixture['name']} is in play: publish a market that goes in play")
    closes_at = None if is_live else wanted.closes_at or starts_at
    waits = wanted.goes_in_play and closes_at is not None and closes_at <= ctx.clock.now()
    return {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "fixture_id": UUID(fixture["id"]),
        "sport": fixture["sport"],
        "competition": str(fixture.get("competition_id") or ""),
        "template": template.code,
        "period": template.period,
        "line": line,
        "name": name_of(template, fixture, line),
        "fixture_name": fixture["name"],
        "winners": winners_of(template, line),
        "status": "draft",
        "suspensions": [states.WAITS] if waits else [],
        "is_in_play": is_live,
        "goes_in_play": wanted.goes_in_play,
        "starts_at": starts_at,
        "first_starts_at": starts_at,
        "closes_at": None if waits else closes_at,
        "book_sum": wanted.book_sum or ctx.settings("betting")["book_sum"],
        "moves_by": wanted.moves_by,
        "pricing": dynamic.check_rule(wanted.moves_by, wanted.pricing),
        "rules_id": rulebook.binding(ctx, fixture["sport"], template.code).id,
    }


def _selection_rows(ctx: Context, market_id: UUID, made: Iterable[Answer]) -> list[dict[str, Any]]:
    return [
        {
            "tenant_id": ctx.tenant.id,
            "id": uuid7(),
            "market_id": market_id,
            "position": position,
            "code": one.code,
            "name": one.name,
            "participant_id": one.participant_id,
        }
        for position, one in enumerate(made, 1)
    ]


def _write(ctx: Context, market: Mapping[str, Any], selections: list[dict[str, Any]]) -> None:
    try:
        with ctx.connection.begin_nested():
            ctx.connection.execute(insert(MARKET), [market])
    except IntegrityError:
        raise Conflict(
            f"{market['fixture_name']} has the market {market['name']!r} already: set its prices"
        ) from None
    ctx.connection.execute(insert(SELECTION), selections)
