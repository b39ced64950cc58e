"""The level of a plugin, computed from the groups of the contract that it passes, and kept for the admin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

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


def level_of(outcomes: Mapping[str, tuple[Level, bool]]) -> Level:
    """Return the highest level all of whose tests, and those of the levels below, have passed."""
    reached = Level.NONE
    for level in LADDER:
        results = [is_passed for of, is_passed in outcomes.values() if of is level]
        if not results or not all(results):
            break
        reached = level
    return reached


def measure(plugin: str, version: str) -> Report:
    """Hold an installed plugin to the contract, in a process of its own."""
    outcomes = run(plugin)
    missed = tuple(name for name, (_, is_passed) in outcomes.items() if not is_passed)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(plugin, version, level_of(outcomes), at, len(outcomes) - len(missed), missed)


def run(plugin: str) -> dict[str, tuple[Level, bool]]:
    """Run the contract; return each test's group and whether it passed."""
    if find_spec("pytest") is None:
        raise PluginError("the contract needs pytest: python -m pip install pytest")
    with tempfile.TemporaryDirectory() as scratch:
        suite, answer = Path(scratch, "test_contract.py"), Path(scratch, "outcomes.json")
        suite.write_text(_SUITE.format(plugin=plugin))
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-m", "pytest", "-q", "--rootdir", scratch, "-c", os.devnull]
            + ["-p", "no:cacheprovider", "--import-mode=importlib", str(suite)],
            cwd=scratch,
            env={**os.environ, OUTCOMES: str(answer)},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS_MAX,
            check=False,
        )
        if not answer.exists():
            raise PluginError(f"the contract could not be run:\n{done.stdout}{done.stderr}")
        found = json.loads(answer.read_text())
    return {name: (Level(level), is_passed) for name, (level, is_passed) in found.items()}


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
