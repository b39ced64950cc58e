"""Commit what several threads post at once as one transaction: one write to disk for all of them."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Sequence

from pitboss.core.database import Database
from pitboss.core.errors import Unavailable
from pitboss.core.ledger.book import answer_many, submit
from pitboss.core.ledger.posting import Posted, Posting

GROUP_POSTINGS_MAX = 256
WAITING_POSTINGS_MAX = 10_000


class _Asked:
    """A posting that waits for its answer."""

    __slots__ = ("answer", "posting", "tenant_id")

    def __init__(self, tenant_id: int, posting: Posting) -> None:
        self.tenant_id = tenant_id
        self.posting = posting
        self.answer: Posted | Exception | None = None


class GroupCommit:
    """Let the thread whose turn it is write for all that wait.

    SQLite has one writer anyway: taking turns in a queue beats fighting for its lock, and a group
    shares one fsync. Alone, a posting costs what it costs without. An answer is given only after the
    commit that holds it. There is no thread to start or stop, and one that dies while it waits (by a
    time limit, say) stops nobody: the next one writes its posting too.
    """

    def __init__(self, database: Database, *, group_max: int = GROUP_POSTINGS_MAX) -> None:
        self._database = database
        self._group_max = group_max
        self._waiting: deque[_Asked] = deque()
        self._turn = threading.Lock()

    def post(self, tenant_id: int, posting: Posting) -> Posted:
        """Post in a transaction shared with others; return when it is durable."""
        if len(self._waiting) >= WAITING_POSTINGS_MAX:
            raise Unavailable(
                f"{WAITING_POSTINGS_MAX} postings are waiting for the disk already: try again soon"
            )
        asked = _Asked(tenant_id, posting)
        self._waiting.append(asked)
        with self._turn:
            while asked.answer is None:
                self._write()
        if isinstance(asked.answer, Exception):
            raise asked.answer
        return asked.answer

    def _write(self) -> None:
        count = min(len(self._waiting), self._group_max)
        group = [self._waiting.popleft() for _ in range(count)]
        try:
            self._flush(group)
        except BaseException:
            # This thread is being stopped: the next one writes for those that it leaves behind.
            self._waiting.extendleft(asked for asked in reversed(group) if asked.answer is None)
            raise

    def _flush(self, group: Sequence[_Asked]) -> None:
        by_tenant: dict[int, list[_Asked]] = {}
        for asked in group:
            by_tenant.setdefault(asked.tenant_id, []).append(asked)
        for tenant_id, those in by_tenant.items():
            answers: Sequence[Posted | Exception]
            try:
                with self._database.transaction(tenant_id) as connection:
                    answers = answer_many(connection, [asked.posting for asked in those])
            except Exception:  # noqa: BLE001 - one bad posting must not fail the others of its group
                answers = [self._answer_alone(asked) for asked in those]
            for asked, answer in zip(those, answers, strict=True):
                asked.answer = answer

    def _answer_alone(self, asked: _Asked) -> Posted | Exception:
        try:
            with self._database.transaction(asked.tenant_id) as connection:
                return submit(connection, asked.posting)
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that asked
            return error


_groups: weakref.WeakKeyDictionary[Database, GroupCommit] = weakref.WeakKeyDictionary()


def group_of(database: Database) -> GroupCommit:
    """Return the group that all threads of this process share on a database."""
    known = _groups.get(database)
    if known is None:
        # A group that held its database would keep it alive for ever.
        known = _groups.setdefault(database, GroupCommit(weakref.proxy(database)))
    return known
