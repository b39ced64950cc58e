"""Keep the leases of this process's long jobs alive, and stop those that run over their time."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pitboss.core.database import Database
from pitboss.core.jobs.handle import Job, TimedOut

HEARTBEAT_SECONDS = 1.0
"""Four beats may be missed before the lease runs out."""
LOOK_SECONDS = 0.25

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watched:
    thread_id: int
    deadline: float
    job: Job | None
    is_over: bool = False


class Heart:
    """Two threads for all the jobs of a process: on SQLite a beat may wait for long, a limit may not."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._entries: dict[int, _Watched] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=task, name="pitboss-heart", daemon=True)
            for task in ((self._beat, HEARTBEAT_SECONDS), (self._interrupt, LOOK_SECONDS))
        ]

    def start(self) -> None:
        """Begin to beat."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def watching(self, seconds_max: float, job: Job | None = None) -> Iterator[None]:
        """Beat for a job of this thread, and raise TimedOut in it when its time is up."""
        entry = _Watched(threading.get_ident(), time.monotonic() + seconds_max, job)
        with self._lock:
            self._entries[id(entry)] = entry
        try:
            yield
        finally:
            # After this the thread is the next job's: the lock keeps a late interrupt out of it.
            with self._lock:
                del self._entries[id(entry)]

    def _repeat(self, step: Callable[[], None], seconds: float) -> None:
        while not self._stopping.wait(seconds):
            step()

    def _interrupt(self) -> None:
        now = time.monotonic()
        with self._lock:
            for entry in self._entries.values():
                if now > entry.deadline and not entry.is_over:
                    entry.is_over = True
                    _raise_in(entry.thread_id, TimedOut)

    def _beat(self) -> None:
        with self._lock:
            jobs = [entry.job for entry in self._entries.values() if entry.job is not None]
        for job in jobs:
            try:
                with self._database.system() as connection:
                    job.beat(connection)
            except SQLAlchemyError as error:
                log.warning("heartbeat failed", job=str(job.id), error=str(error).splitlines()[0])


def _raise_in(thread_id: int, kind: type[BaseException]) -> None:
    # Takes effect at the thread's next Python instruction: a call into C is finished first.
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(kind))
