"""`pitboss operator`: let the first people in, and those who are locked out of the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pitboss.core import audit
from pitboss.core.errors import NotFound
from pitboss.core.identity import operators, proof, resets, roles
from pitboss.core.identity.names import login_of

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel

ACTOR = "command line"


@click.group()
def operator() -> None:
    """Invite operators, list them, and help those who forgot their password."""


@operator.command("list")
@click.argument("tenant")
@click.pass_obj
def list_operators(deployment: Callable[[], Kernel], tenant: str) -> None:
    """List a tenant's operators and their roles; the tenant `platform` is the deployment's own."""
    kernel = deployment()
    with kernel.context(kernel.tenants.named(tenant).id, actor_name=ACTOR) as ctx:
        for found in operators.list_operators(ctx):
            names = ", ".join(roles.roles_of(ctx, found.id)) or "no roles"
            click.echo(f"{found.email:40} {found.status:12} {names}")


@operator.command()
@click.argument("tenant")
@click.argument("email")
@click.option("--role", "role_names", multiple=True, default=[roles.ADMINISTRATOR], show_default=True)
@click.pass_obj
def invite(deployment: Callable[[], Kernel], tenant: str, email: str, role_names: tuple[str, ...]) -> None:
    """Add an operator and print the link with which they choose a password."""
    kernel = deployment()
    with kernel.context(kernel.tenants.named(tenant).id, actor_name=ACTOR) as ctx:
        invited = operators.invite_operator(ctx, email, role_names=role_names)
    _print_link(kernel, invited.operator.email, invited.token, resets.INVITATION_HOURS)


@operator.command()
@click.argument("tenant")
@click.argument("email")
@click.pass_obj
def reset(deployment: Callable[[], Kernel], tenant: str, email: str) -> None:
    """Print a link with which an operator chooses a new password."""
    kernel = deployment()
    with kernel.context(kernel.tenants.named(tenant).id, actor_name=ACTOR) as ctx:
        account = proof.find_account(ctx.connection, ctx.tenant.id, "operator", login_of(email))
        if account is None:
            raise NotFound(f"no operator {email!r}: list them with `pitboss operator list {tenant}`")
        token = resets.new_token(ctx, "operator", account.id, hours=resets.RESET_HOURS)
        audit.record(ctx, "core.operator_reset", f"operator:{account.id}")
    _print_link(kernel, account.email, token, resets.RESET_HOURS)


def _print_link(kernel: Kernel, email: str, token: str, hours: int) -> None:
    click.echo(f"{email} chooses a password here within {hours} hours:")
    click.echo(f"{kernel.settings.site_url}{resets.OPERATOR_PAGE}?token={token}")
