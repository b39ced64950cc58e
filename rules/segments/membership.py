"""Keep the segments of a player current when an event of theirs is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.events import Event
from pitboss.rules.book.live import Book


def judged(ctx: Context, book: Book, event: Event, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let the player into segments and out of them; return the facts that changed by it."""
    return {}
