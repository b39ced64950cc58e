"""Kill -9 the clients or the server in the middle of posting: nothing acknowledged is lost or done twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from pitboss.core import ledger
from pitboss.core.database import Database
from pitboss.core.ledger.tables import JournalRow
from pitboss.core.registry import installed
from pitboss.core.testing.databases import preparation
from tests.faults.poster import PLAYERS
from tests.faults.servers import Postgres, faults_wanted, wait_until

KILLS = faults_wanted(5)
TENANT = 1
ACKS_BETWEEN_KILLS = 40
POSTERS = 2

pytestmark = pytest.mark.timeout(60 + 20 * KILLS)


class Posters:
    """A few posting processes on one database, and the file of what each was told."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._started = 0

    def start(self) -> None:
        """Bring the number of running processes up to full."""
        while len(self._running) < POSTERS:
            self._started += 1
            arguments = [self._url, str(TENANT), f"poster{self._started}", str(self._acks(self._started))]
            self._running.append(subprocess.Popen([sys.executable, "-m", "tests.faults.poster", *arguments]))

    def let_work(self) -> None:
        """Wait until some more postings were acknowledged."""
        wanted = len(self.acknowledged()) + ACKS_BETWEEN_KILLS

        def enough() -> None:
            assert len(self.acknowledged()) >= wanted

        wait_until(enough)

    def kill(self) -> None:
        """End every process at once."""
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._running.clear()

    def acknowledged(self) -> list[str]:
        """Return every key whose commit had returned; a line torn by the kill is not one."""
        lines = []
        for number in range(1, self._started + 1):
            path = self._acks(number)
            text = path.read_text() if path.exists() else ""
            lines += [line[:-1] for line in text.splitlines(keepends=True) if line.endswith("\n")]
        return lines

    def _acks(self, number: int) -> Path:
        return self._folder / f"acks-{number}"


def prepare(url: str) -> None:
    """Make the tables, and give every player something to lose."""
    preparation(installed(safe_mode=True))(url)
    database = Database(url)
    with database.transaction(TENANT) as connection:
        for number in range(PLAYERS):
            leg = ledger.Leg(ledger.house("clearing", "EUR"), ledger.player(number, "wallet", "EUR"), 100_000)
            ledger.post(connection, key=f"fund:{number}", op="deposit", legs=[leg])
    database.dispose()


def assert_nothing_is_lost_or_doubled(url: str, posters: Posters) -> None:
    database = Database(url)
    with database.transaction(TENANT) as connection:
        keys = connection.scalars(select(JournalRow.__table__.c.key)).all()
        violations = {law: count for law, count in ledger.verify(connection).items() if count}
    database.dispose()
    assert set(posters.acknowledged()) <= set(keys)
    assert len(keys) == len(set(keys))
    assert violations == {}


PostersOn = Callable[[str], Posters]


@pytest.fixture
def posters_on(tmp_path: Path) -> Iterator[PostersOn]:
    """Make posting processes, which end with the test whatever becomes of it."""
    made: list[Posters] = []

    def make(url: str) -> Posters:
        made.append(Posters(url, tmp_path))
        return made[-1]

    yield make
    for posters in made:
        posters.kill()


@pytest.mark.slow
def test_killing_clients_on_sqlite_loses_nothing(tmp_path: Path, posters_on: PostersOn) -> None:
    url = f"sqlite:///{tmp_path}/books.sqlite3"
    prepare(url)
    posters = posters_on(url)

    for _ in range(KILLS):
        posters.start()
        posters.let_work()
        posters.kill()

    assert_nothing_is_lost_or_doubled(url, posters)


@pytest.mark.slow
def test_killing_clients_on_postgresql_loses_nothing(cluster: Postgres, posters_on: PostersOn) -> None:
    prepare(cluster.url)
    posters = posters_on(cluster.url)

    for _ in range(KILLS):
        posters.start()
        posters.let_work()
        posters.kill()

    assert_nothing_is_lost_or_doubled(cluster.url, posters)


@pytest.mark.slow
def test_killing_postgresql_loses_nothing(cluster: Postgres, posters_on: PostersOn) -> None:
    prepare(cluster.url)
    posters = posters_on(cluster.url)
    posters.start()

    for _ in range(KILLS):
        posters.let_work()
        cluster.kill()
        cluster.start()
    posters.let_work()
    posters.kill()

    assert_nothing_is_lost_or_doubled(cluster.url, posters)
