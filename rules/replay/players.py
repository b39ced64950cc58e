"""Every player as they are now, as columns: for a rule that has no history yet."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select

from pitboss.core import contracts, facts
from pitboss.core.context import Context
from pitboss.core.facts.players import everyone
from pitboss.rules.engine.catalogue import NOW, Catalogue, Variable
from pitboss.rules.engine.columns.evaluation import evaluate
from pitboss.rules.engine.columns.resident import Columns, admit_column
from pitboss.rules.engine.tree import Node, facts_read
from pitboss.rules.replay.history import AT, ID, PLAYER, Chunk, chunk_of
from pitboss.rules.vocabulary import derived


def count_players(ctx: Context) -> int:
    """Return how many players there are."""
    players = everyone().params(tenant=ctx.tenant.id).order_by(None).subquery()
    return ctx.connection.scalar(select(func.count()).select_from(players)) or 0


def read_players(ctx: Context, names: Sequence[str], words: Catalogue) -> Generator[Chunk, None, None]:
    """Yield all players with the facts of those names; what is computed in Python alone is unknown."""
    formulas = {name: node for name, node in derived(ctx.view, words).items() if name in names}
    wanted = {name for name in names if name not in formulas}
    wanted |= {name for node in formulas.values() for name in facts_read(node)}
    variables = [words.variables[name] for name in sorted(wanted - {NOW}) if _is_in_bulk(ctx, name)]
    for page in facts.read_pages(ctx, [variable.name for variable in variables]):
        yield _with_formulas(chunk_of(_frame(ctx, page, variables), variables, words), formulas)


def _is_in_bulk(ctx: Context, name: str) -> bool:
    return ctx.view.term(name, contracts.Variable).in_bulk


def _frame(ctx: Context, page: facts.Columns, variables: Sequence[Variable]) -> pl.DataFrame:
    unit = 10 ** ctx.tenant.currencies.places(ctx.tenant.currency)
    players = [str(player_id) for player_id in page.player_ids]
    whose = [pl.Series(ID, players), pl.Series(PLAYER, players)]
    at = pl.Series(AT, [ctx.clock.now().timestamp()] * len(players), pl.Float64)
    return pl.DataFrame([*whose, at, *(_series(v, page.values[v.name], unit) for v in variables)])


def _series(variable: Variable, values: Sequence[Any], unit: int) -> pl.Series:
    kind: Any = {"boolean": pl.Boolean, "text": pl.String, "list": pl.String}.get(
        variable.value_type, pl.Float64
    )
    found = [None if value is None else _plain(variable, value, unit) for value in values]
    return pl.Series(variable.name, found, kind)


def _plain(variable: Variable, value: Any, unit: int) -> Any:
    match variable.value_type:
        case "list":
            return json.dumps(sorted(value))
        case "text":
            return str(value)
        case "boolean":
            return bool(value)
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value / unit if variable.type == "money" and isinstance(value, int) else float(value)


def _with_formulas(chunk: Chunk, formulas: Mapping[str, Node]) -> Chunk:
    """Add the facts that are formulas of the others."""
    columns = dict(chunk.facts.by_name)
    for name, node in formulas.items():
        outcome = evaluate(node, Columns(columns, chunk.rows))
        unknown = None if outcome.faults is None else outcome.faults != 0
        columns[name] = admit_column(Variable(name=name, type=node.type), outcome.values, unknown)
    return replace(chunk, facts=replace(chunk.facts, by_name=columns))
