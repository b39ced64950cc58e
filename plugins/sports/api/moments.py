"""Instants as the API takes them: within what every clock and database can hold."""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow.validate import Range

from pitboss.core.texts import marked

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 1, 1, tzinfo=UTC)

MOMENT = Range(FIRST, LAST, error=marked("Must be between 1970 and 2200."))
"""A validator of instants: at the ends of the calendar a change of zone would overflow."""
