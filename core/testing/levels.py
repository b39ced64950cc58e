"""The level of a plugin, computed from the groups of the contract that it passes, and kept for the admin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from pitboss.core.clock import SystemClock
from pitboss.core.errors import PluginError
from pitboss.core.settings import Settings

RUN_SECONDS_MAX = 600
_FILE = "levels.json"
_ATTRIBUTE = "pitboss_level"
_SUITE = """
from pitboss.core.testing.contract import PluginContract

class TestContract(PluginContract):
    plugin = {plugin!r}
"""
F = TypeVar("F", bound=Callable[..., Any])


class Level(StrEnum):
    """How far a plugin keeps the contract."""

    NONE = "none"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


LADDER = (Level.BRONZE, Level.SILVER, Level.GOLD)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test of the contract came to: passed, failed or skipped."""

    test: str
    level: Level
    outcome: str

    @property
    def is_passed(self) -> bool:
        """Tell whether it has shown what it is for; a test that was skipped has not."""
        return self.outcome == "passed"


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of the contract showed."""

    plugin: str
    version: str
    level: Level
    at: str
    passed: int
    shortcomings: tuple[str, ...]
    """The tests that did not pass."""


def group(level: Level) -> Callable[[F], F]:
    """Return a decorator that puts a test of the contract into a group."""

    def mark(test: F) -> F:
        setattr(test, _ATTRIBUTE, level)
        return test

    return mark


def group_of(test: Any) -> Level | None:
    """Return the group of a test of the contract."""
    found: Level | None = getattr(test, _ATTRIBUTE, None)
    return found


def level_of(outcomes: Iterable[Outcome]) -> Level:
    """Return the highest level all of whose tests, and those of the levels below, have passed."""
    found, reached = list(outcomes), Level.NONE
    for level in LADDER:
        group = [outcome for outcome in found if outcome.level == level]
        if not group or not all(outcome.is_passed for outcome in group):
            break
        reached = level
    return reached


def measure(plugin: str, version: str) -> Report:
    """Hold an installed plugin to the contract, in a process of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        suite = Path(scratch, "test_contract.py")
        suite.write_text(_SUITE.format(plugin=plugin))
        outcomes = list(run(suite).values())
    missed = tuple(f"{outcome.test} ({outcome.outcome})" for outcome in outcomes if not outcome.is_passed)
    at = SystemClock().now().isoformat(timespec="seconds")
    return Report(plugin, version, level_of(outcomes), at, len(outcomes) - len(missed), missed)


def run(suite: Path, *options: str, path: str = "") -> dict[str, Outcome]:
    """Run the tests of a file; return what those of the contract came to, by their node."""
    if find_spec("pytest") is None:
        raise PluginError("the contract needs pytest: python -m pip install pytest")
    answer = suite.with_suffix(".outcomes.json")
    # Without whatever pytest plugins are about: the level must not depend on them.
    environment = {**os.environ, OUTCOMES: str(answer), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    if path:
        environment["PYTHONPATH"] = path
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pitboss.core.testing.plugin"]
    command += [
        "-c",
        os.devnull,
        "--rootdir",
        str(suite.parent),
        "-p",
        "no:cacheprovider",
        *options,
        str(suite),
    ]
    done = subprocess.run(  # noqa: S603 - our own interpreter and file
        command,
        cwd=suite.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
    if not answer.exists():
        raise PluginError(f"the contract could not be run:\n{done.stdout}{done.stderr}")
    found = json.loads(answer.read_text())
    return {node: Outcome(**{**kept, "level": Level(kept["level"])}) for node, kept in found.items()}


OUTCOMES = "PITBOSS_TEST_OUTCOMES"
"""Where the pytest plugin writes what the contract's tests came to, when it is asked to."""


def keep(settings: Settings, report: Report) -> None:
    """Keep a report where the admin finds it: a file in the data folder."""
    known = _read(settings) | {report.plugin: asdict(report)}
    path = settings.data.expanduser() / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(known, indent=2, sort_keys=True))
    draft.replace(path)


def kept(settings: Settings) -> dict[str, Report]:
    """Return the newest report of each plugin; compare its version with the running one."""
    return {
        name: Report(
            **{**entry, "level": Level(entry["level"]), "shortcomings": tuple(entry["shortcomings"])}
        )
        for name, entry in _read(settings).items()
    }


def _read(settings: Settings) -> dict[str, dict[str, Any]]:
    path = settings.data.expanduser() / _FILE
    found: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    return found
