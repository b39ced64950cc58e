"""Post one message to an endpoint, and tell how it went; what the network does is no exception."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from pitboss.core.outgoing import FAILURES, Limits, exchange
from pitboss.core.texts import marked

STEP_SECONDS_MAX = 5.0
"""For connecting, and for each piece of the answer."""
TOTAL_SECONDS_MAX = 15.0
RESPONSE_BYTES_MAX = 2048
"""As much of the answer is read and kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt went."""

    status: int | None
    duration_ms: int
    error: str | None = None
    response: str = ""

    @property
    def is_success(self) -> bool:
        return self.error is None


def post(url: str, headers: Mapping[str, str], body: bytes, *, allow_private: bool = False) -> Answer:
    """Send one request and return how it went."""
    began = time.monotonic()
    limits = Limits(
        step_seconds=STEP_SECONDS_MAX, total_seconds=TOTAL_SECONDS_MAX, response_bytes=RESPONSE_BYTES_MAX
    )

    def took() -> int:
        return round((time.monotonic() - began) * 1000)

    try:
        found = exchange("POST", url, headers=headers, body=body, limits=limits, allow_private=allow_private)
    except FAILURES as error:
        return Answer(None, took(), f"{type(error).__name__}: {error}"[:500])
    text = found.body.decode("utf-8", "replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return Answer(found.status, took(), _error(found.status), text)


def _error(status: int) -> str | None:
    if 300 <= status < 400:
        return marked(f"answered {status}: redirects are not followed")
    return None if 200 <= status < 300 else f"answered {status}"
