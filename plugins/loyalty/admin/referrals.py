"""Referrals: who brought whom, why some are held, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.http import current, requires
from pitboss.core.identity import names_of, player_meant
from pitboss.core.texts import gettext as _
from pitboss.plugins.loyalty.admin.forms import reason_of
from pitboss.plugins.loyalty.admin.pages import (
    PAGE_ROWS,
    asked,
    blueprint,
    cursor,
    cut,
    page,
    tried,
)
from pitboss.plugins.loyalty.referrals import book, referring
from pitboss.plugins.loyalty.referrals.law import MOVES, missing


@blueprint.get("/referrals")
@requires("loyalty.read")
def referrals() -> Response:
    """List referrals, the newest first."""
    ctx, wanted = current(), asked("state", "referrer")
    found = book.list_referrals(
        ctx,
        referrer_id=player_meant(ctx, wanted["referrer"]),
        state=wanted["state"] or None,
        before=cursor(),
        limit=PAGE_ROWS + 1,
    )
    rows, following = cut(found)
    return page(
        "referrals",
        rows=rows,
        names=names_of(ctx, [one for row in rows for one in (row.referrer_id, row.friend_id)]),
        next_cursor=following,
        asked=wanted,
        states=list(MOVES),
    )


@blueprint.get("/referrals/<uuid:referral_id>")
@requires("loyalty.read")
def referral(referral_id: UUID) -> Response:
    """Show a referral: what the friend did, what both got, and why it stands as it does."""
    ctx = current()
    row = book.find(ctx, referral_id)
    terms, done = book.terms(ctx), book.figures(ctx, row.friend_id, row.registered_at)
    return page(
        "referral",
        row=row,
        done=done,
        terms=terms,
        wanted=missing(terms, book.read(row), done, at=ctx.clock.now()) if row.state == "registered" else (),
        cap=book.cap(ctx, row.referrer_id),
        names=names_of(ctx, [row.referrer_id, row.friend_id]),
        is_held=row.state == "held",
        can_reject="rejected" in MOVES[row.state] or "clawed_back" in MOVES[row.state],
    )


@blueprint.post("/referrals/<uuid:referral_id>/clear")
@requires("loyalty.signals")
def clear_referral(referral_id: UUID) -> Response:
    """Let a held referral go on."""

    def run(ctx: Context) -> str:
        referring.clear(ctx, referral_id, reason=reason_of())
        return _("It goes on; what was due is given.")

    return _do(referral_id, run)


@blueprint.post("/referrals/<uuid:referral_id>/reject")
@requires("loyalty.signals")
def reject_referral(referral_id: UUID) -> Response:
    """Refuse a referral for good."""

    def run(ctx: Context) -> str:
        referring.reject(ctx, referral_id, reason=reason_of())
        return _("Rejected; what both sides got is taken back.")

    return _do(referral_id, run)


def _do(referral_id: UUID, run: Callable[[Context], str]) -> Response:
    return tried(run, "referral", referral_id=referral_id)
