"""`pitboss worker`: one process or several, and a clean end."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from sqlalchemy import select

from pitboss.core.jobs import JobRow
from pitboss.core.jobs.tables import ScheduleRow
from pitboss.core.processes import ENTRY_POINTS
from pitboss.workers.process import SchedulerProcess, WorkerProcess

pytestmark = pytest.mark.slow

JOB, SCHEDULE = JobRow.__table__, ScheduleRow.__table__
RUN = "from pitboss.core.cli import main; main()"
STOP_SECONDS_MAX = 120
"""A stop may wait twice for DRAIN_SECONDS_MAX: for what does jobs, then for what fetches them."""


def children_of(pid):
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.fixture
def start(settings, tmp_path):
    """Run the command line in a process of its own."""
    started = []

    def run(*arguments):
        environment = {
            "DATABASE_URL": settings.database_url,
            "PITBOSS_SECRET": settings.secret,
            "PITBOSS_SAFE_MODE": "1",
            "PATH": "/usr/bin:/bin",
        }
        process = subprocess.Popen([sys.executable, "-c", RUN, *arguments], env=environment, cwd=tmp_path)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS_MAX)


@pytest.mark.parametrize("arguments", [[], ["--processes", "2"]])
def test_the_command_does_jobs_until_it_is_told_to_stop(kernel, tenant, start, until, arguments):
    with kernel.context(tenant.id) as ctx:
        job_id = ctx.enqueue("core.purge_jobs")
    process = start("worker", *arguments)

    def is_done():
        with kernel.database.system(read_only=True) as connection:
            return connection.scalar(select(JOB.c.state).where(JOB.c.id == job_id)) == "done"

    until(is_done)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS_MAX) == 0


def test_a_killed_worker_process_is_replaced(start, until):
    process = start("worker", "--processes", "2")
    until(lambda: len(children_of(process.pid)) == 2)
    before = children_of(process.pid)
    victim = min(before)

    subprocess.run(["kill", "-9", str(victim)], check=True)

    until(lambda: len(children_of(process.pid) - before) == 1)
    process.terminate()
    assert process.wait(STOP_SECONDS_MAX) == 0


def test_up_starts_a_worker_and_a_scheduler():
    offered = {entry.name: entry.load() for entry in entry_points(group=ENTRY_POINTS)}

    assert offered["worker"] is WorkerProcess
    assert offered["scheduler"] is SchedulerProcess


def test_the_scheduler_process_plans_every_tenants_tasks(kernel, tenant, until):
    scheduler = SchedulerProcess(kernel)
    scheduler.start()

    def is_planned():
        mine = select(SCHEDULE.c.task).where(SCHEDULE.c.tenant_id == tenant.id)
        with kernel.database.system(read_only=True) as connection:
            return "core.purge_jobs" in connection.scalars(mine).all()

    try:
        until(is_planned)
    finally:
        scheduler.stop()
