"""The players whom a segment is for, as a SELECT.

Only the tables that the condition reads are in it: the players themselves are left out where a player of
whom nothing is kept is none of those it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Table,
    exists,
    func,
    inspect,
    literal,
    not_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator

from pitboss.core.context import Context
from pitboss.core.contracts import Variable
from pitboss.core.facts.plans import plan_many
from pitboss.core.facts.players import everyone
from pitboss.core.facts.tables import Quantity
from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.sql.expressions import Binding, NotInSql, matches, where
from pitboss.rules.engine.tree import Node, facts_read
from pitboss.rules.segments.formulas import spelled_out

__all__ = ["NotInSql", "Population", "population"]


@dataclass(frozen=True, slots=True)
class Population:
    """Players as rows, of which a condition holds or not."""

    source: FromClause
    player_id: ColumnElement[Any]
    is_theirs: tuple[ColumnElement[bool], ...]
    """That a row is one of the tenant's."""
    holds: ColumnElement[bool]
    """Whether the condition holds of a row; never NULL."""
    lean: ColumnElement[bool]
    """The same at the top of a WHERE, where NULL is as good as false."""

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select from those of whom the condition holds: their ids, or other columns."""
        return (
            select(*(columns or (self.player_id,))).select_from(self.source).where(*self.is_theirs, self.lean)
        )

    def excludes(self, ctx: Context, player_id: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return the condition that a player is none of those."""
        if ctx.connection.dialect.name == "sqlite":
            # Found once, where a look-up for each row would compute all windows anew.
            return player_id.not_in(self.select())
        return not_(exists(self.select().where(self.player_id == player_id)))


def population(ctx: Context, program: Program, now: datetime) -> Population:
    """Return the players of a condition, or raise NotInSql where SQL would not find the same ones."""
    node = spelled_out(ctx, program)
    names = sorted(set(facts_read(node)) - {NOW})
    variables = [ctx.view.term(name, Variable) for name in names]
    computed = [v.name for v in variables if not v.is_stored]
    if computed:
        raise NotInSql(f"computed for one player at a time: {', '.join(computed)}")
    direct = _one_table(variables)
    if direct is not None and not _holds_of_nothing(program, node, now):
        return _of_table(ctx, node, variables, direct, now)
    return _of_everyone(ctx, node, variables, now)


def _one_table(variables: Sequence[Variable]) -> FromClause | None:
    """Return the table that all of them are columns of."""
    tables = {_column(v).table if v.column is not None else None for v in variables}
    return tables.pop() if len(tables) == 1 else None


def _holds_of_nothing(program: Program, node: Node, now: datetime) -> bool:
    """Tell whether the condition holds of a player of whom nothing is kept."""
    try:
        return compile_value(node)(program.catalogue.admit({NOW: now})) is True
    except EvaluationError:
        return False


def _of_table(
    ctx: Context, node: Node, variables: Sequence[Variable], table: FromClause, now: datetime
) -> Population:
    bindings = {v.name: _binding(ctx, v, _column(v)) for v in variables}
    is_theirs = (table.c.tenant_id == ctx.tenant.id,)
    holds, lean = (write(node, bindings, now=now) for write in (matches, where))
    return Population(table, table.c.player_id, is_theirs, holds, lean)


def _of_everyone(ctx: Context, node: Node, variables: Sequence[Variable], now: datetime) -> Population:
    if variables:
        plan = plan_many(variables, everyone)
        bound = plan.parameters(ctx.tenant.id, now, ctx.tenant.zone)
        rows = plan.statement.order_by(None).params(bound).subquery("facts")
    else:
        rows = everyone().params(tenant=ctx.tenant.id).subquery("facts")
    bindings = {v.name: _binding(ctx, v, rows.c[f"v{n}"]) for n, v in enumerate(variables)}
    holds, lean = (write(node, bindings, now=now) for write in (matches, where))
    return Population(rows, rows.c.player_id, (), holds, lean)


def _binding(ctx: Context, variable: Variable, column: ColumnElement[Any]) -> Binding:
    places = None
    if variable.type == "money" and _is_in_minor_units(column):
        places = ctx.tenant.currencies.places(ctx.tenant.currency)
    if variable.type == "list" and variable.default is not None:
        empty = literal(list(variable.default), column.type)
        return Binding(column=func.coalesce(column, empty, type_=column.type), is_nullable=False)
    # A join brings NULL into what is never NULL in its own table.
    is_own = isinstance(column, Column) and isinstance(column.table, Table)
    is_nullable = not (is_own and column.nullable is False)
    return Binding(column=column, places=places, is_nullable=is_nullable)


def _is_in_minor_units(column: ColumnElement[Any]) -> bool:
    type_ = column.type
    if isinstance(type_, Quantity):
        return True
    plain = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    return isinstance(plain, Integer)


def _column(variable: Variable) -> Column[Any]:
    column = variable.column
    found = inspect(column).property.columns[0] if isinstance(column, InstrumentedAttribute) else column
    assert isinstance(found, Column)
    return found
