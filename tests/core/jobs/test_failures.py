"""What is kept of an error, and when a job is tried again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitboss.core.jobs.failures import (
    BACKOFF_SECONDS_MAX,
    ERROR_CHARACTERS_MAX,
    backoff_seconds,
    error_text,
)

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"cannot reach redis://user:{SECRET}@cache:6379/0",
        f'{{"api_key": "{SECRET}"}}',
        f"client_secret='{SECRET}'",
        f"https://x.test/?access_token={SECRET}&page=2",
    ],
)
def test_no_secret_is_kept(text):
    assert SECRET not in error_text(RuntimeError(text))


def test_the_first_lines_and_the_place_are_kept():
    try:
        raise ValueError("one\n\ntwo\nthree\nfour")
    except ValueError as error:
        text = error_text(error)

    assert text.startswith("ValueError: one / two / three (test_failures.py:")


def test_a_long_error_is_cut():
    assert len(error_text(RuntimeError("x" * 10_000))) <= ERROR_CHARACTERS_MAX


@given(st.integers(1, 1000), st.floats(0, 1))
def test_the_pause_is_positive_and_bounded(attempts, chance):
    assert 0 < backoff_seconds(attempts, chance) <= BACKOFF_SECONDS_MAX * 1.5
