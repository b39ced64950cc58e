"""Housekeeping of identity: what has expired is removed, a slice at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, select

from pitboss.core.contracts import Task
from pitboss.core.identity.attempts import FORGOTTEN_AFTER_HOURS
from pitboss.core.identity.tables import (
    AccessToken,
    Attempts,
    OperatorSession,
    PasswordReset,
    RefreshToken,
    TokenFamily,
)

if TYPE_CHECKING:
    from pitboss.core.context import Context

KEPT_DAYS = 30
"""How long a sign-in that is over stays, so that support can look into it."""
PURGE_ROWS_MAX = 10_000
"""Rows of each table that one run removes."""

_FAMILY = TokenFamily.__table__


def purge(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """Remove expired tokens, sessions, resets and attempts; return how many rows."""
    now = ctx.clock.now()
    removed = _purge_families(ctx, now - timedelta(days=KEPT_DAYS))
    attempts = Attempts.__table__
    for table, column, before in (
        (AccessToken.__table__, "expires_at", now),
        (PasswordReset.__table__, "expires_at", now),
        (OperatorSession.__table__, "expires_at", now - timedelta(days=KEPT_DAYS)),
        (attempts, "last_at", now - timedelta(hours=FORGOTTEN_AFTER_HOURS)),
    ):
        removed += _purge(ctx, table, column, before)
    return removed


def _purge(ctx: Context, table: Table, column: str, before: datetime) -> int:
    key = [c for c in table.primary_key.columns if c.name != "tenant_id"][-1]
    old = select(key).where(table.c.tenant_id == ctx.tenant.id, table.c[column] < before)
    ids = ctx.connection.scalars(old.limit(PURGE_ROWS_MAX)).all()
    gone = delete(table).where(table.c.tenant_id == ctx.tenant.id, key.in_(ids), table.c[column] < before)
    return ctx.connection.execute(gone).rowcount if ids else 0


def _purge_families(ctx: Context, before: datetime) -> int:
    old = select(_FAMILY.c.id).where(_FAMILY.c.tenant_id == ctx.tenant.id, _FAMILY.c.expires_at < before)
    ids = ctx.connection.scalars(old.limit(PURGE_ROWS_MAX)).all()
    if not ids:
        return 0
    for table in (AccessToken.__table__, RefreshToken.__table__):
        ctx.connection.execute(
            delete(table).where(table.c.tenant_id == ctx.tenant.id, table.c.family_id.in_(ids))
        )
    gone = delete(_FAMILY).where(_FAMILY.c.tenant_id == ctx.tenant.id, _FAMILY.c.id.in_(ids))
    return ctx.connection.execute(gone).rowcount


TASKS = (
    Task(
        name="core.purge_sign_ins",
        run=purge,
        title="Forget expired tokens and sessions",
        cron="43 * * * *",
    ),
)
