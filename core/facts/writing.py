"""Keep a plugin's own fact table current: one row a player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Table, func, inspect
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.errors import InvalidInput, PluginError, nearest

if TYPE_CHECKING:
    from pitboss.core.context import Context

KEY = ("tenant_id", "player_id")


def write(ctx: Context, player_id: UUID, facts: type | Table, **columns: Any) -> None:
    """Set columns of a player's row of a fact table, making the row when there is none."""
    _upsert(ctx, player_id, facts, columns, is_added=False)


def add(ctx: Context, player_id: UUID, facts: type | Table, **amounts: int) -> None:
    """Add to columns of a player's row in the database itself, so that no two additions are lost."""
    _upsert(ctx, player_id, facts, amounts, is_added=True)


def fact_table(facts: type | Table) -> Table:
    """Return the table of a mapped class, checked to be keyed by (tenant_id, player_id)."""
    table = facts if isinstance(facts, Table) else inspect(facts).local_table
    if tuple(table.primary_key.columns.keys()) != KEY:
        raise PluginError(
            f"table {table.name!r} holds no facts: its primary key must be (tenant_id, player_id)"
        )
    found: Table = table
    return found


def _upsert(
    ctx: Context, player_id: UUID, facts: type | Table, values: dict[str, Any], *, is_added: bool
) -> None:
    table = fact_table(facts)
    for name in values:
        if name not in table.c or name in KEY:
            known = [c for c in table.c.keys() if c not in KEY]  # noqa: SIM118 - a column collection
            raise InvalidInput(f"{table.name!r} has no fact {name!r}; {nearest(name, known)}")
    if not values:
        raise InvalidInput(f"name the columns of {table.name!r} to write")
    is_sqlite = ctx.connection.dialect.name == "sqlite"
    statement = (sqlite_insert if is_sqlite else postgres_insert)(table).values(
        tenant_id=ctx.tenant.id, player_id=player_id, **values
    )
    new = statement.excluded
    changes = {n: func.coalesce(table.c[n], 0) + new[n] if is_added else new[n] for n in values}
    ctx.connection.execute(statement.on_conflict_do_update(index_elements=KEY, set_=changes))
