"""Payment methods: looked at, verified and removed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from pitboss.core.http import current, requires
from pitboss.core.identity import player_meant
from pitboss.core.texts import gettext as _
from pitboss.plugins.payments import methods
from pitboss.plugins.payments.pages.shared import PAGE_ROWS, blueprint, needed, render, tried


@blueprint.get("/methods")
@requires("payments.read")
def list_methods() -> str:
    """Show the newest payment methods."""
    verified = {"yes": True, "no": False}.get(request.args.get("verified", ""))
    player_id = player_meant(current(), request.args.get("player", ""))
    found = methods.listed(current(), player_id=player_id, is_verified=verified, limit=PAGE_ROWS)
    return render("methods", methods=found, verified=request.args.get("verified", ""))


@blueprint.post("/methods/<uuid:method_id>/verify")
@requires("payments.methods")
def verify_method(method_id: UUID) -> Response:
    """Note that a method was seen to belong to its player."""

    def run(ctx: Any) -> str:
        return _(
            "%(name)s is verified.",
            name=methods.verify(ctx, method_id, evidence=needed("evidence")).masked,
        )

    return tried(run, "payments_admin.list_methods")


@blueprint.post("/methods/<uuid:method_id>/remove")
@requires("payments.methods")
def remove_method(method_id: UUID) -> Response:
    """Remove a method."""

    def run(ctx: Any) -> str:
        return _("%(name)s is removed.", name=methods.remove(ctx, method_id).masked)

    return tried(run, "payments_admin.list_methods")
