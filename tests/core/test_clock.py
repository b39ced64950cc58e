"""Time and identity are passed in; ids sort by the time they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pitboss.core.clock import ManualClock, SystemClock, uuid7


def test_the_systems_clock_tells_an_aware_instant_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_manual_clock_stands_still() -> None:
    clock = ManualClock()
    assert clock.now() == clock.now()


def test_a_manual_clock_moves_when_told() -> None:
    clock = ManualClock()
    before = clock.now()

    assert clock.advance(hours=25) - before == timedelta(hours=25)

    clock.set(datetime(2030, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2030


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [uuid7() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {made.version for made in ids} == {7}
