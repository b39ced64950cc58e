"""The bettor's demo site: one page that speaks to the public API, for tenants that are demos."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core import demo, texts
from pitboss.core.errors import NotFound
from pitboss.core.http import current, public
from pitboss.core.kernel import Kernel
from pitboss.webapp.languages import preferred

blueprint = Blueprint("play", __name__, url_prefix="/play")


@blueprint.get("/")
@public
def start() -> Response:
    """Lead to the site of the first demo."""
    codes = demo.codes(_kernel())
    if not codes:
        raise NotFound("no tenant of this deployment is a demo")
    return redirect(url_for("play.site", tenant_code=codes[0]), 303)


@blueprint.get("/<tenant_code>/")
@public
def site(tenant_code: str) -> Response:
    """Show the site of a demo, its player's login filled in, in the language that is asked for."""
    tenant = current().tenant
    if tenant.code not in demo.codes(_kernel()):
        raise NotFound(f"tenant {tenant_code!r} has no demo site")
    texts.speak(_language())
    login = demo.player_login(_kernel(), tenant.code)
    answer = make_response(render_template("play/site.html", tenant=tenant, login=login))
    answer.headers["Content-Language"] = texts.language()
    answer.vary.add("Accept-Language")
    return answer


def _language() -> str:
    """Return the language that was chosen on the site, or else the one that the browser prefers."""
    chosen = request.args.get("language", "")
    return chosen if chosen in texts.LANGUAGES else preferred(request)


def _kernel() -> Kernel:
    found: Kernel = current_app.extensions["pitboss"]
    return found
