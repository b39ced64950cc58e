"""A player's own data as a form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from pitboss.core.countries import check_country
from pitboss.core.texts import marked


class ProfileForm(Schema):
    """What operators may change of a player's profile."""

    display_name = fields.String(
        required=True,
        validate=validate.Length(1, 80),
        metadata={"title": marked("Name"), "description": marked("What others see.")},
    )
    country = fields.String(
        allow_none=True,
        load_default=None,
        validate=check_country,
        metadata={"title": marked("Country"), "description": marked("Two letters, such as GB.")},
    )
    locale = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Length(2, 10),
        metadata={"title": marked("Language"), "description": marked("Such as en or de-AT.")},
    )
    birth_date = fields.Date(allow_none=True, load_default=None, metadata={"title": marked("Date of birth")})
