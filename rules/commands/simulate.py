"""`pitboss rules simulate`: what rules would have done on recorded rows, and what that would have cost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.core.clock import SystemClock
from pitboss.rules.commands.group import (
    Unusable,
    catalogue_option,
    json_option,
    paths_argument,
    write_json,
)
from pitboss.rules.commands.reading import Loaded, UnreadableFile, load
from pitboss.rules.commands.report import Report
from pitboss.rules.engine.catalogue import NOW, Catalogue
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.tree import Node, facts_read

if TYPE_CHECKING:
    from pitboss.rules.engine.columns.resident import Columns

OVERLAP_RULES_MAX = 1_000
"""Up to how many rules it is counted which match together."""
PROGRESS_ROWS_MIN = 200_000
"""From how many rows on a bar shows how far it is."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule as a simulation sees it: only what is a number is added up."""

    key: str
    when: Node
    amount: Node | None
    max_amount: float | None


@click.command()
@paths_argument
@click.option(
    "--on", "data", type=click.Path(path_type=Path), required=True, help="Rows, as .csv or .parquet."
)
@click.option(
    "--against", type=click.Path(path_type=Path), multiple=True, help="Another version to compare with."
)
@click.option(
    "--id", "ids", metavar="COLUMN", help="The column that says whose row it is: then players are counted."
)
@click.option(
    "--now", metavar="INSTANT", help="When the rows are judged; default: the present, or a column `now`."
)
@catalogue_option
@json_option
def simulate(
    paths: tuple[Path, ...],
    data: Path,
    against: tuple[Path, ...],
    ids: str | None,
    now: str | None,
    catalogue: Catalogue,
    as_json: bool,
) -> None:
    """Judge each rule on each row of a file, and count: who, how often, at what cost.

    The columns of the file are the facts; an empty cell is unknown. Columns that no rule reads are left out.
    """
    from pitboss.rules.engine.simulation.simulate import simulate as simulated

    rules = _all_of(load(paths, catalogue))
    before = _all_of(load(against, catalogue)) if against else None
    source = _Source(data, catalogue, ids, now, _read_by([*rules, *(before or ())]))
    for warning in source.warnings():
        click.echo(f"Warning: {warning}", err=True)
    with source.progress() as told:
        result = simulated(
            [_candidate(rule) for rule in rules],
            source.chunks(),
            against=None if before is None else [_candidate(rule) for rule in before],
            total=source.rows,
            progress=told,
            pairs=len(rules) ** 2 if len(rules) <= OVERLAP_RULES_MAX else 0,
        )
    report = Report(result, rules, is_compared=before is not None)
    if as_json:
        write_json(report.as_json())
    else:
        report.tell()


class _Source:
    """The file of rows."""

    def __init__(
        self, path: Path, catalogue: Catalogue, ids: str | None, now: str | None, read: set[str]
    ) -> None:
        from pitboss.rules.engine.columns.frames import count_rows

        self.path, self.catalogue, self.ids, self.read = path, catalogue, ids, read
        if not path.is_file():
            raise UnreadableFile(f"{path}: there is no such file: give a .csv or a .parquet file")
        with _readable(path):
            self.rows = count_rows(path)
            self.names = self._names()
        self.now = now if now is not None or NOW in self.names else SystemClock().now()

    def chunks(self) -> Iterable[Columns]:
        """Return the rows, so many at a time."""
        from pitboss.rules.engine.columns.frames import read_chunks

        wanted = self.read - {NOW} if self.now is not None else self.read
        return read_chunks(self.path, self.catalogue, now=self.now, ids=self.ids, only=wanted)

    def warnings(self) -> list[str]:
        """Say which facts the file does not give, and which of its columns nobody reads."""
        given = {self._fact(name) for name in self.names if name != self.ids}
        missing = sorted(
            name for name in self.read - given - {NOW} if self.catalogue.variables[name].default is None
        )
        idle = sorted(n for n in self.names if n != self.ids and self._fact(n) not in self.read)
        lack = f"no column gives {', '.join(missing)}: unknown in each row"
        left = f"no rule reads the columns {', '.join(idle)}: left out"
        return [text for text, names in ((lack, missing), (left, idle)) if names]

    def progress(self) -> AbstractContextManager[Callable[[int, int | None], bool | None] | None]:
        """Return a bar on standard error, where the work is long."""
        return nullcontext() if self.rows < PROGRESS_ROWS_MIN else _Bar(self.rows)

    def _fact(self, name: str) -> str | None:
        return self.catalogue.variable(name).name if self.catalogue.knows(name) else None

    def _names(self) -> list[str]:
        import polars as pl

        is_text = self.path.suffix.lower() == ".csv"
        lazy = (
            pl.scan_csv(self.path, infer_schema=False, glob=False)
            if is_text
            else pl.scan_parquet(self.path, glob=False)
        )
        return lazy.collect_schema().names()


class _Bar:
    """A progress bar that is told how many rows are done."""

    def __init__(self, rows: int) -> None:
        self._bar = click.progressbar(length=rows, label="simulating", file=sys.stderr)
        self._done = 0

    def __enter__(self) -> Callable[[int, int | None], bool | None]:
        self._bar.__enter__()
        return self._told

    def __exit__(self, *failure: Any) -> None:
        self._bar.__exit__(*failure)

    def _told(self, done: int, total: int | None) -> None:  # noqa: ARG002 - simulate's
        self._bar.update(done - self._done)
        self._done = done


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say in a sentence what Polars says in many."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as error:
        cause = str(error).splitlines()[0]
        raise UnreadableFile(f"{path}: this does not read as {path.suffix}: {cause}") from None


def _all_of(loaded: Loaded) -> list[Program]:
    """Return the rules, if all are right: half of them would give a wrong picture."""
    if loaded.refusals:
        more = f" (and {len(loaded.refusals) - 1} more: run check)" if len(loaded.refusals) > 1 else ""
        raise Unusable(f"{loaded.refusals[0]}{more}")
    return loaded.programs


def _candidate(program: Program) -> Candidate:
    amount = program.amount
    is_number = amount is not None and amount.type == "number"
    return Candidate(program.key, program.when, amount if is_number else None, program.max_amount)


def _read_by(programs: Iterable[Program]) -> set[str]:
    candidates = map(_candidate, programs)
    return {
        name
        for c in candidates
        for node in (c.when, c.amount)
        if node is not None
        for name in facts_read(node)
    }
