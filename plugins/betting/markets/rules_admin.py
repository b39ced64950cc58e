"""Settlement rules in the admin: what binds, every version with what it changed, and a new one."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from pitboss.core.contracts import Menu, Routes
from pitboss.core.errors import InvalidInput, NotFound, PitbossError
from pitboss.core.http import current, requires
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.markets.ruleterms import check_terms, difference
from pitboss.plugins.betting.pages import said

TERMS_CHARACTERS_MAX = 50_000

blueprint = Blueprint("betting_rules_admin", __name__, url_prefix="/rules", template_folder="../templates")
ROUTES = Routes(
    blueprint=blueprint,
    area="admin",
    menu=Menu(title="Settlement rules", icon="file-text", order=240),
    permission="betting.read",
)


@blueprint.get("/")
@requires("betting.read")
def index() -> str:
    """List the rules of each key; for a market the most specific key binds."""
    return render_template("betting/rules.html", rules=rulebook.current(current()))


@blueprint.get("/of/<path:key>")
@requires("betting.read")
def rules(key: str) -> Response:
    """Show the rules of a key with all of their versions."""
    return _shown(key)


@blueprint.post("/of/<path:key>")
@requires("betting.rules")
def save(key: str) -> Response:
    """Show what another version would change, and save it when that was seen."""
    ctx, text = current(), request.form.get("terms", "")
    reason, version = said("reason"), request.form.get("version", "")
    try:
        terms = check_terms(_read(text))
        if "preview" in request.form:
            return _shown(key, text=text, reason=reason, preview=difference(_newest(key).terms, terms))
        saved = rulebook.save(
            ctx, key, terms, reason=reason, version=int(version) if version.isdecimal() else 0
        )
    except PitbossError as error:
        ctx.rollback()
        return _shown(key, text=text, reason=reason, problem=retold(str(error)), status=error.status)
    flash(
        _("Version %(number)s binds new bets; those that were struck keep theirs.", number=saved.version),
        "good",
    )
    return redirect(url_for(".rules", key=key), 303)


@blueprint.post("/new")
@requires("betting.rules")
def begin() -> Response:
    """Begin rules of a more special key with those that bind it now."""
    ctx = current()
    sport, template = (said(name) for name in ("sport", "template"))
    key = f"{sport}/{template}" if template else sport
    try:
        binding = rulebook.binding(ctx, sport, template)
        if binding.key != key:
            reason = _("Begun with the rules of %(key)s.", key=binding.key)
            rulebook.save(ctx, key, binding.terms, reason=reason, version=0)
    except PitbossError as error:
        ctx.rollback()
        flash(retold(str(error)), "bad")
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".rules", key=key), 303)


def _newest(key: str) -> rulebook.RulesVersion:
    return rulebook.find(current(), key)


def _shown(key: str, *, text: str = "", status: int = 200, **values: Any) -> Response:
    versions = rulebook.history(current(), key)
    if not versions:
        raise NotFound(_("no settlement rules %(key)s", key=repr(key)))
    pairs = zip(versions, [*versions[1:], None], strict=True)
    history = [(one, difference(before.terms, one.terms) if before else []) for one, before in pairs]
    shown = text or json.dumps(versions[0].terms, indent=2)
    page = render_template(
        "betting/rule.html", key=key, newest=versions[0], history=history, text=shown, **values
    )
    return make_response(page, status)


def _read(text: str) -> Any:
    if len(text) > TERMS_CHARACTERS_MAX:
        raise InvalidInput(
            _(
                "the rules have %(count)s characters: write at most %(most)s",
                count=len(text),
                most=TERMS_CHARACTERS_MAX,
            )
        )
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidInput(_("the rules are not JSON: %(error)s", error=error)) from None
    if not isinstance(found, dict):
        raise InvalidInput(_("the rules are a JSON object: begin with {"))
    return found
