"""What a tenant can set: providers with their limits and fees, who must agree, and what players may do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.core.money import ROUNDING_RULES

AMOUNT_MAX = 10**12
PROVIDERS_MAX = 30
NAME_LENGTH_MAX = 40
NAME = validate.Regexp(rf"^[a-z][a-z0-9_]{{0,{NAME_LENGTH_MAX - 1}}}$")
TERM = validate.Regexp(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")


def _limit() -> fields.Field[Any]:
    return fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(1, AMOUNT_MAX)
    )


def _percent() -> fields.Field[Any]:
    return fields.Decimal(places=4, as_string=True, load_default=Decimal(0), validate=validate.Range(0, 50))


def _fixed() -> fields.Field[Any]:
    return fields.Integer(load_default=0, strict=True, validate=validate.Range(0, AMOUNT_MAX))


class ProviderSettings(Schema):
    """One way to pay: a provider under a name of the tenant's own, with its limits and fees."""

    name = fields.String(required=True, validate=NAME)
    term = fields.String(required=True, validate=TERM)
    """The function of a plugin that is the provider, such as `payments.manual_provider`."""
    title = fields.String(load_default="", validate=validate.Length(max=80))
    is_enabled = fields.Boolean(load_default=True)
    """What is switched off takes nothing new; what is under way is finished."""
    currencies = fields.List(
        fields.String(validate=validate.Length(3, 8)), load_default=list, validate=validate.Length(max=50)
    )
    """Empty for the tenant's own."""
    deposit_min = _limit()
    deposit_max = _limit()
    withdrawal_min = _limit()
    withdrawal_max = _limit()
    deposit_fee_percent = _percent()
    deposit_fee_fixed = _fixed()
    withdrawal_fee_percent = _percent()
    withdrawal_fee_fixed = _fixed()


def _manual() -> list[dict[str, Any]]:
    said = {"name": "manual", "term": "payments.manual_provider", "title": "Bank transfer"}
    return [dict(ProviderSettings().load(said))]


class PaymentsSettings(Schema):
    """Settings of each tenant; money in whole minor units of its currency."""

    providers = fields.List(
        fields.Nested(ProviderSettings()), load_default=_manual, validate=validate.Length(max=PROVIDERS_MAX)
    )
    deposit_min = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, AMOUNT_MAX))
    deposit_max = _limit()
    withdrawal_min = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, AMOUNT_MAX))
    withdrawal_max = _limit()
    fee_rounding = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(list(ROUNDING_RULES))
    )
    """The named rule by which fees are rounded; the tenant's own without."""
    two_person_from = _limit()
    """From this amount on two operators must agree to a pay-out, or to a receipt confirmed by hand."""
    auto_approve_max = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, AMOUNT_MAX))
    """Withdrawals up to this amount need no operator; 0 approves none."""
    has_player_cancel = fields.Boolean(load_default=False)
    """Whether players may cancel a withdrawal that nobody approved yet; forbidden in Great Britain."""
    has_closed_loop = fields.Boolean(load_default=True)
    """Whether money goes back to the methods that paid it in first."""
    age_min = fields.Integer(load_default=18, strict=True, validate=validate.Range(0, 30))
    """Nobody who is known to be younger may pay in."""
    is_birth_date_required = fields.Boolean(load_default=False)
    """Whether a player whose birth date is not known may not pay in either."""
    methods_max = fields.Integer(load_default=10, strict=True, validate=validate.Range(1, 100))
    deposit_hours_max = fields.Integer(load_default=72, strict=True, validate=validate.Range(1, 24 * 90))
    """How long a deposit may wait for its money before it expires."""
    sent_hours_max = fields.Integer(load_default=72, strict=True, validate=validate.Range(1, 24 * 90))
    """How long a withdrawal may be at its provider before a person must look."""
    late_hours = fields.Integer(load_default=48, strict=True, validate=validate.Range(0, 24 * 30))
    """How long a provider's statement may lag behind before a payment counts as missing there."""

    @validates_schema
    def _fits(self, data: dict[str, Any], **_options: Any) -> None:
        names = [provider["name"] for provider in data.get("providers", ())]
        if len(set(names)) != len(names):
            raise ValidationError("Each provider needs a name of its own.", "providers")
