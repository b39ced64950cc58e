"""Every test that touches a database runs on both of them; what is not here is said plainly."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from functools import cache

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from pitboss.core.identity import passwords
from pitboss.core.testing.databases import postgres_missing

BACKENDS = ("sqlite", "postgresql")
DATABASES = frozenset({"database_url", "_sqlite", "_postgres"})
"""The fixtures that only tests with a database have."""
GARBAGE_MAX = (20_000, 20, 20)
"""New objects before the collector looks for cycles, and how often it looks at older ones too."""

# Examples are slow to make on a machine that is busy, which says nothing of what they are made for.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backends", default=",".join(BACKENDS), help="databases to run on")
    parser.addoption("--require", default="", help="fail, not skip, without: postgresql,redis,chromium")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("one_backend")
        chosen = only.args if only else metafunc.config.getoption("backends").split(",")
        metafunc.parametrize("backend", chosen, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash with the same algorithm at its least cost: nobody guesses at the passwords of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Run on SQLite, and on PostgreSQL where there is one."""
    return str(request.param)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The Redis server that tests may use; each takes a namespace of its own."""
    missing = redis_missing()
    if missing:
        pytest.skip(missing)
    return REDIS_URL


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium."""
    missing = chromium_missing()
    if missing:
        pytest.skip(missing)
    return str(shutil.which("chromium"))


REDIS_URL = "redis://127.0.0.1:6379/9"


@cache
def redis_missing() -> str | None:
    """Return why there is no Redis for tests, or None when there is."""
    import redis

    client = redis.Redis.from_url(REDIS_URL, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError:
        return "Redis does not answer on 127.0.0.1:6379 (Debian: apt-get install redis-server)"
    finally:
        client.close()
    return None


def chromium_missing() -> str | None:
    """Return why there is no Chromium for tests, or None when there is."""
    if shutil.which("chromium"):
        return None
    return "Chromium is not installed (Debian: apt-get install chromium)"


FOUND = {"postgresql": cache(postgres_missing), "redis": redis_missing, "chromium": chromium_missing}


def pytest_configure(config: pytest.Config) -> None:
    for name in filter(None, config.getoption("--require").split(",")):
        reason = FOUND[name]()
        if reason:
            pytest.exit(f"required, but missing: {reason}", returncode=3)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a database, and leave out what takes hours, unless its marker is asked for."""
    for item in items:
        if not DATABASES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("stored")
    if "whole" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("whole")]
        items[:] = [item for item in items if not item.get_closest_marker("whole")]
        config.hook.pytest_deselected(items=long)
    # Each process is given a stretch of the list: one of them begins with all that mostly waits.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_xdist_auto_num_workers() -> int:
    """Run a process more than there are cores: tests of faults and browsers mostly wait for others."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the collector away from what lives to the end: looking at it again takes a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_MAX)


def pytest_report_header() -> list[str]:
    return [f"{name}: {look() or 'found'}" for name, look in FOUND.items()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was counted, what was skipped, and why."""
    for report in terminalreporter.stats.get("passed", []):
        if report.user_properties:
            counted = ", ".join(f"{name} {value}" for name, value in report.user_properties)
            terminalreporter.write_line(f"COUNTED {report.nodeid.split('::')[-1]}: {counted}")
    if "whole" not in terminalreporter.config.option.markexpr:
        terminalreporter.write_line("LEFT OUT: the runs of many minutes (./dev test -m whole)")
    skipped: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        skipped[reason] = skipped.get(reason, 0) + 1
    for reason, count in skipped.items():
        terminalreporter.write_line(f"SKIPPED {count}: {reason}")
