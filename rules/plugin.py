"""What the rulebook contributes, through the same hooks as everyone."""

from __future__ import annotations

from collections.abc import Sequence

import pitboss
from pitboss.core.contracts import Guard, Listener, Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.rules import terms
from pitboss.rules.admin.routes import ADMIN
from pitboss.rules.alerts import subscribers
from pitboss.rules.alerts import tables as _alerts  # noqa: F401 - brings its tables
from pitboss.rules.api.routes import BOOK, HISTORY, PEOPLE
from pitboss.rules.book import needs
from pitboss.rules.book import tables as _book  # noqa: F401 - brings its tables
from pitboss.rules.replay import figures, reporting
from pitboss.rules.replay import tables as _replay  # noqa: F401 - brings its tables
from pitboss.rules.replay import tasks as history
from pitboss.rules.runtime import judge, limits, undo
from pitboss.rules.segments import tasks as segments
from pitboss.rules.settings import RulebookSettings
from pitboss.rules.titles import TITLES


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="rules",
        version=pitboss.__version__,
        title="Rules",
        summary="The rulebook: rewards, segments, alerts, formulas and limits, from a draft to a decision.",
        titles=TITLES,
        permissions=(
            Permission(name="rules.read", title="See rules, their versions and what they decided"),
            Permission(name="rules.edit", title="Write rules and submit them"),
            Permission(name="rules.approve", title="Approve rules that somebody else wrote"),
            Permission(name="rules.publish", title="Publish, pause, retire and roll back rules"),
            Permission(name="rules.stop", title="Stop all rules at once, and start them again"),
            Permission(name="rules.simulate", title="Simulate rules over history"),
            Permission(name="rules.evaluate", title="Have rules judge facts from outside"),
            Permission(name="rules.members", title="See and freeze segments"),
        ),
        settings=RulebookSettings,
        migrations="pitboss.rules.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    return (*terms.TERMS, undo.UNDO, *reporting.TERMS)


@hookimpl
def register_listeners() -> Sequence[Listener | Guard]:
    return (*judge.LISTENERS, *limits.GUARDS, *needs.GUARDS, *segments.LISTENERS)


@hookimpl
def register_routes() -> Sequence[Routes]:
    return (*BOOK, *HISTORY, *PEOPLE, *ADMIN)


@hookimpl
def register_tasks() -> Sequence[Task]:
    return (*segments.TASKS, *subscribers.TASKS, *history.TASKS, *figures.TASKS)
