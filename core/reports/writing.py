"""Write a report as a file: CSV for programs, PDF for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from pitboss.core.money import Currencies, Money
from pitboss.core.reports.reading import Table

_UNSAFE = ("=", "+", "-", "@", "\t", "\r")
"""A cell of text that begins like this is a formula to a spreadsheet."""
_MARGIN_MM = 15
COLUMNS_UPRIGHT_MAX = 6
_NUMERIC = ("number", "money")


def as_csv(table: Table, currencies: Currencies, unit: str) -> bytes:
    """Return a report as CSV: numbers plain, money in major units, days as ISO dates."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        f"{column.title} ({unit})" if column.type == "money" else column.title
        for column in table.report.columns
    )
    for row in table.rows:
        writer.writerow(_plain(cells, currencies, unit) for cells in _cells(table, row))
    return out.getvalue().encode()


def as_pdf(table: Table, currencies: Currencies, unit: str, *, brand: str) -> bytes:
    """Return a report as pages of A4, its head repeated on each."""
    # Costs half a second to import, and is needed by few processes.
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    out, styles = io.BytesIO(), getSampleStyleSheet()
    title = f"{table.report.title}, {table.span.first} to {table.span.last}"
    SimpleDocTemplate(
        out,
        pagesize=landscape(A4) if len(table.report.columns) > COLUMNS_UPRIGHT_MAX else A4,
        leftMargin=_MARGIN_MM * mm,
        rightMargin=_MARGIN_MM * mm,
        title=title,
        author=brand,
        # The same figures make the same file.
        invariant=1,
    ).build(
        [
            Paragraph(_escaped(brand), styles["Normal"]),
            Paragraph(_escaped(title), styles["Title"]),
            Paragraph(_escaped(table.report.doc), styles["Normal"]),
            Spacer(1, 6 * mm),
            _grid(table, currencies, unit),
        ]
    )
    return out.getvalue()


def _grid(table: Table, currencies: Currencies, unit: str) -> Any:
    """Return the rows under their head, with the totals last."""
    from reportlab.lib import colors
    from reportlab.platypus import LongTable, TableStyle

    columns = table.report.columns
    head = [f"{column.title} ({unit})" if column.type == "money" else column.title for column in columns]
    body = [[_shown(cell, currencies, unit) for cell in _cells(table, row)] for row in table.rows]
    sums = [
        "" if total is None else _shown((column.type, total), currencies, unit)
        for column, total in zip(columns, table.totals, strict=True)
    ]
    figures = [place for place, column in enumerate(columns) if column.type in _NUMERIC]
    style: list[Any] = [
        ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9),
        ("FONT", (0, 1), (-1, -2), "Helvetica", 9),
        ("FONT", (0, -1), (-1, -1), "Helvetica-Bold", 9),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, colors.black),
        ("ROWBACKGROUNDS", (0, 1), (-1, -2), [colors.white, colors.whitesmoke]),
        *(("ALIGN", (place, 0), (place, -1), "RIGHT") for place in figures),
    ]
    grid = LongTable([head, *body, ["Total", *sums[1:]]], repeatRows=1)
    grid.setStyle(TableStyle(style))
    return grid


def _cells(table: Table, row: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    return ((column.type, value) for column, value in zip(table.report.columns, row, strict=True))


def _plain(cell: tuple[str, Any], currencies: Currencies, unit: str) -> str:
    kind, value = cell
    if value is None:
        return ""
    if kind == "money":
        return currencies.text(Money(value, unit))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if kind == "text" and text.startswith(_UNSAFE) else text


def _shown(cell: tuple[str, Any], currencies: Currencies, unit: str) -> str:
    kind, value = cell
    if value is None:
        return "-"
    if kind == "money":
        whole, dot, rest = currencies.text(Money(value, unit)).partition(".")
        return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").strip("0") else f"{whole}{dot}{rest}"
    return f"{value:,}" if kind == "number" else str(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
