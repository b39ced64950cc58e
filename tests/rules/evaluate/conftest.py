"""A casino whose live rules others ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pitboss.rules.book import drafts, store
from pitboss.rules.book.tables import Stage, State
from tests.rules.runtime.conftest import candidates, lose, player, seen

__all__ = ["candidates", "lose", "player", "seen"]


@pytest.fixture
def live(kernel, tenant) -> Callable[..., None]:
    """Have rules at work, with the step that says since when."""

    def publish(*documents: dict[str, Any]) -> None:
        with kernel.context(tenant.id) as ctx:
            for document in documents:
                known = store.look_up(ctx, document["key"])
                saved = drafts.save(ctx, document["key"], document) if known else drafts.create(ctx, document)
                stored = store.move(
                    ctx, saved.rule, stage=Stage.PUBLISHED, state=State.LIVE, live=saved.rule.head
                )
                store.add_step(ctx, stored, "published")
            store.touch(ctx)

    return publish


@pytest.fixture
def caller(make_client):
    """A key that may have facts judged."""
    return make_client("api_key", "rules.evaluate")
