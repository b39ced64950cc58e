"""Commit what several threads post at once as one transaction: one write to disk for all of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Full, Queue
from types import TracebackType

from pitboss.core.database import Database
from pitboss.core.errors import Conflict, Unavailable
from pitboss.core.ledger.book import answer_many, post_and_commit
from pitboss.core.ledger.posting import Posted, Posting

GROUP_POSTINGS_MAX = 256
WAITING_POSTINGS_MAX = 10_000

_Asked = tuple[int, Posting, "Future[Posted]"]


class GroupCommit:
    """One writer thread of a process, which flushes whatever is waiting.

    SQLite has one writer anyway: taking turns in a queue beats fighting for its lock, and a group
    shares one fsync. An answer is given only after the commit that holds it.
    """

    def __init__(self, database: Database, *, group_max: int = GROUP_POSTINGS_MAX) -> None:
        self._database = database
        self._group_max = group_max
        self._is_closed = False
        self._waiting: Queue[_Asked | None] = Queue(WAITING_POSTINGS_MAX)
        self._thread = threading.Thread(target=self._write, name="pitboss-ledger", daemon=True)
        self._thread.start()

    def post(self, tenant_id: int, posting: Posting) -> Posted:
        """Post in a transaction shared with others; return when it is durable."""
        return self.submit(tenant_id, posting).result()

    def submit(self, tenant_id: int, posting: Posting) -> Future[Posted]:
        """Ask for a posting; the future has the answer, or the error, once it is durable."""
        if self._is_closed:
            raise Unavailable("the ledger's writer is closed: this process is stopping")
        future: Future[Posted] = Future()
        try:
            self._waiting.put_nowait((tenant_id, posting, future))
        except Full:
            raise Unavailable(
                f"{WAITING_POSTINGS_MAX} postings are waiting for the disk already: try again soon"
            ) from None
        return future

    def close(self) -> None:
        """Write what is waiting, and stop."""
        self._is_closed = True
        self._waiting.put(None)
        self._thread.join()

    def __enter__(self) -> GroupCommit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self) -> None:
        is_open = True
        while is_open:
            group = [self._waiting.get()]
            while len(group) < self._group_max and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            is_open = None not in group
            by_tenant: dict[int, list[_Asked]] = {}
            for asked in group:
                # Whoever cancelled in time is not posted for; from here on cancelling is too late.
                if asked is not None and asked[2].set_running_or_notify_cancel():
                    by_tenant.setdefault(asked[0], []).append(asked)
            for tenant_id, those in by_tenant.items():
                self._flush(tenant_id, those)

    def _flush(self, tenant_id: int, group: Sequence[_Asked]) -> None:
        try:
            with self._database.transaction(tenant_id) as connection:
                answers = answer_many(connection, [posting for _, posting, _ in group])
        except Exception:  # noqa: BLE001 - one bad posting must not fail the others of its group
            for _, posting, future in group:
                self._flush_alone(tenant_id, posting, future)
            return
        for (_, _, future), answer in zip(group, answers, strict=True):
            if isinstance(answer, Conflict):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _flush_alone(self, tenant_id: int, posting: Posting, future: Future[Posted]) -> None:
        try:
            future.set_result(post_and_commit(self._database, tenant_id, posting))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the future
            future.set_exception(error)
