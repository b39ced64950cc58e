"""Who gets nothing on purpose, so that it can be measured what the others gained."""

from __future__ import annotations

import hashlib
from uuid import UUID

BUCKETS = 10_000


def bucket(experiment: str, user: UUID | str) -> int:
    """Return the bucket of a player in an experiment: always the same, in no order, even across processes.

    >>> bucket("cashback-nov", "u1")
    7663
    """
    digest = hashlib.sha256(f"v1:{experiment}:{user}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def is_held_out(experiment: str, user: UUID | str, percent: float) -> bool:
    """Tell whether a player is in the holdout of an experiment; a larger share keeps those of a smaller."""
    return bucket(experiment, user) < percent * (BUCKETS / 100)
