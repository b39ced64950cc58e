"""Die at each step of a piece of work, exhaustively and by count, then do the work again.

A step is whatever leaves the process: a statement, or a commit, at the level of the database driver, so
that nothing is missed. The work is run once to count its steps, then once for each crash point: before
the first step, between any two, and after the last, when all is done but nobody was told. Death is an
exception that no code of ours catches; the connection is then thrown away, as when a process ends.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import event

from pitboss.core.database import Database, wire


class Died(BaseException):
    """The process ended here."""


class Steps:
    """Counts the steps of the work that runs, and dies before the chosen one."""

    def __init__(self, database: Database) -> None:
        """Watch every door of a database whose connections are not open yet."""
        self.taken = 0
        self._die_at: int | None = None
        self._is_counting = False
        self._opened: list[Any] = []
        self._database = database
        self._engines = (database._app, database._system, database._owner)
        for engine in self._engines:
            event.listen(engine, "do_connect", self._connect)
        self._send = wire._sent
        wire._sent = self._send_counted

    def close(self) -> None:
        """Watch no more."""
        wire._sent = self._send
        self._database.dispose()
        for engine in self._engines:
            event.remove(engine, "do_connect", self._connect)

    def run(self, work: Callable[[], object], die_at: int | None = None) -> bool:
        """Do the work, dying before a step; tell whether it died."""
        self.taken, self._die_at, self._is_counting = 0, die_at, True
        try:
            work()
            self.take()
        except Died:
            return True
        finally:
            self._is_counting = False
            if die_at is not None:
                self._drop_connections()
        return False

    def take(self) -> None:
        """Come to the next step."""
        if not self._is_counting:
            return
        if self._die_at is not None and self.taken >= self._die_at:
            raise Died(f"before step {self.taken}")
        self.taken += 1

    def _send_counted(self, *sent: Any) -> Any:
        self.take()
        return self._send(*sent)

    def _drop_connections(self) -> None:
        """Close what the process would: also a connection in whose clean-up it died a second time."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._database.dispose()

    def _connect(self, dialect: Any, _record: object, arguments: list[Any], options: Any) -> Any:
        if dialect.name == "sqlite":
            opened: Any = sqlite3.connect(*arguments, **options, factory=_sqlite_class(self))
        else:
            opened = _postgres_class(self).connect(*arguments, **options)
        self._opened.append(opened)
        return opened


def _sqlite_class(steps: Steps) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            steps.take()
            return super().execute(*args)

        def executemany(self, *args: Any) -> sqlite3.Cursor:
            steps.take()
            return super().executemany(*args)

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> sqlite3.Cursor:
            return super().cursor(Cursor)

        def commit(self) -> None:
            steps.take()
            super().commit()

        def close(self) -> None:
            # One that is closed in a transaction keeps its lock as long as a cursor of it is referred to.
            with contextlib.suppress(sqlite3.ProgrammingError):
                super().rollback()
            super().close()

    return Connection


def _postgres_class(steps: Steps) -> type[psycopg.Connection[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, *args: Any, **options: Any) -> Any:
            steps.take()
            return super().execute(*args, **options)

        def executemany(self, *args: Any, **options: Any) -> Any:
            steps.take()
            return super().executemany(*args, **options)

    class Connection(psycopg.Connection[Any]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.cursor_factory = Cursor

        def commit(self) -> None:
            steps.take()
            super().commit()

    return Connection


def every_crash_point(steps: Steps, work: Callable[[int], object], check: Callable[[int], None]) -> int:
    """Die at each point of `work(run)`, do it again, and check; return how many points there were.

    Each run is told its number, so that it can work on ground of its own.
    """
    assert not steps.run(lambda: work(-1))
    points = steps.taken
    for die_at in range(points + 1):
        steps.run(lambda run=die_at: work(run), die_at)
        work(die_at)
        check(die_at)
    return points + 1
