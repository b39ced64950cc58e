"""What stands in the sidebar: our own pages, and those of the plugins that the tenant has switched on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for

from pitboss.core.context import Context
from pitboss.core.contracts import Owned, Routes
from pitboss.core.http.access import is_platform


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the sidebar."""

    title: str
    url: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Links that belong together."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of ours: shown to those who hold its permission."""

    title: str
    endpoint: str
    icon: str
    permission: str | None = None


_OVERVIEW = (
    Page("Dashboard", "admin.dashboard", "home"),
    Page("Players", "admin.players", "users", "core.players"),
)
_OPERATIONS = (
    Page("Jobs", "admin.jobs", "activity", "core.jobs"),
    Page("Event log", "admin.events", "history", "core.events"),
    Page("Notifications", "admin.notifications", "bell", "core.notifications"),
    Page("Webhooks", "admin.webhooks", "external-link", "core.webhooks"),
)
_SETTINGS = (
    Page("Plugins", "admin.plugins", "plug", "core.plugins"),
    Page("Operators", "admin.operators", "user", "core.operators"),
    Page("Roles", "admin.roles", "shield-lock", "core.operators"),
    Page("API keys", "admin.api_keys", "key", "core.api_keys"),
    Page("Audit trail", "admin.audit_trail", "list-details", "core.audit"),
    Page("Vocabulary", "admin.vocabulary", "file-text"),
)
_PLATFORM = (Page("Tenants", "admin.tenants", "building"),)


def navigation(ctx: Context) -> list[Section]:
    """Return the sections that this operator may see."""
    sections = [
        Section("", _permitted(ctx, _OVERVIEW)),
        Section("Games and money", plugin_entries(ctx)),
        Section("Operations", _permitted(ctx, _OPERATIONS)),
        Section("Settings", _permitted(ctx, _SETTINGS)),
        Section("Platform", _permitted(ctx, _PLATFORM) if is_platform(ctx.actor) else []),
    ]
    return [section for section in sections if section.entries]


def plugin_entries(ctx: Context) -> list[Entry]:
    """Return the menu entries of the plugins that are switched on, in their order."""
    shown = [owned for owned in ctx.kernel.registry.all("register_routes") if _is_shown(ctx, owned)]
    shown.sort(key=lambda owned: (owned.item.menu.order, owned.item.menu.title))
    return [_plugin_entry(owned) for owned in shown]


def _is_shown(ctx: Context, owned: Owned[Routes]) -> bool:
    routes = owned.item
    if routes.area != "admin" or routes.menu is None or owned.owner not in ctx.view.enabled:
        return False
    return routes.permission is None or ctx.actor.may(routes.permission)


def _plugin_entry(owned: Owned[Routes]) -> Entry:
    menu = owned.item.menu
    assert menu is not None
    url = f"/admin/{owned.owner}{owned.item.blueprint.url_prefix or ''}/"
    return Entry(menu.title, url, menu.icon, request.path.startswith(url))


def _permitted(ctx: Context, pages: tuple[Page, ...]) -> list[Entry]:
    return [_entry(page) for page in pages if page.permission is None or ctx.actor.may(page.permission)]


def _entry(page: Page) -> Entry:
    url = url_for(page.endpoint)
    is_current = request.path == url or (
        page.endpoint != "admin.dashboard" and request.path.startswith(f"{url}/")
    )
    return Entry(page.title, url, page.icon, is_current)
