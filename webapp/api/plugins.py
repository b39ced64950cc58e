"""Plugins of the tenant: see them, switch them on and off, change their settings."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView
from marshmallow.validate import Length

from pitboss.core.context import Context
from pitboss.core.errors import NotFound, nearest
from pitboss.core.http import (
    Blueprint,
    check_match,
    current,
    platform_only,
    requires,
    send_etag,
    visit,
)
from pitboss.core.tenancy import toggle

blueprint = Blueprint("plugins", __name__, url_prefix="/plugins", description="Plugins of the tenant")

REASON_CHARACTERS_MAX = 500


class PluginSchema(ma.Schema):
    """A plugin, as the tenant has it."""

    name = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    summary = ma.fields.Str(required=True)
    version = ma.fields.Str(required=True)
    docs = ma.fields.Str(required=True)
    needs = ma.fields.List(ma.fields.Str(), required=True)
    permissions = ma.fields.List(ma.fields.Str(), required=True)
    is_always_on = ma.fields.Bool(required=True)
    is_enabled = ma.fields.Bool(required=True)
    is_required = ma.fields.Bool(required=True)
    settings = ma.fields.Dict(keys=ma.fields.Str(), required=True)


class ReasonSchema(ma.Schema):
    """Why, for whoever reads the audit trail."""

    reason = ma.fields.Str(validate=Length(max=REASON_CHARACTERS_MAX))


class SettingsSchema(ReasonSchema):
    """The whole of a plugin's settings; its own schema checks them."""

    settings = ma.fields.Dict(keys=ma.fields.Str(), required=True)


class RequiredSchema(ReasonSchema):
    """Whether the tenant's own operators may switch it off."""

    is_required = ma.fields.Bool(required=True)


@blueprint.route("")
class Plugins(MethodView):
    @requires("core.plugins")
    @blueprint.response(200, PluginSchema(many=True))
    def get(self) -> list[dict[str, Any]]:
        """List the installed plugins."""
        context = current()
        return [_described(context, name) for name in sorted(context.kernel.registry.manifests)]


@blueprint.route("/<plugin>")
class Plugin(MethodView):
    @requires("core.plugins")
    @blueprint.response(200, PluginSchema())
    def get(self, plugin: str) -> dict[str, Any]:
        """Show one plugin and its settings, with their ETag."""
        found = _described(current(), plugin)
        send_etag(found["settings"])
        return found


@blueprint.route("/<plugin>/settings")
class PluginSettings(MethodView):
    @requires("core.plugins")
    @blueprint.arguments(SettingsSchema())
    @blueprint.response(200, PluginSchema())
    def put(self, sent: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Replace a plugin's settings; If-Match must name those that were read."""
        context = current()
        check_match(_described(context, plugin)["settings"])
        toggle.configure(context, plugin, sent["settings"], reason=sent.get("reason"))
        found = _changed(context, plugin)
        send_etag(found["settings"])
        return found


@blueprint.route("/<plugin>/enable")
class PluginEnable(MethodView):
    @requires("core.plugins")
    @blueprint.arguments(ReasonSchema())
    @blueprint.response(200, PluginSchema())
    def post(self, sent: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a plugin on."""
        context = _with(plugin)
        toggle.enable(context, plugin, reason=sent.get("reason"))
        return _changed(context, plugin)


@blueprint.route("/<plugin>/disable")
class PluginDisable(MethodView):
    @requires("core.plugins")
    @blueprint.arguments(ReasonSchema())
    @blueprint.response(200, PluginSchema())
    def post(self, sent: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a plugin off; its data stays."""
        context = _with(plugin)
        toggle.disable(context, plugin, reason=sent.get("reason"))
        return _changed(context, plugin)


@blueprint.route("/<plugin>/required")
class PluginRequired(MethodView):
    @platform_only("core.plugins")
    @blueprint.arguments(RequiredSchema())
    @blueprint.response(200, PluginSchema())
    def put(self, sent: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Say whether the tenant's own operators may switch a plugin off."""
        context = _with(plugin)
        toggle.require(context, plugin, is_required=sent["is_required"], reason=sent.get("reason"))
        return _changed(context, plugin)


def _with(plugin: str) -> Context:
    context = current()
    _known(context, plugin)
    return context


def _known(context: Context, plugin: str) -> None:
    registry = context.kernel.registry
    if plugin not in registry.manifests:
        raise NotFound(f"no plugin {plugin!r} is installed; {nearest(plugin, list(registry.manifests))}")


def _changed(context: Context, plugin: str) -> dict[str, Any]:
    tenants, tenant_id = context.kernel.tenants, context.tenant.id
    visit().after_commit.append(lambda: tenants.forget(tenant_id))
    return _described(context, plugin)


def _described(context: Context, plugin: str) -> dict[str, Any]:
    _known(context, plugin)
    registry = context.kernel.registry
    manifest = registry.manifests[plugin]
    state = context.kernel.tenants.read_plugin(context.connection, context.tenant.id, plugin)
    is_always_on = plugin in registry.always_on
    return {
        "name": manifest.name,
        "title": manifest.title,
        "summary": manifest.summary,
        "version": manifest.version,
        "docs": manifest.docs,
        "needs": list(manifest.needs),
        "permissions": [permission.name for permission in manifest.permissions],
        "is_always_on": is_always_on,
        "is_enabled": is_always_on or state.enabled,
        "is_required": state.required,
        "settings": state.settings,
    }
