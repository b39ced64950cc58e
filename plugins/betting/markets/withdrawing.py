"""Runners that are withdrawn: their price is kept for the deduction, and the others wait or are scaled."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from pitboss.core.context import Context
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets import catalogue, dynamic, pricing, reading, states
from pitboss.plugins.betting.markets.moving import Cause, move
from pitboss.plugins.betting.markets.reading import SELECTION, Book


def withdraw(ctx: Context, book: Book, participant_id: UUID) -> None:
    """Take one runner out of a locked market; its backers get their stakes back.

    It is withdrawn from now on, whenever that was decided at the course: until now bets on the others were
    taken at prices that reckoned with it, and they bear the deduction.
    """
    gone = [one for one in book.active if one.participant_id == participant_id]
    if not gone or not catalogue.template_of(ctx, book.market.template).is_field:
        return
    (one,) = gone
    mine = (SELECTION.c.tenant_id == ctx.tenant.id) & (SELECTION.c.id == one.id)
    values = {"status": "withdrawn", "withdrawn_at": ctx.clock.now(), "withdrawn_odds": one.odds}
    ctx.connection.execute(update(SELECTION).where(mine).values(values))
    _reprice(ctx, reading.find(ctx, book.market.id), one.id, name=one.name)
    if book.market.status == "draft":
        return
    # Settling reads markets, so it is imported where it is called.
    from pitboss.plugins.betting.settling import voiding

    voiding.void_selection(ctx, book.market.id, one.code, reason=marked(f"{one.name} was withdrawn"))


def _reprice(ctx: Context, book: Book, gone: UUID, *, name: str) -> None:
    """Scale what is left to the book sum, or let the market wait for a trader."""
    odds: dict[UUID, Decimal | None] = {gone: None, **_scaled(ctx, book)}
    book = move(ctx, book, odds, Cause(name="withdrawal", detail={"withdrawn": name}))
    if len(odds) == 1:
        states.suspend(ctx, book, "withdrawal", reason=marked(f"{name} was withdrawn"))


def _scaled(ctx: Context, book: Book) -> dict[UUID, Decimal]:
    if ctx.settings("betting")["withdrawal_policy"] != "scale" or not book.is_priced:
        return {}
    ladder = dynamic.ladder_of(ctx, book)
    by_code = {one.code: one for one in book.active}
    odds = {code: one.odds for code, one in by_code.items()}
    moved = pricing.scaled(odds, book_sum=book.market.book_sum * book.market.winners, ladder=ladder)
    return {by_code[code].id: price for code, price in moved.items()}
