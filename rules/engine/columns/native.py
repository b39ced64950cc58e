"""Trees in Polars' own operations, with null for what has no value, where they mean the same."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, TypeAlias

import polars as pl

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import Variable, admit_value
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    walk,
)

Schema: TypeAlias = Mapping[str, Any]
Apply: TypeAlias = Callable[[Node], pl.Expr]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PLAIN: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def expression_of(node: Node, schema: Schema, apply: Apply) -> pl.Expr:
    """Return a tree as an expression; `apply` makes one of what Polars computes otherwise."""

    def of(part: Node) -> pl.Expr:
        return expression_of(part, schema, apply)

    if not any(isinstance(part, Fact) for part in walk(node)):
        # Without a fact it is one value, which Polars need not compute.
        return apply(node)
    match node:
        case Fact(variable):
            return _fact(variable, schema) if _is_native(variable, schema) else apply(node)
        case Known(fact):
            return _known(fact.variable, schema)
        case Negate(item):
            return -of(item)
        case Arithmetic() if _is_alike(node):
            return _arithmetic(node, of)
        case Compare(op, Fact(variable), Constant(value)) if _is_enum(variable, schema):
            return _enum(op, variable, value, schema)
        case Compare(op, left, right) if left.type != "list":
            return _COMPARE[op](of(left), of(right))  # type: ignore[no-any-return]  # an operator's
        case Among(item, options):
            return of(item).is_in(sorted(options))
        case AllOf(items) if items:
            # In order, as rows are judged: what fails first decides, be it true, false or null.
            return reduce(
                lambda rest, item: pl.when(item).then(rest).otherwise(item), map(of, reversed(items))
            )
        case AnyOf(items) if items:
            return reduce(
                lambda rest, item: pl.when(~item).then(rest).otherwise(item), map(of, reversed(items))
            )
        case Not(item):
            return ~of(item)
        case Choose(test, then, otherwise) if node.type != "list":
            return pl.when(of(test)).then(of(then)).when(~of(test)).then(of(otherwise))
        case Coalesce(items) if node.type != "list":
            return pl.coalesce([of(item) for item in items])
    return apply(node)


def _arithmetic(node: Arithmetic, of: Apply) -> pl.Expr:
    left = of(node.left)
    if node.op == "**":
        assert isinstance(node.right, Constant)
        value = reduce(operator.mul, [left] * int(node.right.value))
    elif node.op == "/":
        right = of(node.right)
        value = pl.when(right != 0).then(left / right)
    else:
        value = _PLAIN[node.op](left, of(node.right))
    return value if bounds(node).is_finite else pl.when(value.is_finite()).then(value)


def _is_alike(node: Arithmetic) -> bool:
    """Tell whether Polars computes an operation as Python does."""
    if node.op == "**":
        return isinstance(node.right, Constant) and node.right.value != 0
    # A literal divisor becomes a factor, and so does what Polars can reduce to one.
    return node.op in _PLAIN or (node.op == "/" and isinstance(node.right, Fact))


def _fact(variable: Variable, schema: Schema) -> pl.Expr:
    dtype = schema[variable.name]
    column = pl.col(variable.name)
    if dtype.is_integer() or dtype == pl.Float32:
        column = column.cast(pl.Float64)
    elif dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    if variable.default is None:
        return column
    return column.fill_null(admit_value(variable, variable.default))


def _is_native(variable: Variable, schema: Schema) -> bool:
    """Tell whether a column is of a type that needs no reading."""
    dtype = schema.get(variable.name)
    if dtype is None:
        return False
    match variable.value_type:
        case "number" | "instant" | "duration":
            return bool(dtype in (pl.Float64, pl.Float32) or (dtype.is_integer() and dtype != pl.Int128))
        case "boolean":
            return bool(dtype == pl.Boolean)
        case "text":
            return bool(dtype in (pl.String, pl.Categorical, pl.Enum))
    return False


def _known(variable: Variable, schema: Schema) -> pl.Expr:
    if variable.default is not None or variable.name not in schema:
        return pl.lit(variable.default is not None)
    return pl.col(variable.name).is_not_null()


def _is_enum(variable: Variable, schema: Schema) -> bool:
    return isinstance(schema.get(variable.name), pl.Enum) and variable.default is None


def _enum(op: str, variable: Variable, value: Any, schema: Schema) -> pl.Expr:
    """Compare codes, which is quicker than texts; a text that is none of them is an error in Polars."""
    column = pl.col(variable.name)
    if value in schema[variable.name].categories.to_list():
        return column.eq(value) if op == "==" else column.ne(value)
    return pl.when(column.is_not_null()).then(pl.lit(op == "!="))
