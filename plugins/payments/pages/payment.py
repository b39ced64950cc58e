"""One payment: all that is known of it, and what operators do with it."""

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
from pitboss.core.identity import find_player
from pitboss.core.money import Money
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.plugins.payments import (
    book,
    byhand,
    deposits,
    holds,
    logbook,
    methods,
    ports,
    receiving,
    settling,
    withdrawals,
)
from pitboss.plugins.payments.pages.shared import blueprint, needed, render, text_of, tried
from pitboss.plugins.payments.states import UNDECIDED, WITHDRAWAL, may_follow


@blueprint.get("/payments/<uuid:payment_id>")
@requires("payments.read")
def payment(payment_id: UUID) -> str:
    """Show a payment: its history, its legs in the ledger, and what its provider said."""
    ctx = current()
    found = book.find(ctx, payment_id)
    config_names = [config["name"] for config in ports.providers(ctx)]
    is_manual = found.provider in config_names and ports.provider_of(ctx, found.provider).is_manual
    reversals = logbook.reversals(ctx, payment_id)
    return render(
        "payment",
        payment=found,
        player=find_player(ctx, found.player_id),
        method=methods.find(ctx, found.method_id),
        history=logbook.history(ctx, payment_id),
        approvals=logbook.approvals(ctx, payment_id),
        reversals=reversals,
        callbacks=receiving.callbacks_of(ctx, payment_id),
        journals=list(_journals(ctx, found, reversals)),
        held=holds.reason_of(ctx, found.player_id),
        can_decide=found.kind == WITHDRAWAL and found.state in UNDECIDED,
        can_reject=found.kind == WITHDRAWAL and may_follow(found.kind, found.state, "rejected"),
        can_confirm=is_manual and may_follow(found.kind, found.state, "completed"),
        can_refund=found.settled > found.taken_back and found.kind == "deposit",
        texts=ctx.tenant.currencies.text,
        Money=Money,
    )


def _journals(ctx: Any, found: Any, reversals: Any) -> Any:
    """Yield each journal of a payment with its legs."""
    key = settling.key_of(found)
    keys = [key, f"close:{key}"]
    for row in reversals:
        posted = f"{key}:{row.kind}:{row.reference}"
        keys += [posted, f"reverse:{posted}"]
    for one in keys:
        with suppress(NotFound):
            yield ledger.find_journal(ctx.connection, one)


@blueprint.post("/payments/<uuid:payment_id>/approve")
@requires("payments.approve")
def approve(payment_id: UUID) -> Response:
    """Approve a withdrawal, and go on in the queue where that is where one came from."""

    def run(ctx: Context) -> str:
        return _decided(withdrawals.approve(ctx, payment_id, note=text_of("note")))

    return tried(run, "payments_admin.index") if text_of("back") == "queue" else _do(payment_id, run)


@blueprint.post("/payments/<uuid:payment_id>/reject")
@requires("payments.approve")
def reject(payment_id: UUID) -> Response:
    """Reject a withdrawal."""
    return _do(
        payment_id, lambda ctx: _decided(withdrawals.reject(ctx, payment_id, reason=text_of("reason")))
    )


@blueprint.post("/payments/<uuid:payment_id>/confirm")
@requires("payments.confirm")
def confirm(payment_id: UUID) -> Response:
    """Confirm that money came or went by hand."""

    def run(ctx: Any) -> str:
        amount = _amount(ctx, payment_id)
        done = byhand.confirm(
            ctx, payment_id, reference=needed("reference"), evidence=needed("evidence"), amount=amount
        )
        if done.state == "completed":
            return _("Confirmed, and booked.")
        return _("Noted. It takes a second person to confirm the same.")

    return _do(payment_id, run)


@blueprint.post("/payments/<uuid:payment_id>/fail")
@requires("payments.confirm")
def fail(payment_id: UUID) -> Response:
    """Say that money did not come, or could not be sent."""
    return _do(payment_id, lambda ctx: _decided(byhand.fail(ctx, payment_id, reason=needed("reason"))))


@blueprint.post("/payments/<uuid:payment_id>/refund")
@requires("payments.refund")
def refund(payment_id: UUID) -> Response:
    """Refund a deposit, or a part of it."""

    def run(ctx: Any) -> str:
        amount = _amount(ctx, payment_id)
        key = book.hash_of(text_of("key"))[:32]
        deposits.refund(ctx, payment_id, amount=amount, reason=needed("reason"), key=key)
        return _("Refunded: the provider is told in a moment.")

    return _do(payment_id, run)


@blueprint.post("/payments/<uuid:payment_id>/note")
@requires("payments.read")
def note(payment_id: UUID) -> Response:
    """Add a note."""

    def run(ctx: Any) -> str:
        byhand.note(ctx, payment_id, needed("text"))
        return _("Noted.")

    return _do(payment_id, run)


@blueprint.post("/payments/<uuid:payment_id>/settle-attention")
@requires("payments.approve")
def settle_attention(payment_id: UUID) -> Response:
    """Say what a look at a flagged payment showed."""

    def run(ctx: Any) -> str:
        byhand.settle_attention(ctx, payment_id, reason=needed("reason"))
        return _("Noted: it needs no more attention.")

    return _do(payment_id, run)


@blueprint.post("/payments/<uuid:payment_id>/hold")
@requires("payments.hold")
def hold(payment_id: UUID) -> Response:
    """Hold or release the withdrawals of a payment's player."""

    def run(ctx: Any) -> str:
        player_id, reason = book.find(ctx, payment_id).player_id, needed("reason")
        if holds.reason_of(ctx, player_id) is None:
            holds.hold(ctx, player_id, reason=reason)
            return _("The player's withdrawals are held.")
        holds.release(ctx, player_id, reason=reason)
        return _("The player's withdrawals go on.")

    return _do(payment_id, run)


# -- helpers -----------------------------------------------------------------------------------------


def _do(payment_id: UUID, run: Callable[[Any], str]) -> Response:
    return tried(run, "payments_admin.payment", payment_id=payment_id)


def _decided(done: Any) -> str:
    if done.state == "reviewed":
        return _("Noted. It takes a second person to approve it.")
    return _("%(what)s: %(state)s.", what=spoken(done.kind), state=spoken(done.state).lower())


def _amount(ctx: Any, payment_id: UUID) -> int | None:
    text = text_of("amount")
    if not text:
        return None
    found: int = ctx.tenant.currencies.parse(text, book.find(ctx, payment_id).currency).minor
    return found
