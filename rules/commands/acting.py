"""In whose name a command works on a tenant's rulebook: a named operator, with what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pitboss.core.cli import Deployment
    from pitboss.core.context import Context
    from pitboss.core.identity.principal import Principal
    from pitboss.core.kernel import Kernel

READER = "command line"
"""Who reads; whoever changes something is named."""


def tenant_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --tenant."""
    return click.option("--tenant", "code", required=True, metavar="CODE", help="Whose rulebook.")(command)


def as_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --as."""
    said = "The operator who does it, of the tenant or of the platform."
    return click.option("--as", "email", required=True, metavar="EMAIL", help=said)(command)


def revision_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take --revision."""
    said = "Refuse when the rule is at another revision than this one, which `show` prints."
    return click.option("--revision", type=int, metavar="N", help=said)(command)


def reading(deployment: Deployment, code: str) -> Context:
    """Return a unit of work that looks at a tenant's rulebook."""
    kernel = deployment()
    return kernel.context(kernel.tenants.named(code).id, actor_name=READER)


def acting(deployment: Deployment, code: str, email: str, permission: str) -> Context:
    """Return a unit of work of an operator who may do this."""
    kernel = deployment()
    tenant_id = kernel.tenants.named(code).id
    actor = _operator(kernel, tenant_id, email)
    actor.require(permission)
    return kernel.context(tenant_id, actor)


def _operator(kernel: Kernel, tenant_id: int, email: str) -> Principal:
    from pitboss.core.errors import NotFound
    from pitboss.core.tenancy import PLATFORM_ID

    for home_id in (tenant_id, PLATFORM_ID):
        found = _known(kernel, home_id, tenant_id, email)
        if found is not None:
            return found
    code = kernel.tenants.get(tenant_id).code
    raise NotFound(f"no active operator {email!r}: list them with `pitboss operator list {code}`")


def _known(kernel: Kernel, home_id: int, tenant_id: int, email: str) -> Principal | None:
    """Return an operator who may sign in, as somebody who acts in the tenant."""
    from sqlalchemy import select

    from pitboss.core.identity.names import login_of
    from pitboss.core.identity.principal import Principal
    from pitboss.core.identity.roles import effective_permissions
    from pitboss.core.identity.tables import Operator, Status

    with kernel.context(home_id, actor_name=READER) as ctx:
        wanted = select(Operator.id, Operator.email, Operator.status).where(
            Operator.tenant_id == home_id, Operator.email == login_of(email)
        )
        row = ctx.connection.execute(wanted).first()
        if row is None or row.status != Status.ACTIVE:
            return None
        return Principal(
            kind="operator",
            tenant_id=tenant_id,
            id=row.id,
            name=row.email,
            permissions=effective_permissions(ctx, row.id),
            home_id=None if home_id == tenant_id else home_id,
        )
