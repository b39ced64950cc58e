"""Keep some copies of this command alive: one that is killed, or dies of a job, is started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import structlog

RESTART_SECONDS = 1.0
"""Pause before a process that ended is started again."""
STOP_SECONDS_MAX = 45
"""A process that has not ended by then is killed; its jobs go on elsewhere."""

log = structlog.get_logger(__name__)


def supervise(processes: int) -> None:
    """Run that many children with this command's own arguments, until a signal says stop."""
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    children = [_start() for _ in range(processes)]
    while not stopping.wait(RESTART_SECONDS):
        for number, child in enumerate(children):
            if child.poll() is not None:
                log.warning("worker process ended, starting another", code=child.returncode)
                children[number] = _start()
    for child in children:
        child.terminate()
    for child in children:
        _end(child)


def _start() -> subprocess.Popen[bytes]:
    # The last option wins: a child is one process.
    run = "from pitboss.core.cli import main; main()"
    return subprocess.Popen([sys.executable, "-c", run, *sys.argv[1:], "--processes", "1"])  # noqa: S603 - our own command


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
