"""Switch plugins on and off for a tenant, and change their settings: checked, told, audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.tenancy.files import PluginChoice, TenantFile

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel


def enable(ctx: Context, plugin: str, *, reason: str | None = None) -> None:
    """Switch a plugin on; refused when a term that it needs would be missing."""
    _known(ctx, plugin)
    wanted = ctx.tenant.enabled | {plugin}
    lacking = ctx.kernel.registry.missing(wanted).get(plugin)
    if lacking:
        providers = ctx.kernel.registry.providers(lacking[0])
        raise Conflict(f"plugin {plugin!r} needs the term {lacking[0]!r}: first enable one of {providers}")
    before = _read(ctx, plugin)
    if before.enabled:
        return
    _write(ctx, plugin, before, replace(before, enabled=True), "plugin.enabled", reason)
    _see(ctx, wanted)
    ctx.kernel.registry.tell(plugin, "tenant_enabled", ctx=ctx)


def disable(ctx: Context, plugin: str, *, reason: str | None = None) -> None:
    """Switch a plugin off; refused when it is required or another plugin needs its terms."""
    _known(ctx, plugin)
    before = _read(ctx, plugin)
    if before.required:
        raise Conflict(f"plugin {plugin!r} is required for this tenant and cannot be switched off")
    broken = ctx.kernel.registry.missing(ctx.tenant.enabled - {plugin})
    if broken:
        other, terms = next(iter(broken.items()))
        raise Conflict(f"plugin {other!r} needs the term {terms[0]!r} of it: first disable {other!r}")
    if not before.enabled:
        return
    ctx.kernel.registry.tell(plugin, "tenant_disabled", ctx=ctx)
    _write(ctx, plugin, before, replace(before, enabled=False), "plugin.disabled", reason)
    _see(ctx, ctx.tenant.enabled - {plugin})


def configure(
    ctx: Context, plugin: str, values: Mapping[str, Any], *, reason: str | None = None
) -> dict[str, Any]:
    """Replace a plugin's settings for a tenant; return them as stored."""
    _known(ctx, plugin)
    settings = ctx.kernel.tenants.checked_settings(plugin, values, f"plugins.{plugin}.settings")
    before = _read(ctx, plugin)
    _write(ctx, plugin, before, replace(before, settings=settings), "plugin.configured", reason)
    return settings


def require(ctx: Context, plugin: str, *, is_required: bool, reason: str | None = None) -> None:
    """Mark a plugin as one that the tenant's own operators cannot switch off."""
    _known(ctx, plugin)
    before = _read(ctx, plugin)
    after = replace(before, required=is_required)
    _write(ctx, plugin, before, after, "plugin.required" if is_required else "plugin.optional", reason)


def apply_file(kernel: Kernel, described: TenantFile) -> bool:
    """Bring a tenant to what its file says, when the file changed; tell whether it did."""
    try:
        tenant = kernel.tenants.by_code(described.code)
    except NotFound:
        tenant = kernel.tenants.create(described)
    if kernel.tenants.file_hash(tenant.id) == described.hash:
        return False
    with kernel.context(tenant.id, actor_name=f"file {described.code}.toml") as ctx:
        for name, choice in described.plugins.items():
            _known(ctx, name, where=f"{described.path}: plugins.{name}")
            where = f"{described.path}: plugins.{name}.settings"
            settings = kernel.tenants.checked_settings(name, choice.settings, where)
            before = _read(ctx, name)
            after = replace(choice, settings=settings, enabled=before.enabled)
            if after != before:
                _write(ctx, name, before, after, "plugin.configured", None)
        wanted = [n for n, c in described.plugins.items() if c.enabled]
        for name in kernel.registry.in_order(wanted):
            if name in wanted:
                enable(ctx, name)
        for name in [n for n, c in described.plugins.items() if not c.enabled]:
            disable(ctx, name)
        kernel.tenants.describe(ctx.connection, tenant.id, described)
        audit.record(ctx, "tenant.file_applied", f"tenant:{described.code}", new={"hash": described.hash})
    kernel.tenants.forget()
    return True


def _see(ctx: Context, enabled: frozenset[str]) -> None:
    """Let the rest of the transaction live in the new state."""
    ctx.tenant = replace(ctx.tenant, enabled=enabled)
    ctx.view = ctx.kernel.registry.view(enabled)


def _known(ctx: Context, plugin: str, where: str = "plugin") -> None:
    registry = ctx.kernel.registry
    if plugin in registry.always_on:
        raise InvalidInput(f"{where}: {plugin!r} is part of the platform: it is always on")
    if plugin not in registry.manifests:
        raise InvalidInput(f"{where}: {plugin!r} is not installed; {nearest(plugin, registry.optional)}")


def _read(ctx: Context, plugin: str) -> PluginChoice:
    return ctx.kernel.tenants.read_plugin(ctx.connection, ctx.tenant.id, plugin)


def _write(
    ctx: Context,
    plugin: str,
    before: PluginChoice,
    after: PluginChoice,
    action: str,
    reason: str | None,
) -> None:
    ctx.kernel.tenants.write_plugin(ctx.connection, ctx.tenant.id, plugin, after, ctx.actor.label)
    audit.record(ctx, action, f"plugin:{plugin}", old=_as_json(before), new=_as_json(after), reason=reason)


def _as_json(choice: PluginChoice) -> dict[str, Any]:
    return {"enabled": choice.enabled, "required": choice.required, "settings": choice.settings}
