"""What looks like a card number is found wherever it hides, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.plugins.payments.cards import MASK, holds_card, passes_luhn, without_cards
from tests.plugins.payments.samples import law


@pytest.mark.parametrize(
    "value",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111 / 1111 / 1111 / 1111",
        "378282246310005",
        "6011000990139424",
        "my card is 5555555555554444, thanks",
        "tok4222222222222x",
        "4111 1111 1111 1111 123",
        "12/27 4111 1111 1111 1111",
        "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
        "4111\u200b1111\u200b1111\u200b1111",
        "\u0664\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661",
        4111111111111111,
        {"note": ["a", {"card": "4111111111111111"}]},
        {"4111111111111111": "key"},
    ],
)
def test_a_card_number_is_found(value):
    assert holds_card(value)


@pytest.mark.parametrize(
    "value",
    [
        "4111111111111112",
        "GB29 NWBK 6016 1331 9268 19",
        "DE89370400440532013000",
        "tok_ok_4242",
        "0195f2d0-0000-7000-8000-000000000001",
        "000000000000000000",
        "2026-12-01T09:00:00+00:00",
        "123456789012",
        True,
        None,
        12.5,
        {"a": ["b", 3]},
    ],
)
def test_what_is_no_card_number_passes(value):
    assert not holds_card(value)


def test_only_the_number_is_masked():
    assert without_cards("card 4111 1111 1111 1111 declined") == f"card {MASK} declined"
    assert without_cards("declined by the bank") == "declined by the bank"


@law
@given(st.integers(10**11, 10**18 - 1), st.sampled_from(["", " ", "-", "."]), st.text("ab ,:", max_size=5))
def test_a_number_with_its_check_digit_is_found_however_it_is_written(body, separator, around):
    digits = next(text for d in range(10) if passes_luhn(text := f"{body}{d}"))
    written = separator.join(digits[at : at + 4] for at in range(0, len(digits), 4))

    assert len(digits) < 13 or holds_card(f"{around}{written}{around}")
    assert passes_luhn(digits)
    assert not passes_luhn(digits[:-1] + str((int(digits[-1]) + 1) % 10))
