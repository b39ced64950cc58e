"""The API document and its page, from our own files only."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template

from pitboss.core.http import public, visit
from pitboss.core.http.json import encode
from pitboss.webapp.openapi import Document

blueprint = Blueprint("docs", __name__, url_prefix="/api")


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """Return the whole document, or with X-Tenant what that tenant can call."""
    document: Document = current_app.extensions["pitboss_document"]
    context = visit().context
    found = document.whole() if context is None else document.of(context.view.enabled)
    return Response(encode(found), content_type="application/json")


@blueprint.get("/docs")
@public
def page() -> str:
    """Show the document in Swagger UI."""
    return render_template("docs.html")
