"""A worker process as in production, with a plugin of tests.

It says `ready` when it could begin, begins when it is told so, and ends in good order on SIGTERM.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from pitboss.core.clock import SystemClock
from pitboss.core.kernel import Kernel, build_kernel
from pitboss.core.logs import configure_logs
from pitboss.core.registry import installed
from pitboss.core.settings import load_settings
from pitboss.workers.process import SchedulerProcess, WorkerProcess
from tests.nursery import fork

STOP_SECONDS_MAX = 120
SECRET = "a-secret-for-tests-only"
PLUGIN = "tests.core.jobs.acme"
SAYING: list[Connection] = []
"""In a child, its line to the test."""


def say(word: str) -> None:
    """Say a word to the test, from anywhere in a child."""
    for line in SAYING:
        line.send(word)


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

    process: BaseProcess
    line: Connection

    @classmethod
    def spawn(cls, url: str, redis_url: str = "", **options: Any) -> Child:
        """Start a process; it is ready to begin when this returns."""
        own_end, its_end = Pipe()
        child = cls(fork(work, its_end, {"url": url, "redis_url": redis_url, **options}), own_end)
        its_end.close()
        assert child.says() == "ready", options
        return child

    @property
    def has_ended(self) -> bool:
        """Tell whether it ended, by whatever hand."""
        return self.process.exitcode is not None

    def says(self) -> str:
        """Return the next word that it says, or how it ended."""
        try:
            return str(self.line.recv())
        except EOFError:
            self.process.join(STOP_SECONDS_MAX)
            return f"ended with {self.process.exitcode}"

    def begin(self) -> Child:
        """Let it work."""
        self.line.send("go")
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
        self.process.join(STOP_SECONDS_MAX)
        self.line.close()


def work(line: Connection, options: Mapping[str, Any]) -> None:
    """Be the child."""
    for name, values in options.get("constants", {}).items():
        vars(import_module(name)).update(values)
    kernel = make_kernel(
        options["url"],
        options["redis_url"],
        clock_off_seconds=options.get("clock_off_seconds", 0),
        plugins=options.get("plugins", ()),
        plugin=options.get("plugin", PLUGIN),
    )
    SAYING.append(line)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    running: list[Any] = [
        WorkerProcess(
            kernel, threads=options.get("threads", 4), namespace=options.get("namespace", "pitboss")
        )
    ]
    if options.get("scheduler"):
        running.append(SchedulerProcess(kernel))
    say("ready")
    line.recv()
    for process in running:
        process.start()
    stopping.wait()
    for process in reversed(running):
        process.stop()
    kernel.close()
