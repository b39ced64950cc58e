"""How many requests a minute each key, player or address may make."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from itertools import count
from typing import NamedTuple, Protocol

import redis
import structlog

from pitboss.core.errors import TooMany, Unavailable
from pitboss.core.settings import Settings

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
SIGN_IN_PER_MINUTE = 20
"""Attempts a minute from one address at what takes a password or a secret."""
REDIS_WAIT_SECONDS = 0.5


class Spent(NamedTuple):
    """What is left of a window."""

    limit: int
    left: int
    seconds: int


class Counter(Protocol):
    """Count what happens in a window of time."""

    def add(self, key: Hashable, window: int) -> int:
        """Count once more, and return how often it was."""


class MemoryCounter:
    """Count in this process."""

    def __init__(self) -> None:
        self._window = 0
        self._counts: dict[Hashable, Iterator[int]] = {}

    def add(self, key: Hashable, window: int) -> int:
        if window != self._window:
            self._window, self._counts = window, {}
        # `setdefault` and `next` are each one step for other threads, so no lock is needed.
        found = self._counts.get(key) or self._counts.setdefault(key, count(1))
        return next(found)


class RedisCounter:
    """Count for all processes together."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=REDIS_WAIT_SECONDS, socket_connect_timeout=REDIS_WAIT_SECONDS
        )

    def add(self, key: Hashable, window: int) -> int:
        name = f"pitboss:limits:{key}:{window}"
        with self._client.pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, 2 * WINDOW_SECONDS)
            used, _ = pipe.execute()
        return int(used)


class Limits:
    """Count in this process, or in Redis when there are several."""

    def __init__(self, settings: Settings, counter: Counter | None = None) -> None:
        self._per_minute = settings.rate_limit_per_minute
        self._counter = counter or _counter(settings)

    def spend(self, who: Hashable, own_limit: int | None = None, *, is_sign_in: bool = False) -> Spent | None:
        """Count one request, or raise TooMany; when nothing counts, only sign-ins are refused."""
        limit, key = (own_limit or self._per_minute, who)
        if is_sign_in:
            limit, key = SIGN_IN_PER_MINUTE, ("sign-in", who)
        window, gone = divmod(int(time.time()), WINDOW_SECONDS)
        try:
            used = self._counter.add(key, window)
        except redis.RedisError as error:
            if is_sign_in:
                # Guessing passwords must not become free because a counter is away.
                raise Unavailable("sign-in is not available now; try again") from error
            log.warning("rate limits are not counted", error=type(error).__name__)
            return None
        seconds = WINDOW_SECONDS - gone
        if used > limit:
            raise TooMany(
                f"more than {limit} requests a minute: wait {seconds} seconds", retry_after_seconds=seconds
            )
        return Spent(limit, limit - used, seconds)


def _counter(settings: Settings) -> Counter:
    return RedisCounter(settings.redis_url) if settings.redis_url else MemoryCounter()
