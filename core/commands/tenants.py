"""`pitboss tenant` and `pitboss plugin`: tenants, and what each has switched on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from pitboss.core.cli import Deployment
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import PLATFORM_ID, TenantFile, toggle
from pitboss.core.tenancy.files import read_tenant_file

ACTOR = "command line"
_DEFAULTS = TenantFile(code="", name="")


@click.group()
def tenant() -> None:
    """List and create tenants, and apply their files."""


@tenant.command("list")
@click.pass_obj
def list_tenants(deployment: Deployment) -> None:
    """List the tenants and the plugins that each has switched on."""
    kernel = deployment()
    for found in kernel.tenants.all():
        plugins = ", ".join(sorted(found.enabled - kernel.registry.always_on)) or "no plugins"
        click.echo(f"{found.code:20} {found.currency:5} {found.name:30} {plugins}")


@tenant.command()
@click.argument("code")
@click.option("--name", required=True)
@click.option("--country", default=_DEFAULTS.country, show_default=True)
@click.option("--currency", default=_DEFAULTS.currency, show_default=True)
@click.option("--locale", default=_DEFAULTS.locale, show_default=True)
@click.option("--time-zone", default=_DEFAULTS.time_zone, show_default=True)
@click.pass_obj
def create(deployment: Deployment, /, code: str, **described: Any) -> None:
    """Create a tenant."""
    made = deployment().tenants.create(TenantFile(code=code, **described))
    click.echo(f"tenant {made.code} created; switch plugins on with: pitboss plugin enable")


@tenant.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_obj
def apply(deployment: Deployment, files: tuple[Path, ...]) -> None:
    """Apply the given tenant files, or all in the config folder."""
    kernel = deployment()
    kernel.tenants.ensure_platform()
    if files:
        changed = [f.stem for f in files if toggle.apply_file(kernel, read_tenant_file(f))]
    else:
        changed = kernel.apply_tenant_files()
    click.echo(f"changed: {', '.join(changed) or 'nothing'}")


@click.group()
def plugin() -> None:
    """List the installed plugins, and switch them on and off for a tenant."""


@plugin.command("list")
@click.option("--tenant", "code", help="Show what this tenant has switched on.")
@click.pass_obj
def list_plugins(deployment: Deployment, code: str | None) -> None:
    """List the installed plugins, and those that were set aside."""
    kernel = deployment()
    enabled = kernel.tenants.named(code).enabled if code else frozenset()
    for name in kernel.registry.optional:
        manifest = kernel.registry.manifests[name]
        mark = ("on " if name in enabled else "off") if code else "   "
        click.echo(f"{mark} {name:20} {manifest.version:10} {manifest.title}")
    for broken in kernel.registry.broken:
        click.echo(f"set aside: {broken.name} ({broken.distribution}): {broken.reason}")


@plugin.command()
@click.argument("name")
@click.option("--tenant", "code", required=True)
@click.pass_obj
def enable(deployment: Deployment, name: str, code: str) -> None:
    """Switch a plugin on for a tenant."""
    with _working_in(deployment(), code) as ctx:
        toggle.enable(ctx, name)
    click.echo(f"{name} is on for {code}")


@plugin.command()
@click.argument("name")
@click.option("--tenant", "code", required=True)
@click.option("--force", is_flag=True, help="Ask no guard, such as that of live rules that need it.")
@click.pass_obj
def disable(deployment: Deployment, name: str, code: str, force: bool) -> None:
    """Switch a plugin off for a tenant; its data stays."""
    with _working_in(deployment(), code) as ctx:
        toggle.disable(ctx, name, is_forced=force)
    click.echo(f"{name} is off for {code}")


@plugin.command()
@click.argument("name")
@click.argument("assignments", nargs=-1, metavar="KEY=VALUE...")
@click.option("--tenant", "code", required=True)
@click.pass_obj
def configure(deployment: Deployment, name: str, assignments: tuple[str, ...], code: str) -> None:
    """Change settings of a plugin for a tenant; without KEY=VALUE, show them."""
    kernel = deployment()
    with _working_in(kernel, code) as ctx:
        stored = kernel.tenants.read_plugin(ctx.connection, ctx.tenant.id, name).settings
        if assignments:
            stored = toggle.configure(ctx, name, stored | dict(_assigned(a) for a in assignments))
    click.echo(json.dumps(stored, indent=2, sort_keys=True))


@plugin.command()
@click.argument("name")
@click.option("--tenant", "code", required=True)
@click.option("--off", is_flag=True, help="Let the tenant switch it off again.")
@click.pass_obj
def require(deployment: Deployment, name: str, code: str, off: bool) -> None:
    """Forbid a tenant's own operators to switch a plugin off."""
    with _working_in(deployment(), code) as ctx:
        toggle.require(ctx, name, is_required=not off)
    click.echo(f"{name} is {'optional' if off else 'required'} for {code}")


def _working_in(kernel: Kernel, code: str) -> Context:
    found = kernel.tenants.named(code)
    ctx = kernel.context(found.id, actor_name=ACTOR)
    ctx.actor = replace(ctx.actor, home_id=PLATFORM_ID)
    return ctx


def _assigned(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidInput(f"{text!r}: write KEY=VALUE")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value
