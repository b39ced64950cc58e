"""What the plugin contributes: its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Guard, Listener, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.plugins.loyalty import (
    demo,
    listeners,
    messages,
    models,
    profiles,
    quest_messages,
    routes,
    tasks,
    terms,
    tier_messages,
)
from pitboss.plugins.loyalty.settings import LoyaltySettings

__all__ = ["models"]


@hookimpl
def tenant_enabled(ctx: Context) -> None:
    profiles.tenant_enabled(ctx)
    messages.offer_texts(ctx)
    tier_messages.offer_texts(ctx)
    quest_messages.offer_texts(ctx)


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="loyalty",
        version="1.0.0",
        title="Loyalty",
        summary="Bonuses, points, tiers, missions, referrals and campaigns for any sportsbook or casino.",
        settings=LoyaltySettings,
        permissions=(
            Permission(name="loyalty.read", title="See players' loyalty, rewards and figures"),
            Permission(name="loyalty.edit", title="Edit tiers, missions and the catalogue"),
            Permission(name="loyalty.grant", title="Give and cancel rewards by hand"),
            Permission(name="loyalty.ingest", title="Send transactions of players"),
            Permission(name="loyalty.signals", title="Decide on signals of abuse"),
            Permission(name="loyalty.campaigns", title="Write and run campaigns"),
            Permission(name="loyalty.approve", title="Approve campaigns that somebody else wrote"),
        ),
        migrations="pitboss.plugins.loyalty.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    return terms.TERMS


@hookimpl
def register_listeners() -> Sequence[Listener | Guard]:
    return listeners.LISTENERS


@hookimpl
def register_routes() -> Sequence[Routes]:
    return routes.ROUTES


@hookimpl
def register_tasks() -> Sequence[Task]:
    return tasks.TASKS


load_demo = hookimpl(demo.load_demo)
