"""Marshmallow fields for what JSON has no type for: exact amounts with their currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from pitboss.core.errors import InvalidInput
from pitboss.core.http.current import current
from pitboss.core.money import Money

AMOUNT_LENGTH_MAX = 40
"""Characters of an amount; more digits than any account holds."""


class Amount(fields.Field[str]):
    """A decimal amount, as text: `"10.50"`. A JSON number is refused, because it may be a float."""

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError('An amount is text, such as "10.50".')
        if len(value) > AMOUNT_LENGTH_MAX:
            raise ValidationError(f"An amount has at most {AMOUNT_LENGTH_MAX} characters.")
        return value

    def _serialize(self, value: Any, *_place: Any, **_options: Any) -> str | None:
        return None if value is None else str(value)


class MoneyField(fields.Field[Money]):
    """Money as `{"amount": "10.50", "currency": "EUR"}`, exact in the currency's own decimals."""

    def _deserialize(self, value: Any, *_place: Any, **_options: Any) -> Money:
        if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
            raise ValidationError('Money is {"amount": "10.50", "currency": "EUR"}.')
        if not all(isinstance(part, str) for part in value.values()):
            raise ValidationError("Amount and currency are both text.")
        if len(value["amount"]) > AMOUNT_LENGTH_MAX:
            raise ValidationError(f"An amount has at most {AMOUNT_LENGTH_MAX} characters.")
        try:
            return current().tenant.currencies.parse(value["amount"], value["currency"])
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def _serialize(self, value: Money | None, *_place: Any, **_options: Any) -> dict[str, str] | None:
        if value is None:
            return None
        return {
            "amount": current().tenant.currencies.text(value),
            "currency": value.currency,
        }


def money_schema(_self: object, field: fields.Field[Any], **_kwargs: Any) -> dict[str, Any]:
    """Document money in the OpenAPI document (an apispec attribute function)."""
    if not isinstance(field, MoneyField):
        return {}
    return {
        "type": "object",
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "properties": {
            "amount": {"type": "string", "format": "decimal", "maxLength": AMOUNT_LENGTH_MAX},
            "currency": {"type": "string", "minLength": 3, "maxLength": 8},
        },
        "examples": [{"amount": "10.50", "currency": "EUR"}],
    }


def decimal_schema(_self: object, field: fields.Field[Any], **_kwargs: Any) -> dict[str, Any]:
    """Document an exact decimal that is sent as text (an apispec attribute function)."""
    if not isinstance(field, fields.Decimal) or not field.as_string:
        return {}
    return {"type": ["string", "null"] if field.allow_none else "string", "format": "decimal"}
