"""Write a confirmed file: all of its rows or none, or the good ones piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.sources.history import recording as history
from pitboss.plugins.sports.sources.imports.parsing import Options, Parsed
from pitboss.plugins.sports.sources.imports.previewing import (
    batches,
    creates,
    provider_of,
    told_problems,
)
from pitboss.plugins.sports.sources.landing import Landed, Sender, land
from pitboss.plugins.sports.sources.planning import Planner
from pitboss.plugins.sports.sources.records import Problem

WHOLE_ROWS_MAX = 20_000
"""Rows of fixtures that one transaction takes; history is written in bulk, and has no such limit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import went."""

    state: str
    report: Mapping[str, Any]


class _RefusedWhole(Exception):
    """Undo everything: a row was wrong, and all or none were wanted."""


def check_size(kind: str, rows: int, policy: str) -> None:
    """Refuse more rows than one transaction should hold."""
    if policy == "all" and kind != "history" and rows > WHOLE_ROWS_MAX:
        raise InvalidInput(
            f"policy: all or none goes up to {WHOLE_ROWS_MAX} rows, and this file has {rows}: "
            "split it, or import the good rows",
            {"policy": ["Too many rows."]},
        )


def run(ctx: Context, row: Row[Any], parsed: Parsed, options: Options) -> Outcome:
    """Write what was read; return the report."""
    is_whole = row.options.get("policy", "all") == "all"
    landed = Landed(problems=list(parsed.problems))
    if is_whole and landed.problems:
        return _outcome(row, Landed(problems=landed.problems), "failed")
    write = _write_history if row.kind == "history" else _write_fixtures
    if not is_whole:
        write(ctx, row, parsed, options, landed, is_whole=False)
        return _outcome(row, landed, "done")
    try:
        with ctx.connection.begin_nested():
            write(ctx, row, parsed, options, landed, is_whole=True)
    except _RefusedWhole:
        return _outcome(row, Landed(problems=landed.problems), "failed")
    return _outcome(row, landed, "done")


def _write_fixtures(
    ctx: Context, row: Row[Any], parsed: Parsed, options: Options, landed: Landed, *, is_whole: bool
) -> None:
    provider = provider_of(options, parsed)
    sender = Sender(source=provider, provider=provider)
    planner = Planner(ctx, provider, creates=creates(row.kind, options))
    total, done = len(parsed.sent), 0
    # What was committed before a crash is known by now, and comes out as the same.
    for batch in batches(parsed.sent):
        land(ctx, planner, batch, sender, landed)
        if is_whole and landed.problems:
            raise _RefusedWhole
        done += len(batch)
        _report(ctx, done, total, is_whole=is_whole)


def _write_history(
    ctx: Context, row: Row[Any], parsed: Parsed, _options: Options, landed: Landed, *, is_whole: bool
) -> None:
    kept = history.Kept()
    rows = history.plan(ctx, parsed.sent, parsed.zone, kept)
    landed.problems += kept.problems
    landed.created, landed.same = kept.created, kept.same
    if is_whole and landed.problems:
        raise _RefusedWhole
    for done in history.write(ctx, rows, row.id):
        _report(ctx, done, len(rows), is_whole=True)


def _report(ctx: Context, done: int, total: int, *, is_whole: bool) -> None:
    """Tell how far it is; between pieces that stand on their own, keep what was done."""
    if ctx.job is None:
        return
    ctx.job.progress(done, total)
    if is_whole:
        ctx.job.raise_if_cancelled()
    else:
        ctx.job.checkpoint({"done": done})


def _outcome(row: Row[Any], landed: Landed, state: str) -> Outcome:
    kept = {name: row.report[name] for name in ("format", "rows") if name in row.report}
    problems: list[Problem] = landed.problems
    return Outcome(state, {**kept, "counts": landed.counts(), **told_problems(problems)})
