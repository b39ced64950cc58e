"""Server-sent events: the event log, followed by each open connection on a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Lock
from uuid import UUID

from pitboss.core.errors import Unavailable
from pitboss.core.kernel import Kernel
from pitboss.webapp.tail import (
    BATCH_EVENTS_MAX,
    EVERYTHING,
    POLL_SECONDS,
    Line,
    Tail,
    Watcher,
    earlier,
    line_of,
    moved,
    read,
)

HEARTBEAT_SECONDS = 15
STREAM_SECONDS_MAX = 900
"""A stream ends after this, so that the client reconnects and is asked again who it is."""
RETRY_MILLISECONDS = 3000


class Streams:
    """The open streams of one process, capped, so that they never take its last thread."""

    def __init__(self, kernel: Kernel, connections_max: int) -> None:
        self._kernel = kernel
        self._lock = Lock()
        self._tails: dict[int, tuple[Tail, int]] = {}
        """By tenant: what its streams read together, and how many they are."""
        self.connections_max = connections_max
        self.stopping = Event()
        """Ends every stream."""

    @property
    def count(self) -> int:
        """Return how many are open."""
        return sum(count for _, count in self._tails.values())

    def open(self, tenant_id: int, last_id: UUID | None, watcher: Watcher = EVERYTHING) -> Iterator[bytes]:
        """Return a stream from an event on, or refuse when too many are open."""
        with self._lock:
            if self.count >= self.connections_max:
                raise Unavailable(
                    f"{self.connections_max} event streams are open: poll GET /api/v1/events, or try later"
                )
            tail, count = self._tails.get(tenant_id) or (Tail(self._kernel, tenant_id), 0)
            self._tails[tenant_id] = (tail, count + 1)
            place = tail.end
        return _Stream(self, tenant_id, self._follow(tenant_id, tail, place, last_id, watcher))

    def reads(self, tenant_id: int) -> int:
        """Return how often the log of a tenant was read for the streams that follow it."""
        return self._tails[tenant_id][0].reads

    def closed(self, tenant_id: int) -> None:
        """Count one stream less; nobody reads for a tenant that nobody follows."""
        with self._lock:
            tail, count = self._tails.pop(tenant_id)
            if count > 1:
                self._tails[tenant_id] = (tail, count - 1)

    def _follow(
        self, tenant_id: int, tail: Tail, place: int, last_id: UUID | None, watcher: Watcher
    ) -> Iterator[bytes]:
        yield b"retry: %d\n\n" % RETRY_MILLISECONDS
        begun = beaten = time.monotonic()
        sent: set[UUID] = set()
        if last_id is not None:
            for line in self._caught_up(tenant_id, earlier(last_id), watcher):
                sent.add(line.id)
                yield line.text
        while not self.stopping.is_set() and time.monotonic() - begun < STREAM_SECONDS_MAX:
            came = tail.since(place)
            if came is None:
                # Too slow for what is kept: the client comes back with the last id that it has.
                return
            lines, place = came
            new = [line for line in lines if watcher.sees(line) and line.id not in sent]
            for line in new:
                yield line.text
            if new:
                beaten = time.monotonic()
            elif time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                beaten = time.monotonic()
                yield b": still here\n\n"
            self.stopping.wait(POLL_SECONDS)

    def _caught_up(self, tenant_id: int, floor: UUID, watcher: Watcher) -> Iterator[Line]:
        """Yield what the log has from an id on, until there is no more."""
        sent: set[UUID] = set()
        while not self.stopping.is_set():
            rows = read(self._kernel, tenant_id, floor, watcher)
            yield from (line_of(row) for row in rows if row.id not in sent)
            sent.update(row.id for row in rows)
            if len(rows) < BATCH_EVENTS_MAX:
                return
            floor, sent = moved(floor, rows, sent)


class _Stream:
    """An iterator whose end is counted, also when it was never begun."""

    def __init__(self, streams: Streams, tenant_id: int, lines: Iterator[bytes]) -> None:
        self._streams = streams
        self._tenant_id = tenant_id
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
            self._streams.closed(self._tenant_id)
