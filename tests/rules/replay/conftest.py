"""A casino with history: what rules would have done over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitboss.rules.book import drafts, store
from pitboss.rules.replay.asked import ask
from pitboss.rules.replay.replay import replay
from pitboss.rules.replay.report import report
from pitboss.rules.replay.reports import said
from tests.rules.runtime.conftest import candidates, live, lose, player, seen

__all__ = ["candidates", "live", "lose", "player", "seen"]


@pytest.fixture
def draft(kernel, tenant) -> Callable[[dict[str, Any]], int]:
    """Save a rule as a draft, and return the number of the version."""

    def save(document: dict[str, Any]) -> int:
        with kernel.context(tenant.id) as ctx:
            known = store.look_up(ctx, document["key"])
            saved = drafts.save(ctx, document["key"], document) if known else drafts.create(ctx, document)
            return saved.rule.head

    return save


@pytest.fixture
def simulated(kernel, tenant, clock) -> Callable[..., dict[str, Any]]:
    """Replay a rule over all that was recorded: `simulated("cashback", against=1)`."""

    def run(key: str, number: int | None = None, **asked: Any) -> dict[str, Any]:
        with kernel.context(tenant.id) as ctx:
            asked.setdefault("until", clock.now().replace(year=clock.now().year + 1))
            asked.setdefault("from_", clock.now().replace(year=clock.now().year - 1))
            return said(report(ctx, replay(ctx, ask(ctx, key, number, **asked))))

    return run
