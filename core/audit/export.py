"""Write the audit trail out, entry by entry, for auditors and archives."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pitboss.core.audit.entries import AuditEntry
from pitboss.core.audit.search import Filter, every

if TYPE_CHECKING:
    from pitboss.core.context import Context

COLUMNS = tuple(c.name for c in AuditEntry.__table__.c if c.name != "tenant_id")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json_lines(ctx: Context, wanted: Filter | None = None) -> Iterator[str]:
    """Yield one JSON document a line, oldest first."""
    for entry in every(ctx, wanted):
        fields = {name: _plain(entry[name]) for name in COLUMNS}
        yield json.dumps(fields, ensure_ascii=False) + "\n"


def as_csv(ctx: Context, wanted: Filter | None = None) -> Iterator[str]:
    """Yield CSV lines, oldest first; no cell can start a formula in a spreadsheet."""
    yield _line(list(COLUMNS))
    for entry in every(ctx, wanted):
        yield _line([_cell(entry[name]) for name in COLUMNS])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _cell(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _line(cells: list[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
