"""What the plugin contributes: its table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Request

from acme_sample import __version__, admin, api, commands, deck, demo, health, kiosk, tasks, terms
from acme_sample.listeners import LISTENERS
from acme_sample.schemas import CardSettings
from pitboss.core.contracts import Guard, HealthCheck, Listener, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.core.identity import Principal

tenant_enabled = hookimpl(deck.tenant_enabled)
tenant_disabled = hookimpl(deck.tenant_disabled)
load_demo = hookimpl(demo.load_demo)


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="acme_sample",
        version=__version__,
        title="Scratch cards",
        summary="Cards that players scratch for points.",
        settings=CardSettings,
        permissions=(Permission(name="acme_sample.cards", title="See scratch cards"),),
        migrations="acme_sample.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    return terms.TERMS


@hookimpl
def register_listeners() -> Sequence[Listener | Guard]:
    return LISTENERS


@hookimpl
def register_routes() -> Sequence[Routes]:
    return [api.ROUTES, admin.ROUTES]


@hookimpl
def register_tasks() -> Sequence[Task]:
    return tasks.TASKS


@hookimpl
def register_commands() -> Sequence[object]:
    return [commands.cards]


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return [HealthCheck(name="decks", check=health.every_deck_is_there)]


@hookimpl
def identify(request: Request) -> Principal | None:
    return kiosk.recognise(request)
