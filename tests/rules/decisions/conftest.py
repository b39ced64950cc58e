"""A casino with decisions to explain."""

from __future__ import annotations

import pytest

from tests.rules.runtime.conftest import candidates, live, lose, player, seen

__all__ = ["candidates", "live", "lose", "player", "seen"]


@pytest.fixture
def staff(make_client):
    """An operator who reads rules."""
    return make_client("operator", "rules.read")
