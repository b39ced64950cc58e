"""What stands in the sidebar: our own pages, and those of the plugins that the tenant has switched on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, request, url_for
from werkzeug.routing import Rule

from pitboss.core.context import Context
from pitboss.core.contracts import Owned, Routes
from pitboss.core.http import current
from pitboss.core.http.access import access_of, is_platform
from pitboss.core.texts import gettext as _
from pitboss.core.texts import in_words, marked, translated


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
    Page(marked("Dashboard"), "admin.dashboard", "home"),
    Page(marked("Players"), "admin.players", "users", "core.players"),
    Page(marked("Reports"), "admin.reports", "file-text"),
)
_OPERATIONS = (
    Page(marked("Jobs"), "admin.jobs", "activity", "core.jobs"),
    Page(marked("Event log"), "admin.events", "history", "core.events"),
    Page(marked("Notifications"), "admin.notifications", "bell", "core.notifications"),
    Page(marked("Webhooks"), "admin.webhooks", "external-link", "core.webhooks"),
)
_SETTINGS = (
    Page(marked("Plugins"), "admin.plugins", "plug", "core.plugins"),
    Page(marked("Operators"), "admin.operators", "user", "core.operators"),
    Page(marked("Roles"), "admin.roles", "shield-lock", "core.operators"),
    Page(marked("API keys"), "admin.api_keys", "key", "core.api_keys"),
    Page(marked("Audit trail"), "admin.audit_trail", "list-details", "core.audit"),
    Page(marked("Vocabulary"), "admin.vocabulary", "file-text"),
)
_PLATFORM = (
    Page(marked("Tenants"), "admin.tenants", "building"),
    Page(marked("System health"), "admin.health", "activity"),
)
_WITHIN = (
    Page(marked("Register player"), "admin.new_player", "plus", "core.players_edit"),
    Page(marked("Texts"), "admin.templates", "bell", "core.notifications"),
    Page(marked("Password and sessions"), "admin.account", "lock"),
)
"""Pages of ours that stand behind a tab or a button."""
UNNAMED = ("new", "export")
"""Ends of addresses that say what is done there, and not of what."""


def navigation(ctx: Context) -> list[Section]:
    """Return the sections that this operator may see."""
    sections = [
        Section("", _permitted(ctx, _OVERVIEW)),
        Section(_("Games and money"), plugin_entries(ctx)),
        Section(_("Operations"), _permitted(ctx, _OPERATIONS)),
        Section(_("Settings"), _permitted(ctx, _SETTINGS)),
        Section(_("Platform"), _permitted(ctx, _PLATFORM) if is_platform(ctx.actor) else []),
    ]
    return [section for section in sections if section.entries]


def within(ctx: Context) -> list[Section]:
    """Return what stands behind the menu's entries, and needs nothing but its address."""
    manifests = ctx.kernel.registry.manifests
    routes = [owned for owned in ctx.kernel.registry.all("register_routes") if is_open(ctx, owned)]
    of_plugins = [Section(translated(manifests[o.owner].title), list(_behind(ctx, o))) for o in routes]
    return [Section("", _permitted(ctx, _WITHIN)), *of_plugins]


def plugin_entries(ctx: Context) -> list[Entry]:
    """Return the menu entries of the plugins that are switched on, in their order."""
    return [_plugin_entry(owned) for owned in _in_menu(ctx)]


def player_tabs(player_id: UUID) -> list[tuple[str, str]]:
    """Return what plugins have a page of about a player, with its address, in the order of the menu."""
    return [
        (translated(routes.menu.title), routes.player_page(player_id))
        for routes in (owned.item for owned in _in_menu(current()))
        if routes.player_page is not None and routes.menu is not None
    ]


def is_open(ctx: Context, owned: Owned[Routes]) -> bool:
    """Tell whether pages of a plugin are there for this operator."""
    routes = owned.item
    if routes.area != "admin" or owned.owner not in ctx.view.enabled:
        return False
    return routes.permission is None or ctx.actor.may(routes.permission)


def _in_menu(ctx: Context) -> list[Owned[Routes]]:
    routes = ctx.kernel.registry.all("register_routes")
    shown = [owned for owned in routes if owned.item.menu is not None and is_open(ctx, owned)]
    return sorted(shown, key=lambda owned: (owned.item.menu.order, owned.item.menu.title))


def _plugin_entry(owned: Owned[Routes]) -> Entry:
    menu = owned.item.menu
    assert menu is not None
    url = f"/admin/{owned.owner}{owned.item.blueprint.url_prefix or ''}/"
    return Entry(translated(menu.title), url, menu.icon, request.path.startswith(url))


def _behind(ctx: Context, owned: Owned[Routes]) -> Iterator[Entry]:
    """Yield a plugin's pages below its first one, named by their addresses."""
    for rule in current_app.url_map.iter_rules():
        is_its = rule.endpoint.startswith(f"{owned.item.blueprint.name}.")
        last = rule.rule.rpartition("/")[2]
        if is_its and last and not rule.arguments and last not in UNNAMED and _lets_in(ctx, rule):
            yield Entry(translated(in_words(last)), rule.rule, "")


def _lets_in(ctx: Context, rule: Rule) -> bool:
    if "GET" not in (rule.methods or ()):
        return False
    access = access_of(current_app.view_functions[rule.endpoint], "GET")
    return access is not None and access.who == "staff" and all(map(ctx.actor.may, access.permissions))


def _permitted(ctx: Context, pages: tuple[Page, ...]) -> list[Entry]:
    return [_entry(page) for page in pages if page.permission is None or ctx.actor.may(page.permission)]


def _entry(page: Page) -> Entry:
    url = url_for(page.endpoint)
    is_current = request.path == url or (
        page.endpoint != "admin.dashboard" and request.path.startswith(f"{url}/")
    )
    return Entry(translated(page.title), url, page.icon, is_current)
