"""The processes that `pitboss up` starts: each part of the platform offers its own, by entry point."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Protocol

from pitboss.core.kernel import Kernel

ENTRY_POINTS = "pitboss.processes"


class Process(Protocol):
    """Something that runs beside the others in one process, on threads of its own."""

    def start(self) -> None:
        """Begin to work; return when it is ready."""

    def stop(self) -> None:
        """Finish what is under way, and end."""

    def describe(self) -> list[str]:
        """Say in a line or more what runs where; empty when there is nothing to say."""


def processes_of(kernel: Kernel) -> list[Process]:
    """Make every process that is installed, workers before the web."""
    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: (entry.name == "web", entry.name))
    made = [entry.load()(kernel) for entry in found]
    return [process for process in made if process is not None]
