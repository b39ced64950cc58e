"""Schemathesis over the whole document: nothing a caller can send makes the platform fail."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pitboss.core.registry import Candidate, installed

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("PITBOSS_TEST_FUZZ", "8"))
"""Requests for each operation."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# A stream does not end, so a client that reads to the end would wait for it.
STREAMS = "/api/v1/events/stream"


@pytest.fixture(scope="session")
def candidates() -> list[Candidate]:
    """The platform alone."""
    return installed(safe_mode=True)


@pytest.mark.timeout(1200)
def test_nothing_that_is_sent_makes_it_fail(app, tenant, key_of) -> None:
    key = key_of(tenant, requests_per_minute=1_000_000)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app).exclude(path=STREAMS)
    for operation in schema.get_all_operations():
        _hammer(operation.ok(), key)


def _hammer(operation: Any, headers: dict[str, str]) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
