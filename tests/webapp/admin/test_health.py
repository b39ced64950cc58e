"""Laws of the page that tells how the deployment fares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pitboss.core.jobs import JobRow, JobState, enqueue
from pitboss.core.jobs.schedules import SCHEDULING, is_elected, tick
from pitboss.core.jobs.tables import ScheduleRow
from pitboss.core.tenancy import PLATFORM_ID

TASK = "core.purge_jobs"


@pytest.fixture
def staff(make_client, kernel) -> Any:
    """An operator of the platform."""
    return make_client("operator", "*", of=kernel.tenants.get(PLATFORM_ID))


def test_only_operators_of_the_platform_see_it(admin, staff):
    assert admin.get("/admin/health").status_code == 403
    assert staff.get("/admin/health").status_code == 200
    assert 'href="/admin/health"' in staff.get("/admin/").text
    assert 'href="/admin/health"' not in admin.get("/admin/").text


def test_it_names_what_is_dead_who_schedules_and_what_is_overdue(kernel, tenant, clock, staff):
    tick(kernel)
    assert is_elected(kernel, SCHEDULING, "host-1")
    with kernel.context(tenant.id) as ctx:
        enqueue(ctx, TASK, {})
    of_tenant = JobRow.__table__.c.tenant_id == tenant.id
    late = {"next_at": clock.now() - timedelta(hours=1)}
    with kernel.database.system() as connection:
        connection.execute(update(JobRow.__table__).where(of_tenant).values(state=JobState.DEAD))
        connection.execute(update(ScheduleRow.__table__).values(late))

    shown = staff.get("/admin/health").text

    assert 'href="/admin/jobs?queue=core&amp;state=dead">1<' in shown
    assert "host-1" in shown
    assert "Overdue" in shown


def test_it_says_what_ready_says(staff, kernel):
    checks = staff.get("/health/ready").json["checks"]

    shown = staff.get("/admin/health").text

    assert {name for name in checks if f"{name[:1].upper()}{name[1:]}" not in shown} == set()
