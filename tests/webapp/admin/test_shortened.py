"""How numbers with long tails are shown."""

from __future__ import annotations

import pytest

from pitboss.webapp.admin.filters import shortened


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("5.5840495 days", "5.58 days"),
        ("it was 0.000277, missed by 12.1000", "it was 0, missed by 12.1"),
        ("12.48 GBP", "12.48 GBP"),
        ("12.345 KWD", "12.345 KWD"),
        ("era de 1.234,56 o 1.234", "era de 1.234,56 o 1.234"),
        ("version 1.2.345", "version 1.2.345"),
        ("01a2.0000abc", "01a2.0000abc"),
    ],
)
def test_long_tails_are_cut_and_what_is_no_number_stays(text, shown):
    assert shortened(text) == shown
