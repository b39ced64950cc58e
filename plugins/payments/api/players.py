"""What players do: their methods, deposits, withdrawals, history and limits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask.views import MethodView

from pitboss.core import ledger
from pitboss.core.contracts import Routes
from pitboss.core.http import (
    Blueprint,
    commits_alone,
    current,
    keyed,
    page,
    page_schema,
    player_only,
    read_id_cursor,
)
from pitboss.core.money import Money
from pitboss.plugins.payments import book, deposits, fees, methods, ports, withdrawals
from pitboss.plugins.payments.api import schemas
from pitboss.plugins.payments.states import KINDS

blueprint = Blueprint("payments_players", __name__, url_prefix="", description="Payments of the player")
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("/methods")
class MyMethods(MethodView):
    @player_only
    @blueprint.response(200, schemas.MethodsSchema())
    def get(self) -> dict[str, Any]:
        """List my payment methods"""
        ctx = current()
        return {"items": [schemas.shown_method(m) for m in methods.of_player(ctx, ctx.actor.player_id)]}

    @player_only
    @keyed
    @blueprint.arguments(schemas.AddMethodArguments())
    @blueprint.response(201, schemas.PaymentMethodSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Add a payment method by its provider's token"""
        ctx = current()
        return schemas.shown_method(methods.add(ctx, ctx.actor.player_id, **sent))


@blueprint.route("/methods/<uuid:method_id>")
class MyMethod(MethodView):
    @player_only
    @blueprint.response(204)
    def delete(self, method_id: UUID) -> None:
        """Remove a payment method"""
        ctx = current()
        methods.remove(ctx, method_id, player_id=ctx.actor.player_id)


@blueprint.route("/deposits")
class MyDeposits(MethodView):
    @player_only
    @keyed
    # The deposit is kept before the provider is asked, and its key with it for good.
    @commits_alone
    @blueprint.arguments(schemas.MakeDepositArguments())
    @blueprint.response(201, schemas.PaymentSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Pay in; follow `action` where the state asks for it"""
        ctx = current()
        made = deposits.make_and_start(ctx, ctx.actor.player_id, request_key=_request_key(), **sent)
        return schemas.shown_payment(made)


@blueprint.route("/withdrawals")
class MyWithdrawals(MethodView):
    @player_only
    @keyed
    @blueprint.arguments(schemas.MakeWithdrawalArguments())
    @blueprint.response(201, schemas.WithdrawalsMadeSchema())
    def post(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Withdraw; the money is set aside at once, and goes back to where it came from first"""
        ctx = current()
        made = withdrawals.request(ctx, ctx.actor.player_id, request_key=_request_key(), **sent)
        items = [schemas.shown_payment(payment) for payment in made.items]
        return {"items": items, "passed_over": list(made.passed_over)}


@blueprint.route("/withdrawals/<uuid:payment_id>/cancel")
class MyCancel(MethodView):
    @player_only
    @blueprint.response(200, schemas.PaymentSchema())
    def post(self, payment_id: UUID) -> dict[str, Any]:
        """Cancel a withdrawal that nobody approved yet, where the house allows it"""
        ctx = current()
        return schemas.shown_payment(withdrawals.cancel(ctx, payment_id, player_id=ctx.actor.player_id))


@blueprint.route("/history")
class MyPayments(MethodView):
    @player_only
    @blueprint.arguments(schemas.PaymentFilter(), location="query")
    @blueprint.response(200, page_schema(schemas.PaymentSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List my deposits and withdrawals, the newest first"""
        ctx = current()
        return page_of(ctx, asked | {"player_id": ctx.actor.player_id})


@blueprint.route("/history/<uuid:payment_id>")
class MyPayment(MethodView):
    @player_only
    @blueprint.response(200, schemas.PaymentSchema())
    def get(self, payment_id: UUID) -> dict[str, Any]:
        """Show one of my deposits or withdrawals"""
        ctx = current()
        return schemas.shown_payment(book.find_of(ctx, payment_id, ctx.actor.player_id))


@blueprint.route("/limits")
class MyLimits(MethodView):
    @player_only
    @blueprint.response(200, schemas.PaymentLimitsSchema())
    def get(self) -> dict[str, Any]:
        """Show what I may pay in and out, and what I did lately"""
        ctx = current()
        player_id, currency = ctx.actor.player_id, ctx.tenant.currency
        settings = ctx.settings(ports.NAME)
        wallet = ledger.read_wallet(ctx.connection, player_id, currency)
        return {
            "withdrawable": Money(wallet.withdrawable, currency),
            **schemas.shown_windows(deposits.figures(ctx, player_id, currency), currency),
            "are_withdrawals_cancellable": settings["has_player_cancel"],
            "providers": [
                schemas.shown_provider(
                    ctx, config, {kind: fees.bounds_of(config, settings, kind) for kind in KINDS}
                )
                for config in ports.providers(ctx)
                if config["is_enabled"]
            ],
        }


def page_of(ctx: Any, asked: dict[str, Any], shown: Any = schemas.shown_payment) -> dict[str, Any]:
    """Return a page of payments."""
    limit, before = asked.pop("limit"), read_id_cursor(asked.pop("cursor", None))
    found = book.listed(ctx, before=before, limit=limit + 1, **asked)
    following = found[limit - 1].id if len(found) > limit else None
    return page([shown(payment) for payment in found[:limit]], following)


def _request_key() -> str:
    """Return the caller's key as it is kept: a hash, because anything may stand in a header."""
    return book.hash_of(request.headers["Idempotency-Key"])
