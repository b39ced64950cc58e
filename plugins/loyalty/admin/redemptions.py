"""Redemptions: the queue of what players took for points, sent, delivered or cancelled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of, player_meant
from pitboss.core.texts import gettext as _
from pitboss.plugins.loyalty.admin.forms import REASON_CHARACTERS_MAX, reason_of, text_of
from pitboss.plugins.loyalty.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    page,
    tried,
)
from pitboss.plugins.loyalty.catalogue import items
from pitboss.plugins.loyalty.catalogue import redemptions as book


@blueprint.get("/redemptions")
@requires("loyalty.read")
def redemptions() -> Response:
    """List redemptions, the newest first."""
    ctx, wanted = current(), asked("state", "item", "player")
    found = book.list_redemptions(
        ctx,
        player_id=player_meant(ctx, wanted["player"]),
        item=wanted["item"] or None,
        state=wanted["state"] or None,
        before=cursor(),
        limit=PAGE_ROWS + 1,
    )
    rows, following = cut(found)
    names = names_of(ctx, [row.player_id for row in rows])
    return page(
        "redemptions", rows=rows, names=names, next_cursor=following, asked=wanted, states=book.STATES
    )


@blueprint.get("/redemptions/<uuid:redemption_id>")
@requires("loyalty.read")
def redemption(redemption_id: UUID) -> Response:
    """Show one redemption: what was taken, which lots paid, and what was posted."""
    ctx = current()
    row = book.find(ctx, redemption_id)
    return page(
        "redemption",
        row=row,
        item=items.find(ctx, row.item),
        names=names_of(ctx, [row.player_id]),
        is_open=row.state in book.OPEN,
        journals=list(_journals(ctx, row)),
    )


def _journals(ctx: Context, row: Any) -> Any:
    key = f"redemption:{row.id}"
    for one in (key, f"close:{key}"):
        with suppress(NotFound):
            yield ledger.find_journal(ctx.connection, one)


@blueprint.post("/redemptions/<uuid:redemption_id>/send")
@requires("loyalty.grant")
def send_redemption(redemption_id: UUID) -> Response:
    """Note that something is on its way."""

    def run(ctx: Context) -> str:
        book.send(ctx, redemption_id, note=_note())
        return _("Noted: it is on its way, and its points stay held.")

    return _do(redemption_id, run)


@blueprint.post("/redemptions/<uuid:redemption_id>/deliver")
@requires("loyalty.grant")
def deliver_redemption(redemption_id: UUID) -> Response:
    """Note that something has arrived."""

    def run(ctx: Context) -> str:
        book.deliver(ctx, redemption_id, note=_note())
        return _("Delivered: its points are spent.")

    return _do(redemption_id, run)


@blueprint.post("/redemptions/<uuid:redemption_id>/cancel")
@requires("loyalty.grant")
def cancel_redemption(redemption_id: UUID) -> Response:
    """Give the points back."""

    def run(ctx: Context) -> str:
        book.cancel(ctx, redemption_id, reason=reason_of())
        return _("Cancelled: the points are back in their lots.")

    return _do(redemption_id, run)


def _note() -> str:
    return text_of("note")[:REASON_CHARACTERS_MAX]


def _do(redemption_id: UUID, run: Callable[[Context], str]) -> Response:
    return tried(run, "redemption", redemption_id=redemption_id)
