"""A rule as it is written: one JSON envelope for each kind, strict to the letter.

The classes are the format: what they declare is what is read, written, and published as JSON Schema.
`read_rule` checks the envelope alone; `pitboss.rules.engine.program` checks what it says against a
catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from pitboss.rules.engine.catalogue import WHOLE_MAX
from pitboss.rules.engine.errors import Refused, nearest, shown
from pitboss.rules.engine.refusals import refusal
from pitboss.rules.engine.texts import gettext as _

RULE_BYTES_MAX = 256 * 1024
"""The largest rule as JSON."""
FILE_BYTES_MAX = RULE_BYTES_MAX * 100
"""The largest file of rules."""
ACTIONS_MAX = 20
TESTS_MAX = 200
EVENTS_MAX = 20
TAGS_MAX = 50
CHANNELS_MAX = 20
PARAMETERS_MAX = 100
"""How many keys an action has."""
OUTPUTS_MAX = 20
"""How many values come out of a row of a table."""
FACTS_MAX = 1_000
"""How many facts a case gives."""
PRIORITY_MAX = 1_000_000

Key = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?$(?!\n)",
        description="What the rule is called by other rules and in reports: small letters, digits, - _ .",
    ),
]
# What a catalogue or an action says is described in `pitboss.rules.engine.schema`.
Condition = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Condition"})]
ActionData = Annotated[
    Mapping[str, Any], Meta(max_length=PARAMETERS_MAX, extra_json_schema={"$ref": "#/$defs/Action"})
]
Outputs = Annotated[
    Mapping[str, Any],
    Meta(min_length=1, max_length=OUTPUTS_MAX, extra_json_schema={"$ref": "#/$defs/Outputs"}),
]
FactData = Annotated[
    Mapping[str, Any], Meta(max_length=FACTS_MAX, extra_json_schema={"$ref": "#/$defs/Facts"})
]
Formula = Annotated[str, Meta(min_length=1, description="An expression, such as `net_loss * 0.10`.")]
Amount = Annotated[float, Meta(ge=0, le=WHOLE_MAX)]
Period = Literal["hour", "day", "week", "month", "lifetime"]
Duration = Annotated[
    str, Meta(pattern=r"^\d{1,9} ?[smhdw]$(?!\n)", description="A duration, such as 30m, 48h or 7d.")
]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$(?!\n)",
        description="A day such as 2026-12-01, or an instant with its time zone.",
    ),
]
Value = float | str | bool | None
AnyStruct = TypeVar("AnyStruct", bound=Struct)


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
    then: Outputs
    priority: Annotated[int, Meta(ge=-PRIORITY_MAX, le=PRIORITY_MAX)] = 0
    note: str = ""


class Table(_Strict, frozen=True, kw_only=True):
    """A decision table: which row decides, and what comes out of it."""

    hit: Literal["unique", "first", "priority", "collect"] = "first"
    collect: Literal["sum", "min", "max", "count"] | None = None
    """How the rows that match become one value."""
    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=200)]
    default: Outputs | None = None
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

    facts: FactData
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
    tags: Annotated[tuple[str, ...], Meta(max_length=TAGS_MAX)] = ()
    tests: Annotated[tuple[Case, ...], Meta(max_length=TESTS_MAX)] = ()

    @property
    def kind(self) -> str:
        """The kind, as it is written."""
        return str(self.__struct_config__.tag)


class Reward(Rule, frozen=True, tag="reward", kw_only=True):
    """When the condition holds, do something for the player, such as pay a bonus."""

    then: Annotated[tuple[ActionData, ...], Meta(min_length=1, max_length=ACTIONS_MAX)]
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
    channels: Annotated[tuple[str, ...], Meta(max_length=CHANNELS_MAX)] = ()
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


class Pack(_Strict, frozen=True, kw_only=True):
    """A file of rules that belong together."""

    pack: Key
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    version: Annotated[int, Meta(ge=1, description="Counted up with each release of the pack.")]
    description: Annotated[str, Meta(max_length=4_000)] = ""
    rules: Annotated[tuple[Any, ...], Meta(min_length=1)]
    """Each is read for itself, so that one that is wrong does not hide the others."""


AnyRule: TypeAlias = Reward | Segment | Alert | FormulaRule | Limit
KINDS: Mapping[str, type[Rule]] = {
    str(kind.__struct_config__.tag): kind for kind in (Reward, Segment, Alert, FormulaRule, Limit)
}

for _kind in (*KINDS.values(), Pack):
    # msgspec looks at a class when it is first read into; two threads that do so at once crash the process.
    msgspec.json.Decoder(_kind)


def read_rule(data: Any) -> AnyRule:
    """Check an envelope, given as JSON text or as what JSON text holds."""
    if isinstance(data, str | bytes):
        data = read_json(data)
    if not isinstance(data, Mapping):
        raise Refused(_("a rule is an object, and this is %(data)s", data=shown(data)))
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise _kind_refusal(data)
    rule: AnyRule = read_struct(data, KINDS[kind])  # type: ignore[assignment]  # one of the union
    _check_effective(rule.effective)
    return rule


def read_struct(data: Any, kind: type[AnyStruct]) -> AnyStruct:
    """Check what JSON text holds against a class, and refuse in an operator's words what does not fit."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise refusal(error, data, kind) from None
    except RecursionError:
        raise Refused(_("this nests too deep to be a rule")) from None


def read_rules(text: str | bytes) -> list[AnyRule]:
    """Read a file that holds one rule, or a list of them, or a pack."""
    rules = []
    for name, item in items_of(read_json(text, bytes_max=FILE_BYTES_MAX)):
        try:
            rules.append(read_rule(item))
        except Refused as refusal:
            raise refusal.at(name) from None
    _check_keys(rules)
    return rules


def items_of(data: Any) -> list[tuple[str, Any]]:
    """Return the rules of a file, unread, each with its key or its number."""
    if isinstance(data, dict):
        items = read_struct(data, Pack).rules if data.keys() & {"pack", "rules"} else (data,)
    elif isinstance(data, list):
        items = tuple(data)
    else:
        raise Refused(_("a file holds a rule, a list of rules, or a pack of them"))
    return [(_name_of(item, n), item) for n, item in enumerate(items)]


def read_json(text: str | bytes, *, bytes_max: int = RULE_BYTES_MAX) -> Any:
    """Read JSON of bounded size, or say where it stops being JSON."""
    if len(text) > bytes_max:
        raise Refused(_("%(count)s bytes are too many: at most %(most)s", count=len(text), most=bytes_max))
    try:
        data = msgspec.json.decode(text)
        json.loads(text, object_pairs_hook=_check_pairs)
    except msgspec.DecodeError as error:
        raise Refused(_not_json(str(error))) from None
    except UnicodeDecodeError:
        raise Refused(_("this is not JSON: it is no text in UTF-8")) from None
    except RecursionError:
        raise Refused(_("this nests too deep to be a rule")) from None
    return data


def _not_json(cause: str) -> str:
    if "out of range" in cause:
        return _("a number has too many digits: at most %(most)s is exact", most=WHOLE_MAX)
    if "truncated" in cause:
        return _("this is not JSON: it ends too early")
    return _("this is not JSON: %(cause)s", cause=cause.removeprefix("JSON is malformed: "))


def _check_pairs(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a key that stands twice in one object: the second would hide the first."""
    if len(dict(pairs)) == len(pairs):
        return
    seen: set[str] = set()
    for key, __ in pairs:
        if key in seen:
            raise Refused(
                _("the key %(key)s stands twice in one object: only one of them would count", key=shown(key))
            )
        seen.add(key)


def write_rule(rule: AnyRule) -> dict[str, Any]:
    """Return the rule as JSON holds it, without what is as it would be anyway."""
    try:
        return {key: _as_json(value) for key, value in msgspec.to_builtins(rule).items()}
    except RecursionError:
        raise Refused(_("this nests too deep to be a rule")) from None


def format_rule(rule: AnyRule) -> str:
    """Write the rule in the one way in which rules are kept in files."""
    return msgspec.json.format(msgspec.json.encode(write_rule(rule)), indent=2).decode()


def _as_json(value: Any) -> Any:
    """Return lists for tuples, and 500 for 500.0: what was written as whole is a float once it was read."""
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) <= WHOLE_MAX
    return int(value) if is_whole else value


def _name_of(item: Any, n: int) -> str:
    key = item.get("key") if isinstance(item, Mapping) else None
    return key if isinstance(key, str) else f"[{n}]"


def _check_keys(rules: Iterable[AnyRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.key in seen:
            raise Refused(
                _("the key %(key)s stands twice: each rule has one of its own", key=repr(rule.key)),
                path=rule.key,
            )
        seen.add(rule.key)


def _kind_refusal(data: Mapping[str, Any]) -> Refused:
    if "kind" not in data:
        return Refused(_("a rule says its 'kind': %(kinds)s", kinds=", ".join(KINDS)))
    kind = data["kind"]
    if not isinstance(kind, str):
        return Refused(
            _("a kind is a text, and this is %(kind)s: %(kinds)s", kind=shown(kind), kinds=", ".join(KINDS)),
            path="kind",
        )
    return Refused(
        _("unknown kind %(kind)s: %(cure)s", kind=shown(kind), cure=nearest(kind, KINDS)), path="kind"
    )


def _check_effective(effective: Effective | None) -> None:
    if effective is None:
        return
    start, end = _moment(effective.from_, "from"), _moment(effective.until, "until")
    # A day and an instant are compared where the tenant's time zone is known.
    if start is not None and end is not None and type(start) is type(end) and end <= start:
        cause = _(
            "%(until)s is not after 'from', so that the rule would never be live",
            until=shown(effective.until),
        )
        raise Refused(cause, path="effective.until")


def _moment(text: str | None, word: str) -> date | datetime | None:
    try:
        return (
            None
            if text is None
            else date.fromisoformat(text)
            if len(text) == 10
            else datetime.fromisoformat(text)
        )
    except ValueError:
        raise Refused(
            _("%(text)s is not in the calendar", text=shown(text)), path=f"effective.{word}"
        ) from None
