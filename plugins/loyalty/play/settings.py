"""The setting that says which events of other plugins are transactions, and which field holds what."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.plugins.loyalty.play.incoming import FIELDS, PLAYED

SOURCES_MAX = 100
KINDS = (*PLAYED, "rollback")
OWN_PREFIX = "loyalty."


def _field_name() -> fields.Field[Any]:
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))


class SourceSchema(Schema):
    """An event, the kind of transaction that it is, and which of its fields hold what."""

    event = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    id = _field_name()
    """What names the transaction in the other plugin; the event itself by default."""
    of = fields.String(load_default="wager", validate=validate.OneOf(PLAYED))
    """What kind a rollback takes back, under the same id."""
    amount = _field_name()
    bonus_amount = _field_name()
    game = _field_name()
    category = _field_name()
    odds = _field_name()
    round = _field_name()
    seconds = _field_name()
    at = _field_name()
    is_settled = fields.Boolean(load_default=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_options: Any) -> None:
        if data["event"].startswith(OWN_PREFIX):
            raise ValidationError("The plugin's own events come from transactions already.", "event")
        kind = data["kind"]
        needed = {"session": "seconds", "rollback": "id"}.get(kind, "amount")
        if data[needed] is None:
            raise ValidationError(f"A {kind} needs it: name the field of the event that holds it.", needed)
        if kind == "wager" and not data["is_settled"] and data["round"] is None:
            raise ValidationError("A wager that is not settled needs the field of its round.", "round")
        for name in ("amount", "bonus_amount", "game", "category", "odds", "round", "seconds"):
            if data[name] is not None and name not in FIELDS[kind]:
                raise ValidationError(f"A {kind} has none: leave it out.", name)


def sources_field() -> fields.Field[Any]:
    """Return the setting `sources`."""
    return fields.List(
        fields.Nested(SourceSchema()), load_default=list, validate=validate.Length(max=SOURCES_MAX)
    )
