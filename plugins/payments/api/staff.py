"""What operators do: the queue, decisions, confirmations by hand, refunds, holds, methods, reconciliation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput
from pitboss.core.http import (
    Blueprint,
    PageArguments,
    current,
    keyed,
    page,
    page_schema,
    read_cursor,
    read_id_cursor,
    requires,
    visit,
)
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.payments import (
    book,
    byhand,
    deposits,
    holds,
    logbook,
    methods,
    reports,
    statements,
    withdrawals,
)
from pitboss.plugins.payments.api import schemas
from pitboss.plugins.payments.api.players import page_of

blueprint = Blueprint("payments_staff", __name__, url_prefix="", description="Payments for operators")
ROUTES = Routes(blueprint=blueprint)


@blueprint.route("/payments")
class Payments(MethodView):
    @requires("payments.read")
    @blueprint.arguments(schemas.StaffPaymentFilter(), location="query")
    @blueprint.response(200, page_schema(schemas.StaffPaymentSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List payments, the newest first"""
        return page_of(current(), asked)


@blueprint.route("/payments/<uuid:payment_id>")
class OnePayment(MethodView):
    @requires("payments.read")
    @blueprint.response(200, schemas.WholePaymentSchema())
    def get(self, payment_id: UUID) -> dict[str, Any]:
        """Show a payment with its history"""
        return _whole(current(), payment_id)


@blueprint.route("/payments/<uuid:payment_id>/approve")
class Approve(MethodView):
    @requires("payments.approve")
    @blueprint.arguments(schemas.NoteArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Approve a withdrawal; much money needs two persons"""
        ctx = current()
        withdrawals.approve(ctx, payment_id, note=sent["note"])
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/reject")
class Reject(MethodView):
    @requires("payments.approve")
    @blueprint.arguments(schemas.ReasonArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Reject a withdrawal that was not sent"""
        ctx = current()
        withdrawals.reject(ctx, payment_id, reason=sent["reason"])
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/confirm")
class Confirm(MethodView):
    @requires("payments.confirm")
    @keyed
    @blueprint.arguments(schemas.ConfirmArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Confirm that money came or went by hand"""
        ctx = current()
        amount = _in_currency(ctx, payment_id, sent.pop("amount"))
        byhand.confirm(ctx, payment_id, amount=amount, **sent)
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/fail")
class Fail(MethodView):
    @requires("payments.confirm")
    @blueprint.arguments(schemas.ReasonArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Say that money did not come, or could not be sent"""
        ctx = current()
        byhand.fail(ctx, payment_id, reason=sent["reason"])
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/refund")
class Refund(MethodView):
    @requires("payments.refund")
    @keyed
    @blueprint.arguments(schemas.RefundArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Refund a deposit, or a part of it"""
        ctx = current()
        amount = _in_currency(ctx, payment_id, sent["amount"])
        key = book.hash_of(visit().claim.key)[:32]
        deposits.refund(ctx, payment_id, amount=amount, reason=sent["reason"], key=key)
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/notes")
class Notes(MethodView):
    @requires("payments.read")
    @blueprint.arguments(schemas.TextArguments())
    @blueprint.response(201, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Add a note to a payment"""
        ctx = current()
        byhand.note(ctx, payment_id, sent["text"])
        return _whole(ctx, payment_id)


@blueprint.route("/payments/<uuid:payment_id>/settle-attention")
class SettleAttention(MethodView):
    @requires("payments.approve")
    @blueprint.arguments(schemas.ReasonArguments())
    @blueprint.response(200, schemas.WholePaymentSchema())
    def post(self, sent: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
        """Say what a look at a flagged payment showed"""
        ctx = current()
        byhand.settle_attention(ctx, payment_id, reason=sent["reason"])
        return _whole(ctx, payment_id)


# -- players ---------------------------------------------------------------------------------------


@blueprint.route("/players/<uuid:player_id>/hold")
class Hold(MethodView):
    @requires("payments.hold")
    @blueprint.arguments(schemas.ReasonArguments())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any], player_id: UUID) -> None:
        """Hold a player's withdrawals"""
        holds.hold(current(), player_id, reason=sent["reason"])


@blueprint.route("/players/<uuid:player_id>/release")
class Release(MethodView):
    @requires("payments.hold")
    @blueprint.arguments(schemas.ReasonArguments())
    @blueprint.response(204)
    def post(self, sent: dict[str, Any], player_id: UUID) -> None:
        """Release a player's withdrawals"""
        holds.release(current(), player_id, reason=sent["reason"])


@blueprint.route("/players/<uuid:player_id>/methods")
class PlayerMethods(MethodView):
    @requires("payments.read")
    @blueprint.response(200, schemas.StaffMethodsSchema())
    def get(self, player_id: UUID) -> dict[str, Any]:
        """List a player's methods, also removed ones"""
        found = methods.of_player(current(), player_id, with_removed=True)
        return {"items": [schemas.shown_method(method) for method in found]}


@blueprint.route("/methods/<uuid:method_id>/verify")
class VerifyMethod(MethodView):
    @requires("payments.methods")
    @blueprint.arguments(schemas.EvidenceArguments())
    @blueprint.response(200, schemas.StaffMethodSchema())
    def post(self, sent: dict[str, Any], method_id: UUID) -> dict[str, Any]:
        """Note that a method was seen to belong to its player"""
        return schemas.shown_method(methods.verify(current(), method_id, evidence=sent["evidence"]))


@blueprint.route("/methods/<uuid:method_id>/remove")
class RemoveMethod(MethodView):
    @requires("payments.methods")
    @blueprint.response(200, schemas.StaffMethodSchema())
    def post(self, method_id: UUID) -> dict[str, Any]:
        """Remove a player's method"""
        return schemas.shown_method(methods.remove(current(), method_id))


# -- reconciliation --------------------------------------------------------------------------------


@blueprint.route("/reports")
class Reports(MethodView):
    @requires("payments.reconcile")
    @blueprint.arguments(PageArguments(), location="query")
    @blueprint.response(200, page_schema(schemas.ReportSchema))
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List reconciliations, the newest first"""
        limit, before = asked["limit"], read_id_cursor(asked.get("cursor"))
        found = reports.listed(current(), before=before, limit=limit + 1)
        return page(
            [_report(row) for row in found[:limit]], found[limit - 1].id if len(found) > limit else None
        )

    @requires("payments.reconcile")
    @keyed
    @blueprint.arguments(schemas.ReconcileArguments())
    @blueprint.response(201, schemas.ReportSchema())
    def post(self, sent: dict[str, Any]) -> Any:
        """Reconcile with a statement"""
        return _report(reconcile(current(), **sent))


@blueprint.route("/reports/<uuid:report_id>")
class OneReport(MethodView):
    @requires("payments.reconcile")
    @blueprint.response(200, schemas.ReportSchema())
    def get(self, report_id: UUID) -> Any:
        """Show what a reconciliation found"""
        return _report(reports.find(current(), report_id))


@blueprint.route("/reports/<uuid:report_id>/lines")
class ReportLines(MethodView):
    @requires("payments.reconcile")
    @blueprint.arguments(schemas.ReportLineFilter(), location="query")
    @blueprint.response(200, page_schema(schemas.ReportLineSchema))
    def get(self, asked: dict[str, Any], report_id: UUID) -> dict[str, Any]:
        """List the rows of a reconciliation, what does not match first"""
        ctx = current()
        currency = reports.find(ctx, report_id).currency
        limit, after = asked["limit"], read_cursor(asked.get("cursor"))
        found = reports.lines_of(
            ctx, report_id, status=asked.get("status"), after=-1 if after is None else after, limit=limit + 1
        )
        following = found[limit - 1].line if len(found) > limit else None
        return page([_line(row, currency) for row in found[:limit]], following)


def _report(row: Any) -> dict[str, Any]:
    totals = {name: Money(minor, row.currency) for name, minor in row.totals.items()}
    return {**row._mapping, "totals": totals}


def reconcile(
    ctx: Context, *, provider: str, since: Any, until: Any, currency: str | None, statement: str | None
) -> Any:
    """Reconcile with a statement that was sent, or with what the provider itself says."""
    if statement is not None:
        lines = statements.read(statement, ctx.tenant.currencies)
        return reports.make(ctx, provider, lines, since=since, until=until, currency=currency)
    made = reports.of_provider(ctx, provider, since=since, until=until)
    chosen = [report for report in made if report.currency == (currency or ctx.tenant.currency)]
    if not chosen:
        message = marked(f"{provider!r} gives no statement itself: send one")
        raise InvalidInput(f"statement: {message}", {"statement": [message]})
    return chosen[0]


def _line(row: Any, currency: str) -> dict[str, Any]:
    amounts = {name: getattr(row, name) for name in ("ours", "theirs")}
    money = {name: None if value is None else Money(value, currency) for name, value in amounts.items()}
    return dict(row._mapping) | money


def _whole(ctx: Context, payment_id: UUID) -> dict[str, Any]:
    payment = book.find(ctx, payment_id)
    reversals = [
        dict(row._mapping) | {"amount": Money(row.amount, payment.currency)}
        for row in logbook.reversals(ctx, payment_id)
    ]
    return schemas.shown_payment(payment) | {
        "history": logbook.history(ctx, payment_id),
        "approvals": logbook.approvals(ctx, payment_id),
        "reversals": reversals,
    }


def _in_currency(ctx: Context, payment_id: UUID, amount: Money | None) -> int | None:
    if amount is None:
        return None
    currency = book.find(ctx, payment_id).currency
    if amount.currency != currency:
        message = marked(f"this payment is in {currency}, not {amount.currency}")
        raise InvalidInput(f"amount: {message}", {"amount": [message]})
    return amount.minor
