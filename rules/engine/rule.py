"""A rule as it is written: one JSON envelope for each kind, strict to the letter.

The classes are the format: what they declare is what is read, written, and published as JSON Schema.
`read_rule` checks the envelope alone; `pitboss.rules.engine.program` checks what it says against a
catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from pitboss.rules.engine.catalogue import WHOLE_MAX
from pitboss.rules.engine.errors import Refused, nearest

RULE_BYTES_MAX = 256 * 1024
"""The largest rule as JSON."""
ACTIONS_MAX = 20
TESTS_MAX = 200
EVENTS_MAX = 20
PRIORITY_MAX = 1_000_000

Key = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?$",
        description="What the rule is called by other rules and in reports: small letters, digits, - _ .",
    ),
]
Condition = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Condition"})]
Formula = Annotated[str, Meta(min_length=1, description="An expression, such as `net_loss * 0.10`.")]
Amount = Annotated[float, Meta(ge=0, le=WHOLE_MAX)]
Period = Literal["hour", "day", "week", "month", "lifetime"]
Duration = Annotated[
    str, Meta(pattern=r"^\d{1,9} ?[smhdw]$", description="A duration, such as 30m, 48h or 7d.")
]
Moment = Annotated[str, Meta(description="A day such as 2026-12-01, or an instant with its time zone.")]
Value = float | str | bool | None


class _Strict(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of an envelope: unknown keys are errors."""


class Effective(_Strict, frozen=True, rename={"from_": "from"}):
    """From when until when a rule is live, in the tenant's time zone; the end is not included."""

    from_: Moment | None = None
    until: Moment | None = None


class PerPlayer(_Strict, frozen=True):
    """How often the rule may fire for one player."""

    count: Annotated[int, Meta(ge=1, le=1_000_000)]
    period: Period
    cool_down: Duration | None = None


class Budget(_Strict, frozen=True):
    """What the rule may pay in all."""

    amount: Annotated[float, Meta(gt=0, le=WHOLE_MAX)]
    period: Period


class Limits(_Strict, frozen=True):
    """The bounds on how often and how much a rule pays."""

    per_player: PerPlayer | None = None
    budget: Budget | None = None


class Exclusive(_Strict, frozen=True):
    """Of the rules of one group, only the best pays, or all up to a cap."""

    group: Key
    pick: Literal["best", "first", "sum_capped"] = "best"
    max_amount: Amount | None = None


class Row(_Strict, frozen=True, kw_only=True):
    """A row of a decision table: tests of facts, and what then comes out."""

    when: Condition = {}
    then: Mapping[str, Any]
    priority: int = 0
    note: str = ""


class Table(_Strict, frozen=True, kw_only=True):
    """A decision table: which row decides, and what comes out of it."""

    hit: Literal["unique", "first", "priority", "collect"] = "first"
    collect: Literal["sum", "min", "max", "count"] | None = None
    """How the rows that match become one value."""
    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=200)]
    default: Mapping[str, Any] | None = None
    """What comes out when no row matches."""


class Expectation(_Strict, frozen=True):
    """What a case expects; what it does not mention may be anything."""

    match: bool | None = None
    amount: float | None = None
    value: Value = None
    error: str | None = None
    """The kind of EvaluationError, such as unknown_fact."""


class Case(_Strict, frozen=True):
    """A test of the rule that is kept with it."""

    facts: Mapping[str, Any]
    expect: Expectation
    name: str = ""


class Rule(_Strict, frozen=True, tag_field="kind"):
    """What every kind of rule has."""

    key: Key
    name: Annotated[str, Meta(max_length=200)] = ""
    description: Annotated[str, Meta(max_length=4_000)] = ""
    on: Annotated[
        tuple[str, ...], Meta(max_length=EVENTS_MAX, description="The events it is judged on.")
    ] = ()
    when: Condition = {}
    priority: Annotated[int, Meta(ge=-PRIORITY_MAX, le=PRIORITY_MAX)] = 0
    effective: Effective | None = None
    tags: tuple[str, ...] = ()
    tests: Annotated[tuple[Case, ...], Meta(max_length=TESTS_MAX)] = ()

    @property
    def kind(self) -> str:
        """The kind, as it is written."""
        return str(self.__struct_config__.tag)


class Reward(Rule, frozen=True, tag="reward", kw_only=True):
    """When the condition holds, do something for the player, such as pay a bonus."""

    then: Annotated[
        tuple[Mapping[str, Any], ...],
        Meta(
            min_length=1,
            max_length=ACTIONS_MAX,
            extra_json_schema={"items": {"$ref": "#/$defs/Action"}},
        ),
    ]
    table: Table | None = None
    """Rows that say the amount, instead of a formula in each action."""
    stop: bool = False
    """Once it matched, rules of lower priority are not looked at."""
    exclusive: Exclusive | None = None
    limits: Limits | None = None
    holdout_percent: Annotated[float, Meta(ge=0, le=100)] = 0.0


class Segment(Rule, frozen=True, tag="segment"):
    """The players for whom the condition holds; live, and dated."""


class Alert(Rule, frozen=True, tag="alert", kw_only=True):
    """When the condition becomes true, tell somebody: once for each crossing."""

    message: Annotated[str, Meta(min_length=1, max_length=2_000, description="Facts stand in {braces}.")]
    severity: Annotated[int, Meta(ge=1, le=10)] = 5
    channels: tuple[str, ...] = ()
    cool_down: Duration | None = None
    value: Formula | None = None
    """A number that the alert carries, such as a score."""


class FormulaRule(Rule, frozen=True, tag="formula"):
    """A value with a name, from an expression or a table, that other rules may use."""

    formula: Formula | None = None
    table: Table | None = None
    unit: str = ""


class Limit(Rule, frozen=True, tag="limit", kw_only=True):
    """Refuse an operation while the condition holds."""

    operation: Annotated[str, Meta(description="The guarded operation, such as `betting.place_bet`.")]
    message: Annotated[str, Meta(min_length=1, max_length=2_000, description="What the player is told.")]


AnyRule: TypeAlias = Reward | Segment | Alert | FormulaRule | Limit
KINDS: Mapping[str, type[Rule]] = {
    str(kind.__struct_config__.tag): kind for kind in (Reward, Segment, Alert, FormulaRule, Limit)
}


def read_rule(data: Any) -> AnyRule:
    """Check an envelope, given as JSON text or as what JSON text holds."""
    if isinstance(data, str | bytes):
        data = read_json(data)
    if not isinstance(data, Mapping):
        raise Refused(f"a rule is an object, not {type(data).__name__}")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        cure = nearest(kind, KINDS) if isinstance(kind, str) else f"one of {', '.join(KINDS)}"
        raise Refused(
            f"{'unknown kind ' + repr(kind) if kind else 'a rule says its kind'}: {cure}", path="kind"
        )
    try:
        rule: AnyRule = msgspec.convert(data, KINDS[kind])  # type: ignore[assignment]  # one of the union
    except msgspec.ValidationError as error:
        raise _refusal(error, data, KINDS[kind]) from None
    _check_effective(rule.effective)
    return rule


def read_rules(text: str | bytes) -> list[AnyRule]:
    """Read a file that holds one rule, or a list of them, or a pack."""
    data = read_json(text, bytes_max=RULE_BYTES_MAX * 100)
    items = data.get("rules", [data]) if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise Refused('a file holds a rule, a list of rules, or {"rules": [...]}')
    rules = []
    for n, item in enumerate(items):
        try:
            rules.append(read_rule(item))
        except Refused as refusal:
            raise refusal.at(_name_of(item, n)) from None
    _check_keys(rules)
    return rules


def read_json(text: str | bytes, *, bytes_max: int = RULE_BYTES_MAX) -> Any:
    """Read JSON of bounded size, or say where it stops being JSON."""
    if len(text) > bytes_max:
        raise Refused(f"{len(text)} bytes are too many: at most {bytes_max}")
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise Refused(f"this is not JSON: {error}") from None
    except RecursionError:
        raise Refused("this nests too deep to be a rule") from None


def write_rule(rule: AnyRule) -> dict[str, Any]:
    """Return the rule as JSON holds it, without what is as it would be anyway."""
    written: dict[str, Any] = msgspec.to_builtins(rule)
    return written


def format_rule(rule: AnyRule) -> str:
    """Write the rule in the one way in which rules are kept in files."""
    return msgspec.json.format(msgspec.json.encode(write_rule(rule)), indent=2).decode()


def _name_of(item: Any, n: int) -> str:
    key = item.get("key") if isinstance(item, Mapping) else None
    return key if isinstance(key, str) else f"[{n}]"


def _check_keys(rules: Iterable[AnyRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.key in seen:
            raise Refused(f"the key {rule.key!r} stands twice: each rule has one of its own", path=rule.key)
        seen.add(rule.key)


def _check_effective(effective: Effective | None) -> None:
    if effective is None:
        return
    for word, moment in (("from", effective.from_), ("until", effective.until)):
        if moment is not None and not _is_moment(moment):
            raise Refused(
                f"{moment!r} is no day such as 2026-12-01, and no instant with a time zone",
                path=f"effective.{word}",
            )


def _is_moment(text: str) -> bool:
    try:
        if len(text) == len("2026-12-01"):
            date.fromisoformat(text)
            return True
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


# -- what msgspec says, for an operator ----------------------------------------------------------

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`")
_ENUM = re.compile(r"Invalid enum value")
_BOUND = re.compile(r"Expected `\w+` (of length )?([<>]=?) (\S+)")


def _refusal(error: msgspec.ValidationError, data: Any, kind: type[Rule]) -> Refused:
    cause, _, where = str(error).partition(" - at `")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    if found := _UNKNOWN.match(cause):
        return Refused(f"unknown key {found[1]!r}: {nearest(found[1], _fields_at(kind, path))}", path=path)
    if found := _MISSING.match(cause):
        return Refused(f"{found[1]!r} is missing", path=path)
    if found := _EXPECTED.match(cause):
        return Refused(f"{_words(found[1])} is wanted, not {_words(found[2])}", path=path)
    value = _value_at(data, path)
    if _ENUM.match(cause):
        choices = getattr(_type_at(kind, path), "values", ())
        return Refused(
            f"{value!r} is none of its values: {nearest(str(value), map(str, choices))}", path=path
        )
    if found := _BOUND.match(cause):
        items = "" if found[1] is None else " items" if isinstance(value, list) else " characters"
        size = len(value) if items else repr(value)
        return Refused(f"{size} is {_BOUNDS[found[2]]} {_plain(found[3])}{items}", path=path)
    if "regex" in cause:
        return Refused(f"{value!r} is not written as {_PATTERNS[path.rpartition('.')[2]]}", path=path)
    return Refused(cause[:1].lower() + cause[1:], path=path)


_PATTERNS = {
    "key": "a key: small letters and digits, with - _ . inside, at most 64",
    "group": "a key: small letters and digits, with - _ . inside, at most 64",
    "cool_down": "a duration, such as 30m, 48h or 7d",
}
_BOUNDS = {">=": "less than", "<=": "more than", ">": "not more than", "<": "not less than"}


def _plain(number: str) -> str:
    return number.removesuffix(".0")


_JSON_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _words(names: str) -> str:
    words = [name for name in names.split(" | ") if name != "null" or names == "null"]
    return " or ".join(_JSON_WORDS.get(name, name) for name in words)


def _value_at(data: Any, path: str) -> Any:
    """Return what stands at a path of the JSON."""
    for step in _steps(path):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def _fields_at(kind: type[Struct], path: str) -> set[str]:
    """Return the keys that an object may have at a path of the envelope."""
    fields = getattr(_type_at(kind, path), "fields", ())
    return {field.encode_name for field in fields} | ({"kind"} if not path else set())


def _type_at(kind: type[Struct], path: str) -> Any:
    """Return what msgspec knows of the type at a path of the envelope."""
    found: Any = msgspec.inspect.type_info(kind)
    for step in _steps(path):
        if not step.isdigit():
            field = next((f for f in getattr(found, "fields", ()) if f.encode_name == step), None)
            found = _plainly(field.type) if field is not None else None
    return found


def _plainly(info: Any) -> Any:
    """Look through optional, list and annotation, at what is inside."""
    parts = [*getattr(info, "types", ()), getattr(info, "item_type", None), getattr(info, "type", None)]
    inside = [part for part in parts if isinstance(part, msgspec.inspect.Type)]
    inside = [part for part in inside if not isinstance(part, msgspec.inspect.NoneType)]
    return _plainly(inside[0]) if inside else info


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[.\[\]]+", path) if step]
