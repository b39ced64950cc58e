"""Trees as Polars expressions, and the way in for frames and files.

A tree becomes a Polars expression as far as Polars means the same, with null for what has no value. The
parts in which it does not are computed by the column backend inside of the expression: division by a
literal is a multiplication by the reciprocal there, and functions round differently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

import polars as pl

from pitboss.rules.engine.catalogue import NOW, Catalogue, Variable
from pitboss.rules.engine.columns.evaluation import Columns, evaluate
from pitboss.rules.engine.columns.files import count_rows, read_chunks
from pitboss.rules.engine.columns.native import expression_of
from pitboss.rules.engine.columns.series import columns_of
from pitboss.rules.engine.tree import AllOf, Fact, Node, walk

__all__ = ["admitted", "columns_of", "count_rows", "read_chunks", "to_polars"]

Schema: TypeAlias = Mapping[str, Any]


def to_polars(node: Node, schema: Schema, *, now: Any = None) -> pl.Expr:
    """Return a tree as an expression over a frame of that schema.

    A condition is true or false, and never null: what has no value does not hold. A formula is null where
    it has no value. The frame must hold what the door lets in; `admitted` makes sure of that.
    """
    columns = dict(schema)
    apply = _applier(columns, now)
    if node.type != "boolean":
        return expression_of(node, columns, apply)
    # Of a conjunction, each part must hold, in whatever order it is looked at.
    items = node.items if isinstance(node, AllOf) and node.items else (node,)
    whole = expression_of(items[0], columns, apply)
    for item in items[1:]:
        whole = whole & expression_of(item, columns, apply)
    return whole.fill_null(False)


def admitted(
    frame: pl.DataFrame, catalogue: Catalogue, *, only: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the facts of a frame as the door lets them in, under their full names."""
    columns = columns_of(frame, catalogue, only=only)
    return pl.DataFrame([_series(column.variable, columns) for column in columns.by_name.values()])


def _applier(columns: Schema, now: Any) -> Callable[[Node], pl.Expr]:
    """Return what makes an expression of a part that Polars does not compute as we do."""

    def apply(node: Node) -> pl.Expr:
        variables = {part.name: part.variable for part in walk(node) if isinstance(part, Fact)}
        catalogue = Catalogue(variables, {})
        given = {NOW: now} if NOW in variables and NOW not in columns and now is not None else {}
        here = [name for name in variables if name in columns]

        def compute(series: Sequence[pl.Series]) -> pl.Series:
            frame = pl.DataFrame(dict(zip(here, series, strict=True)))
            facts = columns_of(frame, catalogue, now=given.get(NOW))
            return _outcome(node, facts)

        if here:
            return pl.map_batches(here, compute, return_dtype=_DTYPES[node.type], is_elementwise=True)
        alone = _outcome(node, Columns.of_arrays(given, catalogue, rows=1))
        return pl.lit(alone[0], dtype=_DTYPES[node.type])

    return apply


_DTYPES: Mapping[str, Any] = {
    "number": pl.Float64,
    "instant": pl.Float64,
    "duration": pl.Float64,
    "boolean": pl.Boolean,
    "text": pl.String,
    "list": pl.List(pl.String),
}


def _outcome(node: Node, facts: Columns) -> pl.Series:
    outcome = evaluate(node, facts)
    values: Any = outcome.values
    if node.type == "list":
        values = [None if items is None else sorted(items) for items in values]
    elif node.type == "text":
        values = values.tolist()
    series = pl.Series(values, dtype=_DTYPES[node.type])
    if outcome.faults is None:
        return series
    fine = pl.Series(outcome.faults == 0)
    return pl.select(pl.when(fine).then(series)).to_series()


def _series(variable: Variable, columns: Columns) -> pl.Series:
    fact = Fact(variable)
    return _outcome(fact, columns).alias(variable.name)
