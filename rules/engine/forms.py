"""Conditions as JSON, and back.

A form is an object whose entries all hold: `{"segment": "LOSING", "net_loss_min": 100}`. The value of a
fact is what it equals, a list that it is in, or an object of tests (`min`, `max`, `above`, `below`,
`between`, `in`, `not`, `known`, `contains`, `starts_with`). `all`, `any` and `none` hold lists of
conditions; a text anywhere stands for an expression.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pitboss.rules.engine.catalogue import (
    LIST_ITEMS_MAX,
    TEXT_LENGTH_MAX,
    Catalogue,
    Variable,
    admit_value,
)
from pitboss.rules.engine.check import check
from pitboss.rules.engine.errors import Refused, WrongFact, article, near, nearest, shown
from pitboss.rules.engine.functions import STARTS_WITH
from pitboss.rules.engine.parse import NODES_MAX
from pitboss.rules.engine.text import Naming, instant_text, short_duration, text_of
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Call,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Known,
    Node,
    Not,
    walk,
)

FORM_DEPTH_MAX = 20
KEY_SHOWN_MAX = 100
"""Characters of a key that a refusal shows as the place."""

Form = Any
"""JSON: an object of tests, or the text of an expression."""

GROUPS = ("all", "any", "none")
EXPRESSION = "expression"


def condition(form: Form, catalogue: Catalogue, path: str = "when") -> Node:
    """Return the typed tree of a condition, or refuse it with its place in the JSON."""
    node = _condition(form, catalogue, path, 1)
    if sum(1 for __ in walk(node)) > NODES_MAX:
        raise Refused(_("a condition has at most %(most)s parts: split the rule", most=NODES_MAX), path=path)
    return node


def _condition(form: Form, catalogue: Catalogue, path: str, depth: int) -> Node:
    if depth > FORM_DEPTH_MAX:
        raise Refused(_("conditions nest at most %(most)s deep", most=FORM_DEPTH_MAX), path=path)
    if isinstance(form, str):
        return expression(form, catalogue, path)
    if isinstance(form, list):
        raise Refused(_('a list needs to say how it holds: {"all": [...]}, "any" or "none"'), path=path)
    if not isinstance(form, dict):
        raise Refused(
            _("a condition is an object or an expression, and this is %(form)s", form=shown(form)), path=path
        )
    if len(form) > LIST_ITEMS_MAX:
        raise Refused(
            _(
                "a condition has at most %(most)s keys, and this has %(count)s",
                most=LIST_ITEMS_MAX,
                count=len(form),
            ),
            path=path,
        )
    if not all(isinstance(key, str) for key in form):
        raise Refused(_("the keys of a condition are texts"), path=path)
    items = [_entry(key, value, catalogue, path, depth) for key, value in form.items()]
    return items[0] if len(items) == 1 else AllOf(tuple(items))


def expression(text: str, catalogue: Catalogue, path: str) -> Node:
    """Return the tree of a condition that is written as an expression."""
    try:
        return check(text, catalogue, "boolean")
    except Refused as refusal:
        raise refusal.at(path) from None


def _entry(key: str, value: Any, catalogue: Catalogue, path: str, depth: int) -> Node:
    here = f"{path}.{key[:KEY_SHOWN_MAX]}"
    if key in GROUPS:
        return _group(key, value, catalogue, here, depth)
    if key == EXPRESSION:
        if not isinstance(value, str):
            raise Refused(_("an expression is a text, and this is %(value)s", value=shown(value)), path=here)
        return expression(value, catalogue, here)
    variable, test = variable_of(key, catalogue, here)
    if test is not None:
        return TESTS[test](variable, value, here)
    return value_test(variable, value, here)


def _group(word: str, items: Any, catalogue: Catalogue, path: str, depth: int) -> Node:
    if not isinstance(items, list) or not items:
        raise Refused(_("%(word)s holds a list of conditions, with at least one", word=word), path=path)
    if len(items) > LIST_ITEMS_MAX:
        raise Refused(
            _(
                "a list has at most %(most)s conditions, and this has %(count)s",
                most=LIST_ITEMS_MAX,
                count=len(items),
            ),
            path=path,
        )
    nodes = tuple(_condition(item, catalogue, f"{path}[{n}]", depth + 1) for n, item in enumerate(items))
    if len(nodes) == 1:
        return Not(nodes[0]) if word == "none" else nodes[0]
    joined = AllOf(nodes) if word == "all" else AnyOf(nodes)
    return Not(joined) if word == "none" else joined


def variable_of(key: str, catalogue: Catalogue, path: str) -> tuple[Variable, str | None]:
    """Return the variable that a key names, and the test that its ending says: `net_loss_min`."""
    if catalogue.knows(key):
        return catalogue.variable(key), None
    noun, __, ending = key.rpartition("_")
    if ending in ("min", "max") and catalogue.knows(noun):
        return catalogue.variable(noun), ending
    try:
        return catalogue.variable(noun if ending in ("min", "max") else key), None
    except Refused as refusal:
        cause = refusal.cause
        if near(key, GROUPS) is not None:
            cause = _("unknown key %(key)s: %(cure)s", key=shown(key), cure=nearest(key, GROUPS))
        raise Refused(cause, path=path) from None


# -- tests of one fact -------------------------------------------------------------------------


def value_test(variable: Variable, value: Any, path: str) -> Node:
    """Return what the value beside a fact's name asks of it."""
    if isinstance(value, dict):
        return _tests(variable, value, path)
    if isinstance(value, list):
        return _in(variable, value, path)
    return _compare("==")(variable, value, path)


def _tests(variable: Variable, tests: Mapping[str, Any], path: str) -> Node:
    if not tests:
        raise Refused(_("say what is asked of it: %(tests)s", tests=", ".join(TESTS)), path=path)
    for word in tests:
        if word not in TESTS:
            raise Refused(
                _("unknown test %(word)s: %(cure)s", word=shown(word), cure=nearest(word, TESTS)), path=path
            )
    items = [TESTS[word](variable, value, f"{path}.{word}") for word, value in tests.items()]
    return items[0] if len(items) == 1 else AllOf(tuple(items))


def _compare(op: CompareOp) -> Callable[[Variable, Any, str], Node]:
    def test(variable: Variable, value: Any, path: str) -> Node:
        if variable.value_type == "list":
            raise Refused(_('a list is asked what it holds: {"contains": "..."}'), path=path)
        if op not in ("==", "!=") and variable.value_type in ("text", "boolean"):
            raise Refused(
                _("%(type)s has no order: give a value, or a list", type=article(variable.value_type)),
                path=path,
            )
        compared = constant(variable, value, path)
        if variable.value_type == "boolean":
            return Fact(variable) if (op == "==") == compared.value else Not(Fact(variable))
        return Compare(op, Fact(variable), compared)

    return test


def _in(variable: Variable, values: Any, path: str) -> Node:
    if not isinstance(values, list) or not values:
        raise Refused(_("a list of values is wanted, with at least one"), path=path)
    if len(values) > LIST_ITEMS_MAX:
        raise Refused(
            _(
                "a list has at most %(most)s values, and this has %(count)s",
                most=LIST_ITEMS_MAX,
                count=len(values),
            ),
            path=path,
        )
    if variable.value_type not in ("number", "text"):
        raise Refused(
            _(
                "a list of values is for numbers and texts, and this is %(type)s",
                type=article(variable.value_type),
            ),
            path=path,
        )
    options = frozenset(constant(variable, v, f"{path}[{n}]").value for n, v in enumerate(values))
    return Among(Fact(variable), cast("frozenset[float] | frozenset[str]", options))


def _not(variable: Variable, value: Any, path: str) -> Node:
    if isinstance(value, list):
        return Not(_in(variable, value, path))
    return _compare("!=")(variable, value, path)


def _between(variable: Variable, value: Any, path: str) -> Node:
    if not isinstance(value, list) or len(value) != 2:
        raise Refused(_("between takes a list of two: the lowest and the highest"), path=path)
    low = constant(variable, value[0], f"{path}[0]")
    high = constant(variable, value[1], f"{path}[1]")
    if isinstance(low.value, float) and isinstance(high.value, float) and low.value > high.value:
        raise Refused(
            _(
                "nothing is between %(low)s and %(high)s: the lowest comes first",
                low=shown(value[0]),
                high=shown(value[1]),
            ),
            path=path,
        )
    return AllOf((_compare(">=")(variable, value[0], path), _compare("<=")(variable, value[1], path)))


def _known(variable: Variable, value: Any, path: str) -> Node:
    if not isinstance(value, bool):
        raise Refused(_("known is true or false, and this is %(value)s", value=shown(value)), path=path)
    known = Known(Fact(variable))
    return known if value else Not(known)


def _contains(variable: Variable, value: Any, path: str) -> Node:
    if variable.value_type != "list":
        raise Refused(
            _("contains asks a list, and this is %(type)s", type=article(variable.value_type)), path=path
        )
    texts = value if isinstance(value, list) else [value]
    if len(texts) > LIST_ITEMS_MAX:
        raise Refused(
            _(
                "a list has at most %(most)s values, and this has %(count)s",
                most=LIST_ITEMS_MAX,
                count=len(texts),
            ),
            path=path,
        )
    if not texts or not all(isinstance(text, str) for text in texts):
        raise Refused(_("contains takes a text, or a list of texts of which one is enough"), path=path)
    items = tuple(Contains(Fact(variable), _text(text, path)) for text in texts)
    return items[0] if len(items) == 1 else AnyOf(items)


def _starts_with(variable: Variable, value: Any, path: str) -> Node:
    if variable.value_type != "text":
        raise Refused(
            _("starts_with asks a text, and this is %(type)s", type=article(variable.value_type)), path=path
        )
    if not isinstance(value, str):
        raise Refused(_("starts_with takes a text, and this is %(value)s", value=shown(value)), path=path)
    return Call(STARTS_WITH, (Fact(variable), _text(value, path)))


TESTS: Mapping[str, Callable[[Variable, Any, str], Node]] = {
    "min": _compare(">="),
    "max": _compare("<="),
    "above": _compare(">"),
    "below": _compare("<"),
    "between": _between,
    "in": _in,
    "not": _not,
    "known": _known,
    "contains": _contains,
    "starts_with": _starts_with,
}
"""What may be asked of a fact."""


def constant(variable: Variable, value: Any, path: str) -> Constant:
    """Return a value of the form as a constant of the variable's type."""
    try:
        admitted = admit_value(variable, value)
    except WrongFact as wrong:
        cause = _("%(value)s is not %(expected)s", value=shown(value), expected=wrong.expected)
        raise Refused(cause, path=path) from None
    if isinstance(admitted, str):
        return _text(admitted, path)
    if variable.value_type == "instant":
        # Expressions write instants as text, and facts have them to the microsecond too.
        admitted = round(admitted * 1e6) / 1e6
        if not _CALENDAR[0] <= admitted <= _CALENDAR[1]:
            raise Refused(
                _("%(value)s is not in the calendar: write 2026-12-01T09:00:00Z", value=shown(value)),
                path=path,
            )
    return Constant(admitted, variable.value_type)


def _text(value: str, path: str) -> Constant:
    """Return a text as a constant that an expression can hold too."""
    if len(value) > TEXT_LENGTH_MAX:
        raise Refused(
            _(
                "a text has at most %(most)s characters, and this has %(count)s",
                most=TEXT_LENGTH_MAX,
                count=len(value),
            ),
            path=path,
        )
    if not value.isprintable() or "\\" in value or ("'" in value and '"' in value):
        cause = _(
            "a text in a condition has no invisible character, no backslash, and not both kinds of quotes"
        )
        raise Refused(cause, path=path)
    return Constant(unicodedata.normalize("NFC", value), "text")


_CALENDAR = (-62_135_596_800.0, 253_402_300_799.0)
"""The years 1 to 9999, in seconds since 1970."""


# -- trees as forms ----------------------------------------------------------------------------

_ENDINGS: Mapping[str, str] = {">=": "_min", "<=": "_max"}
_WORDS: Mapping[str, str] = {">=": "min", "<=": "max", ">": "above", "<": "below", "!=": "not"}


def form_of(node: Node, naming: Naming = str, catalogue: Catalogue | None = None) -> Form:
    """Write a tree as a form; what has no form of its own stands in it as an expression.

    With a catalogue, bounds are written as `net_loss_min`, where no other variable is called so.
    """
    form = _Writer(naming, catalogue).form(node, 1)
    return {EXPRESSION: form} if isinstance(form, str) else form


class _Writer:
    """Writes trees as forms."""

    def __init__(self, naming: Naming, catalogue: Catalogue | None) -> None:
        self.naming = naming
        self.catalogue = catalogue

    def form(self, node: Node, depth: int) -> Form:
        """Write one node."""
        match node:
            case AllOf(items) if depth < FORM_DEPTH_MAX:
                return _merged([self.form(item, depth + 1) for item in items])
            case AnyOf(items) if items and depth < FORM_DEPTH_MAX:
                return {"any": [self.form(item, depth + 1) for item in items]}
            case Fact():
                return {self.naming(node.name): True}
            case Known(fact):
                return {self.naming(fact.name): {"known": True}}
            case Not(item):
                return self.negated(node, item, depth)
            case Compare(op, Fact() as fact, Constant() as value):
                return self.compared(op, fact, value)
            case Among(Fact() as fact, options):
                return {self.naming(fact.name): _options(options)}
            case Contains(Fact() as fact, Constant(text)):
                return {self.naming(fact.name): {"contains": text}}
            case Call(function, (Fact() as fact, Constant(text))) if function == STARTS_WITH:
                return {self.naming(fact.name): {"starts_with": text}}
        return text_of(node, self.naming)

    def negated(self, node: Not, item: Node, depth: int) -> Form:
        """Write what does not hold."""
        match item:
            case Fact():
                return {self.naming(item.name): False}
            case Known(fact):
                return {self.naming(fact.name): {"known": False}}
            case Among(Fact() as fact, options):
                return {self.naming(fact.name): {"not": _options(options)}}
        if depth >= FORM_DEPTH_MAX:
            return text_of(node, self.naming)
        items = item.items if isinstance(item, AnyOf) and item.items else (item,)
        return {"none": [self.form(part, depth + 1) for part in items]}

    def compared(self, op: str, fact: Fact, constant: Constant) -> Form:
        """Write a fact that is compared with a value."""
        name, value = self.naming(fact.name), _constant_json(fact.variable, constant)
        if op == "==":
            return {name: value}
        key = name + _ENDINGS.get(op, "")
        is_free = self.catalogue is not None and not self.catalogue.knows(key)
        return {key: value} if op in _ENDINGS and is_free else {name: {_WORDS[op]: value}}


def _merged(forms: Sequence[Form]) -> Form:
    """Put conditions that all hold into one object, where no key stands twice."""
    merged: dict[str, Any] = {}
    for form in forms:
        if isinstance(form, str) or merged.keys() & form.keys():
            return {"all": list(forms)}
        merged |= form
    return merged or {"all": list(forms)} if forms else {}


def _constant_json(variable: Variable, constant: Constant) -> Any:
    value = constant.value
    if constant.type == "instant":
        return instant_text(cast(float, value))
    if constant.type == "duration":
        text = short_duration(cast(float, value))
        return text if _is_read_as(text, variable, value) else value
    return _json(value)


def _is_read_as(text: str, variable: Variable, value: float | str | bool) -> bool:
    try:
        return bool(admit_value(variable, text) == value)
    except WrongFact:
        return False


def _options(options: frozenset[float] | frozenset[str]) -> list[Any]:
    return [_json(cast("float | str", option)) for option in sorted(options)]


def _json(value: float | str | bool) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value
