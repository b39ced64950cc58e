"""Rules put to work without the way through approval, where a test is about what rules do."""

from __future__ import annotations

from typing import Any

from pitboss.core.context import Context
from pitboss.rules.book import drafts, store
from pitboss.rules.book.tables import Stage, State


def put_to_work(ctx: Context, *documents: dict[str, Any]) -> None:
    """Have the documents' rules live from now on, with the step that says so."""
    for document in documents:
        known = store.look_up(ctx, document["key"])
        saved = drafts.save(ctx, document["key"], document) if known else drafts.create(ctx, document)
        rule = store.move(ctx, saved.rule, stage=Stage.PUBLISHED, state=State.LIVE, live=saved.rule.head)
        store.add_step(ctx, rule, "published")
    store.touch(ctx)
