"""Every test that touches a database runs on both of them."""

from __future__ import annotations

import pytest

from pitboss.core.testing.databases import postgres_missing


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Run on SQLite, and on PostgreSQL where there is one."""
    return str(request.param)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require",
        default="",
        help="what must be there instead of being skipped: postgresql,redis,chromium",
    )


def pytest_report_header() -> str:
    missing = postgres_missing()
    return f"postgresql: {missing or 'found'}"
