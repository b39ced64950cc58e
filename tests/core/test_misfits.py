"""What msgspec refuses is said with what there is to give instead."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest

from pitboss.core.http.misfits import cured

NONE = "is none of the choices"


class Leg(msgspec.Struct, forbid_unknown_fields=True):
    odds: str
    policy: Literal["any", "none"] | None = None


class Slip(msgspec.Struct, forbid_unknown_fields=True):
    legs: list[Leg]
    named: dict[str, Leg] = {}


@pytest.mark.parametrize(
    ("said", "steps", "cure"),
    [
        ("Object contains unknown field `leg`", (), "There is no field 'leg': did you mean 'legs'?"),
        ("Object contains unknown field `od`", ("legs", "0"), "There is no field 'od': did you mean 'odds'?"),
        (
            "Invalid enum value 'all'",
            ("legs", "0", "policy"),
            f"'all' {NONE}: known: any, none",
        ),
        (
            "Invalid enum value 'an'",
            ("named", "x", "policy"),
            "'an' is none of the choices: did you mean 'any'?",
        ),
        ("Expected `str`, got `int`", ("legs", "0", "odds"), "Expected `str`, got `int`"),
        ("Invalid enum value 'x'", ("nowhere",), f"'x' {NONE}: known: none"),
    ],
)
def test_a_misfit_names_what_fits(said, steps, cure):
    assert cured(said, Slip, steps) == cure
