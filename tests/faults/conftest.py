"""Servers of a test's own, which it may kill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.servers import Postgres, Redis, open_folder, postgres_programs


@pytest.fixture
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of our own."""
    if postgres_programs() is None:
        pytest.skip("initdb is not installed (Debian: apt-get install postgresql)")
    with open_folder() as folder, Postgres(folder / "postgresql") as server:
        yield server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of our own."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()
