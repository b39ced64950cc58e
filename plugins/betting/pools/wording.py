"""The terms of pools, as they are declared: their schemas, and as the arithmetic takes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.pools.dividends import NO_WINNER, Terms

SHARES_MAX = 20
FEE_MINOR_MAX = 100_000_00
MEMBERS_MAX = 1_000
RULES_CHARACTERS_MAX = 4_000


def _part(**options: Any) -> fields.Decimal:
    return fields.Decimal(as_string=True, places=6, validate=validate.Range(0, 1), **options)


class Sharing(Schema):
    """What the house keeps, and how dividends are broken."""

    takeout = _part(load_default=Decimal("0.18"))
    break_to = fields.Decimal(
        as_string=True,
        places=4,
        load_default=Decimal("0.10"),
        validate=validate.Range(0, 10, min_inclusive=False),
    )
    minimum = fields.Decimal(
        as_string=True, places=4, load_default=Decimal(1), validate=validate.Range(0, 10)
    )
    no_winner = fields.String(load_default="refund", validate=validate.OneOf(NO_WINNER))


class ToteTerms(Sharing):
    """The same, and the least stake."""

    stake_min = fields.Integer(load_default=1, validate=validate.Range(1, FEE_MINOR_MAX))


class PrivateTerms(Schema):
    """What friends agreed: one fee for all, and which part of the pot each place gets."""

    fee = fields.Integer(required=True, strict=True, validate=validate.Range(1, FEE_MINOR_MAX))
    shares = fields.List(_part(), load_default=lambda: [Decimal(1)], validate=validate.Length(1, SHARES_MAX))
    members_max = fields.Integer(load_default=50, validate=validate.Range(2, MEMBERS_MAX))
    rules = fields.String(load_default="", validate=validate.Length(max=RULES_CHARACTERS_MAX))
    """In the words of who made it; what is paid follows from the shares."""

    @validates_schema
    def _sums_to_one(self, data: Mapping[str, Any], **_options: Any) -> None:
        if sum(data["shares"]) != 1:
            raise ValidationError("The parts of the places must sum to 1.", "shares")


_SCHEMAS: Mapping[str, Schema] = {"tote": ToteTerms(), "private": PrivateTerms()}


def check(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms as they are kept, or say field by field what is wrong."""
    schema = _SCHEMAS[kind]
    try:
        loaded = schema.load(dict(said))
    except ValidationError as error:
        raise InvalidInput.of("terms of the pool", error) from error
    dumped: dict[str, Any] = schema.dump(loaded)
    return dumped


def terms_of(kept: Mapping[str, Any], rounding: str) -> Terms:
    """Return the terms of a tote as its arithmetic takes them."""
    return Terms(
        takeout=Decimal(kept["takeout"]),
        break_to=Decimal(kept["break_to"]),
        minimum=Decimal(kept["minimum"]),
        no_winner=kept["no_winner"],
        rounding=rounding,
    )


def shares_of(kept: Mapping[str, Any]) -> list[Decimal]:
    """Return the parts of the places of a private pool."""
    return [Decimal(each) for each in kept["shares"]]


def describe(kind: str, kept: Mapping[str, Any]) -> str:
    """Say in a sentence how a pool is shared.

    >>> describe("private", {"shares": ["0.7", "0.3"], "members_max": 9, "fee": 500})
    'All of the pot is paid: 70% to place 1, 30% to place 2; those of a tie add up and divide.'
    """
    if kind == "private":
        places = ", ".join(f"{_percent(part)} to place {n}" for n, part in enumerate(kept["shares"], 1))
        return f"All of the pot is paid: {places}; those of a tie add up and divide."
    after = {
        "refund": "all stakes go back",
        "carry": "the pool is carried over to the next",
        "next_best": "the next best wins",
    }[kept["no_winner"]]
    return (
        f"The house keeps {_percent(kept['takeout'])} of the stakes; what a unit pays goes down to a "
        f"multiple of {kept['break_to']}, and is {kept['minimum']} at least. If nobody wins, {after}."
    )


def _percent(part: str) -> str:
    return format((Decimal(part) * 100).normalize(), "f") + "%"
