"""The countries of the world, by their codes in ISO 3166-1."""

from __future__ import annotations

from functools import cache

from babel import Locale
from marshmallow import ValidationError

from pitboss.core.texts import gettext as _

_NOT_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)
"""Unions, islands with a country's own code, and codes of tests, which Unicode keeps beside the countries."""


@cache
def country_codes() -> frozenset[str]:
    """Return the two letters of every country; Kosovo, whose code is not official yet, is one of them."""
    known = map(str, Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


def check_country(code: str) -> None:
    """Refuse what is no country's code; a validator of schemas."""
    if code not in country_codes():
        raise ValidationError(
            _(
                "No country has the code %(code)s: give the two capital letters of ISO 3166, such as GB.",
                code=code,
            )
        )
