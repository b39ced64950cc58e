"""A casino whose live rules others ask."""

from __future__ import annotations

import pytest

from tests.rules.runtime.conftest import candidates, live, lose, player, seen

__all__ = ["candidates", "live", "lose", "player", "seen"]


@pytest.fixture
def caller(make_client):
    """A key that may have facts judged."""
    return make_client("api_key", "rules.evaluate")
