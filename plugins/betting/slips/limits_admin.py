"""Limits in the admin: what binds where, set and taken away with a reason."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.contracts import Menu, Routes
from pitboss.core.http import current, requires
from pitboss.core.texts import gettext as _
from pitboss.plugins.betting.pages import UNSAID, done, said
from pitboss.plugins.betting.slips import limitbook
from pitboss.plugins.betting.slips.admin import MEASURE_TITLES, minor_of
from pitboss.plugins.betting.slips.limiting import SCOPES
from pitboss.plugins.betting.slips.preparing import PLATFORM_MEASURES

blueprint = Blueprint("betting_limits_admin", __name__, url_prefix="/limits", template_folder="../templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Limits", icon="shield", order=225),
    permission="betting.read",
)


@blueprint.get("/")
@requires("betting.read")
def limits() -> str:
    """List the limits; where none is set for the platform, the settings hold."""
    ctx = current()
    rows = limitbook.every(ctx)
    said = {row.measure for row in rows if row.scope == "platform"}
    settings = ctx.settings("betting")
    defaults = [(name, settings[name]) for name in PLATFORM_MEASURES if name not in said]
    return render_template(
        "betting/limits.html", rows=rows, defaults=defaults, titles=MEASURE_TITLES, scopes=SCOPES
    )


@blueprint.post("/")
@requires("betting.limits")
def put() -> Response:
    """Set a limit; the same scope, subject and measure replaces the one before."""

    def do(ctx: Context, reason: str) -> None:
        form = request.form
        limitbook.put(
            ctx,
            scope=form.get("scope", ""),
            subject=form.get("subject", "").strip(),
            measure=form.get("measure", ""),
            amount=minor_of(ctx),
            reason=reason,
        )

    return _do(do, _("The limit is set."))


@blueprint.post("/<uuid:limit_id>/remove")
@requires("betting.limits")
def remove(limit_id: UUID) -> Response:
    """Take a limit away."""
    return _do(
        lambda ctx, reason: limitbook.remove(ctx, limit_id, reason=reason or UNSAID),
        _("The limit is gone: the next one binds."),
    )


def _do(how: Callable[[Context, str], None], message: str) -> Response:
    shown = url_for("betting_limits_admin.limits")
    return done(lambda: how(current(), said("reason")), message, back_to=shown)
