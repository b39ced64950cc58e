"""A sport as a document: its periods, what is counted, and how bets on it are settled by default."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.plugins.sports.catalogue.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX

KINDS = ("head_to_head", "field")
PARTS = ("regular", "overtime", "shootout")
PERIODS_MAX = 60
STATISTICS_MAX = 60
HOURS_MAX = 24 * 366

_code = validate.Regexp(rf"[a-z0-9][a-z0-9_-]{{0,{CODE_LENGTH_MAX - 1}}}\Z")
_period_code = validate.Regexp(r"[a-z0-9_]{1,20}\Z")


class PeriodDocument(Schema):
    """A part of a match that has a score of its own."""

    code = fields.String(required=True, validate=_period_code)
    name = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH_MAX))
    part = fields.String(load_default="regular", validate=validate.OneOf(PARTS))
    minutes = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 600))
    is_optional = fields.Boolean(load_default=False)
    """Whether a match may end without it."""


class SettlementDocument(Schema):
    """How bets are settled where a market says nothing else."""

    counted_parts = fields.List(
        fields.String(validate=validate.OneOf(PARTS)), load_default=list, validate=validate.Length(max=3)
    )
    """Which parts of the match decide who won."""
    postponement_hours = fields.Integer(load_default=48, strict=True, validate=validate.Range(0, HOURS_MAX))
    """Bets stand when it is played within so many hours of its first start; 0 is whenever it is played."""
    abandoned = fields.String(
        load_default="void_undecided", validate=validate.OneOf(["void_all", "void_undecided", "stands"])
    )
    """What becomes of bets when a match is broken off."""
    walkover = fields.String(load_default="void", validate=validate.OneOf(["void", "stands"]))
    retirement = fields.String(
        load_default="void", validate=validate.OneOf(["void", "after_first_period", "stands"])
    )
    """Whether a winner by the other's retirement has won."""
    dead_heat = fields.String(load_default="divide", validate=validate.OneOf(["divide", "push", "stands"]))
    has_deductions = fields.Boolean(load_default=False)
    """Whether a withdrawal takes something off the winnings of the others (Rule 4)."""
    has_places = fields.Boolean(load_default=False)


class SportDocument(Schema):
    """A sport."""

    name = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH_MAX))
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    takes_part = fields.String(load_default="team", validate=validate.OneOf(["team", "individual"]))
    score_unit = fields.String(load_default="points", validate=validate.Length(1, 40))
    decided_by = fields.String(load_default="sum", validate=validate.OneOf(["sum", "periods", "position"]))
    """The sum of the periods' scores, the number of periods won, or the position."""
    can_draw = fields.Boolean(load_default=True)
    has_minutes = fields.Boolean(load_default=False)
    periods = fields.List(
        fields.Nested(PeriodDocument()), load_default=list, validate=validate.Length(max=PERIODS_MAX)
    )
    statistics = fields.List(
        fields.String(validate=_period_code), load_default=list, validate=validate.Length(max=STATISTICS_MAX)
    )
    settlement = fields.Nested(SettlementDocument(), load_default=lambda: SettlementDocument().load({}))

    @validates_schema
    def _fits(self, data: dict[str, Any], **_options: Any) -> None:
        codes = [period["code"] for period in data["periods"]]
        if data["kind"] == "head_to_head" and not codes:
            raise ValidationError("A match between two needs at least one period.", "periods")
        if data["kind"] == "field" and codes:
            raise ValidationError("A race of many has no periods: leave them out.", "periods")
        if len(codes) != len(set(codes)):
            raise ValidationError("Two periods have one code: give each its own.", "periods")
        if (data["kind"] == "field") != (data["decided_by"] == "position"):
            raise ValidationError("A race is decided by position, a match by sum or periods.", "decided_by")


CODE = _code
"""What the code of a sport looks like."""
