"""What the tests of payments share: how much Hypothesis tries."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

law = settings(deadline=None, derandomize=True, max_examples=40, database=None)
sequences = settings(
    law, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
"""For laws of which each example is many steps on a database."""
