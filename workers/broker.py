"""The Dramatiq brokers: one over the job rows themselves, and Redis, tuned.

Both carry the same message: references of jobs of one queue. The rows are the truth, so neither broker
retries, delays or buries anything, and losing a message costs a few seconds and no job.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from dramatiq.broker import Broker, Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.common import compute_backoff
from dramatiq.errors import ConnectionClosed
from dramatiq.message import Message
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from pitboss.core.errors import PitbossError
from pitboss.core.jobs import leases
from pitboss.core.jobs.leases import Ref
from pitboss.core.jobs.run import BATCH_MAX
from pitboss.core.kernel import Kernel

ACTOR = "run_jobs"
POLL_MS_MAX = 200
"""Longest pause between two looks at an idle queue."""
REAP_SECONDS = 1.0
HEARTBEAT_TIMEOUT_MS = 5_000
"""Redis gives a silent worker's messages to others after this; the rows would be handed out again anyway."""
PACK_MAX_BY_TAKES = (BATCH_MAX, BATCH_MAX, 7)
"""Listener jobs that travel together, by how often they were started and not finished; then each is alone.

One that takes its worker down must be found among its pack before it is buried, yet a worker mostly dies of
something else: done alone, what one kill left behind would cost a hundred commits for each pack.
"""
MAINTENANCE_ALWAYS = 1_000_000
NAMESPACE = "pitboss"


def messages_of(queue: str, rows: Sequence[Row[Any]]) -> list[Message[None]]:
    """Pack handed-out jobs into messages: tasks alone, listeners with others of as many starts."""
    packs: list[tuple[int, list[Ref]]] = []
    filling: dict[int, list[Ref]] = {}
    for row in rows:
        pack = filling.get(row.takes)
        if row.event_id is None or pack is None or len(pack) >= _pack_max(row.takes):
            pack = []
            packs.append((row.takes, pack))
            if row.event_id is not None:
                filling[row.takes] = pack
        pack.append((row.tenant_id, row.id))
    return [
        Message(
            queue_name=queue,
            actor_name=ACTOR,
            args=([(tenant_id, job_id.hex) for tenant_id, job_id in pack], takes),
            kwargs={},
            options={},
        )
        for takes, pack in packs
    ]


def _pack_max(takes: int) -> int:
    return PACK_MAX_BY_TAKES[takes] if takes < len(PACK_MAX_BY_TAKES) else 1


class Reaper:
    """Takes jobs from silent workers, once a second for the whole process, and not by chance."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._lock = threading.Lock()
        self._next = 0.0

    def reap(self) -> None:
        """Reap when it is time to."""
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + REAP_SECONDS
        database = self._kernel.database
        with database.system(read_only=True) as connection:
            if not leases.is_any_expired(connection, leases.database_now(connection)):
                return
        with database.system() as connection:
            leases.reap(connection, leases.database_now(connection))


class DatabaseBroker(Broker):
    """Hands job rows straight to the worker threads of this process."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(middleware=[])
        self.kernel = kernel
        self.reaper = Reaper(kernel)

    def declare_queue(self, queue_name: str) -> None:
        """Serve a queue."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues[queue_name] = True
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:  # noqa: ARG002 - dramatiq's signature
        """Refuse: a job is a row, written in the transaction of what caused it."""
        raise PitbossError("ask for work with ctx.enqueue or ctx.emit, not through the broker")

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = POLL_MS_MAX) -> Consumer:
        """Return an iterator over the messages of a queue."""
        return _DatabaseConsumer(self, queue_name, prefetch, timeout)


class _DatabaseConsumer(Consumer):
    def __init__(self, broker: DatabaseBroker, queue: str, prefetch: int, timeout_ms: int) -> None:
        self._broker, self._queue, self._prefetch, self._timeout_ms = broker, queue, prefetch, timeout_ms
        self._waiting: deque[Message[None]] = deque()
        self._held = 0
        self._misses = 0
        self._room = threading.Condition()

    def __next__(self) -> MessageProxy | None:
        try:
            self._broker.reaper.reap()
            self._fetch()
        except SQLAlchemyError as error:
            raise ConnectionClosed(error) from error  # type: ignore[no-untyped-call]  # dramatiq's
        with self._room:
            if self._waiting and self._held < self._prefetch:
                self._held += 1
                self._misses = 0
                return MessageProxy(self._waiting.popleft())
            self._misses, pause_ms = compute_backoff(self._misses, max_backoff=self._timeout_ms)
            self._room.wait(pause_ms / 1000)
        return None

    def _fetch(self) -> None:
        if self._waiting or self._held >= self._prefetch:
            return
        database, limit = self._broker.kernel.database, (self._prefetch - self._held) * BATCH_MAX
        # Looking takes no lock, which on SQLite every other process would have to wait for.
        with database.system(read_only=True) as connection:
            if not leases.is_waiting(connection, self._queue, leases.database_now(connection)):
                return
        with database.system() as connection:
            now = leases.database_now(connection)
            rows = leases.hand_out(connection, self._queue, limit, now)
        self._waiting.extend(messages_of(self._queue, rows))

    def ack(self, message: MessageProxy) -> None:  # noqa: ARG002 - dramatiq's signature
        """Make room: the runner wrote down already how it went."""
        with self._room:
            self._held -= 1
            self._room.notify()

    nack = ack

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Let others have at once what this process will not begin."""
        packs = [message.args[0] for held in (messages, self._waiting) for message in held]
        self._waiting.clear()
        refs = refs_of(ref for pack in packs for ref in pack)
        if refs:
            with self._broker.kernel.database.system() as connection:
                leases.give_back(connection, refs)

    def close(self) -> None:
        """Give back what was fetched and not begun."""
        self.requeue(())


class TunedRedisBroker(RedisBroker):
    """Redis without what the rows do better: no delay queues, no retries, no waiting for an ack."""

    def __init__(self, url: str, *, namespace: str = NAMESPACE) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # dramatiq's
            url=url,
            middleware=[],
            namespace=namespace,
            maintenance_chance=MAINTENANCE_ALWAYS,
            heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        )

    @property
    def consumer_class(self) -> type[_RedisConsumer]:
        """Return what reads a queue."""
        return _TunedRedisConsumer

    def declare_queue(self, queue_name: str) -> None:
        """Serve a queue, without the twin that would carry delayed messages."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def size(self, queue_name: str) -> int:
        """Return how many messages wait in a queue or are in work."""
        return int(self.do_qsize(queue_name))


class _TunedRedisConsumer(_RedisConsumer):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]  # dramatiq's
        self._room = threading.Condition()

    def __next__(self) -> MessageProxy | None:
        with self._room:
            # Dramatiq would sleep for ever longer here, and threads would stand idle meanwhile.
            if not self.message_cache and self.outstanding_message_count >= self.prefetch:
                self._room.wait(self.timeout / 1000)
                return None
        message: MessageProxy | None = super().__next__()  # type: ignore[no-untyped-call]  # dramatiq's
        return message

    def ack(self, message: MessageProxy) -> None:
        """Make room, and tell Redis if it is there: the rows are marked, so nobody waits for it."""
        with contextlib.suppress(ConnectionClosed):
            super().ack(message)  # type: ignore[no-untyped-call]  # dramatiq's
        with self._room:
            self._room.notify()

    nack = ack


def refs_of(pack: Iterable[Sequence[Any]]) -> list[Ref]:
    """Return the references that a message carries."""
    return [(int(tenant_id), UUID(job_id)) for tenant_id, job_id in pack]


def make_broker(kernel: Kernel, *, namespace: str = NAMESPACE) -> DatabaseBroker | TunedRedisBroker:
    """Return the broker that the settings ask for."""
    url = kernel.settings.redis_url
    return TunedRedisBroker(url, namespace=namespace) if url else DatabaseBroker(kernel)
