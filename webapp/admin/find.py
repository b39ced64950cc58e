"""Find a page, a player or what a plugin knows, by a text or an id: what Ctrl-K opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from pitboss.core import reports
from pitboss.core.context import Context
from pitboss.core.contracts import Found
from pitboss.core.errors import NotFound
from pitboss.core.http import current, requires
from pitboss.core.identity import players
from pitboss.core.identity.tables import Player
from pitboss.core.texts import gettext as _
from pitboss.core.texts import translated
from pitboss.webapp.admin import asking
from pitboss.webapp.admin.navigation import navigation, within
from pitboss.webapp.admin.shell import page, pages

FOUND_MAX = 6
"""Finds of one kind: whoever wants more opens the list."""
TEXT_CHARACTERS_MAX = 100
TEXT_CHARACTERS_MIN = 2
"""Shorter texts find pages alone: too much begins with one letter."""


@pages.get("/find")
@requires()
def find() -> Response:
    """List what a text finds: pages first, then players, then each plugin's own."""
    ctx, text = current(), request.args.get("q", "").strip()[:TEXT_CHARACTERS_MAX]
    return page("_found", groups=[(title, found) for title, found in _groups(ctx, text) if found], text=text)


def _groups(ctx: Context, text: str) -> Iterator[tuple[str, list[Found]]]:
    yield _("Pages"), list(islice(_pages(ctx, text), None if not text else FOUND_MAX))
    if len(text) < TEXT_CHARACTERS_MIN:
        return
    if ctx.actor.may("core.players"):
        yield _("Players"), list(islice(_players(ctx, text), FOUND_MAX))
    for plugin, found in asking.each(ctx, lambda routes: routes.find, text, limit=FOUND_MAX):
        yield translated(ctx.kernel.registry.manifests[plugin].title), found


def _pages(ctx: Context, text: str) -> Iterator[Found]:
    words = text.casefold().split()
    for section in navigation(ctx):
        for entry in section.entries:
            found = Found(entry.title, entry.url, section.title)
            if _has(found, words):
                yield found
    if words:
        yield from (found for found in _behind(ctx) if _has(found, words))


def _behind(ctx: Context) -> Iterator[Found]:
    """Yield the pages that the menu does not show: those behind tabs, and reports."""
    for section in within(ctx):
        for entry in section.entries:
            yield Found(entry.title, entry.url, section.title)
    for name, report in reports.reports_of(ctx).items():
        yield Found(translated(report.title), url_for("admin.report", name=name), _("Reports"))


def _has(found: Found, words: list[str]) -> bool:
    name = f"{found.hint} {found.title}".casefold()
    return all(word in name for word in words)


def _players(ctx: Context, text: str) -> Iterable[Found]:
    found = players.search_players(ctx, text=text, limit=FOUND_MAX).players
    for one in found or _by_id(ctx, text):
        name = one.display_name or one.email
        yield Found(name, url_for("admin.player", player_id=one.id), one.email or "")


def _by_id(ctx: Context, text: str) -> list[Player]:
    try:
        return [players.find_player(ctx, UUID(text))]
    except (ValueError, NotFound):
        return []
