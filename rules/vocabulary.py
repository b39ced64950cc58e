"""The words that a tenant's rules may use, as the engine wants them: from terms to a catalogue.

Facts are the variables of the tenant's plugins, and the fields of the events that a rule listens to, as
`event.<field>`. The formulas of the rulebook are functions without arguments, and stand inlined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from cachetools import LRUCache
from marshmallow import Schema, fields, validate

from pitboss.core import contracts, texts
from pitboss.core.context import Context
from pitboss.core.registry import View
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked
from pitboss.rules.engine.catalogue import Catalogue, Function, Type, Variable, VariableType, catalogue_of
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.language import expression
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import AnyRule, FormulaRule
from pitboss.rules.engine.texts import VOICE
from pitboss.rules.engine.tree import Among, Constant, Contains, Fact, Node, children, walk

# Here the engine meets the platform: it says what it says in the language of whoever reads it.
VOICE.translated, VOICE.plural = texts.translated, texts.plural
VOICE.grouped, VOICE.instant = texts.grouped, texts.instant

EVENT_PREFIX = "event."
SEGMENTS = "rules.segments"
SEGMENT = "rules.segment"
THRESHOLD = "rules.threshold"
FUNCTION_COST = 100
"""What a plugin's function counts for: it may ask the database."""
VOCABULARIES_MAX = 512

_TYPES: Mapping[str, Type] = {
    "number": "number",
    "money": "number",
    "text": "text",
    "choice": "text",
    "boolean": "boolean",
    "instant": "instant",
    "duration": "duration",
    "list": "list",
}
_FIELDS: Sequence[tuple[type[fields.Field[Any]], VariableType]] = (
    (fields.Boolean, "boolean"),
    (fields.Number, "number"),
    (fields.DateTime, "instant"),
    (fields.TimeDelta, "duration"),
    (fields.String, "text"),
    (fields.UUID, "text"),
    (fields.Enum, "text"),
)
_judging: ContextVar[Context] = ContextVar("judging")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one set of plugins, without the formulas of a tenant."""

    variables: tuple[Variable, ...]
    functions: tuple[Function, ...]


def catalogue(
    ctx: Context, events: Sequence[str] = (), formulas: Mapping[str, FormulaRule] | None = None
) -> Catalogue:
    """Return the words for a rule that listens to these events; the live formulas unless others are given."""
    if formulas is None:
        from pitboss.rules.book.live import book_of

        formulas = book_of(ctx).formulas
    return make_catalogue(ctx.view, ctx.tenant.currency, events, formulas)


def compiled(ctx: Context, rule: AnyRule) -> Program:
    """Check a rule against the tenant's words, or raise the engine's Refused."""
    from pitboss.rules.book.live import book_of

    formulas = dict(book_of(ctx).formulas)
    if isinstance(rule, FormulaRule):
        formulas[rule.key] = rule
    words = catalogue(ctx, rule.on, formulas)
    program = Program(rule, words).checked()
    if isinstance(rule, FormulaRule):
        # Called once, so that a cycle is found where nothing calls it yet.
        words.function(function_name(rule.key)).inline(())  # type: ignore[misc]  # it has one
    return program


def make_catalogue(
    view: View, currency: str, events: Sequence[str], formulas: Mapping[str, FormulaRule]
) -> Catalogue:
    """Return the words of a set of plugins, for a rule that listens to these events."""
    words = vocabulary(view, currency, events)
    calls = [_in_segment(words)] if any(v.name == SEGMENTS for v in words.variables) else []
    inlined = _Formulas(formulas)
    made = catalogue_of(words.variables, (*words.functions, *calls, *inlined.functions()))
    inlined.catalogue = made
    return made


_kept: LRUCache[Any, Vocabulary] = LRUCache(VOCABULARIES_MAX)


def vocabulary(view: View, currency: str, events: Sequence[str] = ()) -> Vocabulary:
    """Return the facts and functions of a set of plugins."""
    key = (view.enabled, id(view), currency, tuple(sorted(events)))
    found = _kept.get(key)
    if found is None:
        terms = [owned.item for owned in view.terms.values()]
        variables = [_variable(t, currency) for t in terms if isinstance(t, contracts.Variable)]
        functions = [_function(t) for t in terms if isinstance(t, contracts.Function)]
        shared = event_variables([view.term(name, contracts.Event) for name in events], currency)
        found = _kept[key] = Vocabulary(
            (*(v for v in variables if v is not None), *shared),
            tuple(f for f in functions if f is not None),
        )
    return found


def function_name(key: str) -> str:
    """Return the name by which rules call a formula."""
    return re.sub(r"\W", "_", key)


# -- facts -------------------------------------------------------------------------------------


def event_variables(events: Sequence[contracts.Event], currency: str = "") -> list[Variable]:
    """Return the fields that all of these events have, with one type."""
    each = [{v.name: v for v in _fields(event.schema, currency)} for event in events]
    return [v for name, v in each[0].items() if all(e.get(name) == v for e in each)] if each else []


def _variable(term: contracts.Variable, currency: str) -> Variable | None:
    if term.type == "any":
        return None
    return Variable(
        name=term.name,
        type=term.type,
        title=term.title,
        unit=term.unit or (currency if term.type == "money" else ""),
        doc=term.doc,
        choices=term.choices,
        default=_default(term),
        example=term.example,
        yields=term.yields,
    )


def _default(term: contracts.Variable) -> Any:
    if term.formula:
        return None
    if term.default is None and term.window is not None and term.window.aggregate in ("sum", "count"):
        return 0
    return term.default


def _fields(schema: type[Schema], currency: str) -> Iterator[Variable]:
    for name, field in schema().fields.items():
        type_ = _type_of(field)
        if type_ is not None and name.isidentifier():
            yield Variable(
                name=f"{EVENT_PREFIX}{name}",
                type=type_,
                title=str(field.metadata.get("title", name.replace("_", " ").capitalize())),
                unit=currency if type_ == "money" else "",
                doc=str(field.metadata.get("description", "")),
                choices=_choices(field) if type_ == "choice" else (),
            )


def _type_of(field: fields.Field[Any]) -> VariableType | None:
    """Return what a field is for a rule: what its metadata says, or what its class does."""
    if "type" in field.metadata:
        return cast(VariableType, field.metadata["type"])
    if isinstance(field, fields.List):
        return "list" if isinstance(field.inner, fields.String | fields.UUID) else None
    found = next((type_ for kind, type_ in _FIELDS if isinstance(field, kind)), None)
    return "choice" if found == "text" and _choices(field) else found


def _choices(field: fields.Field[Any]) -> tuple[str, ...]:
    listed = (v.choices for v in field.validators if isinstance(v, validate.OneOf))
    return tuple(str(choice) for choice in next(listed, ()))


def derived(view: View, words: Catalogue) -> Mapping[str, Node]:
    """Return the facts that are formulas of stored ones, each with its tree."""
    found: dict[str, Node] | None = words.memo.get(derived)
    if found is None:
        terms = (owned.item for owned in view.terms.values())
        formulas = {t.name: t.formula for t in terms if isinstance(t, contracts.Variable) and t.formula}
        found = {name: expression(text, words) for name, text in formulas.items() if name in words.variables}
        words.memo[derived] = found
    return found


# -- functions ---------------------------------------------------------------------------------


@contextmanager
def judging(ctx: Context) -> Iterator[None]:
    """Let the functions of plugins know in whose name rules are judged."""
    token = _judging.set(ctx)
    try:
        yield
    finally:
        _judging.reset(token)


def _function(term: contracts.Function) -> Function | None:
    kinds = (*term.arguments.values(), term.returns)
    if any(kind not in _TYPES for kind in kinds):
        return None
    arguments = tuple(_TYPES[kind] for kind in term.arguments.values())
    call, returns = _with_context(term), _TYPES[term.returns]
    return Function(
        name=term.name,
        arguments=arguments,
        returns=returns,
        call=call,
        title=term.title,
        doc=term.doc,
        cost=FUNCTION_COST,
    )


def _with_context(term: contracts.Function) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        found = term.call(_judging.get(), *arguments)
        return float(found) if term.returns in ("number", "money") else found

    return call


def _in_segment(words: Vocabulary) -> Function:
    segments = next(v for v in words.variables if v.name == SEGMENTS)

    def inline(arguments: tuple[Any, ...]) -> Node:
        return Contains(Fact(segments), Constant(arguments[0].value.upper(), "text"))

    return Function(
        name="in_segment",
        arguments=("text",),
        returns="boolean",
        call=bool,
        inline=inline,
        check=lambda nodes: None if isinstance(nodes[0], Constant) else _("in_segment() takes a text: 'vip'"),
        title=marked("Is in a segment"),
        doc=marked("Whether the player is in the segment of that key."),
        example="in_segment('vip')",
    )


def segments_asked(tree: Node) -> frozenset[str]:
    """Return the segments whose names an expression holds against those of a player."""
    return frozenset(name for node in walk(tree) for name in _segments_of(node))


def _segments_of(node: Node) -> Iterator[str]:
    parts = children(node)
    if not any(isinstance(part, Fact) and part.name in (SEGMENT, SEGMENTS) for part in parts):
        return
    if isinstance(node, Among):
        yield from (option for option in node.options if isinstance(option, str))
    yield from (part.value for part in parts if isinstance(part, Constant) and isinstance(part.value, str))


class InACircle(Refused):
    """Formulas call each other without an end."""


class _Formulas:
    """The formulas of a rulebook, each a function that its tree stands for."""

    def __init__(self, rules: Mapping[str, FormulaRule]) -> None:
        self.rules = rules
        self.catalogue: Catalogue
        self._trees: dict[str, Node] = {}
        self._reading: list[str] = []

    def functions(self) -> Iterable[Function]:
        """Yield a function for each formula."""
        for key, rule in self.rules.items():
            yield Function(
                name=function_name(key),
                arguments=(),
                returns="number",
                call=float,
                inline=partial(self._called, key),
                title=rule.name or key,
                doc=rule.description,
                example=f"{function_name(key)}()",
            )

    def _called(self, key: str, _arguments: tuple[Any, ...]) -> Node:
        try:
            return self.tree(key)
        except InACircle as circle:
            # Its place is this call, wherever the circle closes.
            raise InACircle(circle.cause) from None

    def tree(self, key: str) -> Node:
        """Return the tree of a formula; those that it calls are in it."""
        if key in self._reading:
            cycle = [*self._reading[self._reading.index(key) :], key]
            raise InACircle(_("formulas call each other in a circle: %(cycle)s", cycle=" -> ".join(cycle)))
        if key not in self._trees:
            self._reading.append(key)
            try:
                node = Program(self.rules[key], self.catalogue).value
            finally:
                self._reading.pop()
            assert node is not None
            self._trees[key] = node
        return self._trees[key]
