"""What settlement rules say: their schema, the defaults that we ship, and how two versions differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.core.errors import InvalidInput
from pitboss.core.money import ROUNDING_RULES
from pitboss.plugins.betting.settling import rule4
from pitboss.plugins.betting.settling.bonuses import Bonus
from pitboss.plugins.betting.settling.deadheat import Policy
from pitboss.plugins.betting.settling.eachway import PLACES_MAX, PlaceTerms, Row, WinOnly
from pitboss.plugins.betting.settling.rules import (
    Abandoned,
    BuilderVoid,
    Retirement,
    Rules,
    Unlisted,
    VoidLeg,
)

RUNNERS_MAX = 200
ROWS_MAX = 60
HOURS_MAX = 8_760
NO_SCALE: Mapping[str, Any] = {"bands": [{"from": "0", "pence": 0}], "pence_max": 0, "pence_waived": 0}
_SAME = (
    *("void_leg", "builder_void", "dead_heat", "is_dead_heat_draw_void", "place_terms_at", "win_only"),
    *("abandoned", "retirement", "retirement_periods_min", "unlisted", "rounding"),
)
"""What both call the same."""


def _choice(words: Any, title: str) -> fields.String:
    check = validate.OneOf(get_args(words))
    return fields.String(required=True, validate=check, metadata={"title": title})


def _fraction(text: str) -> None:
    try:
        wrong = Fraction(text) < 0
    except (ValueError, ZeroDivisionError):
        wrong = True
    if wrong:
        raise ValidationError('Write a fraction such as "9/4", or 0.')


class ReductionBand(Schema):
    """A band of a Rule 4 scale: from this fractional price of a non-runner on, so much is taken."""

    from_ = fields.String(required=True, data_key="from", attribute="from", validate=_fraction)
    pence = fields.Integer(required=True, validate=validate.Range(0, rule4.PENCE_MAX))


class ReductionScale(Schema):
    """A Rule 4 scale: what withdrawn runners take off the winnings, in pence of a pound."""

    bands = fields.List(
        fields.Nested(ReductionBand()), required=True, validate=validate.Length(1, rule4.BANDS_MAX)
    )
    pence_max = fields.Integer(required=True, validate=validate.Range(0, rule4.PENCE_MAX))
    """What all of them together take at most."""
    pence_waived = fields.Integer(required=True, validate=validate.Range(0, rule4.PENCE_MAX))
    """A total of at most this is not taken."""


class PlaceRow(Schema):
    """Place terms from a size of field on; without a fraction no place is paid."""

    runners_min = fields.Integer(required=True, validate=validate.Range(0, RUNNERS_MAX))
    is_handicap = fields.Boolean(required=True, allow_none=True)
    """Null: whatever the race is."""
    fraction = fields.String(required=True, allow_none=True, validate=_fraction)
    places = fields.Integer(required=True, allow_none=True, validate=validate.Range(1, PLACES_MAX))


class BonusRow(Schema):
    """What a bet of full cover gets on top."""

    one_winner_factor = fields.Decimal(required=True, as_string=True)
    all_winners = fields.Dict(keys=fields.Integer(), values=fields.Decimal(as_string=True), required=True)


class RuleTerms(Schema):
    """How bets on a kind of market are settled where the result alone does not say."""

    void_leg = _choice(VoidLeg, "A void leg of a multiple")
    """Counts as odds of 1, or makes the slip void."""
    builder_void = _choice(BuilderVoid, "A void leg of a bet builder")
    dead_heat = _choice(Policy, "A dead heat divides")
    is_dead_heat_draw_void = fields.Boolean(required=True, metadata={"title": "A tie in a match-up is void"})
    rule4 = fields.Nested(
        ReductionScale(), required=True, allow_none=True, metadata={"title": "Rule 4 scale"}
    )
    """Null: nothing is taken off when a runner is withdrawn."""
    place_terms = fields.List(
        fields.Nested(PlaceRow()),
        required=True,
        validate=validate.Length(1, ROWS_MAX),
        metadata={"title": "Place terms"},
    )
    place_terms_at = _choice(Literal["bet", "off"], "Runners are counted at")
    win_only = _choice(WinOnly, "Each way where no place is paid")
    postponement_hours = fields.Integer(
        required=True,
        validate=validate.Range(0, HOURS_MAX),
        metadata={"title": "Void when postponed for longer than", "unit": "hours"},
    )
    abandoned = _choice(Abandoned, "Of abandoned play stands")
    retirement = _choice(Retirement, "When a side retires")
    retirement_periods_min = fields.Integer(
        required=True,
        validate=validate.Range(1, 10),
        metadata={"title": "Periods before a retirement counts"},
    )
    unlisted = _choice(Unlisted, "Who is not in the result")
    periods = fields.Dict(
        keys=fields.String(validate=validate.Length(0, 40)),
        values=fields.List(fields.String(validate=validate.Length(1, 40))),
        required=True,
        metadata={"title": "Periods of the result"},
    )
    """Which periods make up a named one; the empty name is what counts when a market names none."""
    bonus = fields.Nested(BonusRow(), required=True, allow_none=True, metadata={"title": "Extras"})
    rounding = fields.String(
        required=True, validate=validate.OneOf(list(ROUNDING_RULES)), metadata={"title": "Rounding"}
    )

    @validates_schema
    def _can_be_used(self, said: dict[str, Any], **_: Any) -> None:
        try:
            rules_of(said)
        except InvalidInput as error:
            raise ValidationError(str(error), "_schema") from error


@cache
def schema() -> RuleTerms:
    """Return the schema, built once."""
    return RuleTerms()


def check_terms(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return terms as they are kept, or say field by field what is wrong."""
    try:
        loaded = schema().load(dict(terms))
    except ValidationError as error:
        raise InvalidInput.of("settlement rules", error) from error
    dumped: dict[str, Any] = schema().dump(loaded)
    return dumped


def rules_of(terms: Mapping[str, Any]) -> Rules:
    """Return the rules that settlement computes with; what contradicts itself is refused."""
    scale, bonus = terms["rule4"] or NO_SCALE, terms["bonus"]
    plain = {name: terms[name] for name in _SAME}
    return Rules(
        **plain,
        periods={name: tuple(codes) for name, codes in terms["periods"].items()},
        rule4_bands=_bands(scale["bands"]),
        rule4_pence_max=scale["pence_max"],
        rule4_pence_waived=scale["pence_waived"],
        place_table=tuple(_place(row) for row in terms["place_terms"]),
        bonus=None if bonus is None else _bonus(bonus),
    )


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the default terms by key: those of a sport are the general ones with its own on top."""
    text = files("pitboss.plugins.betting.markets").joinpath("data/rules.json").read_bytes()
    said = json.loads(text)
    return {key: check_terms({**said["*"], **own}) for key, own in said.items()}


def keys_of(sport: str, template: str) -> tuple[str, str, str]:
    """Return the keys that may bind, the most specific first."""
    return (f"{sport}/{template}", sport, "*")


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str | None, str | None]]:
    """Return what differs between two versions, part by part, as the pages show it."""
    old, new = _flat(before), _flat(after)
    names = [*old, *(name for name in new if name not in old)]
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _bands(rows: Sequence[Mapping[str, Any]]) -> tuple[rule4.Band, ...]:
    starts = [Fraction(row["from"]) + 1 for row in rows]
    if starts[:1] != [Fraction(1)]:
        raise InvalidInput("the Rule 4 scale begins above 0: begin its first band at 0")
    ends: list[Fraction | None] = [*starts[1:], None]
    return tuple(rule4.Band(end, row["pence"]) for end, row in zip(ends, rows, strict=True))


def _place(row: Mapping[str, Any]) -> Row:
    if (row["fraction"] is None) != (row["places"] is None):
        raise InvalidInput("place terms need a fraction and places, or neither of them")
    terms = None if row["fraction"] is None else PlaceTerms(Fraction(row["fraction"]), row["places"])
    return Row(row["runners_min"], terms, row["is_handicap"])


def _bonus(row: Mapping[str, Any]) -> Bonus:
    parts = {int(legs): Decimal(part) for legs, part in row["all_winners"].items()}
    return Bonus(one_winner_factor=Decimal(row["one_winner_factor"]), all_winners=parts)


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        inner = [_flat(part, f"{prefix}.{name}" if prefix else name) for name, part in value.items()]
    elif isinstance(value, list):
        inner = [_flat(part, f"{prefix}.{number}") for number, part in enumerate(value, 1)]
    else:
        return {prefix: json.dumps(value).strip('"')}
    return {name: text for part in inner for name, text in part.items()}
