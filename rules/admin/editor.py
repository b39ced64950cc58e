"""The rule editor: its pages, what it asks while somebody types, and saving."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from marshmallow import ValidationError
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.errors import InvalidInput, NotFound, PitbossError, Stale
from pitboss.core.http import current, etag_of, requires
from pitboss.core.texts import gettext as _
from pitboss.rules.admin import checking
from pitboss.rules.book import drafts, life, store
from pitboss.rules.book.compare import changes_between
from pitboss.rules.book.diff import Change
from pitboss.rules.book.merging import merged
from pitboss.rules.book.store import Stored, Version
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.rule import KINDS, format_rule, read_json, read_rule

blueprint = Blueprint(
    "rules_editor_admin", __name__, template_folder="../templates", static_folder="../static"
)
ROUTES = Routes(blueprint=blueprint, area="admin", permission="rules.read")

_STARTS: Mapping[str, Mapping[str, Any]] = {
    "reward": {"on": [], "when": {}, "then": []},
    "segment": {"when": {}},
    "alert": {"on": [], "when": {}, "message": ""},
    "formula": {"formula": ""},
    "limit": {"operation": "", "when": {}, "message": ""},
}
"""What a new rule of each kind begins with."""

_MODULES = sorted(
    path.name for path in Path(str(blueprint.static_folder)).glob("*.js") if path.name != "editor.js"
)


@dataclass(frozen=True, slots=True)
class Clash:
    """What somebody else saved meanwhile, and what each changed since the version that was read."""

    theirs: Version
    text: str
    mark: str
    their_changes: list[Change]
    own_changes: list[Change]
    both: str
    """The text of both people's changes put together; empty where ours cannot be read."""
    contested: list[str]
    """What both changed: there ours is taken."""


# -- pages -----------------------------------------------------------------------------------------


@blueprint.get("/new")
@requires("rules.edit")
def new() -> Response:
    """Show an empty rule of a kind."""
    kind = _kind_asked()
    return _page(None, text=_pretty({"kind": kind, "key": "", "name": "", **_STARTS[kind]}))


def _kind_asked() -> str:
    kind = request.args.get("kind", "reward")
    return kind if kind in KINDS else "reward"


@blueprint.get("/<key>/edit")
@requires("rules.edit")
def edit(key: str) -> Response:
    """Show the newest version of a rule."""
    ctx = current()
    rule = store.find(ctx, key)
    return _page(rule, text=text_of(store.version(ctx, key, rule.head).document))


@blueprint.post("/check")
@requires("rules.read")
def check() -> Response:
    """Answer all that the editor asks about a text."""
    try:
        sent = checking.CheckArguments().load(request.get_json())
    except ValidationError as error:
        raise InvalidInput.of(_("the question"), error) from None
    return jsonify(checking.answer(current(), sent))


# -- saving ----------------------------------------------------------------------------------------


@blueprint.post("/new")
@requires("rules.edit")
def create() -> Response:
    """Write a new rule as a draft."""
    return _saved(None, lambda ctx, document, message: drafts.create(ctx, document, message=message))


@blueprint.post("/<key>/edit")
@requires("rules.edit")
def save(key: str) -> Response:
    """Write another version, unless somebody else did meanwhile."""

    def write(ctx: Context, document: Any, message: str) -> drafts.Saved:
        if etag_of(store.locked(ctx, key).mark) != request.form.get("mark"):
            raise Stale(_("somebody changed the rule %(key)s while you did", key=repr(key)))
        return drafts.save(ctx, key, document, message=message)

    return _saved(store.find(current(), key), write)


def _saved(rule: Stored | None, write: Callable[[Context, Any, str], drafts.Saved]) -> Response:
    ctx, text = current(), request.form.get("document", "")
    try:
        saved = write(ctx, _read(text), request.form.get("message", "").strip())
    except Stale as stale:
        ctx.rollback()
        assert rule is not None, "a rule that is new is never stale"
        return _refused(rule, text, str(stale), clash=_clash(ctx, rule.key, text))
    except NotFound:
        raise
    except PitbossError as error:
        ctx.rollback()
        return _refused(rule, text, str(error))
    number = saved.version.number
    flash(
        _("Version %(number)s is saved as a draft.", number=number)
        if saved.is_new
        else _("Nothing had changed."),
        "good",
    )
    if request.form.get("do") == "submit":
        _submit(ctx, saved.rule.key)
    return _gone(page_of(saved.rule.key))


def _read(text: str) -> Any:
    try:
        return read_json(text)
    except Refused as refused:
        raise InvalidInput(str(refused), {"document": [str(refused)]}) from None


def _submit(ctx: Context, key: str) -> None:
    """Ask for approval of what was just saved; what stands in its way leaves the draft saved."""
    try:
        life.submit(ctx, key)
    except PitbossError as error:
        flash(_("It is not submitted yet: %(error)s", error=error), "bad")
    else:
        flash(_("It is submitted: somebody else has to approve it."), "good")


def _clash(ctx: Context, key: str, text: str) -> Clash:
    rule = store.find(ctx, key)
    theirs = store.version(ctx, key, rule.head)
    base = request.form.get("base", type=int) or rule.head
    read = store.version(ctx, key, base).document
    own = _mine(text)
    both = merged(read, theirs.document, own) if own is not None else None
    return Clash(
        theirs,
        text_of(theirs.document),
        etag_of(rule.mark),
        changes_between(ctx, read, theirs.document),
        changes_between(ctx, read, own) if own is not None else [],
        text_of(both.document) if both is not None else "",
        both.contested if both is not None else [],
    )


def _mine(text: str) -> dict[str, Any] | None:
    """Return the document that was sent, where it is one whose changes can be told."""
    try:
        found = read_json(text)
        read_rule(found)
    except Refused:
        return None
    return dict(found)


# -- answers ---------------------------------------------------------------------------------------


def page_of(key: str) -> str:
    """Return the address of a rule's own page."""
    return url_for("rules_admin.rule", key=key)


def text_of(document: Mapping[str, Any]) -> str:
    """Write a document in the one layout of rules; one that can no longer be read, as it is."""
    try:
        return format_rule(read_rule(document))
    except Refused:
        return _pretty(document)


def _pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _gone(address: str) -> Response:
    """Lead on; the editor follows by itself, once it knows that the text is kept."""
    return jsonify(location=address) if _wants_json() else redirect(address, 303)


def _refused(rule: Stored | None, text: str, refusal: str, *, clash: Clash | None = None) -> Response:
    status = 422 if clash is None else 409
    if not _wants_json():
        return _page(rule, status, text=text, refusal=refusal, clash=clash)
    html = render_template("rules/_refused.html", refusal=refusal, clash=clash)
    more: dict[str, Any] = {}
    if clash is not None:
        more = {"mark": clash.mark, "base": clash.theirs.number, "theirs": clash.text, "both": clash.both}
    return make_response(jsonify(html=html, **more), status)


def _page(rule: Stored | None, status: int = 200, /, *, text: str, **more: Any) -> Response:
    ctx = current()
    if rule is not None:
        rule = store.find(ctx, rule.key)
    values = {
        "rule": rule,
        "text": text,
        "mark": "" if rule is None else etag_of(rule.mark),
        "rule_url": "" if rule is None else page_of(rule.key),
        "kinds": list(KINDS),
        "modules": _MODULES,
        "kind_now": _kind_asked(),
        "refusal": "",
        "clash": None,
        **more,
    }
    return make_response(render_template("rules/editor.html", **values), status)
