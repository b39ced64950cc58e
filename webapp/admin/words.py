"""The vocabulary as a reference: every term of a tenant, in words that operators read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import Schema
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Event, Function, Message, Report, RuleKind, Term, Variable
from pitboss.core.http import current, requires
from pitboss.core.placeholders import placeholders_of
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, translated
from pitboss.webapp.admin.shell import page, pages

KINDS = {
    Event: marked("event"),
    Variable: marked("variable"),
    Function: marked("function"),
    Action: marked("action"),
    RuleKind: marked("rule kind"),
    Report: marked("report"),
    Message: marked("message"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """One term, ready to be shown."""

    name: str
    owner: str
    kind: str
    title: str
    doc: str
    shape: str
    """Its type, or its fields."""
    example: Any


@pages.get("/vocabulary")
@requires()
def vocabulary() -> Response:
    """Show what rules and plugins of this tenant may speak of."""
    wanted = request.args.get("kind", "")
    search = request.args.get("q", "").strip().lower()
    words = [w for w in words_of(current()) if wanted in ("", w.kind) and search in _haystack(w)]
    return page("vocabulary", words=words, kinds=list(KINDS.values()), wanted=wanted, search=search)


def words_of(ctx: Context, owner: str | None = None) -> list[Word]:
    """Return the terms of one plugin, or of all that the tenant has switched on."""
    contributed = ctx.kernel.registry.all("register_terms")
    names = ctx.view.enabled if owner is None else {owner}
    words = [_word(o.owner, o.item) for o in contributed if o.owner in names]
    return sorted(words, key=lambda word: word.name)


def _word(owner: str, term: Term) -> Word:
    kind = next((title for kind, title in KINDS.items() if isinstance(term, kind)), "term")
    return Word(term.name, owner, kind, term.title, term.doc, _shape(term), term.example)


def _shape(term: Term) -> str:
    if isinstance(term, Variable):
        kind = _("one of %(choices)s", choices=", ".join(term.choices)) if term.choices else term.type
        return f"{kind} ({term.unit})" if term.unit else kind
    if isinstance(term, Function):
        arguments = ", ".join(f"{name}: {kind}" for name, kind in term.arguments.items())
        return _("(%(arguments)s) gives %(returns)s", arguments=arguments, returns=term.returns)
    if isinstance(term, (Event, Action, RuleKind)):
        return ", ".join(_names(term.schema()))
    if isinstance(term, Report):
        return ", ".join(column.name for column in term.columns)
    if isinstance(term, Message):
        return ", ".join(placeholders_of(term))
    return ""


def _names(schema: Schema) -> Iterable[str]:
    return (name if item.required else f"{name}?" for name, item in schema.fields.items())


def _haystack(word: Word) -> str:
    return f"{word.name} {translated(word.title)} {translated(word.doc)}".lower()
