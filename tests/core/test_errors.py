"""Messages name the cure, and stay short."""

from __future__ import annotations

from marshmallow import ValidationError

from pitboss.core.errors import LISTED_MAX, InvalidInput, nearest


def test_a_cure_lists_no_more_names_than_can_be_read():
    names = [f"name{number:03}" for number in range(LISTED_MAX + 1)]
    assert nearest("zzz", names[:-1]).endswith(names[LISTED_MAX - 1])
    assert nearest("zzz", names).endswith(f"{names[LISTED_MAX - 1]} and 1 more")


def test_what_a_schema_refuses_is_told_in_sentences():
    error = ValidationError({"bands": {0: {"pence": ["Too high."]}}, "takeout": ["Too low.", "Odd."]})
    said = str(InvalidInput.of("the terms", error))
    assert said == "the terms: bands.0.pence: Too high; takeout: Too low; takeout: Odd"
