"""Errors as pages: the same meaning as the API's problem documents, for people."""

from __future__ import annotations

from flask import Flask, current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as UnknownPath
from werkzeug.wrappers import Response

from pitboss.core.errors import NotAuthenticated
from pitboss.core.http.current import VISIT, Visit
from pitboss.core.kernel import Kernel
from pitboss.core.texts import marked, translated
from pitboss.webapp import problem
from pitboss.webapp.gate import Gate

_TITLES = {
    403: marked("You may not do this"),
    404: marked("There is no such page"),
    405: marked("This page does not take that"),
    409: marked("This is not possible now"),
    412: marked("Someone else changed this meanwhile"),
    413: marked("That is too large"),
    429: marked("Too many attempts"),
    503: marked("Not available now"),
}
_GONE = marked(
    "Check the address, or start from the dashboard. The pages of a plugin that is "
    "switched off are not there either."
)


def register(app: Flask) -> None:
    """Answer errors under /admin with pages, and all others as before."""
    app.register_error_handler(Exception, answer)
    app.register_error_handler(HTTPException, answer)


def answer(error: Exception) -> Response:
    """Turn an error into the answer of this request."""
    plain = problem.answer(error)
    if not wants_page():
        return plain
    if isinstance(error, NotAuthenticated):
        return to_sign_in()
    return _page(error, problem.problem_of(error), plain)


def wants_page() -> bool:
    """Tell whether a person is looking."""
    return request.path == "/admin" or request.path.startswith("/admin/")


def to_sign_in() -> Response:
    """Send the browser to sign in, and then back to where it was."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("admin.sign_in", next=back)
    if request.headers.get("HX-Request"):
        return Response("", 200, {"HX-Redirect": target})
    return redirect(target, 303)


def _page(error: Exception, found: problem.Problem, plain: Response) -> Response:
    here: Visit | None = request.environ.get(VISIT)
    _keep_layout(here)
    title = translated(_TITLES.get(found.status, found.title))
    detail = translated(_GONE) if isinstance(error, UnknownPath) else found.detail
    body = render_template(
        "admin/error.html",
        heading=title,
        detail=detail,
        status=found.status,
        reasons=found.reasons,
        request_id=here.request_id if here else None,
    )
    headers = {"Content-Type": "text/html; charset=utf-8"}
    if "Retry-After" in plain.headers:
        headers["Retry-After"] = plain.headers["Retry-After"]
    return Response(body, found.status, headers)


def _keep_layout(here: Visit | None) -> None:
    """Undo what the page did; keep the navigation of whoever is signed in."""
    if here is None:
        return
    if here.actor is None:
        gate: Gate = current_app.extensions["pitboss_gate"]
        gate.recognise(request, here)
    if here.context is not None:
        here.context.rollback()
    elif here.actor is not None and here.actor.kind == "operator":
        here.context = kernel().context(here.actor.tenant_id, here.actor, request_id=here.request_id)


def kernel() -> Kernel:
    """Return the kernel of the application that is answering."""
    found: Kernel = current_app.extensions["pitboss"]
    return found
