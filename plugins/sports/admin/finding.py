"""Find fixtures and teams by a name or an id, for the search of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.core.contracts import Found
from pitboss.core.errors import NotFound
from pitboss.core.texts import gettext as _
from pitboss.plugins.sports.catalogue import teams
from pitboss.plugins.sports.fixtures import book

LOOKED_AT_MAX = 6


def find(ctx: Context, text: str) -> Iterator[Found]:
    """Yield the fixture with that id, or fixtures and teams whose names hold the text."""
    for row in _fixtures(ctx, text):
        url = url_for("sports_admin.fixture", fixture_id=row.id)
        yield Found(
            row.name, url, f"{row.starts_at.astimezone(ctx.tenant.zone):%d %b %Y %H:%M}, {row.status}"
        )
    for team in teams.list_teams(ctx, text=text, limit=LOOKED_AT_MAX):
        yield Found(
            team.name, url_for("sports_admin.team", team_id=team.id), _("team, %(sport)s", sport=team.sport)
        )


def _fixtures(ctx: Context, text: str) -> list[Row[Any]]:
    try:
        return [book.find(ctx, UUID(text))]
    except NotFound:
        return []
    except ValueError:
        soon = book.list_fixtures(ctx, text=text, starts_from=ctx.clock.now(), limit=LOOKED_AT_MAX // 2)
        return soon or book.list_fixtures(ctx, text=text, limit=LOOKED_AT_MAX // 2)
