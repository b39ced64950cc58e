"""All that the rule editor asks about a text, in one answer: nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import marshmallow as ma
from marshmallow.validate import Length

from pitboss.core import contracts
from pitboss.core.context import Context
from pitboss.core.texts import gettext as _
from pitboss.rules.admin import problems, trying
from pitboss.rules.book.checks import Checked, Checks
from pitboss.rules.book.findings import findings
from pitboss.rules.book.looking import cases_of
from pitboss.rules.book.problems import Problem, pointer_of
from pitboss.rules.book.words import editor_words
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import condition, form_of
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.insight.wording import bare_names
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import RULE_BYTES_MAX, FormulaRule, Segment, Table, read_json, read_struct
from pitboss.rules.engine.tables import gaps, overlaps
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import AllOf, Node

PLAYER_CHARACTERS_MAX = 200


class CheckArguments(ma.Schema):
    """What the editor holds, and what it has been told before."""

    text = ma.fields.Str(required=True, validate=Length(max=RULE_BYTES_MAX))
    words = ma.fields.Str(load_default="", validate=Length(max=RULE_BYTES_MAX))
    """The mark of the words that the editor has."""
    player = ma.fields.Str(load_default="", validate=Length(max=PLAYER_CHARACTERS_MAX))
    only_words = ma.fields.Bool(load_default=False)
    """An editor that opens is drawn with the words; what the rule would do takes longer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document, as far as it can be read."""

    document: Mapping[str, Any]
    events: tuple[str, ...]
    words: Catalogue
    checked: Checked


def answer(ctx: Context, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Say what is wrong, what it means, whom it is for, why, and what it would have done."""
    try:
        document = read_json(sent["text"])
    except Refused as refused:
        return _unreadable(refused.cause) | _words(ctx, (), sent["words"])
    if not isinstance(document, dict):
        return _unreadable(_("a rule is an object: { ... }")) | _words(ctx, (), sent["words"])
    events = _events(ctx, document)
    words = _words(ctx, events, sent["words"])
    if sent["only_words"]:
        return words
    checks = Checks(ctx)
    asked = Asked(document, events, checks.words.of(events), checks.of(document))
    tried = trying.tried(ctx, asked.checked, _subject(asked), sent["player"])
    return words | _looked(ctx, asked) | _condition(asked) | {"table": _table(asked)} | tried


def _events(ctx: Context, document: dict[str, Any]) -> tuple[str, ...]:
    """Return those of the events that a document names which there are."""
    named = document.get("on")
    known = [name for name in named if _is_event(ctx, name)] if isinstance(named, list) else []
    return tuple(dict.fromkeys(known))


def _is_event(ctx: Context, name: Any) -> bool:
    owned = ctx.view.terms.get(name) if isinstance(name, str) else None
    return owned is not None and isinstance(owned.item, contracts.Event)


def _unreadable(cause: str) -> dict[str, Any]:
    error = {"pointer": "#", "column": None, "cause": cause}
    return {"is_right": False, "is_read": False, "errors": [error], "warnings": []}


def _looked(ctx: Context, asked: Asked) -> dict[str, Any]:
    checked = asked.checked
    every = problems.every(checked, asked.document, asked.words)
    return {
        "is_right": checked.is_right,
        "is_read": True,
        "errors": [_error(problem, asked.document) for problem in every],
        "warnings": findings(ctx, checked),
        "cases": as_json(cases_of(checked)),
    }


def _error(problem: Problem, document: Any) -> dict[str, Any]:
    pointer = pointer_of(problem.path, document)
    return {"pointer": pointer, "column": problem.column, "cause": problem.cause}


def _condition(asked: Asked) -> dict[str, Any]:
    """Return the condition in the form that the document does not have it in."""
    node = _when(asked)
    if node is None:
        return {"expression": None, "form": None}
    naming = bare_names(asked.words)
    is_anyone = node == AllOf(())
    return {
        "expression": "" if is_anyone else text_of(node, naming),
        "form": {} if is_anyone else form_of(node, naming, asked.words),
    }


def _when(asked: Asked) -> Node | None:
    program = asked.checked.program
    with suppress(Refused):
        if program is not None and program.form is not None:
            return program.when
        return condition(asked.document.get("when", {}), asked.words)
    return None


def _words(ctx: Context, events: Sequence[str], known: str) -> dict[str, Any]:
    """Return the words, unless the editor has them: the fields of events are among them."""
    mark = " ".join(("words", *events))
    return {} if mark == known else {"words": {"mark": mark, **editor_words(ctx, events)}}


def _subject(asked: Asked) -> Program | None:
    """Return what is tried: the rule, or its condition alone while the rest is not written yet."""
    program = asked.checked.program if asked.checked.is_right else None
    if program is None and "table" not in asked.document:
        when = asked.document.get("when", {})
        program = Program(Segment(key="draft", on=asked.events, when=when), asked.words)
    if program is None:
        return None
    with suppress(Refused):
        __ = program.when
        return program
    return None


# -- decision tables -------------------------------------------------------------------------------


def _table(asked: Asked) -> dict[str, Any] | None:
    """Return where rows leave gaps and where they overlap, each with an example."""
    with suppress(Refused):
        table = read_struct(asked.document.get("table"), Table)
        return {
            "gaps": list(gaps(table, asked.words))[:1],
            "needs_value": isinstance(asked.checked.rule, FormulaRule),
            "overlaps": list(_overlaps(table, asked.words)),
        }
    return None


def _overlaps(table: Table, words: Catalogue) -> Iterator[dict[str, Any]]:
    for found in overlaps(table, words):
        yield {"first": found.first, "second": found.second, "example": found.example}
