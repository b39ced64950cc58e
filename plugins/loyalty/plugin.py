"""What the plugin contributes: its table of contents. Each hook imports what it needs, when it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Listener, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.plugins.loyalty import models
from pitboss.plugins.loyalty.settings import LoyaltySettings
from pitboss.plugins.loyalty.titles import TITLES

__all__ = ["models"]

PERMISSIONS = {
    "read": "See players' loyalty, rewards and figures",
    "edit": "Edit tiers, missions and the catalogue",
    "grant": "Give and cancel rewards by hand",
    "ingest": "Send transactions of players",
    "signals": "Decide on signals of abuse",
    "campaigns": "Write and run campaigns",
    "approve": "Approve campaigns that somebody else wrote",
}


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="loyalty",
        version="1.0.0",
        title="Loyalty",
        summary="Bonuses, points, tiers, missions, referrals and campaigns for any sportsbook or casino.",
        settings=LoyaltySettings,
        titles=TITLES,
        permissions=tuple(Permission(name=f"loyalty.{n}", title=title) for n, title in PERMISSIONS.items()),
        migrations="pitboss.plugins.loyalty.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    from pitboss.plugins.loyalty.terms import TERMS

    return TERMS


@hookimpl
def register_listeners() -> Sequence[Listener | Guard]:
    from pitboss.plugins.loyalty.listeners import LISTENERS

    return LISTENERS


@hookimpl
def register_routes() -> Sequence[Routes]:
    from pitboss.plugins.loyalty.routes import ROUTES

    return ROUTES


@hookimpl
def register_tasks() -> Sequence[Task]:
    from pitboss.plugins.loyalty.tasks import TASKS

    return TASKS


@hookimpl
def tenant_enabled(ctx: Context) -> None:
    from pitboss.plugins.loyalty.tiers import joining

    joining.tenant_enabled(ctx)


@hookimpl
def load_demo(ctx: Context) -> None:
    from pitboss.plugins.loyalty import demo

    demo.load_demo(ctx)
