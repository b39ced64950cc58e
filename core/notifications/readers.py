"""Who notifications are for, and the language that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from pitboss.core.identity.principal import Principal
from pitboss.core.identity.tables import Operator, OperatorRole, Player, Role, Status
from pitboss.core.notifications.tables import Kind

if TYPE_CHECKING:
    from pitboss.core.context import Context

_OPERATOR, _HELD, _ROLE = Operator.__table__, OperatorRole.__table__, Role.__table__
_PLAYER = Player.__table__


def locale_of(ctx: Context, kind: str, target_id: UUID) -> str | None:
    """Return the language that someone chose, or None who chose none."""
    table, column = (_PLAYER, _PLAYER.c.locale) if kind == Kind.PLAYER else (_OPERATOR, _OPERATOR.c.language)
    locale: str | None = ctx.connection.scalar(
        select(column).where(table.c.tenant_id == ctx.tenant.id, table.c.id == target_id)
    )
    return locale


def operators_with(ctx: Context, permission: str | None) -> list[UUID]:
    """Return the tenant's active operators who hold a permission, or all of them without one."""
    is_held = (_HELD.c.tenant_id == _OPERATOR.c.tenant_id) & (_HELD.c.operator_id == _OPERATOR.c.id)
    is_role = (_ROLE.c.tenant_id == _HELD.c.tenant_id) & (_ROLE.c.name == _HELD.c.role)
    rows = ctx.connection.execute(
        select(_OPERATOR.c.id, _ROLE.c.permissions)
        .select_from(_OPERATOR.outerjoin(_HELD, is_held).outerjoin(_ROLE, is_role))
        .where(_OPERATOR.c.tenant_id == ctx.tenant.id, _OPERATOR.c.status == Status.ACTIVE)
        .order_by(_OPERATOR.c.id)
    )
    held: dict[UUID, set[str]] = {}
    for row in rows:
        held.setdefault(row.id, set()).update(row.permissions or ())
    return [i for i, names in held.items() if permission is None or _may(ctx, names, permission)]


def _may(ctx: Context, permissions: set[str], permission: str) -> bool:
    principal = Principal(kind="operator", tenant_id=ctx.tenant.id, permissions=frozenset(permissions))
    return principal.may(permission)
