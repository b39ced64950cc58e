"""`pitboss audit`: prove the trail, publish its head, take it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import click

from pitboss.core.audit.chain import Head, head, verify
from pitboss.core.audit.export import as_csv, as_json_lines
from pitboss.core.audit.search import Filter

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel
    from pitboss.core.tenancy import Tenant

_tenant = click.option("--tenant", "code", help="Only this tenant, by its code.")


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command("verify")
@_tenant
@click.option("--head", "published", help="A head that was published earlier; needs --tenant.")
@click.pass_obj
def verify_command(deployment: Callable[[], Kernel], code: str | None, published: str | None) -> None:
    """Check the hash chain of each tenant; exit 1 when any is broken."""
    if published and not code:
        raise click.UsageError("--head belongs to one tenant: add --tenant CODE")
    kernel = deployment()
    expected = Head.parse(published) if published else None
    is_sound = True
    for tenant in _tenants(kernel, code):
        with kernel.context(tenant.id) as ctx:
            found = verify(ctx, published=expected)
        is_sound &= found.ok
        state = "ok" if found.ok else f"BROKEN at {found.first_bad}"
        click.echo(f"{tenant.code:20} {found.entries} sealed, {found.unsealed} waiting: {state}")
    if not is_sound:
        raise SystemExit(1)


@audit.command("head")
@_tenant
@click.pass_obj
def head_command(deployment: Callable[[], Kernel], code: str | None) -> None:
    """Print the head of each tenant's chain, to be kept outside the database."""
    kernel = deployment()
    for tenant in _tenants(kernel, code):
        with kernel.context(tenant.id) as ctx:
            click.echo(f"{tenant.code} {head(ctx)}")


@audit.command("export")
@click.option("--tenant", "code", required=True, help="The tenant, by its code.")
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@click.option("--since", type=click.DateTime(), help="From this day on (UTC).")
@click.option("--until", type=click.DateTime(), help="Up to, and without, this day (UTC).")
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.pass_obj
def export_command(
    deployment: Callable[[], Kernel],
    code: str,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    output: TextIO,
) -> None:
    """Write a tenant's audit trail, oldest entry first."""
    kernel = deployment()
    wanted = Filter(since=_utc(since), until=_utc(until))
    with kernel.context(kernel.tenants.named(code).id) as ctx:
        for line in (as_csv if kind == "csv" else as_json_lines)(ctx, wanted):
            output.write(line)


def _tenants(kernel: Kernel, code: str | None) -> list[Tenant]:
    return [kernel.tenants.named(code)] if code else kernel.tenants.all()


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
