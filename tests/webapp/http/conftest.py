"""The platform with a plugin of these tests."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pitboss.core.registry import Candidate, installed
from tests.webapp.http import routes


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """The platform, and a plugin that behaves."""
    return [*installed(safe_mode=True), *routes.candidates_of(routes.Bells())]
