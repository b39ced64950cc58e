"""Files of facts, read a part at a time: memory is bounded, however long a file is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.columns.cells import parsed
from pitboss.rules.engine.columns.evaluation import Columns
from pitboss.rules.engine.columns.resident import WrongRow
from pitboss.rules.engine.columns.series import columns_of, wanted
from pitboss.rules.engine.errors import Refused

CHUNK_ROWS = 131_072
"""Rows that are in memory at a time."""
READ_BYTES = 8 * 2**20
"""How much of a CSV file is read at a time; one row must be shorter."""
READ_ROWS = 262_144
"""How many rows of a Parquet file are read at a time: about one of the groups in which it is written."""


def read_chunks(
    path: str | Path,
    catalogue: Catalogue,
    *,
    rows: int = CHUNK_ROWS,
    now: Any = None,
    ids: str | None = None,
    only: Collection[str] | None = None,
) -> Iterator[Columns]:
    """Read a .csv or .parquet file, so many rows at a time.

    What does not fit the catalogue is refused by file, row (1 is the first), column and value. `ids` is the
    column that says whose row it is. With `only`, columns of other facts are ignored; without, a column
    that no variable has is refused. In CSV, an empty cell is unknown, and a list is written as JSON:
    ["slots", "roulette"].
    """
    path = Path(path)
    parts = _reader(path)(path)
    try:
        names = next(parts).columns
        facts = wanted(names, catalogue, ids, only)
    except pl.exceptions.PolarsError as error:
        raise Refused(f"this does not read as {path.suffix}: {error}", path=path.name) from None
    except Refused as refusal:
        raise Refused(refusal.cause, path=path.name) from None
    columns = {variable.name: name for name, variable in facts.items()}
    read = [*facts, *([ids] if ids is not None else [])]
    done = 0
    for frame in _of_length(_guarded(parts, path), read, rows):
        try:
            frame = parsed(frame, catalogue, ids) if path.suffix.lower() == ".csv" else frame
            yield columns_of(frame, catalogue, now=now, ids=ids)
        except WrongRow as error:
            raise _in_file(error, path, done, columns) from None
        done += frame.height


def count_rows(path: str | Path) -> int:
    """Return how many rows a file has."""
    path = Path(path)
    if _reader(path) is _parquet:
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    return sum(part.height for part in _guarded(_csv(path), path))


def _reader(path: Path) -> Callable[[Path], Iterator[pl.DataFrame]]:
    if not path.is_file():
        raise Refused("there is no such file", path=str(path))
    readers: Mapping[str, Callable[[Path], Iterator[pl.DataFrame]]] = {".csv": _csv, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        raise Refused(f"{path.suffix or 'no ending'} is not read: give .csv or .parquet", path=path.name)
    return readers[path.suffix.lower()]


def _of_length(parts: Iterator[pl.DataFrame], read: list[str], rows: int) -> Iterator[pl.DataFrame]:
    """Yield the columns that are read in frames of so many rows, whatever the parts had."""
    rest: pl.DataFrame | None = None
    for part in parts:
        whole = part.select(read) if rest is None else pl.concat([rest, part.select(read)])
        full = whole.height - whole.height % rows
        yield from whole.head(full).iter_slices(rows) if full else ()
        rest = whole.tail(whole.height - full)
    if rest is not None and rest.height:
        yield rest


def _guarded(parts: Iterator[pl.DataFrame], path: Path) -> Iterator[pl.DataFrame]:
    done = 0
    try:
        for part in parts:
            yield part
            done += part.height
    except pl.exceptions.PolarsError as error:
        cause = f"after row {done}, this does not read as {path.suffix}: {error}"
        raise Refused(cause, path=path.name) from None


def _in_file(error: WrongRow, path: Path, done: int, columns: Mapping[str, str]) -> WrongRow:
    row = done + error.row
    return WrongRow(error.cause, row, f"{path.name}, row {row + 1}, column {columns[error.name]!r}")


# -- parts of a file: first one without rows, for the names ----------------------------------------


def _parquet(path: Path) -> Iterator[pl.DataFrame]:
    # A scan that streams reads ahead without bound, so that each part is asked for by itself.
    lazy = pl.scan_parquet(path, glob=False)
    yield pl.DataFrame(schema=lazy.collect_schema())
    start = 0
    while (part := lazy.slice(start, READ_ROWS).collect()).height:
        yield part
        start += READ_ROWS


def _csv(path: Path) -> Iterator[pl.DataFrame]:
    with path.open("rb") as file:
        head = file.readline(READ_BYTES).removeprefix(b"\xef\xbb\xbf")
        names = pl.read_csv(BytesIO(head), infer_schema=False, n_rows=0).columns
        schema = dict.fromkeys(names, pl.String)
        yield pl.DataFrame(schema=schema)
        for block in _blocks(file, path):
            yield pl.read_csv(BytesIO(block), has_header=False, schema=schema, raise_if_empty=False)


def _blocks(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Yield the file in blocks of whole rows."""
    rest = b""
    while read := file.read(READ_BYTES):
        block = rest + read
        end = _end_of_row(block)
        if end == 0 and len(block) > READ_BYTES:
            raise Refused(f"a row is longer than {READ_BYTES} bytes: is a quote left open?", path=path.name)
        if end:
            yield block[:end]
        rest = block[end:]
    if rest.strip():
        yield rest


def _end_of_row(block: bytes) -> int:
    """Return where the last whole row ends: after a line break with no quote open before it."""
    end = block.rfind(b"\n")
    is_open = block.count(b'"', 0, max(end, 0)) % 2 == 1
    while end >= 0 and is_open:
        previous = block.rfind(b"\n", 0, end)
        is_open ^= block.count(b'"', max(previous, 0), end) % 2 == 1
        end = previous
    return end + 1
