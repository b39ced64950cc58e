"""An explanation tells instants on the clock of the brand, as whoever reads it aloud would."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from pitboss.core import texts
from pitboss.rules import vocabulary  # noqa: F401 - lends the engine the platform's voice
from pitboss.rules.engine.insight.explain import explain
from tests.rules.engine.rewards import reward


@pytest.fixture
def in_madrid() -> Iterator[None]:
    """Answer a request of a brand in Madrid."""
    texts.speak("en", ZoneInfo("Europe/Madrid"))
    yield
    texts.speak()


def test_an_instant_that_was_missed_stands_on_the_clock_of_the_brand(in_madrid: None) -> None:
    told = explain(reward("last_deposit >= '2026-12-01T09:00:00Z'"), {"last_deposit": "2026-11-29T06:00:00Z"})

    assert told.sentence.endswith(
        "last_deposit is 29 Nov 2026, 07:00 CET, and no earlier than 1 Dec 2026, 10:00 CET is wanted: "
        "missed by 2 days 3 hours"
    )
