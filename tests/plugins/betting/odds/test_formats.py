"""Odds keep their value in every format, and what is no price in a format is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.exact import ODDS_MAX
from pitboss.plugins.betting.odds.formats import (
    FORMATS,
    TEXT_LENGTH_MAX,
    Format,
    convert,
    parse,
    show,
    struck,
)
from tests.plugins.betting.samples import ORACLES, expected, law, near

CONVERTED = expected("odds.convert")
PARSED = ORACLES["odds.parse"]
NAMES: dict[str, Format] = {
    "american_exact": "american",
    "hong_kong": "hong_kong",
    "malay": "malay",
    "indonesian": "indonesian",
    "implied_probability": "probability",
}


@pytest.mark.parametrize("odds", CONVERTED)
def test_each_price_of_the_oracle_reads_as_it_says_in_every_format(odds: str) -> None:
    said, exact = CONVERTED[odds], Fraction(CONVERTED[odds]["decimal_exact"])
    assert all(near(convert(exact, to), said[name]) for name, to in NAMES.items())
    assert (show(exact, "fractional"), show(exact, "american")) == (said["fractional"], said["american"])


@pytest.mark.parametrize(
    ("case", "exact"),
    list(zip(PARSED["inputs"]["cases"], PARSED["expected"]["decimal_exact"], strict=True)),
)
def test_each_text_of_the_oracle_is_read(case: Any, exact: str) -> None:
    assert parse(case[1], case[0]) == Fraction(exact)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *[("american", text) for text in ("0", "+50", "-50", "99", "-99.9")],
        *[("decimal", text) for text in ("1", "1.00", "0.5", "-2", "0", "nan", "inf", "1e3", "")],
        *[("fractional", text) for text in ("0/1", "5/0", "1.5/2", "5", "a/b", "-1/2")],
        *[("malay", text) for text in ("0", "1.01", "-1.01")],
        *[("indonesian", text) for text in ("0.99", "-0.5", "0")],
        *[("hong_kong", text) for text in ("0", "-0.5")],
        *[("probability", text) for text in ("0", "1", "100%", "-1", "%")],
        ("decimal", str(ODDS_MAX + 1)),
        ("decimal", "1." + "0" * TEXT_LENGTH_MAX + "1"),
        ("roman", "X"),
    ],
)
def test_what_is_no_price_in_a_format_is_refused(written: Any, text: str) -> None:
    with pytest.raises(InvalidInput):
        parse(text, written)


def test_a_longest_price_is_still_read() -> None:
    assert parse(str(ODDS_MAX), "decimal") == ODDS_MAX


@pytest.mark.parametrize(
    ("text", "odds"), [("evens", 2), ("EVS", 2), ("4-6", Fraction(5, 3)), ("100/30", Fraction(13, 3))]
)
def test_fractions_are_read_as_they_are_spoken(text: str, odds: Fraction) -> None:
    assert parse(text, "fractional") == odds


def test_evens_is_plus_100_and_never_negative() -> None:
    assert [show(2, to) for to in FORMATS] == ["2.00", "1/1", "+100", "1.00", "1.00", "1.00", "50.0%"]


def test_a_price_shows_up_to_four_decimals_of_its_own() -> None:
    assert [show(Decimal(odds), "decimal") for odds in ("1.9", "1.333", "1.3333", "11")] == [
        "1.90",
        "1.333",
        "1.3333",
        "11.00",
    ]


@law
@given(st.fractions(Fraction(101, 100), 1000, max_denominator=10_000), st.sampled_from(["fractional"]))
def test_a_fraction_that_is_shown_is_read_again(odds: Fraction, to: Format) -> None:
    assert parse(show(odds, to), to) == odds


@law
@given(st.decimals("1.01", "1000", places=2))
def test_formats_that_are_exact_read_back_to_the_same_price(odds: Decimal) -> None:
    assert {parse(show(odds, to), to) for to in ("decimal", "hong_kong")} == {Fraction(odds)}


def test_a_struck_price_is_never_better_than_the_written_one() -> None:
    assert struck(parse("-147", "american")) == Decimal("1.6802")
    with pytest.raises(InvalidInput, match="nothing with 4 decimals"):
        struck(Fraction(100_001, 100_000))


def test_a_binary_float_is_no_price() -> None:
    with pytest.raises(InvalidInput, match="exact number"):
        convert(2.5, "american")  # type: ignore[arg-type]  # what a caller may do without types
