"""A feed on this machine, and the leave to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pitboss.plugins.sports.sources.feeds import book, polling
from tests.plugins.sports.sources.server import Feed


@pytest.fixture
def settings(settings):
    return replace(settings, webhook_allow_private=True)


@pytest.fixture
def feed() -> Iterator[Feed]:
    feed = Feed()
    yield feed
    feed.close()


@pytest.fixture
def register(ctx, feed):
    """Register a source that is asked at the local feed."""

    def register(kind="fixtures", key="acme", **values):
        given = {"title": key, "url": feed.url, "options": {"sport": "football"}, "licence": "theirs"}
        row = book.register(ctx, key, kind, {**given, **values})
        ctx.commit()
        return row

    return register


@pytest.fixture
def poll(ctx):
    """Ask a source as a worker would; by chance in the middle of its range."""

    def poll(key="acme"):
        count = polling.poll(ctx, {"source": key}, chance=lambda: 0.5)
        ctx.commit()
        return count

    return poll
