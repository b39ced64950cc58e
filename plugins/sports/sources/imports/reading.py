"""Turn the bytes of a file into rows of text: encoding, delimiter, header and limits."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.sports.sources.records import Problem

FILE_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 200_000
COLUMNS_MAX = 250
CELL_CHARACTERS_MAX = 2_000
HEADER_BYTES_LOOKED_AT = 64 * 1024
DELIMITERS = (",", ";", "\t", "|")

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, and those of its cells that hold something, by column."""

    place: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return a cell; one that holds nothing is empty."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows."""

    header: tuple[str, ...]
    rows: Sequence[Row]
    encoding: str
    delimiter: str
    problems: Sequence[Problem] = field(default_factory=tuple)
    """Of rows that do not fit the header."""


def read_table(content: bytes, *, delimiter: str = "") -> Table:
    """Read delimited text; raise InvalidInput where no row can be read at all."""
    text, encoding = decode(content)
    if "\x00" in text:
        raise InvalidInput("file: this is not text: send CSV or JSON")
    delimiter = delimiter or find_delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        header = _header(next(lines, []))
        for cells in lines:
            if any(cell.strip() for cell in cells):
                _take(lines.line_num, cells, header, rows, problems)
    except csv.Error as error:
        raise InvalidInput(f"file: line {lines.line_num} is not CSV: {error}") from error
    return Table(header, rows, encoding, delimiter, problems)


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding: UTF-8 or UTF-16 by its mark, else Western European."""
    if len(content) > FILE_BYTES_MAX:
        raise InvalidInput(f"file: {len(content)} bytes; at most {FILE_BYTES_MAX}: split it")
    if content.startswith(b"PK\x03\x04"):
        raise InvalidInput("file: this is a workbook or an archive: save the sheet as CSV")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding), encoding
    if b"\x00" in content:
        raise InvalidInput("file: this is not text: send CSV or JSON")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def find_delimiter(text: str) -> str:
    """Return what separates the cells of the first line."""
    first = text[:HEADER_BYTES_LOOKED_AT].lstrip().partition("\n")[0]
    # What stands in quotes separates nothing.
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"file: byte {error.start} is not {encoding}: save it as UTF-8") from error


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise InvalidInput("file: the first line must name the columns, and it is empty")
    if len(names) > COLUMNS_MAX:
        raise InvalidInput(f"file: {len(names)} columns; at most {COLUMNS_MAX}")
    named = tuple(name or f"column {number}" for number, name in enumerate(names, 1))
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise InvalidInput(f"file: column {twice[0]!r} stands in the header twice: rename or remove one")
    return named


def _take(
    place: int, cells: Sequence[str], header: Sequence[str], rows: list[Row], problems: list[Problem]
) -> None:
    if len(rows) + len(problems) >= ROWS_MAX:
        raise InvalidInput(f"file: more than {ROWS_MAX} rows: split it")
    beyond = [cell for cell in cells[len(header) :] if cell.strip()]
    longest = max(cells, key=len)
    if beyond:
        said = marked(
            f"The row has more cells than the {len(header)} columns of the header: quote what has a comma."
        )
        problems.append(Problem(place, "", beyond[0][:100], said))
    elif len(longest) > CELL_CHARACTERS_MAX:
        said = marked(f"A cell has at most {CELL_CHARACTERS_MAX} characters: is a quote left open?")
        problems.append(Problem(place, "", longest[:100], said))
    else:
        filled = {name: text for name, cell in zip(header, cells, strict=False) if (text := cell.strip())}
        rows.append(Row(place, filled))
