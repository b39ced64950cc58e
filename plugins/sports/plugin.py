"""What the plugin contributes: its table of contents. Each hook imports what it needs, when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pitboss.core.context import Context
from pitboss.core.contracts import HealthCheck, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.plugins.sports import models
from pitboss.plugins.sports.settings import SportsSettings
from pitboss.plugins.sports.titles import TITLES

if TYPE_CHECKING:
    import click

__all__ = ["models"]

PERMISSIONS = {
    "read": "See the catalogue, fixtures, results and sources",
    "edit": "Edit the catalogue, fixtures and streams",
    "results": "Record and correct results",
    "confirm": "Confirm results that somebody else recorded",
    "feed": "Send live updates",
    "sources": "Register sources and import files",
}


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="sports",
        version="1.0.0",
        title="Sports",
        summary="Sports, competitions, fixtures, live scores and results, from any source, with proof.",
        settings=SportsSettings,
        titles=TITLES,
        permissions=tuple(Permission(name=f"sports.{n}", title=title) for n, title in PERMISSIONS.items()),
        migrations="pitboss.plugins.sports.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    from pitboss.plugins.sports.terms import TERMS

    return TERMS


@hookimpl
def register_routes() -> Sequence[Routes]:
    from pitboss.plugins.sports.routes import ROUTES

    return ROUTES


@hookimpl
def register_tasks() -> Sequence[Task]:
    from pitboss.plugins.sports.tasks import TASKS

    return TASKS


@hookimpl
def register_commands() -> Sequence[click.Command]:
    from pitboss.plugins.sports.sources.commands import COMMANDS

    return COMMANDS


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    from pitboss.plugins.sports.sources.checks import CHECKS

    return CHECKS


@hookimpl
def load_demo(ctx: Context) -> None:
    from pitboss.plugins.sports import demo

    demo.load_demo(ctx)
