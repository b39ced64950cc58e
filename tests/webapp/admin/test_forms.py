"""Laws of forms that are drawn from schemas: what is shown can be sent back, and errors find their field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from pitboss.webapp.admin import forms

LONDON = ZoneInfo("Europe/London")


class Quiet(Schema):
    begins = fields.String(load_default="22:00")
    is_on = fields.Boolean(load_default=False)


class Everything(Schema):
    is_open = fields.Boolean(load_default=True, metadata={"description": "Take bets."})
    legs_max = fields.Integer(strict=True, load_default=12, validate=validate.Range(1, 20))
    stake_max = fields.Decimal(load_default=None, allow_none=True, as_string=True)
    margin = fields.String(
        load_default="power", validate=validate.OneOf(["power", "shin"], ["Power", "Shin"])
    )
    sports = fields.List(
        fields.String(validate=validate.OneOf(["football", "tennis"])), load_default=["football"]
    )
    countries = fields.List(fields.String(), load_default=list)
    opens_at = fields.AwareDateTime(load_default=None, allow_none=True, default_timezone=UTC)
    quiet = fields.Nested(Quiet(), load_default=dict)
    feed_password = fields.String(load_default="", metadata={"secret": True})
    weights = fields.Dict(load_default=dict)


VALUES: dict[str, Any] = {
    "is_open": False,
    "legs_max": 8,
    "stake_max": "100.50",
    "margin": "shin",
    "sports": ["tennis"],
    "countries": ["GB", "IE"],
    "opens_at": "2026-07-01T08:00:00+00:00",
    "quiet": {"begins": "21:00", "is_on": True},
    "weights": {"a": 1},
}


def sent_back(drawn: list[forms.Field]) -> MultiDict[str, str]:
    form: MultiDict[str, str] = MultiDict()
    for control in drawn:
        if control.kind == "group":
            form.update(sent_back(control.children))
        elif control.kind == "choices":
            form.setlist(control.name, control.value)
        elif control.kind != "boolean":
            form[control.name] = control.value
        elif control.value:
            form[control.name] = "on"
    return form


def drawn_of(values: dict[str, Any], errors: Any = None) -> dict[str, forms.Field]:
    drawn = forms.draw(Everything(), values, zone=LONDON, errors=errors)
    return {control.name: control for control in drawn}


def test_what_a_form_shows_comes_back_as_it_was() -> None:
    schema = Everything()

    form = sent_back(forms.draw(schema, VALUES, zone=LONDON))
    loaded = schema.load(forms.read(schema, form, zone=LONDON))

    assert loaded == schema.load(VALUES)


def test_every_field_gets_the_control_that_fits_it() -> None:
    kinds = {name: control.kind for name, control in drawn_of({}).items()}

    assert kinds == {
        "is_open": "boolean",
        "legs_max": "text",
        "stake_max": "text",
        "margin": "choice",
        "sports": "choices",
        "countries": "lines",
        "opens_at": "text",
        "quiet": "group",
        "feed_password": "text",
        "weights": "json",
    }


def test_an_empty_form_shows_the_defaults() -> None:
    drawn = drawn_of({})

    assert drawn["is_open"].value is True
    assert drawn["legs_max"].value == "12"
    assert drawn["margin"].options == [("power", "Power"), ("shin", "Shin")]
    assert drawn["legs_max"].hint == "From 1 to 20."


def test_an_instant_is_shown_in_the_tenants_zone() -> None:
    assert drawn_of(VALUES)["opens_at"].value == "2026-07-01T09:00:00"


def test_an_instant_is_read_in_the_tenants_zone() -> None:
    found = forms.read(Everything(), MultiDict({"opens_at": "2026-07-01T09:00"}), zone=LONDON)

    assert datetime.fromisoformat(found["opens_at"]) == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_secret_is_never_shown_and_kept_when_left_empty() -> None:
    stored = {"feed_password": "hush"}

    drawn = drawn_of(stored)
    kept = forms.keep_secrets(Everything(), {}, stored)
    changed = forms.keep_secrets(Everything(), {"feed_password": "new"}, stored)

    assert drawn["feed_password"].value == ""
    assert (kept["feed_password"], changed["feed_password"]) == ("hush", "new")


def test_errors_stand_at_their_fields() -> None:
    schema = Everything()
    form = MultiDict({"legs_max": "many", "sports": "curling", "quiet.begins": "x"})
    sent = forms.read(schema, form, zone=LONDON)

    with pytest.raises(ValidationError) as refused:
        schema.load(sent)
    drawn = drawn_of(sent, refused.value.messages)

    assert drawn["legs_max"].errors == ["Not a valid integer."]
    assert drawn["legs_max"].value == "many"
    assert drawn["sports"].errors == ["Number 1: Must be one of: football, tennis."]
    assert drawn["margin"].errors == []
