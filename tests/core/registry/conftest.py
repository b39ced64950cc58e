from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from pitboss.core import context, registry


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Keep what is logged, rather than draw each traceback."""
    for module in (context, registry):
        # An earlier test's command line may have bound the module's own logger for good.
        monkeypatch.setattr(module, "log", structlog.get_logger(module.__name__))
    with capture_logs() as entries:
        yield entries
