"""Read a provider's statement, as CSV or JSON: every row is checked, and a wrong one is named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from pitboss.core.errors import InvalidInput
from pitboss.core.http.json import decode
from pitboss.core.money import Currencies
from pitboss.core.texts import marked
from pitboss.plugins.payments.cards import holds_card
from pitboss.plugins.payments.ports import Line

LINES_MAX = 20_000
TEXT_BYTES_MAX = 900_000
COLUMNS = ("reference", "kind", "amount", "currency", "at")
WRONG_SHOWN = 20
"""Wrong rows that one answer names."""


def read(text: str, currencies: Currencies) -> list[Line]:
    """Read a statement; the amounts are text in major units, as `"100.00"`."""
    if len(text.encode()) > TEXT_BYTES_MAX:
        _refuse([marked(f"larger than {TEXT_BYTES_MAX} bytes: send it in parts, each a period of its own")])
    rows = list(_json(text) if text.lstrip().startswith(("[", "{")) else _csv(text))
    if not rows or len(rows) > LINES_MAX:
        _refuse([marked(f"{len(rows)} rows: send 1 to {LINES_MAX}")])
    lines: list[Line] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            lines.append(_line(row, currencies))
        except (InvalidInput, msgspec.ValidationError, ValueError) as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        _refuse(wrong[:WRONG_SHOWN])
    return lines


def _line(row: Mapping[str, Any], currencies: Currencies) -> Line:
    said = {name: (row.get(name) or "") for name in COLUMNS}
    missing = [name for name in COLUMNS[:4] if not said[name]]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    if holds_card(dict(row)):
        raise ValueError("it holds what looks like a card number: take it out")
    amount = currencies.parse(str(said["amount"]), str(said["currency"])).minor
    at = datetime.fromisoformat(str(said["at"])) if said["at"] else None
    if at is not None and at.tzinfo is None:
        raise ValueError("at has no time zone: write 2026-12-01T09:00:00Z")
    return msgspec.convert({**said, "amount": amount, "at": at}, Line)


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if set(COLUMNS[:4]) - set(names):
        _refuse([marked(f"the first row must name the columns {', '.join(COLUMNS)}")])
    reader.fieldnames = names
    for row in reader:
        yield {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = decode(text)
    except (ValueError, RecursionError) as error:
        _refuse([marked(f"not valid JSON: {error}")])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        _refuse([marked(f"a JSON statement is a list of objects with {', '.join(COLUMNS)}")])
    yield from found


def _refuse(messages: list[str]) -> None:
    raise InvalidInput(f"statement: {messages[0]}", {"statement": messages})
