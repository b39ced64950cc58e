"""How many requests a minute each key, player or address may make."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from limits.storage import MemoryStorage, Storage, storage_from_string

from pitboss.core.errors import TooMany, Unavailable
from pitboss.core.settings import Settings

log = structlog.get_logger(__name__)

WINDOW_SECONDS = 60
SIGN_IN_PER_MINUTE = 20
"""Attempts a minute from one address at what takes a password or a secret."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What is left of a window."""

    limit: int
    left: int
    seconds: int


class Limits:
    """Count in this process, or in Redis when there are several."""

    def __init__(self, settings: Settings, storage: Storage | None = None) -> None:
        self._per_minute = settings.rate_limit_per_minute
        self._storage = storage or _storage(settings)

    def spend(self, who: str, *, is_sign_in: bool = False) -> Spent | None:
        """Count one request, or raise TooMany; without storage only sign-ins are refused."""
        limit = SIGN_IN_PER_MINUTE if is_sign_in else self._per_minute
        window = int(time.time()) // WINDOW_SECONDS
        try:
            used = self._storage.incr(f"{'s' if is_sign_in else 'r'}:{who}:{window}", WINDOW_SECONDS)
        except Exception as error:
            if is_sign_in:
                # Guessing passwords must not become free because a counter is away.
                raise Unavailable("sign-in is not available now; try again") from error
            log.warning("rate limits are not counted", error=type(error).__name__)
            return None
        seconds = WINDOW_SECONDS - int(time.time()) % WINDOW_SECONDS
        if used > limit:
            raise TooMany(
                f"more than {limit} requests a minute: wait {seconds} seconds", retry_after_seconds=seconds
            )
        return Spent(limit, limit - used, seconds)

    def is_reachable(self) -> bool:
        """Tell whether requests are being counted."""
        return bool(self._storage.check())


def _storage(settings: Settings) -> Storage:
    if not settings.redis_url:
        return MemoryStorage()
    return storage_from_string(
        settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5, key_prefix="pitboss:limits"
    )
