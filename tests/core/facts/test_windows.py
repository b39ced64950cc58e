"""Windows begin at the tenant's own midnight, to the second, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core import facts
from pitboss.core.contracts import Window
from pitboss.core.facts.windows import bucket_start, window_start


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "length", "unit", "start"),
    [
        ("UTC", "2026-03-10T12:34:56", 1, "hours", "2026-03-10T12:00:00"),
        ("UTC", "2026-03-10T12:34:56", 24, "hours", "2026-03-09T13:00:00"),
        ("UTC", "2026-03-10T12:34:56", 1, "days", "2026-03-10T00:00:00"),
        ("UTC", "2026-03-11T12:34:56", 1, "weeks", "2026-03-09T00:00:00"),
        ("UTC", "2026-03-09T00:00:00", 2, "weeks", "2026-03-02T00:00:00"),
        ("Asia/Kolkata", "2026-03-10T18:29:59", 1, "days", "2026-03-09T18:30:00"),
        ("Asia/Kolkata", "2026-03-10T18:30:00", 1, "days", "2026-03-10T18:30:00"),
        ("America/New_York", "2026-03-10T03:00:00", 1, "days", "2026-03-09T04:00:00"),
        # London: 23 hours on 29 March 2026, 25 hours on 25 October.
        ("Europe/London", "2026-03-29T12:00:00", 2, "days", "2026-03-28T00:00:00"),
        ("Europe/London", "2026-03-30T12:00:00", 1, "days", "2026-03-29T23:00:00"),
        ("Europe/London", "2026-10-25T23:59:59", 1, "days", "2026-10-24T23:00:00"),
        ("Europe/London", "2026-10-26T00:00:00", 1, "days", "2026-10-26T00:00:00"),
        # Cairo's clocks skip midnight: the day begins at 01:00 local time.
        ("Africa/Cairo", "2026-04-24T10:00:00", 1, "days", "2026-04-23T22:00:00"),
        # Havana's clocks show midnight twice: the day begins at the first.
        ("America/Havana", "2026-11-01T12:00:00", 1, "days", "2026-11-01T04:00:00"),
    ],
)
def test_a_window_begins_at_local_midnight(zone, now, length, unit, start):
    window = Window("a.b", "sum", length, unit)

    assert window_start(window, utc(now), ZoneInfo(zone)) == utc(start)


def test_the_last_second_of_yesterday_is_not_today(kernel, make_tenant, clock):
    tenant, player = make_tenant("factlab", time_zone="Asia/Kolkata"), uuid4()
    midnight = utc("2026-01-05T18:30:00")
    clock.set(midnight + timedelta(hours=1))
    with kernel.context(tenant.id) as ctx:
        facts.record(ctx, player, "factlab.deposit", 1, at=midnight - timedelta(microseconds=1))
        facts.record(ctx, player, "factlab.deposit", 10, at=midnight)

        assert facts.read(ctx, player, ["sum_1d", "sum_7d"]) == {
            "factlab.sum_1d": 10,
            "factlab.sum_7d": 11,
        }


def test_a_value_leaves_the_window_when_the_day_ends(kernel, make_tenant, clock):
    tenant, player = make_tenant("factlab", time_zone="Europe/London"), uuid4()
    clock.set(utc("2026-10-24T23:00:00"))  # local midnight before the day of 25 hours
    with kernel.context(tenant.id) as ctx:
        facts.record(ctx, player, "factlab.deposit", 1)
        clock.set(utc("2026-10-25T23:59:59"))
        assert facts.read(ctx, player, ["sum_1d"]) == {"factlab.sum_1d": 1}
        clock.set(utc("2026-10-26T00:00:00"))
        assert facts.read(ctx, player, ["sum_1d"]) == {"factlab.sum_1d": 0}


ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Europe/London", "America/Havana", "Africa/Cairo"]
START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 366 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))


@given(
    zone=st.sampled_from(ZONES),
    at=INSTANTS,
    now=INSTANTS,
    length=st.integers(1, 60),
    unit=st.sampled_from(["hours", "days", "weeks"]),
)
def test_a_bucket_never_straddles_the_start_of_a_window(zone, at, now, length, unit):
    start = window_start(Window("a.b", "sum", length, unit), now, ZoneInfo(zone))

    assert (at >= start) == (bucket_start(at, ZoneInfo(zone)) >= start)


SECONDS = st.integers(0, 25 * 24 * 3600)
VALUES = st.one_of(st.integers(-(10**12), 10**12), st.sampled_from([0.25, -1.5, 1024.125]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.lists(st.tuples(SECONDS, VALUES), max_size=12), zone=st.sampled_from(ZONES))
def test_windows_equal_brute_force_over_the_values(kernel, make_tenant, tenants, clock, raw, zone):
    player, now = uuid4(), START + timedelta(days=80)
    clock.set(now)
    if zone not in tenants:
        tenants[zone] = make_tenant("factlab", time_zone=zone)
    with kernel.context(tenants[zone].id) as ctx:
        for seconds, value in raw:
            facts.record(ctx, player, "factlab.deposit", value, at=now - timedelta(seconds=seconds))
        found = facts.read(ctx, player)

    for name, length, unit in [("3h", 3, "hours"), ("1d", 1, "days"), ("7d", 7, "days"), ("2w", 2, "weeks")]:
        start = window_start(Window("a.b", "sum", length, unit), now, ZoneInfo(zone))
        inside = [v for s, v in raw if now - timedelta(seconds=s) >= start]
        assert found[f"factlab.sum_{name}"] == sum(inside)
        if name == "7d":
            lowest, highest = min(inside, default=None), max(inside, default=None)
            assert (found["factlab.min_7d"], found["factlab.max_7d"]) == (lowest, highest)
            assert found["factlab.count_7d"] == len(inside)
    assert (found["factlab.sum_all"], found["factlab.count_all"]) == (sum(v for _, v in raw), len(raw))


@pytest.fixture
def tenants() -> dict:
    """Tenants that the examples of one test share, by time zone."""
    return {}
