"""The newest events of a tenant, read once for all streams of a process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.clock import id_at
from pitboss.core.events import EventRow
from pitboss.core.http.json import encode
from pitboss.core.kernel import Kernel

POLL_SECONDS = 0.25
"""How long a read serves all streams; an event reaches each of them within twice that."""
SETTLE_SECONDS = 5
"""An event may be seen this long after its id was made: ids are made before their commit."""
BATCH_EVENTS_MAX = 200
KEPT_EVENTS_MAX = 2_000
"""Events in memory: a stream that falls further behind reads the log itself."""

_LOG = EventRow.__table__
_COLUMNS: tuple[Any, ...] = (_LOG.c.id, _LOG.c.name, _LOG.c.player_id, _LOG.c.payload, _LOG.c.at)


class Watcher(NamedTuple):
    """Who follows, and what they may see: a player what is theirs, and what is public and of nobody."""

    player_id: UUID | None = None
    """None: somebody who may see everything."""
    public: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """What they asked for; empty: all of it."""

    def sees(self, line: Line) -> bool:
        """Tell whether an event is for them."""
        if self.names and line.name not in self.names:
            return False
        if self.player_id is None or line.player_id == self.player_id:
            return True
        return line.player_id is None and line.name in self.public


class Line(NamedTuple):
    """An event as it is sent, and what decides who may see it."""

    id: UUID
    name: str
    player_id: UUID | None
    text: bytes


EVERYTHING = Watcher()


class Tail:
    """What came since it was made, in the order in which it was seen."""

    def __init__(self, kernel: Kernel, tenant_id: int) -> None:
        self._kernel, self._tenant_id = kernel, tenant_id
        self._lock = Lock()
        self._kept: deque[Line] = deque(maxlen=KEPT_EVENTS_MAX)
        self._floor = id_at(time.time() - SETTLE_SECONDS)
        self._seen: set[UUID] = set()
        self._read_at = float("-inf")
        self.end = 0
        """How many events have come so far: a stream that begins now begins here."""
        self.reads = 0
        """How often the log was read."""
        # What is there already is of nobody who begins now: they read it from the log, if they ask for it.
        self._refresh()
        self._kept.clear()

    def since(self, place: int) -> tuple[list[Line], int] | None:
        """Return what came after a place and the next place; None when that is no longer kept."""
        with self._lock:
            self._refresh()
            begin = self.end - len(self._kept)
            if place < begin:
                return None
            return list(islice(self._kept, place - begin, None)), self.end

    def _refresh(self) -> None:
        while time.monotonic() - self._read_at >= POLL_SECONDS:
            rows = read(self._kernel, self._tenant_id, self._floor)
            self.reads += 1
            new = [row for row in rows if row.id not in self._seen]
            self._kept.extend(line_of(row) for row in new)
            self._seen.update(row.id for row in new)
            self._floor, self._seen = moved(self._floor, rows, self._seen)
            self.end += len(new)
            # A full batch has company: read on at once.
            if len(rows) < BATCH_EVENTS_MAX:
                self._read_at = time.monotonic()


def read(kernel: Kernel, tenant_id: int, floor: UUID, watcher: Watcher = EVERYTHING) -> list[Row[Any]]:
    """Return the events after an id that somebody may see, oldest first: a batch of them."""
    query = select(*_COLUMNS).where(_LOG.c.tenant_id == tenant_id, _LOG.c.id > floor)
    if watcher.names:
        query = query.where(_LOG.c.name.in_(watcher.names))
    if watcher.player_id is not None:
        is_public = _LOG.c.player_id.is_(None) & _LOG.c.name.in_(watcher.public)
        query = query.where((_LOG.c.player_id == watcher.player_id) | is_public)
    with kernel.context(tenant_id) as ctx:
        return list(ctx.connection.execute(query.order_by(_LOG.c.id).limit(BATCH_EVENTS_MAX)))


def line_of(row: Row[Any]) -> Line:
    """Return an event as server-sent events are written."""
    data = {
        "id": row.id,
        "name": row.name,
        "player_id": row.player_id,
        "payload": row.payload,
        "at": row.at,
    }
    text = b"id: %s\nevent: %s\ndata: %s\n\n" % (str(row.id).encode(), row.name.encode(), encode(data))
    return Line(row.id, row.name, row.player_id, text)


def earlier(event_id: UUID) -> UUID:
    """Return an id before those that may have become visible after this one."""
    milliseconds = event_id.int >> 80
    return id_at(milliseconds / 1000 - SETTLE_SECONDS)


def moved(floor: UUID, rows: Sequence[Row[Any]], seen: set[UUID]) -> tuple[UUID, set[UUID]]:
    """Move the floor up to what has settled, and forget what lies below it."""
    if not rows:
        return floor, seen
    # A full batch moves past itself; else what is young enough may still get company.
    newest = rows[-1].id
    settled = newest if len(rows) == BATCH_EVENTS_MAX else id_at(time.time() - SETTLE_SECONDS)
    floor = max(floor, min(newest, settled))
    return floor, {event_id for event_id in seen if event_id > floor}
