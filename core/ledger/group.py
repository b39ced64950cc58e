"""Commit what several threads post at once as one transaction: one write to disk for all of them."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Sequence

from pitboss.core.database import Database
from pitboss.core.errors import Unavailable
from pitboss.core.ledger.alone import post_alone, post_together
from pitboss.core.ledger.posting import Posted, Posting

GROUP_POSTINGS_MAX = 256
WAITING_POSTINGS_MAX = 10_000


class _Asked:
    """A posting whose thread waits for its answer, or for its turn to write."""

    __slots__ = ("answer", "has_left", "has_turn", "posting", "tenant_id", "wake")

    def __init__(self, tenant_id: int, posting: Posting) -> None:
        self.tenant_id = tenant_id
        self.posting = posting
        self.answer: Posted | Exception | None = None
        self.has_turn = False
        self.has_left = False
        self.wake = threading.Lock()
        self.wake.acquire()


class GroupCommit:
    """Let the thread whose turn it is write for all that wait, then hand the turn on.

    A group shares one commit and, on PostgreSQL, one statement; on SQLite, which has one writer anyway,
    taking turns in a queue beats fighting for its lock. Alone, a posting costs what it costs without.
    An answer is given only after the commit that holds it. There is no thread to start or stop, and a
    thread that is struck down (by a time limit, say) while it waits or writes leaves its turn to the
    next.
    """

    def __init__(self, database: Database, *, group_max: int = GROUP_POSTINGS_MAX) -> None:
        self._database = database
        self._group_max = group_max
        self._waiting: deque[_Asked] = deque()
        self._is_busy = False
        self._door = threading.Lock()

    def post(self, tenant_id: int, posting: Posting) -> Posted:
        """Post in a transaction shared with others; return when it is durable."""
        asked = _Asked(tenant_id, posting)
        self._enter(asked)
        if not asked.has_turn:
            self._wait(asked)
        if asked.answer is None:
            self._write()
        assert asked.answer is not None
        if isinstance(asked.answer, Exception):
            raise asked.answer
        return asked.answer

    def _enter(self, asked: _Asked) -> None:
        with self._door:
            if len(self._waiting) >= WAITING_POSTINGS_MAX:
                raise Unavailable(
                    f"{WAITING_POSTINGS_MAX} postings are waiting for the disk already: try again soon"
                )
            self._waiting.append(asked)
            asked.has_turn = not self._is_busy
            self._is_busy = True

    def _wait(self, asked: _Asked) -> None:
        try:
            asked.wake.acquire()
        except BaseException:
            with self._door:
                asked.has_left = True
                if asked.has_turn:
                    self._hand_on()
            raise

    def _write(self) -> None:
        # Whoever has the turn stands first, so its own posting is in the group.
        with self._door:
            count = min(len(self._waiting), self._group_max)
            group = [self._waiting.popleft() for _ in range(count)]
        try:
            self._flush([asked for asked in group if not asked.has_left])
        finally:
            # Those who have their answer go first: they may be back in time for the next group.
            for asked in group[1:]:
                if asked.answer is not None:
                    asked.wake.release()
            with self._door:
                self._waiting.extendleft(asked for asked in reversed(group[1:]) if asked.answer is None)
                self._hand_on()

    def _hand_on(self) -> None:
        while self._waiting and self._waiting[0].has_left:
            self._waiting.popleft()
        self._is_busy = bool(self._waiting)
        if self._waiting:
            self._waiting[0].has_turn = True
            self._waiting[0].wake.release()

    def _flush(self, group: Sequence[_Asked]) -> None:
        by_tenant: dict[int, list[_Asked]] = {}
        for asked in group:
            by_tenant.setdefault(asked.tenant_id, []).append(asked)
        for tenant_id, those in by_tenant.items():
            answers: Sequence[Posted | Exception]
            if len(those) == 1:
                those[0].answer = self._answer_alone(those[0])
                continue
            try:
                answers = post_together(self._database, tenant_id, [asked.posting for asked in those])
            except Exception:  # noqa: BLE001 - one bad posting must not fail the others of its group
                answers = [self._answer_alone(asked) for asked in those]
            for asked, answer in zip(those, answers, strict=True):
                asked.answer = answer

    def _answer_alone(self, asked: _Asked) -> Posted | Exception:
        try:
            return post_alone(self._database, asked.tenant_id, asked.posting)
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that asked
            return error


_groups: weakref.WeakKeyDictionary[Database, GroupCommit] = weakref.WeakKeyDictionary()


def post_and_commit(database: Database, tenant_id: int, posting: Posting) -> Posted:
    """Post, and return when it is durable; threads that post at the same moment share a commit."""
    return group_of(database).post(tenant_id, posting)


def group_of(database: Database) -> GroupCommit:
    """Return the group that all threads of this process share on a database."""
    known = _groups.get(database)
    if known is None:
        # A group that held its database would keep it alive for ever.
        known = _groups.setdefault(database, GroupCommit(weakref.proxy(database)))
    return known
