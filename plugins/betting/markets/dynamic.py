"""Prices that move by a declared rule: what is owed on each answer, the feeds, or the margin alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.errors import InvalidInput, nearest
from pitboss.plugins.betting.exact import Exact
from pitboss.plugins.betting.markets import consensus, pricing, reading
from pitboss.plugins.betting.markets.moving import Cause, move
from pitboss.plugins.betting.markets.reading import MARKET, Book
from pitboss.plugins.betting.odds.moving import by_liability, maker_prices

MINOR_MAX = 10**15
PIECE = 200
"""Markets that one run of the feeds reprices."""
COALESCE_SECONDS = 1
"""Bets of so long a time move a price once."""
REPRICE = "betting.reprice_market"


class _Common(Schema):
    """What every rule may say."""

    ladder = fields.String(validate=validate.OneOf(list(pricing.LADDERS)))


class LiabilityRule(_Common):
    """What an answer would cost makes it likelier: `scale` more of it multiplies its odds by e."""

    scale = fields.Integer(required=True, validate=validate.Range(1, MINOR_MAX))


class LmsrRule(_Common):
    """A logarithmic market maker: `liquidity` is how much money moves a price far."""

    liquidity = fields.Integer(required=True, validate=validate.Range(1, MINOR_MAX))


RULES: Mapping[str, type[Schema]] = {
    "": _Common,
    "margin": _Common,
    "feed": _Common,
    "liability": LiabilityRule,
    "lmsr": LmsrRule,
}


def check_rule(name: str, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a rule as they are kept, or say what is wrong with them."""
    if name not in RULES:
        raise InvalidInput(
            f"no pricing rule {name!r}: {nearest(name, list(RULES))}", {"moves_by": ["Unknown."]}
        )
    schema = RULES[name]()
    try:
        dumped: dict[str, Any] = schema.dump(schema.load(dict(numbers)))
    except ValidationError as error:
        raise InvalidInput.of(f"pricing rule {name!r}", error) from error
    return dumped


def after_bet(ctx: Context, market_id: UUID) -> None:
    """Have a market repriced soon, once for all bets of the same second."""
    second = int(ctx.clock.now().timestamp())
    key = f"{market_id}:{second}"
    ctx.enqueue(REPRICE, {"market_id": str(market_id)}, key=key, delay_seconds=COALESCE_SECONDS)


def reprice(ctx: Context, book: Book) -> Book:
    """Move the prices of a locked market as its rule says; what a trader holds stays."""
    m = book.market
    if not m.moves_by or not book.is_priced or m.status not in ("draft", "open", "suspended"):
        return book
    probabilities = _probabilities(ctx, book)
    held = {one.code: one.odds for one in book.active if one.is_overridden}
    odds = with_held(
        probabilities, held, book_sum=m.book_sum * max(1, m.winners), ladder=ladder_of(ctx, book)
    )
    by_code = {one.code: one.id for one in book.active}
    cause = Cause(name=m.moves_by, detail={"rule": dict(m.pricing)})
    return move(ctx, book, {by_code[code]: price for code, price in odds.items()}, cause)


def with_held(
    probabilities: Mapping[str, Exact], held: Mapping[str, Decimal], *, book_sum: Decimal, ladder: str
) -> dict[str, Decimal]:
    """Return prices that keep the book sum around those that a trader holds."""
    free = {code: p for code, p in probabilities.items() if code not in held}
    room = Fraction(book_sum) - sum((1 / Fraction(price) for price in held.values()), Fraction(0))
    total = sum((Fraction(p) for p in free.values()), Fraction(0))
    if not free or room <= 0:
        return dict(held)
    moved = {code: pricing.on_ladder(total / (Fraction(p) * room), ladder) for code, p in free.items()}
    return {**moved, **held}


def _probabilities(ctx: Context, book: Book) -> Mapping[str, Exact]:
    m = book.market
    codes = [one.code for one in book.active]
    if m.moves_by == "feed":
        return consensus.ask(ctx, question_of(book))
    weights = [Fraction(one.probability or 1 / one.odds) for one in book.active]
    prior, owed = [weight / sum(weights) for weight in weights], [one.liability for one in book.active]
    return dict(zip(codes, _moved(m, prior, owed), strict=True))


def question_of(book: Book) -> consensus.Question:
    """Return what the feeds are asked about a market."""
    m = book.market
    return consensus.Question(
        fixture_id=m.fixture_id,
        template=m.template,
        line=m.line,
        codes=[one.code for one in book.active],
        winners=max(1, m.winners),
    )


def _moved(market: Any, prior: list[Fraction], owed: list[int]) -> Sequence[Exact]:
    if market.moves_by == "lmsr":
        return maker_prices(owed, market.pricing["liquidity"], prior=prior)
    if market.moves_by == "liability":
        return by_liability(prior, owed, scale=market.pricing["scale"])
    return prior


def ladder_of(ctx: Context, book: Book) -> str:
    """Return the ladder that the prices of a market stand on."""
    return str(book.market.pricing.get("ladder") or ctx.settings("betting")["ladder"])


def reprice_market(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Reprice one market after bets on it."""
    book = reading.find(ctx, UUID(payload["market_id"]), is_locked=True)
    reprice(ctx, book)


def follow_feeds(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Reprice what follows the feeds; a market that they no longer price keeps its prices and grows stale."""
    total = 0
    for market_id in _following(ctx):
        # One market a transaction: bets on the others do not wait for it.
        total += follow(ctx, reading.find(ctx, market_id, is_locked=True))
        if ctx.job is not None:
            ctx.job.checkpoint({"repriced": total})
    return total


def _following(ctx: Context) -> Sequence[UUID]:
    query = (
        select(MARKET.c.id)
        .where(
            MARKET.c.tenant_id == ctx.tenant.id,
            MARKET.c.moves_by == "feed",
            MARKET.c.status.in_(("open", "suspended")),
        )
        .order_by(MARKET.c.priced_at)
        .limit(PIECE)
    )
    return ctx.connection.scalars(query).all()


def follow(ctx: Context, book: Book) -> bool:
    """Reprice a locked market from the feeds; tell whether they still price it."""
    try:
        reprice(ctx, book)
    except InvalidInput:
        return False
    return True


TASKS = (
    Task(name=REPRICE, title="Move prices after bets", run=reprice_market),
    Task(name="betting.follow_feeds", title="Follow the feeds", run=follow_feeds, cron="* * * * *"),
)
