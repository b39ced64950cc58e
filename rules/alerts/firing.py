"""Fire alerts when an event is judged: once for each crossing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.events import Event
from pitboss.rules.book.live import Group


def judged(ctx: Context, alerts: Group, event: Event, facts: Mapping[str, Any]) -> None:
    """Fire the alerts whose condition became true, and arm those whose condition no longer holds."""
