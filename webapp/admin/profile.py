"""A player's own data as a form."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class ProfileForm(Schema):
    """What operators may change of a player's profile."""

    display_name = fields.String(
        required=True,
        validate=validate.Length(1, 80),
        metadata={"title": "Name", "description": "What others see."},
    )
    country = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Regexp("[A-Z]{2}$", error="Two capital letters, such as GB."),
        metadata={"description": "Two letters, such as GB."},
    )
    locale = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Length(2, 10),
        metadata={"title": "Language", "description": "Such as en or de-AT."},
    )
    birth_date = fields.Date(allow_none=True, load_default=None, metadata={"title": "Date of birth"})
