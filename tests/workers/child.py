"""A worker process as in production, with the acme plugin: `python -m tests.workers.child {json}`.

It prints `ready` when it could begin, begins when a line arrives on its input, and ends in good order on
SIGTERM.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pitboss.core.clock import SystemClock
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.logs import configure_logs
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.workers.process import SchedulerProcess, WorkerProcess
from tests.core.jobs import acme

STOP_SECONDS_MAX = 60
SECRET = "a-secret-for-tests-only"


class WrongClock:
    """A clock that is off by some seconds."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> Any:
        return SystemClock().now() + self._off


def make_kernel(url: str, redis_url: str = "", *, clock_off_seconds: float = 0) -> Kernel:
    """Return a kernel with the acme plugin."""
    settings = load_settings({}, database_url=url, redis_url=redis_url, secret=SECRET, log_level="CRITICAL")
    configure_logs(settings)
    clock = WrongClock(clock_off_seconds) if clock_off_seconds else SystemClock()
    return build_kernel(settings, candidates=[*installed(safe_mode=True), acme.CANDIDATE], clock=clock)


@dataclass
class Child:
    """A worker process of ours."""

    process: subprocess.Popen[bytes]

    @classmethod
    def spawn(cls, url: str, redis_url: str = "", **options: Any) -> Child:
        """Start a process; it is ready to begin when this returns."""
        arguments = json.dumps({"url": url, "redis_url": redis_url, **options})
        command = [sys.executable, "-m", "tests.workers.child", arguments]
        child = cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert child.process.stdout is not None
        if child.process.stdout.readline() != b"ready\n":
            child.kill()
            raise RuntimeError(f"the worker did not start: {arguments}")
        return child

    def begin(self) -> Child:
        """Let it work."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        return self

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self._close()

    def stop(self) -> None:
        """End it in good order."""
        self.process.terminate()
        self._close()

    def _close(self) -> None:
        self.process.wait(STOP_SECONDS_MAX)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """Be the child."""
    options = json.loads(sys.argv[1])
    kernel = make_kernel(
        options["url"], options["redis_url"], clock_off_seconds=options.get("clock_off_seconds", 0)
    )
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    running: list[Any] = [
        WorkerProcess(
            kernel, threads=options.get("threads", 4), namespace=options.get("namespace", "pitboss")
        )
    ]
    if options.get("scheduler"):
        running.append(SchedulerProcess(kernel))
    print("ready", flush=True)
    if sys.stdin.readline():
        for process in running:
            process.start()
        stopping.wait()
        for process in reversed(running):
            process.stop()
    kernel.close()


if __name__ == "__main__":
    main()
