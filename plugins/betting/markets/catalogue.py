"""The templates of a tenant: those that are shipped, and its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitboss.core.context import Context
from pitboss.plugins.betting.markets import templates
from pitboss.plugins.betting.markets.templates import Template


def templates_of(ctx: Context) -> dict[str, Template]:
    """Return every template that the tenant can publish."""
    return {**templates.shipped(), **_own(ctx)}


def template_of(ctx: Context, code: str) -> Template:
    """Return one of them."""
    return templates.template_of(code, _own(ctx))


def default_set(ctx: Context, sport: str) -> Sequence[Mapping[str, str]]:
    """Return the markets that a fixture of a sport gets: template and line of each."""
    chosen: Mapping[str, Any] = ctx.settings("betting")["market_sets"]
    found: Sequence[Mapping[str, str]] = chosen.get(sport) or templates.default_sets().get(sport, ())
    return found


def _own(ctx: Context) -> dict[str, Template]:
    return templates.read_templates(ctx.settings("betting")["templates"])
