"""What the API of payments is sent and answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow.validate import Length, OneOf

from pitboss.core.context import Context
from pitboss.core.http import MoneyField, PageArguments
from pitboss.core.money import Money
from pitboss.plugins.payments import methods
from pitboss.plugins.payments.cards import refuse_cards
from pitboss.plugins.payments.models import REASON_LENGTH_MAX, REFERENCE_LENGTH_MAX
from pitboss.plugins.payments.ports import TOKEN_LENGTH_MAX
from pitboss.plugins.payments.settings import NAME
from pitboss.plugins.payments.states import KINDS, STATES

DETAILS_MAX = 20
DETAIL_LENGTH_MAX = 200
URL_LENGTH_MAX = 500


def text(least: int, most: int, **options: Any) -> ma.fields.Field[Any]:
    """Return a field of text that holds no card number."""
    return ma.fields.Str(validate=[Length(least, most), refuse_cards], **options)


def _details() -> ma.fields.Field[Any]:
    return ma.fields.Dict(
        # Cards are looked for in all of it at once: the place of an error names the key.
        keys=ma.fields.Str(validate=Length(1, 40)),
        values=ma.fields.Str(validate=Length(0, DETAIL_LENGTH_MAX)),
        load_default=dict,
        validate=[Length(max=DETAILS_MAX), refuse_cards],
    )


class AddMethodArguments(ma.Schema):
    """A method by the token that its provider gave for it; never card data."""

    provider = ma.fields.Str(required=True, validate=NAME)
    token = text(1, TOKEN_LENGTH_MAX, required=True)
    kind = ma.fields.Str(load_default="other", validate=OneOf(["card", "bank", "wallet", "other"]))
    details = _details()


class PaymentMethodSchema(ma.Schema):
    """A method, masked."""

    id = ma.fields.UUID(required=True)
    provider = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    masked = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    is_verified = ma.fields.Bool(required=True)
    can_receive = ma.fields.Bool(required=True)
    details = ma.fields.Dict(required=True)
    created_at = ma.fields.AwareDateTime(required=True)


class MethodsSchema(ma.Schema):
    """All methods of a player."""

    items = ma.fields.List(ma.fields.Nested(PaymentMethodSchema()), required=True)


class StaffMethodSchema(PaymentMethodSchema):
    """A method as operators see it."""

    player_id = ma.fields.UUID(required=True)
    fingerprint = ma.fields.Str(required=True)
    verified_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    verified_by = ma.fields.Str(required=True, allow_none=True)
    evidence = ma.fields.Str(required=True, allow_none=True)


class StaffMethodsSchema(ma.Schema):
    """All methods of a player, also removed ones."""

    items = ma.fields.List(ma.fields.Nested(StaffMethodSchema()), required=True)


class MakeDepositArguments(ma.Schema):
    """A deposit."""

    method_id = ma.fields.UUID(required=True)
    amount = MoneyField(required=True)
    return_url = ma.fields.Url(
        load_default="", schemes={"http", "https"}, validate=[Length(max=URL_LENGTH_MAX), refuse_cards]
    )
    details = _details()


class MakeWithdrawalArguments(ma.Schema):
    """A withdrawal; the method is a wish, for money goes back to where it came from first."""

    amount = MoneyField(required=True)
    method_id = ma.fields.UUID(load_default=None, allow_none=True)


class PaymentSchema(ma.Schema):
    """A deposit or withdrawal, as its player sees it."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.Str(required=True)
    state = ma.fields.Str(required=True)
    amount = MoneyField(required=True)
    fee = MoneyField(required=True)
    settled = MoneyField(required=True, metadata={"description": "What arrived or left so far."})
    taken_back = MoneyField(required=True)
    method_id = ma.fields.UUID(required=True)
    provider = ma.fields.Str(required=True)
    reason = ma.fields.Str(required=True)
    action = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=ma.fields.Str(),
        required=True,
        allow_none=True,
        metadata={"description": "What the player has to do next."},
    )
    created_at = ma.fields.AwareDateTime(required=True)
    completed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class WithdrawalsMadeSchema(ma.Schema):
    """What a request for a withdrawal became."""

    items = ma.fields.List(ma.fields.Nested(PaymentSchema()), required=True)
    passed_over = ma.fields.List(
        ma.fields.Str(),
        required=True,
        metadata={"description": "Methods that paid in and get nothing, and why."},
    )


class PaymentFilter(PageArguments):
    """Which of my payments."""

    kind = ma.fields.Str(validate=OneOf(KINDS))
    state = ma.fields.Str(validate=OneOf(STATES))


class StaffPaymentFilter(PaymentFilter):
    """Which payments."""

    player_id = ma.fields.UUID()
    provider = ma.fields.Str(validate=NAME)
    method_id = ma.fields.UUID()
    reference = ma.fields.Str(validate=Length(1, REFERENCE_LENGTH_MAX))
    is_attention = ma.fields.Bool(metadata={"description": "Only those that a person must look at."})


class PaymentLineSchema(ma.Schema):
    """A line of a payment's history."""

    what = ma.fields.Str(required=True)
    before = ma.fields.Str(required=True, allow_none=True)
    after = ma.fields.Str(required=True, allow_none=True)
    actor = ma.fields.Str(required=True)
    text = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class ReversalSchema(ma.Schema):
    """A refund, chargeback or won dispute."""

    kind = ma.fields.Str(required=True)
    reference = ma.fields.Str(required=True)
    amount = MoneyField(required=True)
    reason = ma.fields.Str(required=True)
    posted_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class ApprovalSchema(ma.Schema):
    """One person's agreement."""

    step = ma.fields.Str(required=True)
    actor = ma.fields.Str(required=True)
    reference = ma.fields.Str(required=True)
    evidence = ma.fields.Str(required=True)
    at = ma.fields.AwareDateTime(required=True)


class StaffPaymentSchema(PaymentSchema):
    """A payment as operators see it in lists."""

    player_id = ma.fields.UUID(required=True)
    reference = ma.fields.Str(required=True, allow_none=True)
    attention = ma.fields.Str(required=True, allow_none=True)


class WholePaymentSchema(StaffPaymentSchema):
    """A payment with its history."""

    history = ma.fields.List(ma.fields.Nested(PaymentLineSchema()), required=True)
    reversals = ma.fields.List(ma.fields.Nested(ReversalSchema()), required=True)
    approvals = ma.fields.List(ma.fields.Nested(ApprovalSchema()), required=True)


class NoteArguments(ma.Schema):
    """A note, which may be left out."""

    note = text(0, REASON_LENGTH_MAX, load_default="")


class ReasonArguments(ma.Schema):
    """Why."""

    reason = text(3, REASON_LENGTH_MAX, required=True)


class TextArguments(ma.Schema):
    """A note in a payment's history."""

    text = text(1, 2_000, required=True)


class ConfirmArguments(ma.Schema):
    """What was seen at the bank."""

    reference = text(1, REFERENCE_LENGTH_MAX, required=True)
    evidence = text(3, REASON_LENGTH_MAX, required=True)
    amount = MoneyField(load_default=None, allow_none=True)


class RefundArguments(ReasonArguments):
    """How much is given back; all that is left without an amount."""

    amount = MoneyField(load_default=None, allow_none=True)


class EvidenceArguments(ma.Schema):
    """What shows that a method belongs to its player."""

    evidence = text(3, REASON_LENGTH_MAX, required=True)


class WindowsSchema(ma.Schema):
    """An amount for each window up to now."""

    day = MoneyField(required=True, data_key="24h")
    week = MoneyField(required=True, data_key="7d")
    month = MoneyField(required=True)
    days = MoneyField(required=True, data_key="30d")


class ProviderLimitsSchema(ma.Schema):
    """One way to pay, with what it takes."""

    name = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    currencies = ma.fields.List(ma.fields.Str(), required=True)
    deposit_min = MoneyField(required=True)
    deposit_max = MoneyField(required=True, allow_none=True)
    withdrawal_min = MoneyField(required=True)
    withdrawal_max = MoneyField(required=True, allow_none=True)
    deposit_fee_percent = ma.fields.Decimal(as_string=True, required=True)
    deposit_fee_fixed = MoneyField(required=True)
    withdrawal_fee_percent = ma.fields.Decimal(as_string=True, required=True)
    withdrawal_fee_fixed = MoneyField(required=True)


class PaymentLimitsSchema(ma.Schema):
    """What may be paid in and out, and what was lately."""

    withdrawable = MoneyField(required=True)
    gross_deposits = ma.fields.Nested(WindowsSchema(), required=True)
    net_deposits = ma.fields.Nested(WindowsSchema(), required=True)
    are_withdrawals_cancellable = ma.fields.Bool(required=True)
    providers = ma.fields.List(ma.fields.Nested(ProviderLimitsSchema()), required=True)


class ReconcileArguments(ma.Schema):
    """A provider's statement of a period, as CSV or as JSON text."""

    provider = ma.fields.Str(required=True, validate=NAME)
    since = ma.fields.AwareDateTime(required=True)
    until = ma.fields.AwareDateTime(required=True)
    currency = ma.fields.Str(load_default=None, allow_none=True, validate=Length(3, 8))
    statement = ma.fields.Str(
        load_default=None,
        allow_none=True,
        metadata={"description": "Left out where the provider can be asked itself."},
    )


class ReportTotalsSchema(ma.Schema):
    """What the provider holds more, by each of three sources; all should agree."""

    ours = MoneyField(required=True)
    theirs = MoneyField(required=True)
    ledger = MoneyField(required=True)
    ledger_difference = MoneyField(required=True)
    provider_difference = MoneyField(required=True)


class ReportSchema(ma.Schema):
    """What a reconciliation found."""

    id = ma.fields.UUID(required=True)
    provider = ma.fields.Str(required=True)
    currency = ma.fields.Str(required=True)
    since = ma.fields.AwareDateTime(required=True)
    until = ma.fields.AwareDateTime(required=True)
    source = ma.fields.Str(required=True)
    counts = ma.fields.Dict(required=True)
    totals = ma.fields.Nested(ReportTotalsSchema(), required=True)
    is_clean = ma.fields.Bool(required=True)
    made_by = ma.fields.Str(required=True)
    made_at = ma.fields.AwareDateTime(required=True)


class ReportLineSchema(ma.Schema):
    """One row of a reconciliation."""

    line = ma.fields.Int(required=True)
    status = ma.fields.Str(required=True)
    kind = ma.fields.Str(required=True)
    reference = ma.fields.Str(required=True)
    payment_id = ma.fields.UUID(required=True, allow_none=True)
    ours = MoneyField(required=True, allow_none=True)
    theirs = MoneyField(required=True, allow_none=True)
    cure = ma.fields.Str(required=True)


class ReportLineFilter(PageArguments):
    """Which rows."""

    status = ma.fields.Str(
        validate=OneOf(["matched", "missing_there", "missing_here", "amount_differs", "late"])
    )


# -- shown -----------------------------------------------------------------------------------------


def shown_payment(payment: Any) -> dict[str, Any]:
    """Return a payment with its amounts as money."""
    shown = dict(payment._mapping)
    for name in ("amount", "fee", "settled", "taken_back"):
        shown[name] = Money(shown[name], payment.currency)
    return shown


def shown_method(method: Any) -> dict[str, Any]:
    """Return a method without its token."""
    shown = dict(method._mapping) | methods.shown(method)
    del shown["token"]
    return shown


def shown_windows(figures: dict[str, dict[str, int]], currency: str) -> dict[str, Any]:
    """Return figures of windows as money."""
    names = {"24h": "day", "7d": "week", "month": "month", "30d": "days"}
    return {
        kind: {names[name]: Money(amount, currency) for name, amount in windows.items()}
        for kind, windows in figures.items()
    }


def shown_provider(ctx: Context, config: Any, bounds: dict[str, tuple[int, int | None]]) -> dict[str, Any]:
    """Return one way to pay with its limits, in the tenant's currency."""
    currency = ctx.tenant.currency
    shown: dict[str, Any] = {
        "name": config["name"],
        "title": config["title"] or config["name"],
        "currencies": config["currencies"] or [currency],
    }
    for kind, (least, most) in bounds.items():
        shown[f"{kind}_min"] = Money(least, currency)
        shown[f"{kind}_max"] = None if most is None else Money(most, currency)
        shown[f"{kind}_fee_percent"] = config[f"{kind}_fee_percent"]
        shown[f"{kind}_fee_fixed"] = Money(config[f"{kind}_fee_fixed"], currency)
    return shown


def minor_of(money: Money | None) -> int | None:
    """Return whole minor units."""
    return None if money is None else money.minor
