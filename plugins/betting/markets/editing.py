"""Prices that a trader edits in place: what the form says, and what is refused of it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, Stale
from pitboss.core.http import etag_of
from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped
from pitboss.plugins.betting.markets import trading
from pitboss.plugins.betting.markets.documents import percent
from pitboss.plugins.betting.markets.pricing import margin_of
from pitboss.plugins.betting.markets.reading import Book
from pitboss.plugins.betting.pages import said

DRIFT_MAX = Decimal("0.03")
"""How far from its target a margin may be before the trader is warned."""


class AtALoss(InvalidInput):
    """Say that prices would lose the house money by every answer, and that the form may insist."""


def save(ctx: Context, book: Book) -> Book:
    """Save the prices of the form in a locked market; a loss by every answer only if the form says so."""
    _check_version(book)
    _check_filled(book)
    odds = {one.code: _odds(one.code) for one in book.active if said(f"odds-{one.code}")}
    present = {one.code: one.odds for one in book.active}
    moved = {code: price for code, price in odds.items() if price != present[code]}
    release = [one.code for one in book.active if one.is_overridden and not said(f"held-{one.code}")]
    book = trading.override(ctx, book, moved, is_held=bool(book.market.moves_by), release=release)
    if moved and not said("at_a_loss"):
        _check_margin(book)
    return book


def margin(book: Book) -> Decimal | None:
    """Return what the house keeps at the present prices; None while some are missing, or nothing is fair."""
    return margin_of(book.odds, book.market.winners) if book.is_priced else None


def warning(book: Book) -> str:
    """Say that the margin is far from its target; empty where it is not."""
    found = margin(book)
    if found is None or abs(found - target(book)) <= DRIFT_MAX:
        return ""
    return _(
        "Saved. The margin is now %(margin)s %%, and the target %(target)s %%: check each price.",
        margin=written(found),
        target=written(target(book)),
    )


def target(book: Book) -> Decimal:
    """Return the margin that the prices aim at: a book that sums to 1.06 keeps 6 %."""
    found: Decimal = book.market.book_sum - 1
    return found


def written(part: Decimal) -> str:
    """Write a part in percent, as the language of this request writes numbers."""
    return grouped(percent(part))


def sent(book: Book) -> dict[str, Any]:
    """Return what the form says of each selection: its price as written, and whether it is held."""
    codes = [one.code for one in book.active]
    return {code: (said(f"odds-{code}"), bool(said(f"held-{code}"))) for code in codes}


def _check_version(book: Book) -> None:
    if said("version") != etag_of(book.version):
        prices = ", ".join(f"{one.name} {said(f'odds-{one.code}')}" for one in book.active)
        raise Stale(
            _(
                "someone else moved these prices: below are theirs; yours were %(prices)s",
                prices=prices,
            )
        )


def _check_filled(book: Book) -> None:
    """Refuse fields that were emptied: an old price that stays would not be what the trader sees."""
    fields = request.form
    emptied = [
        one.name
        for one in book.active
        if one.odds is not None and f"odds-{one.code}" in fields and not said(f"odds-{one.code}")
    ]
    if emptied:
        names = ", ".join(emptied)
        raise InvalidInput(_("%(names)s: write a price, or suspend the market", names=names))


def _check_margin(book: Book) -> None:
    found = margin(book)
    if found is not None and found < 0:
        raise AtALoss(
            _(
                "Not saved: at these prices the margin is %(margin)s %% (target %(target)s %%), so who backs "
                "every answer wins for sure: lower a price, or save at a loss",
                margin=written(found),
                target=written(target(book)),
            )
        )


def _odds(code: str) -> Decimal:
    try:
        return Decimal(said(f"odds-{code}").replace(",", "."))
    except InvalidOperation:
        raise InvalidInput(
            _("%(code)s is no price: write decimal odds such as 1.95", code=repr(said(f"odds-{code}")))
        ) from None
