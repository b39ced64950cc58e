"""The words of a tenant as data, for rule editors and for whoever writes rules elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, missing, validate

from pitboss.core import contracts
from pitboss.core.errors import NotFound, nearest
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, title_of, translated
from pitboss.rules.book import store
from pitboss.rules.book.checks import Formulas, live_formulas
from pitboss.rules.engine.catalogue import Catalogue, Function, Variable, catalogue_of
from pitboss.rules.engine.insight.wording import bare_names
from pitboss.rules.engine.rule import KINDS
from pitboss.rules.engine.schema import pack_schema
from pitboss.rules.vocabulary import EVENT_PREFIX, catalogue, event_variables, function_name

if TYPE_CHECKING:
    from pitboss.core.context import Context

_TYPES: Sequence[tuple[type[fields.Field[Any]], str]] = (
    (fields.Boolean, "boolean"),
    (fields.Integer, "whole number"),
    (fields.Number, "number"),
    (fields.DateTime, "instant"),
    (fields.TimeDelta, "duration"),
    (fields.List, "list"),
    (fields.Mapping, "object"),
    (fields.Nested, "object"),
    (fields.String, "text"),
)


_KINDS: Mapping[str, str] = {
    "number": marked("number"),
    "money": marked("money"),
    "text": marked("text"),
    "choice": marked("choice"),
    "boolean": marked("true or false"),
    "instant": marked("instant"),
    "duration": marked("duration"),
    "list": marked("list"),
}
"""What the types of facts are called where a fact is picked."""


def words_of(ctx: Context, events: Sequence[str] = ()) -> dict[str, Any]:
    """Return the words that a rule may use which listens to these events, and how rules are written."""
    for name in events:
        _event(ctx, name)
    formulas = live_formulas(ctx)
    words = catalogue(ctx, events, formulas)
    return _words(ctx, words, formulas) | {"schema": pack_schema(words)}


def editor_words(ctx: Context, events: Sequence[str] = ()) -> dict[str, Any]:
    """Return the words that the rule editor draws with: also how facts are called in short, and segments."""
    formulas = live_formulas(ctx)
    words = catalogue(ctx, events, formulas)
    naming = bare_names(words)
    found = _words(ctx, words, formulas)
    for event in found["events"]:
        # The fields of the events that were named stand among the facts.
        del event["facts"], event["example"]
    unit = 10 ** ctx.tenant.currencies.places(ctx.tenant.currency)
    for fact in found["facts"]:
        fact["short"] = naming(fact["name"])
        fact["kind"] = translated(_KINDS.get(fact["type"], fact["type"]))
        if fact["type"] == "money" and isinstance(fact["example"], int):
            fact["example"] /= unit  # the kernel keeps whole minor units, and rules say major ones
    return found | {
        "segments": sorted(key.upper() for key in store.live_documents(ctx, kind="segment")),
        "currency": ctx.tenant.currency,
    }


def _words(ctx: Context, words: Catalogue, formulas: Formulas) -> dict[str, Any]:
    called = {function_name(key) for key in formulas}
    return {
        "kinds": list(KINDS),
        "events": _events(ctx),
        "facts": [_fact(ctx, variable) for _, variable in sorted(words.variables.items())],
        "functions": [_function(f, f.name in called) for _, f in sorted(words.functions.items())],
        "actions": _actions(ctx),
    }


def _event(ctx: Context, name: str) -> contracts.Event:
    owned = ctx.view.terms.get(name)
    if owned is None or not isinstance(owned.item, contracts.Event):
        known = [n for n, o in ctx.view.terms.items() if isinstance(o.item, contracts.Event)]
        raise NotFound(
            _("no event %(name)s for this tenant; %(cure)s", name=repr(name), cure=nearest(name, known))
        )
    return owned.item


def _owned(ctx: Context, kind: type[Any]) -> list[tuple[str, Any]]:
    found = [(owned.owner, owned.item) for _, owned in sorted(ctx.view.terms.items())]
    return [(owner, term) for owner, term in found if isinstance(term, kind)]


def _term(owner: str, term: contracts.Term) -> dict[str, Any]:
    return {
        "name": term.name,
        "plugin": owner,
        "title": translated(term.title),
        "doc": translated(term.doc),
        "example": _plain(term.example),
    }


def _events(ctx: Context) -> list[dict[str, Any]]:
    return [
        _term(owner, term) | {"facts": [_described(v) for v in event_variables([term], ctx.tenant.currency)]}
        for owner, term in _owned(ctx, contracts.Event)
    ]


def _actions(ctx: Context) -> list[dict[str, Any]]:
    return [
        _term(owner, term) | {"pays": term.pays or None, "parameters": _parameters(term.schema())}
        for owner, term in _owned(ctx, contracts.Action)
    ]


def _parameters(schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "type": next((word for kind, word in _TYPES if isinstance(field, kind)), "any"),
            "is_required": field.required,
            "title": translated(title_of(name, field)),
            "doc": translated(str(field.metadata.get("description", ""))),
            "choices": _choices(field),
            "default": None if callable(field.load_default) else _plain(_given(field.load_default)),
        }
        for name, field in schema.fields.items()
    ]


def _choices(field: fields.Field[Any]) -> list[Any]:
    found = field.inner if isinstance(field, fields.List) else field
    return [_plain(choice) for v in found.validators if isinstance(v, validate.OneOf) for choice in v.choices]


def _given(default: Any) -> Any:
    return None if default is missing else default


def _fact(ctx: Context, variable: Variable) -> dict[str, Any]:
    owned = ctx.view.terms.get(variable.name)
    owner = owned.owner if owned is not None else "event" if _is_event_field(variable) else "rules"
    suggests = getattr(owned.item, "suggests", None) if owned is not None else None
    return _described(variable) | {"plugin": owner, "suggested": list(suggests(ctx)) if suggests else []}


def _is_event_field(variable: Variable) -> bool:
    return variable.name.startswith(EVENT_PREFIX)


def _described(variable: Variable) -> dict[str, Any]:
    return {
        "name": variable.name,
        "type": variable.type,
        "title": translated(variable.title),
        "doc": translated(variable.doc),
        "unit": translated(variable.unit),
        "choices": list(variable.choices),
        "default": _plain(variable.default),
        "example": _plain(variable.example),
    }


def _function(function: Function, is_formula: bool) -> dict[str, Any]:
    return {
        "name": function.name,
        "arguments": list(function.arguments),
        "optional": function.optional,
        "repeats": function.repeats,
        "returns": function.returns,
        "title": translated(function.title),
        "doc": translated(function.doc),
        "example": function.example,
        "is_formula": is_formula,
        "is_shipped": function.name in _SHIPPED,
    }


def _plain(value: Any) -> Any:
    """Return an example as JSON holds it."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


_SHIPPED = frozenset(catalogue_of(()).functions)
