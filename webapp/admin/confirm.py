"""Ask for the password once more before an action that could give someone lasting access."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pitboss.core.errors import NotAuthenticated, TooMany
from pitboss.core.http import answers_secret, current, requires
from pitboss.core.identity import proof
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.webapp.admin.session import (
    CONFIRMED,
    at_home,
    own_id,
    remember_password,
    safe_target,
    sentence,
    visitor,
)
from pitboss.webapp.admin.shell import page, pages

CONFIRMED_MINUTES = 30
"""For this long after the password was typed, nobody asks again."""


def confirmed(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let an operator do this only soon after typing the password."""

    @wraps(view)
    def checked(**arguments: Any) -> Response:
        actor = current().actor
        # Keys and sign-ins through a plugin have no password here to ask for.
        if actor.session_id is None or _is_fresh(str(actor.session_id)):
            return view(**arguments)
        flash(_("For this, type your password again. Then repeat what you did."), "warn")
        back = urlsplit(request.referrer or "").path
        return redirect(url_for("admin.confirm", next=back), 303)

    return checked


@pages.get("/confirm")
@requires()
def confirm() -> Response:
    """Ask for the password."""
    return page("confirm", next=request.args.get("next", ""))


@pages.post("/confirm")
@requires()
@answers_secret
def confirming() -> Response:
    """Check the password, and go back."""
    ctx = current()
    own_id()
    try:
        with at_home() as own:
            proof.prove(own, "operator", ctx.actor.name, request.form.get("password", ""), visitor())
    except (NotAuthenticated, TooMany) as error:
        is_wrong = isinstance(error, NotAuthenticated)
        message = _("The password is wrong.") if is_wrong else sentence(retold(str(error)))
        return page("confirm", error.status, next=request.form.get("next", ""), error=message)
    remember_password(ctx.actor.session_id)
    flash(_("Confirmed. Now repeat what you did."), "again")
    return redirect(safe_target(request.form.get("next")), 303)


def _is_fresh(session_id: str) -> bool:
    known = session.get(CONFIRMED)
    if not isinstance(known, list) or len(known) != 2 or known[0] != session_id:
        return False
    limit = current().clock.now() - timedelta(minutes=CONFIRMED_MINUTES)
    return bool(known[1] > limit.timestamp())
