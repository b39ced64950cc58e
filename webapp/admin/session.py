"""Sign in, sign out, and look after one's own password and sessions."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.http import current, public, requires
from pitboss.webapp.admin.shell import page, pages


@pages.get("/sign-in")
@public
def sign_in() -> Response:
    """Ask who is there."""
    return page("sign_in", sent=request.args)


@pages.post("/sign-in")
@public
def signing_in() -> Response:
    return page("sign_in", sent=request.form)


@pages.post("/sign-out")
@requires()
def sign_out() -> Response:
    """End this session."""
    return redirect(url_for("admin.sign_in"), 303)


@pages.get("/account")
@requires()
def account() -> Response:
    """Show one's own password form and sessions."""
    return page("account")


def safe_target(text: str | None) -> str:
    """Return where to go after signing in: a page of ours, never another site."""
    parts = urlsplit(text or "")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith("/admin")
    return text if text and is_ours and "\\" not in text else url_for("admin.dashboard")
