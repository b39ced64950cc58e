"""What the plugin contributes: its table of contents. Each hook imports what it needs, when it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from pitboss.core.context import Context
from pitboss.core.contracts import Manifest, Permission, Routes, Task, Term
from pitboss.core.hooks import hookimpl
from pitboss.plugins.payments import models
from pitboss.plugins.payments.settings import PaymentsSettings
from pitboss.plugins.payments.titles import TITLES

__all__ = ["models"]

PERMISSIONS = {
    "read": "See payments and payment methods",
    "approve": "Approve and reject withdrawals",
    "confirm": "Confirm money that came or went by hand",
    "refund": "Refund deposits",
    "hold": "Hold and release withdrawals of players",
    "methods": "Verify and remove payment methods",
    "reconcile": "Reconcile with providers",
}


@hookimpl
def plugin_manifest() -> Manifest:
    return Manifest(
        name="payments",
        version="1.0.0",
        title="Payments",
        summary="Deposits, withdrawals and payment methods behind a port for providers, reconciled.",
        settings=PaymentsSettings,
        titles=TITLES,
        permissions=tuple(Permission(name=f"payments.{n}", title=title) for n, title in PERMISSIONS.items()),
        migrations="pitboss.plugins.payments.migrations",
    )


@hookimpl
def register_terms() -> Sequence[Term]:
    from pitboss.plugins.payments.terms import TERMS

    return TERMS


@hookimpl
def register_routes() -> Sequence[Routes]:
    from pitboss.plugins.payments.routes import ROUTES

    return ROUTES


@hookimpl
def register_tasks() -> Sequence[Task]:
    from pitboss.plugins.payments.tasks import TASKS

    return TASKS


@hookimpl
def load_demo(ctx: Context) -> None:
    from pitboss.plugins.payments import demo

    demo.load_demo(ctx)
