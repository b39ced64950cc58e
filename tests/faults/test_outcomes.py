"""Faults whose outcome the caller cannot know, and a disk without room: the books stay right."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from pitboss.core import ledger
from pitboss.core.database import Database
from pitboss.core.ledger.tables import JournalRow
from tests.faults.poster import insist, random_posting
from tests.faults.proxy import CuttingProxy
from tests.faults.servers import Postgres, open_folder, postgres_programs
from tests.faults.test_kills import KILLS, TENANT, prepare

pytestmark = pytest.mark.timeout(120 + 20 * KILLS)
POSTINGS = 40 * KILLS
SQLITE_DISK_BYTES = 8_000_000
POSTGRES_DISK_BYTES = 96_000_000
"""What initdb and our tables take, and more."""
POSTGRES_ROOM_BYTES = 4_000_000


def violations_of(database: Database) -> dict[str, int]:
    with database.transaction(TENANT) as connection:
        return {law: count for law, count in ledger.verify(connection).items() if count}


@pytest.mark.slow
def test_a_commit_whose_answer_is_lost_is_not_done_twice(cluster: Postgres) -> None:
    prepare(cluster.url)
    chosen = random.Random(7)

    with CuttingProxy(cluster.port, cut_every=9) as proxy:
        through = make_url(cluster.url).set(port=proxy.port).render_as_string()
        database = Database(through)
        stand = [
            posting.key
            for posting in (random_posting(chosen, f"cut:{n}") for n in range(POSTINGS))
            if insist(database, TENANT, posting)
        ]
        database.dispose()

    direct = Database(cluster.url)
    with direct.transaction(TENANT) as connection:
        keys = connection.scalars(select(JournalRow.__table__.c.key)).all()
    assert proxy.cuts > POSTINGS // 20
    assert set(stand) == {key for key in keys if key.startswith("cut:")}
    assert violations_of(direct) == {}
    direct.dispose()


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], Path]]:
    """Make a disk of a few megabytes."""

    def make(size: int) -> Path:
        if os.geteuid() != 0:
            pytest.skip("mounting a small disk needs root")
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this machine does not let us mount a small disk")
        return folder

    with open_folder() as folder:
        yield make
        if folder.is_mount():
            subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_loses_nothing_acknowledged(small_disk: Callable[[int], Path]) -> None:
    folder = small_disk(SQLITE_DISK_BYTES)
    url = f"sqlite:///{folder}/books.sqlite3"
    prepare(url)
    database = Database(url)
    ballast = folder / "ballast"
    ballast.write_bytes(b"\0" * (SQLITE_DISK_BYTES // 8))

    stand = stand_until_full(database)
    ballast.unlink()

    assert_the_books_hold(database, stand)


@pytest.mark.slow
def test_a_full_disk_under_postgresql_loses_nothing_acknowledged(small_disk: Callable[[int], Path]) -> None:
    if postgres_programs() is None:
        pytest.skip("initdb is not installed (Debian: apt-get install postgresql)")
    folder = small_disk(POSTGRES_DISK_BYTES)
    ballast = folder / "ballast"

    with Postgres(folder / "server", "--wal-segsize=1") as cluster:
        prepare(cluster.url)
        database = Database(cluster.url)
        fill(ballast, leaving=POSTGRES_ROOM_BYTES)
        stand = stand_until_full(database)
        ballast.unlink()
        # Without room for its log PostgreSQL panics, and may stay down until somebody starts it again.
        cluster.kill()
        cluster.start()

        assert_the_books_hold(database, stand)


def fill(path: Path, *, leaving: int) -> None:
    """Write a file that leaves so many bytes of its disk."""
    free = os.statvfs(path.parent).f_bavail * os.statvfs(path.parent).f_frsize
    with path.open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, free - leaving)


def stand_until_full(database: Database) -> list[str]:
    """Post until the disk is full; return the keys of what was acknowledged."""
    chosen, stand = random.Random(11), []
    with pytest.raises(DBAPIError, match="full|No space left|closed the connection|terminat"):  # noqa: PT012 - until one of many fails
        for number in range(100_000):
            with database.transaction(TENANT) as connection:
                posting = random_posting(chosen, f"full:{number}")
                (answer,) = ledger.post_many(connection, [posting])
            if isinstance(answer, ledger.Posted):
                stand.append(posting.key)
    return stand


def assert_the_books_hold(database: Database, stand: list[str]) -> None:
    with database.transaction(TENANT) as connection:
        keys = set(connection.scalars(select(JournalRow.__table__.c.key)).all())
        # What can be posted, is: the disk has room again.
        posting = random_posting(random.Random(12), "after")
        ledger.post_many(connection, [posting])
    assert stand
    assert set(stand) <= keys
    # The one that met the full disk was not acknowledged; it may stand all the same.
    assert len({key for key in keys if key.startswith("full:")}) <= len(stand) + 1
    assert violations_of(database) == {}
    database.dispose()
