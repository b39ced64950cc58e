"""Switch plugins on and off for a tenant, and change their settings: checked, told, audited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.tenancy.files import PluginChoice, TenantFile

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

log = structlog.get_logger(__name__)


def enable(ctx: Context, plugin: str, *, reason: str | None = None) -> None:
    """Switch a plugin on; refused when a term that it needs would be missing."""
    _known(ctx, plugin)
    _look_again(ctx)
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


def disable(ctx: Context, plugin: str, *, reason: str | None = None, is_forced: bool = False) -> None:
    """Switch a plugin off; refused when it is required, another needs its terms, or a guard says no.

    Forced, no guard is asked: a plugin that does harm goes off at once, whatever leans on it.
    """
    _known(ctx, plugin)
    _look_again(ctx)
    before = _read(ctx, plugin)
    if before.required:
        raise Conflict(f"plugin {plugin!r} is required for this tenant and cannot be switched off")
    broken = ctx.kernel.registry.missing(ctx.tenant.enabled - {plugin})
    if broken:
        other, terms = next(iter(broken.items()))
        raise Conflict(f"plugin {other!r} needs the term {terms[0]!r} of it: first disable {other!r}")
    if not before.enabled:
        return
    if not is_forced:
        ctx.guard("core.disable_plugin", plugin)
    ctx.kernel.registry.tell(plugin, "tenant_disabled", ctx=ctx)
    _write(ctx, plugin, before, replace(before, enabled=False), "plugin.disabled", reason)
    _see(ctx, ctx.tenant.enabled - {plugin})


def configure(
    ctx: Context, plugin: str, values: Mapping[str, Any], *, reason: str | None = None
) -> dict[str, Any]:
    """Replace the settings of a plugin, or of a part of the platform; return them as stored."""
    _configurable(ctx, plugin)
    _look_again(ctx)
    settings = ctx.kernel.tenants.checked_settings(plugin, values, f"plugins.{plugin}.settings")
    before = _read(ctx, plugin)
    _write(ctx, plugin, before, replace(before, settings=settings), "plugin.configured", reason)
    return settings


def require(ctx: Context, plugin: str, *, is_required: bool, reason: str | None = None) -> None:
    """Mark a plugin as one that the tenant's own operators cannot switch off."""
    _known(ctx, plugin)
    _look_again(ctx)
    before = _read(ctx, plugin)
    after = replace(before, required=is_required)
    _write(ctx, plugin, before, after, "plugin.required" if is_required else "plugin.optional", reason)


def apply_file(kernel: Kernel, described: TenantFile) -> bool:
    """Bring a tenant to what its file says, when the file changed; tell whether it did.

    A plugin that was set aside is left out, and applied when it runs again.
    """
    plugins = _running(kernel, described)
    mark = described.hash if len(plugins) == len(described.plugins) else _marked(described.hash, plugins)
    tenant_id = _tenant_of(kernel, described)
    with kernel.context(tenant_id, actor_name=f"file {described.code}.toml") as ctx:
        _look_again(ctx)
        if kernel.tenants.file_hash(tenant_id, ctx.connection) == mark:
            return False
        _apply_plugins(ctx, described, plugins)
        kernel.tenants.describe(ctx.connection, tenant_id, replace(described, hash=mark))
        audit.record(ctx, "tenant.file_applied", f"tenant:{described.code}", new={"hash": mark})
    kernel.tenants.forget()
    return True


def _running(kernel: Kernel, described: TenantFile) -> dict[str, PluginChoice]:
    """Return the plugins of a file but for those that are set aside."""
    broken = {plugin.name for plugin in kernel.registry.broken} - set(kernel.registry.manifests)
    for name in broken & set(described.plugins):
        log.warning("a tenant's plugin is set aside", tenant=described.code, plugin=name)
    return {name: choice for name, choice in described.plugins.items() if name not in broken}


def _marked(hash_: str, plugins: Iterable[str]) -> str:
    return hashlib.sha256(" ".join([hash_, *sorted(plugins)]).encode()).hexdigest()


def _tenant_of(kernel: Kernel, described: TenantFile) -> int:
    try:
        return kernel.tenants.id_of(described.code)
    except NotFound:
        pass
    try:
        return kernel.tenants.create(described).id
    except Conflict:  # another process was first
        return kernel.tenants.id_of(described.code)


def _apply_plugins(ctx: Context, described: TenantFile, plugins: Mapping[str, PluginChoice]) -> None:
    for name, choice in plugins.items():
        _configurable(ctx, name, where=f"{described.path}: plugins.{name}")
        where = f"{described.path}: plugins.{name}.settings"
        settings = ctx.kernel.tenants.checked_settings(name, choice.settings, where)
        before = _read(ctx, name)
        after = replace(choice, settings=settings, enabled=before.enabled)
        if after != before:
            _write(ctx, name, before, after, "plugin.configured", None)
    # Those that are needed come on first, and go off last.
    ordered = [name for name in ctx.kernel.registry.in_order(plugins) if name in plugins]
    for name in [n for n in ordered if plugins[n].enabled and n not in ctx.kernel.registry.always_on]:
        enable(ctx, name)
    for name in [n for n in reversed(ordered) if not plugins[n].enabled]:
        disable(ctx, name)


def _look_again(ctx: Context) -> None:
    """Judge by what is true now, not by what was cached, and let no one change it meanwhile."""
    ctx.tenant = ctx.kernel.tenants.locked(ctx.connection, ctx.tenant.id)
    ctx.view = ctx.kernel.registry.view(ctx.tenant.enabled)


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


def _configurable(ctx: Context, plugin: str, where: str = "plugin") -> None:
    """Let through what may have settings: also the parts that are always on, where they declare some."""
    manifest = ctx.kernel.registry.manifests.get(plugin)
    if plugin not in ctx.kernel.registry.always_on or manifest is None or manifest.settings is None:
        _known(ctx, plugin, where)


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
