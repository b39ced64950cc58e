"""A worker process as in production, with a plugin of tests: `python -m tests.workers.child {json}`.

It prints `ready` when it could begin, begins when a line arrives on its input, and ends in good order on
SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any

from pitboss.core.clock import SystemClock
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.logs import configure_logs
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.workers.process import SchedulerProcess, WorkerProcess

STOP_SECONDS_MAX = 120
SECRET = "a-secret-for-tests-only"
PLUGIN = "tests.core.jobs.acme"


class WrongClock:
    """A clock that is off by some seconds."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> Any:
        return SystemClock().now() + self._off


def make_kernel(
    url: str,
    redis_url: str = "",
    *,
    clock_off_seconds: float = 0,
    plugin: str = PLUGIN,
    plugins: Sequence[str] = (),
) -> Kernel:
    """Return a kernel with the plugin of one module, and others that are installed."""
    settings = load_settings({}, database_url=url, redis_url=redis_url, secret=SECRET, log_level="CRITICAL")
    configure_logs(settings)
    clock = WrongClock(clock_off_seconds) if clock_off_seconds else SystemClock()
    parts = [one for one in installed() if one.always_on or one.name in plugins]
    return build_kernel(settings, candidates=[*parts, import_module(plugin).CANDIDATE], clock=clock)


@dataclass
class Child:
    """A worker process of ours."""

    process: subprocess.Popen[bytes]

    @classmethod
    def spawn(cls, url: str, redis_url: str = "", **options: Any) -> Child:
        """Start a process; it is ready to begin when this returns."""
        arguments = json.dumps({"url": url, "redis_url": redis_url, **options})
        command = [sys.executable, "-m", "tests.workers.child", arguments]
        # What dies without a word, as a fault in a driver does, then says where it was.
        environ = {**os.environ, "PYTHONFAULTHANDLER": "1"}
        child = cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ))
        assert child.says() == "ready", arguments
        return child

    def says(self) -> str:
        """Return the next line that it prints, or how it ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().rstrip()
        return line or f"ended with {self.process.wait(STOP_SECONDS_MAX)}"

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
    for name, values in options.get("constants", {}).items():
        vars(import_module(name)).update(values)
    kernel = make_kernel(
        options["url"],
        options["redis_url"],
        clock_off_seconds=options.get("clock_off_seconds", 0),
        plugins=options.get("plugins", ()),
        plugin=options.get("plugin", PLUGIN),
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
