"""What the plugin contributes: its table of contents. Each hook imports what it needs, when it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Listener, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.plugins.betting import models
from pitboss.plugins.betting.settings import BettingSettings
from pitboss.plugins.betting.titles import TITLES

__all__ = ["models"]

PERMISSIONS = {
    "read": "See markets, bets and their explanations",
    "trade": "Publish markets, set prices, suspend",
    "rules": "Edit settlement rules",
    "limits": "Set limits",
    "settle": "Confirm settlements and corrections",
    "approve": "Approve what a second person must approve",
    "void": "Void bets and markets",
    "bet": "Place bets for a player, by an API key",
}

NEEDS = ("sports.fixture", "sports.fixtures", "sports.result", "sports.sport")
USES = (
    "sports.fixture_scheduled",
    "sports.fixture_changed",
    "sports.participant_withdrawn",
    "sports.result_recorded",
    "sports.feed_stalled",
    "sports.feed_resumed",
    "sports.prices",
    "sports.prices_moved",
    "sports.live",
)


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="betting",
        version="1.0.0",
        title="Betting",
        summary="Markets, prices, slips and settlements that explain themselves.",
        needs=NEEDS,
        uses=USES,
        settings=BettingSettings,
        migrations="pitboss.plugins.betting.migrations",
        titles=TITLES,
        permissions=tuple(Permission(name=f"betting.{n}", title=title) for n, title in PERMISSIONS.items()),
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    from pitboss.plugins.betting.terms import TERMS

    return TERMS


@hookimpl
def register_listeners() -> Sequence[Listener | Guard]:
    from pitboss.plugins.betting.listeners import LISTENERS

    return LISTENERS


@hookimpl
def register_routes() -> Sequence[Routes]:
    from pitboss.plugins.betting.routes import ROUTES

    return ROUTES


@hookimpl
def register_tasks() -> Sequence[Task]:
    from pitboss.plugins.betting.tasks import TASKS

    return TASKS


@hookimpl
def tenant_enabled(ctx: Context) -> None:
    from pitboss.plugins.betting.markets import rulebook

    rulebook.ensure_shipped(ctx)


@hookimpl
def load_demo(ctx: Context) -> None:
    from pitboss.plugins.betting import demo

    demo.load_demo(ctx)
