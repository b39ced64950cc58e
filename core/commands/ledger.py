"""`pitboss ledger`: prove that the books are right."""

from __future__ import annotations

import click

from pitboss.core.cli import Deployment
from pitboss.core.ledger import verify as ledger_verify


@click.group()
def ledger() -> None:
    """Look after the books."""


@ledger.command()
@click.option("--tenant", "code", help="Only this tenant.")
@click.pass_obj
def verify(deployment: Deployment, code: str | None) -> None:
    """Check every invariant of the books of each tenant; exit 1 when any is broken."""
    kernel = deployment()
    tenants = [kernel.tenants.named(code)] if code else kernel.tenants.all()
    is_sound = True
    for tenant in tenants:
        with kernel.context(tenant.id) as ctx:
            for law, violations in ledger_verify(ctx.connection).items():
                is_sound &= violations == 0
                click.echo(f"{tenant.code:20} {law:32} {violations}")
    if not is_sound:
        raise SystemExit(1)
