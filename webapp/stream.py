"""Server-sent events: the event log, followed by each open connection on a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from threading import Event, Lock
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core.errors import Unavailable
from pitboss.core.events import EventRow
from pitboss.core.http.json import encode
from pitboss.core.kernel import Kernel

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15
SETTLE_SECONDS = 5
"""An event may be seen this long after its id was made: ids are made before their commit."""
STREAM_SECONDS_MAX = 900
"""A stream ends after this, so that the client reconnects and is asked again who it is."""
BATCH_EVENTS_MAX = 200
RETRY_MILLISECONDS = 3000

_LOG = EventRow.__table__
_COLUMNS: tuple[Any, ...] = (_LOG.c.id, _LOG.c.name, _LOG.c.player_id, _LOG.c.payload, _LOG.c.at)


class Streams:
    """The open streams of one process, capped, so that they never take its last thread."""

    def __init__(self, kernel: Kernel, connections_max: int) -> None:
        self._kernel = kernel
        self._lock = Lock()
        self._open = 0
        self.connections_max = connections_max
        self.stopping = Event()
        """Ends every stream."""

    @property
    def count(self) -> int:
        """Return how many are open."""
        return self._open

    def open(self, tenant_id: int, last_id: UUID | None, player_id: UUID | None) -> Iterator[bytes]:
        """Return a stream from an event on, or refuse when too many are open."""
        with self._lock:
            if self._open >= self.connections_max:
                raise Unavailable(
                    f"{self.connections_max} event streams are open: poll GET /api/v1/events, or try later"
                )
            self._open += 1
        return _Stream(self, self._follow(tenant_id, last_id, player_id))

    def closed(self) -> None:
        """Count one stream less."""
        with self._lock:
            self._open -= 1

    def _follow(self, tenant_id: int, last_id: UUID | None, player_id: UUID | None) -> Iterator[bytes]:
        yield b"retry: %d\n\n" % RETRY_MILLISECONDS
        floor = id_at(time.time()) if last_id is None else _earlier(last_id)
        begun = beaten = time.monotonic()
        sent: set[UUID] = set()
        while not self.stopping.is_set() and time.monotonic() - begun < STREAM_SECONDS_MAX:
            rows = self._read(tenant_id, floor, player_id)
            new = [row for row in rows if row.id not in sent]
            for row in new:
                yield _line(row)
            sent.update(row.id for row in new)
            floor, sent = _moved(floor, rows, sent)
            if new:
                beaten = time.monotonic()
            elif time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                beaten = time.monotonic()
                yield b": still here\n\n"
            if len(rows) < BATCH_EVENTS_MAX:
                self.stopping.wait(POLL_SECONDS)

    def _read(self, tenant_id: int, floor: UUID, player_id: UUID | None) -> list[Row[Any]]:
        query = select(*_COLUMNS).where(_LOG.c.tenant_id == tenant_id, _LOG.c.id > floor)
        if player_id is not None:
            query = query.where(_LOG.c.player_id == player_id)
        with self._kernel.context(tenant_id) as ctx:
            return list(ctx.connection.execute(query.order_by(_LOG.c.id).limit(BATCH_EVENTS_MAX)))


class _Stream:
    """An iterator whose end is counted, also when it was never begun."""

    def __init__(self, streams: Streams, lines: Iterator[bytes]) -> None:
        self._streams = streams
        self._lines = lines
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._lines)

    def close(self) -> None:
        """End the stream: the server calls this when the client is gone."""
        if not self._is_closed:
            self._is_closed = True
            self._streams.closed()


def id_at(seconds: float) -> UUID:
    """Return the lowest id that is made at an instant.

    >>> id_at(1.5)
    UUID('00000000-05dc-0000-0000-000000000000')
    """
    return UUID(int=max(0, int(seconds * 1000)) << 80)


def _earlier(event_id: UUID) -> UUID:
    """Return an id before those that may have become visible after this one."""
    milliseconds = event_id.int >> 80
    return id_at(milliseconds / 1000 - SETTLE_SECONDS)


def _moved(floor: UUID, rows: Sequence[Row[Any]], sent: set[UUID]) -> tuple[UUID, set[UUID]]:
    """Move the floor up to what has settled, and forget what lies below it."""
    if not rows:
        return floor, sent
    # A full batch moves past itself; else what is young enough may still get company.
    newest = rows[-1].id
    settled = newest if len(rows) == BATCH_EVENTS_MAX else id_at(time.time() - SETTLE_SECONDS)
    floor = max(floor, min(newest, settled))
    return floor, {event_id for event_id in sent if event_id > floor}


def _line(row: Row[Any]) -> bytes:
    data = {
        "id": row.id,
        "name": row.name,
        "player_id": row.player_id,
        "payload": row.payload,
        "at": row.at,
    }
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (str(row.id).encode(), row.name.encode(), encode(data))
