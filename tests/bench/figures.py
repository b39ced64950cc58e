"""A measured figure: its value, the peer that it is compared with, and the bar that it must hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a benchmark.

    `ratio` is how many times better than the peer, whichever way better is; the bar is the least
    ratio. Without a peer the value itself may be at most the bar.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    bar: float | None = None

    @property
    def holds(self) -> bool | None:
        """Tell whether the bar holds; None where there is no bar."""
        if self.bar is None:
            return None
        return self.value <= self.bar if self.ratio is None else self.ratio >= self.bar

    def line(self) -> str:
        """Write the figure for a reader."""
        text = f"{_verdict(self.holds):<5} {self.name}: {_short(self.value)} {self.unit}"
        if self.ratio is not None:
            text += f" = {self.ratio:.2f} x {self.peer} ({_short(self.peer_value or 0)} {self.unit})"
        return text if self.bar is None else f"{text}, bar {self.bar:g}"

    def as_json(self) -> dict[str, Any]:
        """Write the figure for a program."""
        return asdict(self) | {"holds": self.holds}


def skipped(name: str, reason: str) -> Figure:
    """Return a line that says why something was not measured."""
    return Figure(f"{name}: not measured, {reason}", 0, "")


def _verdict(holds: bool | None) -> str:
    return {True: "ok", False: "MISS", None: ""}[holds]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
