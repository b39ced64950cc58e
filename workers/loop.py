"""Do something again and again on a thread of its own, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

ERROR_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Loop:
    """Calls `step`, which says how many seconds to rest; an error rests a second and goes on."""

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._name, self._step = name, step
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pitboss-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the step that is under way, and end."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        rest = 0.0
        while not self._stopping.wait(rest):
            try:
                rest = self._step()
            except Exception:  # an isolation boundary: a server that is away comes back
                log.exception("step failed", loop=self._name)
                rest = ERROR_PAUSE_SECONDS
