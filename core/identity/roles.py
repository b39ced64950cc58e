"""Roles: named sets of permissions, and who has them. Nobody grants more than they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.errors import Conflict, Forbidden, InvalidInput, NotFound, nearest
from pitboss.core.identity.tables import Operator, OperatorRole, Role, Status
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

ADMINISTRATOR = "administrator"
EVERYTHING = "*"
PERMISSIONS_MAX = 200
_SUPPORT = ("core.players", "core.players_edit", "core.players_notes", "core.notifications")
_VIEWER = ("core.players", "core.audit", "core.events", "core.jobs")
DEFAULT_ROLES: dict[str, tuple[str, tuple[str, ...]]] = {
    ADMINISTRATOR: (marked("Administrator"), (EVERYTHING,)),
    "support": (marked("Support"), _SUPPORT),
    "finance": (marked("Finance"), ("core.players", "core.wallet_adjust", "core.audit")),
    "viewer": (marked("Viewer"), _VIEWER),
}

_ROLE = Role.__table__
_HELD = OperatorRole.__table__
_OPERATOR = Operator.__table__


def give_default_roles(connection: Connection, tenant_id: int) -> None:
    """Give a new tenant the default roles; giving them again changes nothing."""
    rows = [
        {"tenant_id": tenant_id, "name": name, "title": title, "permissions": list(permissions)}
        for name, (title, permissions) in DEFAULT_ROLES.items()
    ]
    dialect_insert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    connection.execute(dialect_insert(_ROLE).on_conflict_do_nothing(), rows)


def list_roles(ctx: Context) -> Sequence[Any]:
    """Return the tenant's roles by name."""
    of_tenant = select(_ROLE).where(_ROLE.c.tenant_id == ctx.tenant.id)
    return ctx.connection.execute(of_tenant.order_by(_ROLE.c.name)).all()


def find_role(ctx: Context, name: str) -> Any:
    """Return a role, or raise NotFound."""
    return _find(ctx, name)


def save_role(ctx: Context, name: str, *, title: str, permissions: Iterable[str]) -> Any:
    """Create or change a role."""
    if name == ADMINISTRATOR:
        raise Conflict("the role 'administrator' may do everything: make another role for less")
    wanted = check_permissions(ctx, permissions)
    row = {"title": title, "permissions": wanted}
    old = ctx.connection.execute(select(_ROLE).where(_is(ctx, name)).with_for_update()).first()
    if old is None:
        ctx.connection.execute(insert(_ROLE), {"tenant_id": ctx.tenant.id, "name": name, **row})
    else:
        _refuse_more_than_own(ctx, old.permissions)
        ctx.connection.execute(update(_ROLE).where(_is(ctx, name)).values(**row))
    before = None if old is None else {"title": old.title, "permissions": old.permissions}
    audit.record(ctx, "core.save_role", f"role:{name}", old=before, new=row)
    return _find(ctx, name)


def delete_role(ctx: Context, name: str) -> None:
    """Remove a role that nobody has."""
    if name == ADMINISTRATOR:
        raise Conflict("the role 'administrator' stays")
    role = find_role(ctx, name)
    _refuse_more_than_own(ctx, role.permissions)
    held = select(_HELD.c.operator_id).where(_HELD.c.tenant_id == ctx.tenant.id, _HELD.c.role == name)
    if ctx.connection.scalar(held.limit(1)) is not None:
        raise Conflict(f"operators have the role {name!r}: take it from them first")
    ctx.connection.execute(delete(_ROLE).where(_is(ctx, name)))
    audit.record(ctx, "core.delete_role", f"role:{name}", old={"permissions": role.permissions})


def roles_of(ctx: Context, operator_id: UUID) -> list[str]:
    """Return the names of an operator's roles."""
    held = select(_HELD.c.role).where(_HELD.c.tenant_id == ctx.tenant.id, _HELD.c.operator_id == operator_id)
    return list(ctx.connection.scalars(held.order_by(_HELD.c.role)))


def assign_roles(ctx: Context, operator_id: UUID, names: Iterable[str]) -> list[str]:
    """Give an operator exactly these roles."""
    wanted, old = sorted(set(names)), roles_of(ctx, operator_id)
    for name in set(wanted) ^ set(old):
        _refuse_more_than_own(ctx, _find(ctx, name).permissions)
    if ADMINISTRATOR in old and ADMINISTRATOR not in wanted:
        refuse_last_administrator(ctx, operator_id)
    of_operator = (_HELD.c.tenant_id == ctx.tenant.id) & (_HELD.c.operator_id == operator_id)
    ctx.connection.execute(delete(_HELD).where(of_operator, _HELD.c.role.not_in(wanted)))
    for name in sorted(set(wanted) - set(old)):
        held = {"tenant_id": ctx.tenant.id, "operator_id": operator_id, "role": name}
        ctx.connection.execute(insert(_HELD), held | {"given_at": ctx.clock.now()})
    target = f"operator:{operator_id}"
    audit.record(ctx, "core.assign_roles", target, old={"roles": old}, new={"roles": wanted})
    return wanted


def effective_permissions(ctx: Context, operator_id: UUID) -> frozenset[str]:
    """Return what an operator may do; permissions of plugins that are not installed count for nothing."""
    granted = (
        select(_ROLE.c.permissions)
        .join(_HELD, (_HELD.c.tenant_id == _ROLE.c.tenant_id) & (_HELD.c.role == _ROLE.c.name))
        .where(_HELD.c.tenant_id == ctx.tenant.id, _HELD.c.operator_id == operator_id)
    )
    found = {name for names in ctx.connection.scalars(granted) for name in names}
    return frozenset(found & _known(ctx))


def refuse_more_than_own(ctx: Context, operator_id: UUID) -> None:
    """Raise Forbidden when an operator may do what the actor may not: nobody rules over a superior."""
    _refuse_more_than_own(ctx, effective_permissions(ctx, operator_id))


def refuse_last_administrator(ctx: Context, operator_id: UUID) -> None:
    """Raise Conflict when no other active operator is administrator."""
    # Whoever takes an administrator away waits here, so that two cannot take the last two.
    ctx.connection.execute(select(_ROLE.c.name).where(_is(ctx, ADMINISTRATOR)).with_for_update())
    others = (
        select(_OPERATOR.c.id)
        .join(_HELD, (_HELD.c.tenant_id == _OPERATOR.c.tenant_id) & (_HELD.c.operator_id == _OPERATOR.c.id))
        .where(_OPERATOR.c.tenant_id == ctx.tenant.id, _OPERATOR.c.id != operator_id)
        .where(_HELD.c.role == ADMINISTRATOR, _OPERATOR.c.status == Status.ACTIVE)
    )
    if ctx.connection.scalar(others.limit(1)) is None:
        raise Conflict("this is the last administrator: make another one first")


def check_permissions(ctx: Context, permissions: Iterable[str]) -> list[str]:
    """Return permissions in order, or refuse those that do not exist or that the actor does not hold."""
    wanted, known = sorted(set(permissions)), _known(ctx)
    if len(wanted) > PERMISSIONS_MAX:
        raise InvalidInput(f"more than {PERMISSIONS_MAX} permissions: use '<plugin>.*'")
    for name in wanted:
        if name not in known:
            cure = nearest(name, sorted(known))
            raise InvalidInput(f"permissions: no permission {name!r}; {cure}", {"permissions": [cure]})
    _refuse_more_than_own(ctx, wanted)
    return wanted


def _known(ctx: Context) -> set[str]:
    registry = ctx.kernel.registry
    names = {permission.name for permission in registry.permissions()}
    return names | {f"{owner}.*" for owner in registry.manifests} | {EVERYTHING}


def _refuse_more_than_own(ctx: Context, permissions: Iterable[str]) -> None:
    for name in permissions:
        if not ctx.actor.may(name):
            raise Forbidden(f"only who holds the permission {name!r} may give or take it")


def _find(ctx: Context, name: str) -> Any:
    role = ctx.connection.execute(select(_ROLE).where(_is(ctx, name))).first()
    if role is None:
        known = [one.name for one in list_roles(ctx)]
        raise NotFound(f"no role {name!r}: {nearest(name, known)}")
    return role


def _is(ctx: Context, name: str) -> Any:
    return (_ROLE.c.tenant_id == ctx.tenant.id) & (_ROLE.c.name == name)
