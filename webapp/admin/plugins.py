"""Plugins: what is installed, what the tenant has switched on, and how it is set up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from pitboss.core.contracts import Manifest
from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.health import Finding, examine
from pitboss.core.http import current, platform_only, requires
from pitboss.core.jobs import JobRow, JobState
from pitboss.core.tenancy import toggle
from pitboss.core.tenancy.files import PluginChoice
from pitboss.core.testing import levels
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, translated
from pitboss.webapp.admin import forms
from pitboss.webapp.admin.shell import Undo, done, failed, page, pages, text_of
from pitboss.webapp.admin.words import words_of

FAILURES_SHOWN = 10
_JOB = JobRow.__table__


@dataclass(frozen=True, slots=True)
class Row:
    """A plugin as the list and its own page show it."""

    manifest: Manifest
    is_enabled: bool
    is_required: bool
    is_core: bool
    lacking: list[str]
    needed_by: list[str]
    level: str
    """What the contract measured for the running version, or "unmeasured"."""


@pages.get("/plugins")
@requires("core.plugins")
def plugins() -> Response:
    """List what is installed and what is set aside."""
    registry = current().kernel.registry
    rows = [_row(name) for name in registry.manifests]
    return page(
        "plugins",
        optional=[row for row in rows if not row.is_core],
        parts=[row for row in rows if row.is_core],
        broken=registry.broken,
    )


@pages.get("/plugins/<name>")
@requires("core.plugins")
def plugin(name: str) -> Response:
    """Show one plugin: settings, health, vocabulary and recent failures."""
    return _plugin_page(name)


@pages.post("/plugins/<name>/on")
@requires("core.plugins")
def switch_on(name: str) -> Response:
    """Switch a plugin on for this tenant."""
    try:
        toggle.enable(current(), _known(name).name, reason=text_of("reason") or None)
    except PitbossError as error:
        return failed(str(error), "admin.plugins")
    return _switched(name, marked("%(title)s is on for %(tenant)s."), undo="admin.switch_off")


@pages.post("/plugins/<name>/off")
@requires("core.plugins")
def switch_off(name: str) -> Response:
    """Switch a plugin off for this tenant; its data stays."""
    try:
        toggle.disable(current(), _known(name).name, reason=text_of("reason") or None)
    except PitbossError as error:
        return failed(str(error), "admin.plugins")
    return _switched(name, marked("%(title)s is off for %(tenant)s."), undo="admin.switch_on")


@pages.post("/plugins/<name>/required")
@platform_only("core.plugins")
def lock_plugin(name: str) -> Response:
    """Lock a plugin for this tenant's own operators, or unlock it."""
    is_required = text_of("required") == "yes"
    toggle.require(current(), _known(name).name, is_required=is_required)
    _forget()
    text = marked("%(title)s is required: the tenant cannot switch it off.")
    if not is_required:
        text = marked("%(title)s is no longer required.")
    return done(_(text, title=translated(_known(name).title)), "admin.plugin", name=name)


@pages.post("/plugins/<name>/settings")
@requires("core.plugins")
def configure_plugin(name: str) -> Response:
    """Save a plugin's settings, unless someone else did meanwhile."""
    ctx = current()
    manifest = _known(name)
    if manifest.settings is None:
        raise NotFound(_("plugin %(name)s has no settings", name=repr(name)))
    schema = manifest.settings()
    stored = _stored(name)
    sent = forms.keep_secrets(schema, forms.read(schema, request.form, zone=ctx.tenant.zone), stored.settings)
    if text_of("version") != version_of(stored):
        return _plugin_page(name, sent=sent, is_stale=True, status=409)
    try:
        toggle.configure(ctx, name, sent, reason=text_of("reason") or None)
    except InvalidInput as error:
        ctx.rollback()
        return _plugin_page(name, sent=sent, errors=error.fields, status=422)
    _forget()
    return done(
        _("The settings of %(title)s are saved.", title=translated(manifest.title)), "admin.plugin", name=name
    )


def version_of(choice: PluginChoice) -> str:
    """Return what changes whenever the settings do, so that two editors notice each other."""
    text = json.dumps(choice.settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plugin_page(
    name: str,
    *,
    sent: dict[str, Any] | None = None,
    errors: Any = None,
    is_stale: bool = False,
    status: int = 200,
) -> Response:
    ctx = current()
    manifest = _known(name)
    stored = _stored(name)
    drawn = []
    if manifest.settings is not None:
        values = stored.settings if sent is None else sent
        drawn = forms.draw(manifest.settings(), values, zone=ctx.tenant.zone, errors=errors)
    return page(
        "plugin",
        status,
        row=_row(name),
        fields=drawn,
        version=version_of(stored),
        errors=errors,
        is_stale=is_stale,
        terms=words_of(ctx, name),
        findings=_findings(name),
        failures=_failures(name),
        tasks=[o.item for o in ctx.kernel.registry.all("register_tasks") if o.owner == name],
    )


def _row(name: str) -> Row:
    ctx = current()
    registry = ctx.kernel.registry
    without = registry.missing(ctx.tenant.enabled - {name})
    return Row(
        manifest=registry.manifests[name],
        is_enabled=name in ctx.tenant.enabled,
        is_required=name in ctx.tenant.required,
        is_core=name in registry.always_on,
        lacking=registry.missing(ctx.tenant.enabled | {name}).get(name, []),
        needed_by=[other for other in without if other != name],
        level=_level(registry.manifests[name]),
    )


def _level(manifest: Manifest) -> str:
    report = levels.kept(current().kernel.settings).get(manifest.name)
    return str(report.level) if report and report.version == manifest.version else "unmeasured"


def _known(name: str) -> Manifest:
    manifest = current().kernel.registry.manifests.get(name)
    if manifest is None:
        raise NotFound(_("no plugin %(name)s is installed", name=repr(name)))
    return manifest


def _stored(name: str) -> PluginChoice:
    ctx = current()
    return ctx.kernel.tenants.read_plugin(ctx.connection, ctx.tenant.id, name)


def _switched(name: str, text: str, *, undo: str) -> Response:
    title = translated(_known(name).title)
    _forget()
    back = "admin.plugin" if text_of("back") == "plugin" else "admin.plugins"
    values = {"name": name} if back == "admin.plugin" else {}
    way_back = Undo(_("Undo"), url_for(undo, name=name), {"back": text_of("back")})
    return done(_(text, title=title, tenant=current().tenant.name), back, undo=way_back, **values)


def _forget() -> None:
    """Keep the change, then drop what this process remembered of the tenant."""
    ctx = current()
    ctx.commit()
    ctx.kernel.tenants.forget(ctx.tenant.id)


def _findings(name: str) -> list[Finding]:
    ctx = current()
    # Checks open transactions of their own; on SQLite they would wait for ours.
    ctx.rollback()
    return [
        finding
        for finding in examine(ctx.kernel)
        if finding.name.startswith((f"{name}: ", f"tables of {name}"))
    ]


def _failures(name: str) -> list[Any]:
    ctx = current()
    query = (
        select(_JOB)
        .where(_JOB.c.tenant_id == ctx.tenant.id, _JOB.c.state == JobState.DEAD, _JOB.c.queue == name)
        .order_by(_JOB.c.id.desc())
        .limit(FAILURES_SHOWN)
    )
    return list(ctx.connection.execute(query))
