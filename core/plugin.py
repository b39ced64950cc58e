"""What the core itself contributes, through the same hooks as everyone."""

from __future__ import annotations

from collections.abc import Sequence

import pitboss
from pitboss.core import idempotency, ingest  # noqa: F401 - ingest brings its table
from pitboss.core.audit import tasks as audit_tasks
from pitboss.core.context import Context
from pitboss.core.contracts import HealthCheck, Manifest, Permission, Task, Term
from pitboss.core.demo import data as demo_data
from pitboss.core.facts import tasks as facts_tasks
from pitboss.core.hooks import hookimpl
from pitboss.core.identity import tasks as identity_tasks
from pitboss.core.identity import terms as identity_terms
from pitboss.core.jobs import terms as jobs_terms
from pitboss.core.ledger import tasks as ledger_tasks
from pitboss.core.notifications import messages
from pitboss.core.notifications import sending as notifications
from pitboss.core.notifications import tasks as notifications_tasks
from pitboss.core.reports import own as own_reports
from pitboss.core.reports import tasks as reports_tasks
from pitboss.core.titles import TITLES
from pitboss.core.webhooks import delivery as webhooks
from pitboss.core.webhooks import tasks as webhooks_tasks


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="core",
        version=pitboss.__version__,
        title="Core",
        summary="Tenants, identity, ledger, events and audit.",
        titles=TITLES,
        permissions=(
            Permission(name="core.plugins", title="Switch plugins on and off and configure them"),
            Permission(name="core.players", title="See players, their wallets and activity"),
            Permission(name="core.players_edit", title="Register, edit, lock and unlock players"),
            Permission(name="core.players_notes", title="Write notes about players, and remove one's own"),
            Permission(name="core.wallet_adjust", title="Correct a player's balance"),
            Permission(name="core.operators", title="Invite operators and give them roles"),
            Permission(name="core.api_keys", title="Create and revoke API keys"),
            Permission(name="core.jobs", title="See jobs, cancel them and replay dead letters"),
            Permission(name="core.audit", title="Read and export the audit trail"),
            Permission(name="core.notifications", title="See and send notifications"),
            Permission(name="core.webhooks", title="Manage outgoing webhooks"),
            Permission(name="core.events", title="Read the event log"),
            Permission(name="core.events_send", title="Send events of plugins"),
            Permission(name="core.tenants", title="Create tenants (platform operators only)"),
        ),
    )


@hookimpl
def register_tasks() -> Sequence[Task]:
    return (
        *audit_tasks.TASKS,
        *facts_tasks.TASKS,
        *identity_tasks.TASKS,
        *ledger_tasks.TASKS,
        *notifications.TASKS,
        *notifications_tasks.TASKS,
        *webhooks.TASKS,
        *webhooks_tasks.TASKS,
        *idempotency.TASKS,
        *jobs_terms.TASKS,
        *reports_tasks.TASKS,
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    return (
        *identity_terms.TERMS,
        *jobs_terms.TERMS,
        *messages.TERMS,
        *notifications.TERMS,
        *own_reports.TERMS,
    )


@hookimpl
def register_health_checks() -> Sequence[HealthCheck]:
    return jobs_terms.HEALTH_CHECKS


@hookimpl
def load_demo(ctx: Context) -> None:
    demo_data.load(ctx)
