"""The hooks: all that a plugin may implement, and all that the core ever asks.

Seven are asked once, when the process starts, and return data. Three are told about one tenant.
One, `identify`, is asked at each request. None runs while a rule is evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

from pitboss.core.contracts import Guard, HealthCheck, Listener, Manifest, Routes, Task, Term

if TYPE_CHECKING:
    import click
    from flask import Request

    from pitboss.core.context import Context
    from pitboss.core.identity import Principal

PROJECT = "pitboss"
ENTRY_POINTS = "pitboss.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def plugin_manifest() -> Manifest:  # type: ignore[empty-body]  # a specification has no body
    """Say who the plugin is: name, version, what it needs, its settings and permissions.

    Exactly one a plugin. The name is the prefix of all its terms, tables, tasks and routes, and must
    equal the name of its entry point.
    """


@hookspec
def register_terms() -> Sequence[Term]:  # type: ignore[empty-body]
    """Contribute words of the vocabulary: events, variables, functions, actions and rule kinds.

    Each is named `<plugin>.<noun>` and carries a title, a doc sentence and an example: operators
    write rules with them, and other plugins reach yours through them alone.
    """


@hookspec
def register_listeners() -> Sequence[Listener | Guard]:  # type: ignore[empty-body]
    """React to events, and answer for operations.

    A listener runs in a worker, in a transaction of its own, at least once: make its effect
    idempotent by a business key. A guard runs inside the operation and may refuse it; a guard that
    fails refuses.
    """


@hookspec
def register_routes() -> Sequence[Routes]:  # type: ignore[empty-body]
    """Contribute blueprints to the API and to the admin, with their menu entry and permission.

    They are mounted under the plugin's name, and are 404 for a tenant that has it switched off.
    App-wide handlers in a blueprint are refused: they would touch other plugins' requests.
    """


@hookspec
def register_tasks() -> Sequence[Task]:  # type: ignore[empty-body]
    """Contribute background work; a task with a cron line runs exactly once a period and tenant."""


@hookspec
def register_commands() -> Sequence[click.Command]:  # type: ignore[empty-body]
    """Contribute commands, mounted as `pitboss <plugin> <command>`."""


@hookspec
def register_health_checks() -> Sequence[HealthCheck]:  # type: ignore[empty-body]
    """Contribute checks to /health/ready and `pitboss doctor`."""


@hookspec
def tenant_enabled(ctx: Context) -> None:
    """Prepare a tenant that switched this plugin on.

    Called for this plugin only, inside the transaction of the toggle; called again when the tenant
    switches it on again, so it must be idempotent.
    """


@hookspec
def tenant_disabled(ctx: Context) -> None:
    """Tidy up for a tenant that switched this plugin off; data stays.

    Called for this plugin only, inside the transaction of the toggle.
    """


@hookspec
def load_demo(ctx: Context) -> None:
    """Fill a demo tenant so that every feature is alive; loading twice changes nothing."""


@hookspec(firstresult=True)
def identify(request: Request) -> Principal | None:
    """Recognise the caller of a request, or return None to let others try.

    The only hook where the first answer wins. The core's own answer (access token, API key or admin
    session) is asked last.
    """
