"""What a rule or a campaign may pay in all: reserved in one statement, so that it is never exceeded."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.database import MinorUnits
from pitboss.rules.runtime.tables import BudgetRow

USED_UP = "rules.budget_used_up"

_BUDGET = BudgetRow.__table__


def reserve(ctx: Context, owner: str, *, period: datetime, total: int, amount: int) -> bool:
    """Take an amount of a budget's period, unless too little is left; tell whether it did.

    Whoever comes second waits for the first to commit, so that both are never paid from one rest.
    """
    if amount > total:
        return False
    row = {
        "tenant_id": ctx.tenant.id,
        "owner": owner,
        "period_start": period,
        "total": total,
        "spent": amount,
    }
    statement = _upsert(ctx.connection.dialect.name)
    return ctx.connection.scalar(statement, row | {"amount": amount}) is not None


def give_back(ctx: Context, owner: str, *, period: datetime, amount: int) -> None:
    """Return an amount to the period that it was taken from."""
    ctx.connection.execute(
        update(_BUDGET).where(*_is(ctx, owner, period)).values(spent=_BUDGET.c.spent - amount)
    )


def tell_used_up(ctx: Context, owner: str, *, period: datetime, total: int) -> None:
    """Emit once for each period that a budget could not pay."""
    told = (
        update(_BUDGET)
        .where(*_is(ctx, owner, period), _BUDGET.c.is_told.is_(False))
        .values(is_told=True)
        .returning(_BUDGET.c.spent)
    )
    spent = ctx.connection.scalar(told)
    if spent is not None:
        ctx.emit(USED_UP, {"owner": owner, "total": total, "spent": spent})


def _is(ctx: Context, owner: str, period: datetime) -> tuple[Any, ...]:
    return (
        _BUDGET.c.tenant_id == ctx.tenant.id,
        _BUDGET.c.owner == owner,
        _BUDGET.c.period_start == period,
    )


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Any:
    names = ("tenant_id", "owner", "period_start", "total", "spent")
    values = {name: bindparam(name, type_=_BUDGET.c[name].type) for name in names}
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(_BUDGET).values(
        {**values, "is_told": False}
    )
    spent = _BUDGET.c.spent + bindparam("amount", type_=MinorUnits())
    # An operator may have changed the total since: the present one counts.
    reserved = statement.on_conflict_do_update(
        index_elements=("tenant_id", "owner", "period_start"),
        set_={"spent": spent, "total": statement.excluded.total},
        where=spent <= statement.excluded.total,
    )
    return reserved.returning(_BUDGET.c.spent)
