"""JSON Schema of rules and of files of rules, generated from the code that reads them.

The envelope comes from the classes of `rule`, conditions from what `forms` can ask. With a catalogue
the keys of a condition are its variables, so that an editor completes them; without one any key may
stand there. What only a catalogue's types or a proof can tell, the engine tells when it reads the rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pitboss.rules.engine.catalogue import (
    LIST_ITEMS_MAX,
    TEXT_LENGTH_MAX,
    WHOLE_MAX,
    Catalogue,
    Type,
    Variable,
)
from pitboss.rules.engine.errors import Refused, nearest, shown
from pitboss.rules.engine.forms import EXPRESSION, GROUPS, TESTS
from pitboss.rules.engine.parse import LENGTH_MAX
from pitboss.rules.engine.rule import KINDS, OUTPUTS_MAX, Pack
from pitboss.rules.engine.tables import FORMULA
from pitboss.rules.engine.texts import gettext as _

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def rule_schema(kind: str, catalogue: Catalogue | None = None) -> Schema:
    """Return the schema of one kind of rule."""
    if kind not in KINDS:
        raise Refused(_("unknown kind %(kind)s: %(cure)s", kind=shown(kind), cure=nearest(kind, KINDS)))
    name = KINDS[kind].__name__
    return {
        "$schema": DIALECT,
        "title": f"A rule of the kind {kind}",
        "$ref": f"#/$defs/{name}",
        "$defs": _definitions(catalogue, name),
    }


def pack_schema(catalogue: Catalogue | None = None) -> Schema:
    """Return the schema of a file of rules: one rule, a list of rules, or a pack."""
    return {
        "$schema": DIALECT,
        "title": "Rules of Pitboss: one rule, a list of rules, or a pack",
        "type": ["object", "array"],
        "if": {"type": "array"},
        "then": {"items": _ref("Rule")},
        "else": {
            "if": {"anyOf": [{"required": ["pack"]}, {"required": ["rules"]}]},
            "then": _ref("Pack"),
            "else": _ref("Rule"),
        },
        "$defs": _definitions(catalogue),
    }


def schema_text(catalogue: Catalogue | None = None) -> str:
    """Return the schema of a file of rules as it is published."""
    return json.dumps(pack_schema(catalogue), indent=2, ensure_ascii=False) + "\n"


# -- the envelope ------------------------------------------------------------------------------


def _definitions(catalogue: Catalogue | None, start: str = "") -> Schema:
    """Return the definitions that the named one needs, or all of them."""
    _, found = msgspec.json.schema_components([*KINDS.values(), Pack], ref_template="#/$defs/{name}")
    found["FormulaRule"] |= _EXPRESSION_OR_TABLE
    found |= {
        "Rule": _any_rule(),
        "Action": _ACTION,
        "Outputs": _OUTPUTS,
        "Facts": _facts(catalogue),
        "Condition": _CONDITION,
        "Tests": _tests(catalogue),
    }
    found["Pack"]["properties"]["rules"]["items"] = _ref("Rule")
    if catalogue is None:
        found["Test"] = _any_test()
    return dict(sorted(found.items())) if not start else _reachable(found, start)


def _reachable(found: Schema, start: str) -> Schema:
    names, new = {start}, [start]
    while new:
        needed = {name for name in _named(found[new.pop()]) if name not in names}
        names |= needed
        new += needed
    return {name: found[name] for name in sorted(names)}


def _named(value: Any) -> Iterator[str]:
    """Yield the definitions that a schema refers to."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"].removeprefix("#/$defs/")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _named(item)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _any_rule() -> Schema:
    """Return the schema of a rule of any kind: its kind decides, so that a mistake is said of that kind."""
    chosen = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": _ref(class_.__name__),
        }
        for kind, class_ in KINDS.items()
    ]
    kinds = {"description": "What the rule is for.", "enum": list(KINDS)}
    return {"type": "object", "properties": {"kind": kinds}, "required": ["kind"], "allOf": chosen}


_EXPRESSION_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": LENGTH_MAX}
_NUMBER: Schema = {"type": "number", "minimum": -WHOLE_MAX, "maximum": WHOLE_MAX}
_TEXT: Schema = {"type": "string", "maxLength": TEXT_LENGTH_MAX}
_AMOUNT: Schema = {"type": "number", "minimum": 0, "maximum": WHOLE_MAX}

_EXPRESSION_OR_TABLE: Schema = {
    "oneOf": [
        {"required": ["formula"], "properties": {"formula": {"type": "string"}}},
        {"required": ["table"], "properties": {"table": {"type": "object"}}},
    ]
}
_ACTION: Schema = {
    "title": "Action",
    "description": "What is done, how much of it, and what else the action wants to know.",
    "type": "object",
    "properties": {
        "action": {"description": "Such as `loyalty.grant_bonus`.", "type": "string", "minLength": 1},
        "formula": {"description": "The amount, as an expression.", **_EXPRESSION_TEXT},
        "amount": {"description": "The amount, as a number.", **_AMOUNT},
        "max_amount": {"description": "The most that is paid.", "anyOf": [_AMOUNT, {"type": "null"}]},
    },
    "required": ["action"],
    "not": {"required": ["formula", "amount"]},
}
_OUTPUTS: Schema = {
    "title": "Outputs",
    "description": "What comes out: values, or {formula} for what is computed.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": OUTPUTS_MAX,
    "additionalProperties": {
        "anyOf": [
            _NUMBER,
            _TEXT,
            {"type": "boolean"},
            {
                "type": "object",
                "properties": {FORMULA: _EXPRESSION_TEXT},
                "required": [FORMULA],
                "additionalProperties": False,
            },
        ]
    },
}

# -- conditions --------------------------------------------------------------------------------

_CONDITION: Schema = {
    "title": "Condition",
    "description": "An expression, or an object of tests that all hold.",
    "type": ["string", "object"],
    "if": {"type": "string"},
    "then": _EXPRESSION_TEXT,
    "else": _ref("Tests"),
}
_GROUP_DOCS: Mapping[str, str] = {
    "all": "Each of these conditions holds.",
    "any": "At least one of these conditions holds.",
    "none": "None of these conditions holds.",
}
_TEST_DOCS: Mapping[str, str] = {
    "min": "At least.",
    "max": "At most.",
    "above": "More than.",
    "below": "Less than.",
    "between": "From the first to the second, both included.",
    "in": "One of these.",
    "not": "Neither this nor, of a list, one of these.",
    "known": "Whether it has a value at all.",
    "contains": "The list has this text, or one of these.",
    "starts_with": "The text begins so.",
}
_ORDERED: frozenset[Type] = frozenset({"number", "instant", "duration"})


def _tests(catalogue: Catalogue | None) -> Schema:
    groups = {word: {"description": _GROUP_DOCS[word], **_list(_ref("Condition"))} for word in GROUPS}
    expression = {"description": "A condition as an expression.", **_EXPRESSION_TEXT}
    return {
        "title": "Tests",
        "description": "Tests that all hold.",
        "type": "object",
        "properties": {**groups, EXPRESSION: expression, **_keys(catalogue)},
        "additionalProperties": _ref("Test") if catalogue is None else False,
    }


def _keys(catalogue: Catalogue | None) -> Schema:
    """Return the keys that variables give a condition, with the endings that bound them."""
    keys: Schema = {}
    for name, variable in _names(catalogue):
        about = _about(variable)
        keys[name] = {**about, **_asked(variable)}
        if variable.value_type in _ORDERED:
            for ending in ("min", "max"):
                own = {**about, "title": f"{about['title']}: {_TEST_DOCS[ending].rstrip('.').lower()}"}
                keys.setdefault(f"{name}_{ending}", {**own, **_value(variable)})
    # A variable of its own is what its whole name says, whatever ending that has.
    return keys | {name: {**_about(v), **_asked(v)} for name, v in _names(catalogue)}


def _names(catalogue: Catalogue | None) -> Iterator[tuple[str, Variable]]:
    """Yield each variable by its full name, and by the bare noun where that means one."""
    variables = catalogue.variables if catalogue is not None else {}
    nouns = [name.rpartition(".")[2] for name in variables]
    for name, variable in variables.items():
        yield name, variable
        noun = name.rpartition(".")[2]
        if noun not in variables and nouns.count(noun) == 1:
            yield noun, variable


def _about(variable: Variable) -> Schema:
    unit = f" ({variable.unit})" if variable.unit else ""
    about: Schema = {"title": f"{variable.title or variable.name}{unit}"}
    return about | ({"description": variable.doc} if variable.doc else {})


def _value(variable: Variable) -> Schema:
    """Return the schema of one value of a variable."""
    if variable.choices:
        return {"enum": list(variable.choices)}
    return _VALUES[variable.value_type]


_VALUES: Mapping[Type, Schema] = {
    "number": _NUMBER,
    "text": _TEXT,
    "boolean": {"type": "boolean"},
    "instant": {
        "type": ["string", "number"],
        "pattern": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$",
        "minimum": -WHOLE_MAX,
        "maximum": WHOLE_MAX,
    },
    "duration": {
        "type": ["string", "number"],
        "pattern": r"^\s*\d{1,9}(?:\.\d{1,6})? ?[smhdw]\s*$",
        "minimum": -WHOLE_MAX,
        "maximum": WHOLE_MAX,
    },
    "list": _TEXT,
}


def _asked(variable: Variable) -> Schema:
    """Return what may stand beside a variable's name."""
    value, type_ = _value(variable), variable.value_type
    ways = [_object({word: _test(word, value, type_) for word in TESTS if _fits(word, type_)})]
    if type_ in ("number", "text"):
        ways.insert(0, _list(value))
    if type_ != "list":
        ways.insert(0, value)
    return {"anyOf": ways}


def _fits(word: str, type_: Type) -> bool:
    """Tell whether a test can be asked of a type."""
    if word in ("min", "max", "above", "below", "between"):
        return type_ in _ORDERED
    if word == "in":
        return type_ in ("number", "text")
    if word == "not":
        return type_ != "list"
    return {"contains": "list", "starts_with": "text"}.get(word, type_) == type_


def _test(word: str, value: Schema, type_: Type | None) -> Schema:
    """Return what one test takes."""
    about = {"description": _TEST_DOCS[word]}
    match word:
        case "between":
            return {**about, "type": "array", "items": value, "minItems": 2, "maxItems": 2}
        case "in":
            return {**about, **_list(value)}
        case "not":
            return (
                {**about, "anyOf": [value, _list(value)]}
                if type_ in ("number", "text", None)
                else about | value
            )
        case "known":
            return {**about, "type": "boolean"}
        case "contains":
            return {**about, "anyOf": [_TEXT, _list(_TEXT)]}
        case "starts_with":
            return {**about, **_TEXT}
    return about | value


def _any_test() -> Schema:
    """Return what may stand beside any key."""
    value: Schema = {"type": ["number", "string", "boolean"]}
    tests = _object({word: _test(word, value, None) for word in TESTS})
    return {"title": "Test", "anyOf": [value, _list(value), tests]}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": LIST_ITEMS_MAX}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "minProperties": 1, "additionalProperties": False}


def _facts(catalogue: Catalogue | None) -> Schema:
    """Return the schema of the facts of a case: null says that one is unknown."""
    facts: Schema = {"title": "Facts", "description": "The facts of a case, by name.", "type": "object"}
    if catalogue is None:
        return facts
    known = {name: {**_about(v), "anyOf": [_fact(v), {"type": "null"}]} for name, v in _names(catalogue)}
    return facts | {"properties": known, "additionalProperties": False}


def _fact(variable: Variable) -> Schema:
    if variable.value_type != "list":
        return _value(variable)
    return {"type": "array", "items": {"type": "string"}, "maxItems": LIST_ITEMS_MAX}
