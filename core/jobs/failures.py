"""What happens to a job that failed: when it is tried again, and what is kept of the error."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

BACKOFF_SECONDS = 5.0
"""Pause after the first failure; it doubles with each further one."""
BACKOFF_SECONDS_MAX = 3600.0
ERROR_CHARACTERS_MAX = 500
ERROR_LINES_MAX = 3

_SECRETS = (
    (re.compile(r"://[^/\s:@]*:[^/\s@]+@"), "://***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (
        re.compile(
            # From the start of a word only: a try at each letter of a long one would take seconds.
            r"(?i)((?<![\w-])[\"']?[\w-]*(?:password|passwd|secret|token|api[_-]?key|authorization)[\w-]*[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
        ),
        r"\1***",
    ),
)


def backoff_seconds(attempts: int, chance: float) -> float:
    """Return the pause after a number of failures; `chance` (0 to 1) spreads it by half either way.

    >>> [backoff_seconds(n, 0.5) for n in (1, 2, 3)]
    [5.0, 10.0, 20.0]
    """
    pause: float = BACKOFF_SECONDS * 2 ** min(attempts - 1, 20)
    return min(pause, BACKOFF_SECONDS_MAX) * (0.5 + chance)


def error_text(error: BaseException) -> str:
    """Return the first lines of an error and where it was raised, without secrets."""
    # A database error's own text is in `orig`: the rest of it is the statement with its values.
    cause = getattr(error, "orig", None) or error
    lines = [line for line in str(cause).splitlines() if line.strip()][:ERROR_LINES_MAX]
    text = f"{type(error).__name__}: {' / '.join(lines)}" if lines else type(error).__name__
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text[:ERROR_CHARACTERS_MAX] + _place(error)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
