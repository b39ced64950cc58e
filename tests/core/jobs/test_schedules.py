"""Periodic tasks: exactly one run a period, whatever the clocks, the schedulers and the seasons do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest

from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.jobs import list_jobs
from pitboss.core.jobs.schedules import (
    CATCH_UP_PERIODS_MAX,
    _periods,
    change_cron,
    is_elected,
    list_schedules,
    next_fire,
    pause_schedule,
    resign,
    resume_schedule,
    tick,
)
from tests.core.jobs.acme import effects

NEW_YORK = ZoneInfo("America/New_York")
"""Clocks go forward at 02:00 on 8 March 2026, and back at 02:00 on 1 November 2026."""


@pytest.fixture
def daily(kernel, tenant):
    """The jobs of acme.daily, which fires at 01:30."""

    def jobs():
        with kernel.context(tenant.id) as ctx:
            return list(list_jobs(ctx, name="acme.daily").jobs)

    return jobs


@pytest.fixture
def schedules(kernel, tenant):
    """The tenant's schedules by task."""

    def listed():
        with kernel.context(tenant.id) as ctx:
            return {schedule.task: schedule for schedule in list_schedules(ctx)}

    return listed


def fires(cron, start, count, zone=NEW_YORK):
    found, instant = [], start.astimezone(UTC)
    for _ in range(count):
        instant = next_fire(cron, instant, zone)
        found.append(instant.astimezone(zone).strftime("%d %H:%M %z"))
    return found


def test_a_period_runs_once_however_often_is_ticked(kernel, clock, daily):
    tick(kernel)
    clock.advance(days=1)

    tick(kernel)
    tick(kernel)

    (job,) = daily()
    assert job.payload == {"period_start": "2026-01-06T01:30:00+00:00"}


def test_nothing_runs_before_its_first_period(kernel, clock, daily):
    tick(kernel)
    clock.advance(hours=13)

    tick(kernel)

    assert daily() == []


def test_schedulers_at_the_same_moment_run_a_period_once(kernel, clock, daily):
    tick(kernel)
    clock.advance(days=1)
    together = Barrier(4)

    def schedule():
        together.wait()
        tick(kernel, is_refreshing=False)

    threads = [Thread(target=schedule) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(daily()) == 1


def test_work_that_does_all_that_is_due_runs_once_for_all_missed_periods(kernel, clock, tenant):
    tick(kernel)
    clock.advance(days=3)

    tick(kernel)

    with kernel.context(tenant.id) as ctx:
        (job,) = list_jobs(ctx, name="core.purge_jobs").jobs
    assert job.payload == {"period_start": "2026-01-08T03:41:00+00:00"}


def test_missed_periods_are_caught_up(kernel, clock, worker, tenant):
    tick(kernel)
    clock.advance(days=3)

    worker.tick()

    with kernel.context(tenant.id) as ctx:
        assert sorted(what for what in effects(ctx)) == [
            f"2026-01-0{day}T01:30:00+00:00" for day in (6, 7, 8)
        ]


def test_of_too_many_missed_periods_the_latest_are_caught_up(kernel, clock, daily):
    tick(kernel)
    clock.advance(days=CATCH_UP_PERIODS_MAX + 6)

    tick(kernel)

    starts = sorted(job.payload["period_start"] for job in daily())
    assert len(starts) == CATCH_UP_PERIODS_MAX
    assert starts[-1] == "2026-02-04T01:30:00+00:00"


@pytest.mark.parametrize(
    "cron", ["* * * * *", "*/5 * * * *", "7 * * * *", "30 1 * * *", "30 1 * * 0", "0 4 1 * *"]
)
@pytest.mark.parametrize("zone", [UTC, NEW_YORK])
@pytest.mark.parametrize("days", [0, 0.3, 1, 9, 300])
@pytest.mark.parametrize("kept", [1, CATCH_UP_PERIODS_MAX])
def test_the_latest_periods_are_those_of_going_through_all(cron, zone, days, kept):
    """From before the clocks of New York go back, and over that."""
    first = next_fire(cron, datetime(2026, 10, 31, 20, tzinfo=UTC), zone)
    now = first + timedelta(days=min(days, 20) if cron.startswith("*") else days)
    every = [first]
    while (following := next_fire(cron, every[-1], zone)) <= now:
        every.append(following)

    assert _periods(cron, first, now, zone, kept) == (every[-kept:], following)


def test_periods_that_pass_while_paused_are_not_missed(kernel, clock, ctx, daily):
    tick(kernel)
    pause_schedule(ctx, "acme.daily")
    ctx.commit()
    clock.advance(days=3)
    tick(kernel)
    resume_schedule(ctx, "acme.daily")
    ctx.commit()

    clock.advance(days=1)
    tick(kernel)

    assert [job.payload["period_start"] for job in daily()] == ["2026-01-09T01:30:00+00:00"]


def test_periods_that_pass_while_the_plugin_is_off_are_not_missed(kernel, clock, enable, disable, daily):
    tick(kernel)
    disable("acme")
    clock.advance(days=3)
    tick(kernel)
    enable("acme")

    clock.advance(days=1)
    tick(kernel)

    assert [job.payload["period_start"] for job in daily()] == ["2026-01-09T01:30:00+00:00"]


def test_an_operator_changes_the_line_and_can_go_back(kernel, clock, ctx, schedules):
    changed = change_cron(ctx, "acme.daily", "0  18 * * *")
    ctx.commit()

    assert (changed.cron, changed.is_own_cron) == ("0 18 * * *", True)
    assert schedules()["acme.daily"].next_at == datetime(2026, 1, 5, 18, tzinfo=UTC)
    assert change_cron(ctx, "acme.daily", None).cron == "30 1 * * *"


@pytest.mark.parametrize("line", ["", "* * * *", "61 * * * *", "0 0 31 2 *", "0 0 0 * * *", "@daily"])
def test_a_line_that_does_not_hold_is_refused(ctx, line):
    with pytest.raises(InvalidInput, match="cron"):
        change_cron(ctx, "acme.daily", line)


def test_an_unknown_task_names_the_nearest(ctx):
    with pytest.raises(NotFound, match=r"did you mean 'acme\.daily'"):
        pause_schedule(ctx, "acme.dayly")


def test_a_tenants_time_zone_rules_its_periods(kernel, clock, make_tenant):
    tenant = make_tenant("acme", time_zone="Asia/Tokyo")

    tick(kernel)

    with kernel.context(tenant.id) as ctx:
        (schedule,) = [s for s in list_schedules(ctx) if s.task == "acme.daily"]
    assert schedule.next_at == datetime(2026, 1, 5, 16, 30, tzinfo=UTC)


def test_in_spring_a_time_that_does_not_exist_fires_once_after_the_gap():
    start = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)

    assert fires("30 2 * * *", start, 2) == ["08 03:00 -0400", "09 02:30 -0400"]


def test_in_autumn_a_time_that_comes_twice_fires_once():
    start = datetime(2026, 10, 31, 12, tzinfo=NEW_YORK)

    assert fires("30 1 * * *", start, 2) == ["01 01:30 -0400", "02 01:30 -0500"]


def test_an_hourly_line_fires_in_every_hour_of_both_nights():
    for night, hours in (((2026, 3, 8), 23), ((2026, 11, 1), 25)):
        start = datetime(*night, tzinfo=NEW_YORK) - timedelta(minutes=1)
        following = [fire for fire in fires("0 * * * *", start, 30) if fire.startswith(f"{night[2]:02d} ")]
        assert len(following) == hours


def test_one_process_at_a_time_is_elected(kernel):
    assert is_elected(kernel, "scheduling", "first")
    assert not is_elected(kernel, "scheduling", "second")

    resign(kernel, "scheduling", "first")

    assert is_elected(kernel, "scheduling", "second")
    resign(kernel, "scheduling", "second")
