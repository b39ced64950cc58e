"""Laws of the books: each is a query that finds what breaks it, and all are asked in one statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Integer, Select, bindparam, func, literal, select, union_all

from pitboss.core.context import Context

TENANT = bindparam("law_tenant_id", type_=Integer)
"""Whose books a law looks at."""

Law = Callable[[], Select[Any]]


def broken_of(ctx: Context, laws: Mapping[str, Law]) -> dict[str, int]:
    """Return the laws that are broken, each with how often; empty where all is well."""
    found = ctx.connection.execute(_counts(tuple(laws.items())), {TENANT.key: ctx.tenant.id})
    return {row.law: row.times for row in found if row.times}


@cache
def _counts(laws: tuple[tuple[str, Law], ...]) -> CompoundSelect[Any]:
    # Writing it takes longer than asking it.
    return union_all(
        *(
            select(literal(name).label("law"), func.count().label("times")).select_from(law().subquery())
            for name, law in laws
        )
    )
