"""`pitboss worker`: do jobs and keep the schedules, in production."""

from __future__ import annotations

import signal
import threading

import click

from pitboss.core.cli import Deployment
from pitboss.core.garbage import spare_what_is_built
from pitboss.core.processes import Process
from pitboss.workers.process import SchedulerProcess, WorkerProcess
from pitboss.workers.supervisor import supervise


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), default=1, help="Worker processes to keep alive.")
@click.option("--threads", type=click.IntRange(1, 64), help="Job threads of each process.")
@click.option("--scheduler/--no-scheduler", default=True, help="Take turns at keeping the schedules.")
@click.pass_obj
def worker(deployment: Deployment, processes: int, threads: int | None, scheduler: bool) -> None:
    """Run jobs until a signal says stop; what is under way is finished first."""
    if processes > 1:
        supervise(processes)
        return
    kernel = deployment()
    running: list[Process] = [WorkerProcess(kernel, threads=threads)]
    if scheduler:
        running.append(SchedulerProcess(kernel))
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    for process in running:
        process.start()
    spare_what_is_built()
    for line in running[0].describe():
        click.echo(line)
    stopping.wait()
    for process in reversed(running):
        process.stop()
