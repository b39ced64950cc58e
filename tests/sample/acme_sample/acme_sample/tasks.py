"""Work in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acme_sample import cards
from pitboss.core.context import Context
from pitboss.core.contracts import Task


def expire(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Expire the cards that nobody scratched in time."""
    cards.expire_cards(ctx)


TASKS = (Task(name="acme_sample.expire_cards", title="Expire old cards", run=expire, cron="0 4 * * *"),)
