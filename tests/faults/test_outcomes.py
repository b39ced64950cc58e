"""Faults whose outcome the caller cannot know, and a disk without room: the books stay right."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
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
from tests.faults.servers import Postgres, postgres_programs
from tests.faults.test_kills import KILLS, TENANT, prepare

POSTINGS = 40 * KILLS
DISK_BYTES = 4_000_000


def violations_of(database: Database) -> dict[str, int]:
    with database.transaction(TENANT) as connection:
        return {law: count for law, count in ledger.verify(connection).items() if count}


@pytest.mark.slow
def test_a_commit_whose_answer_is_lost_is_not_done_twice(tmp_path: Path) -> None:
    if postgres_programs() is None:
        pytest.skip("initdb is not installed (Debian: apt-get install postgresql)")
    cluster = Postgres(tmp_path)
    cluster.start()
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
    cluster.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/books.sqlite3"
    prepare(url)
    database = Database(url)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (DISK_BYTES // 8))
    chosen = random.Random(11)
    stand = []

    with pytest.raises(DBAPIError, match="full"):  # noqa: PT012 - until one of many fails
        for number in range(100_000):
            with database.transaction(TENANT) as connection:
                posting = random_posting(chosen, f"full:{number}")
                (answer,) = ledger.post_many(connection, [posting])
            if isinstance(answer, ledger.Posted):
                stand.append(posting.key)
    ballast.unlink()

    with database.transaction(TENANT) as connection:
        keys = set(connection.scalars(select(JournalRow.__table__.c.key)).all())
    assert set(stand) == {key for key in keys if key.startswith("full:")}
    assert violations_of(database) == {}
    database.dispose()
