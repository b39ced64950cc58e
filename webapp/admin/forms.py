"""Forms drawn from marshmallow schemas: fields for the template, and what came back as schema input.

A field's metadata may carry `title`, `description`, `unit`, `choices` (titles by value), `secret` and
`multiline`. Anything that has no control of its own is edited as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import in_words, number, title_of, translated

LONG_TEXT_CHARACTERS = 200
"""Texts that may be longer get several lines."""

_INPUTS: tuple[tuple[type[fields.Field[Any]], str, str], ...] = (
    (fields.Integer, "text", "numeric"),
    (fields.Decimal, "text", "decimal"),
    (fields.Float, "text", "decimal"),
    (fields.TimeDelta, "text", "numeric"),
    (fields.DateTime, "datetime-local", ""),
    (fields.Date, "date", ""),
    (fields.Time, "time", ""),
    (fields.Email, "email", ""),
    (fields.Url, "url", ""),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One control of a form."""

    name: str
    label: str
    kind: str
    """text, long, boolean, choice, choices, lines, json or group."""
    value: Any = ""
    hint: str = ""
    unit: str = ""
    input_type: str = "text"
    input_mode: str = ""
    is_required: bool = False
    errors: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    children: list[Field] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of the control in the page."""
        return "f-" + self.name.replace(".", "-")


def draw(
    schema: Schema,
    values: Mapping[str, Any],
    *,
    zone: ZoneInfo,
    errors: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> list[Field]:
    """Return the controls of a schema, filled with stored (or just sent) values."""
    messages = errors or {}
    return [
        _control(item, prefix + name, values.get(name, _default(item)), zone, messages.get(name))
        for name, item in schema.fields.items()
        if not item.dump_only
    ]


def read(schema: Schema, form: MultiDict[str, str], *, zone: ZoneInfo, prefix: str = "") -> dict[str, Any]:
    """Return what a form said, as input for its schema; an empty control says nothing."""
    found: dict[str, Any] = {}
    for name, item in schema.fields.items():
        if not item.dump_only:
            value = _sent(item, form, prefix + name, zone)
            if value is not None or (item.allow_none and not isinstance(item, fields.Nested)):
                found[name] = value
    return found


def keep_secrets(schema: Schema, sent: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the secrets that a form left empty, because it never shows them."""
    for name, item in schema.fields.items():
        if item.metadata.get("secret") and not sent.get(name) and name in stored:
            sent[name] = stored[name]
    return sent


# -- drawing ---------------------------------------------------------------------------------------


def _control(item: fields.Field[Any], name: str, value: Any, zone: ZoneInfo, errors: Any) -> Field:
    meta = item.metadata
    kind = _kind(item)
    common: dict[str, Any] = {
        "name": name,
        "label": translated(title_of(name.rsplit(".", 1)[-1], item)),
        "kind": kind,
        "hint": _hint(item),
        "unit": translated(meta.get("unit", "")),
        "is_required": item.required and kind not in ("boolean", "choices", "group"),
        "errors": _messages(errors, deep=kind != "group"),
    }
    if kind == "group":
        nested = errors if isinstance(errors, Mapping) else {}
        inner = value if isinstance(value, Mapping) else {}
        children = draw(_schema_of(item), inner, zone=zone, errors=nested, prefix=f"{name}.")
        return Field(**common, children=children)
    input_type, input_mode = _input(item)
    return Field(
        **common,
        value=_shown(item, kind, value, zone),
        options=_options(item, kind),
        input_type="password" if meta.get("secret") else input_type,
        input_mode=input_mode,
    )


def _kind(item: fields.Field[Any]) -> str:
    if isinstance(item, fields.Boolean):
        return "boolean"
    if isinstance(item, fields.Nested):
        return "json" if item.many else "group"
    if isinstance(item, fields.List):
        return "choices" if _choices(item.inner) else _list_kind(item.inner)
    if _choices(item):
        return "choice"
    if isinstance(item, (fields.Dict, fields.Raw)):
        return "json"
    return "long" if _is_long(item) else "text"


def _list_kind(inner: fields.Field[Any]) -> str:
    return "lines" if isinstance(inner, (fields.String, fields.Number)) else "json"


def _is_long(item: fields.Field[Any]) -> bool:
    if item.metadata.get("multiline"):
        return True
    lengths = [v.max for v in item.validators if isinstance(v, validate.Length) and v.max]
    return type(item) is fields.String and any(length > LONG_TEXT_CHARACTERS for length in lengths)


def _choices(item: fields.Field[Any]) -> list[Any]:
    if isinstance(item, fields.Enum):
        return [member.value if item.by_value else member.name for member in item.enum]
    for validator in item.validators:
        if isinstance(validator, validate.OneOf):
            return list(validator.choices)
    return []


def _options(item: fields.Field[Any], kind: str) -> list[tuple[str, str]]:
    if kind not in ("choice", "choices"):
        return []
    source = item.inner if isinstance(item, fields.List) else item
    titles = dict(item.metadata.get("choices") or source.metadata.get("choices") or {})
    for validator in source.validators:
        if isinstance(validator, validate.OneOf) and not titles:
            titles = dict(zip(validator.choices, validator.labels or (), strict=False))
    options = [(str(c), translated(str(titles.get(c) or in_words(str(c))))) for c in _choices(source)]
    is_optional = kind == "choice" and not item.required and (item.allow_none or _default(item) is None)
    return [("", _("Not set")), *options] if is_optional else options


def _input(item: fields.Field[Any]) -> tuple[str, str]:
    for kind, input_type, input_mode in _INPUTS:
        if isinstance(item, kind):
            return input_type, input_mode
    return "text", ""


def _shown(item: fields.Field[Any], kind: str, value: Any, zone: ZoneInfo) -> Any:
    if kind == "boolean":
        return value is True or value in ("true", "on")
    if kind == "choices":
        return [str(v) for v in value] if isinstance(value, Sequence) and not isinstance(value, str) else []
    if item.metadata.get("secret") or value is None:
        return ""
    if kind == "lines":
        return (
            "\n".join(str(v) for v in value)
            if isinstance(value, Sequence) and not isinstance(value, str)
            else value
        )
    if kind == "json":
        return (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
        )
    if isinstance(item, fields.DateTime):
        return _local(value, zone)
    return str(value)


def _local(value: Any, zone: ZoneInfo) -> str:
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return (instant.astimezone(zone) if instant.tzinfo else instant).strftime("%Y-%m-%dT%H:%M:%S")


def _default(item: fields.Field[Any]) -> Any:
    default = item.load_default
    if callable(default):
        default = default()
    return None if type(default).__name__ == "_Missing" else default


def _hint(item: fields.Field[Any]) -> str:
    parts = [translated(str(item.metadata.get("description", "")))]
    if isinstance(item, fields.DateTime):
        parts.append(_("In the tenant's time zone."))
    if _kind(item) == "lines":
        parts.append(_("One a line."))
    if _kind(item) == "json":
        parts.append(_("As JSON."))
    if item.metadata.get("secret"):
        parts.append(_("It is not shown; leave it empty to keep it."))
    parts += [_bounds(v) for v in item.validators if isinstance(v, validate.Range)]
    return " ".join(part for part in parts if part)


def _bounds(limits: validate.Range) -> str:
    low, high = _bound(limits.min), _bound(limits.max)
    if low and high:
        return _("From %(low)s to %(high)s.", low=low, high=high)
    if low:
        return _("%(low)s or more.", low=low) if limits.min_inclusive else _("More than %(low)s.", low=low)
    return _("%(high)s or less.", high=high) if high else ""


def _bound(value: Any) -> str:
    return number(value) if isinstance(value, int) else "" if value is None else str(value)


def _messages(errors: Any, *, deep: bool) -> list[str]:
    if errors is None:
        return []
    if isinstance(errors, str):
        return [retold(errors)]
    if isinstance(errors, Mapping):
        if not deep:
            return _messages(errors.get("_schema"), deep=False)
        return [f"{_place(k)}{m}" for k, v in errors.items() for m in _messages(v, deep=True)]
    return [retold(str(error)) for error in errors]


def _place(key: Any) -> str:
    return (
        _("Number %(number)s: ", number=key + 1)
        if isinstance(key, int)
        else ("" if key == "_schema" else f"{key}: ")
    )


def _schema_of(item: fields.Field[Any]) -> Schema:
    assert isinstance(item, fields.Nested)
    schema: Schema = item.schema
    return schema


# -- reading ---------------------------------------------------------------------------------------


def _sent(item: fields.Field[Any], form: MultiDict[str, str], name: str, zone: ZoneInfo) -> Any:
    kind = _kind(item)
    if kind == "boolean":
        return name in form
    if kind == "group":
        return read(_schema_of(item), form, zone=zone, prefix=f"{name}.")
    if kind == "choices":
        return [_plain(_inner(item), text) for text in form.getlist(name)]
    text = form.get(name, "")
    text = text if item.metadata.get("secret") else text.strip()
    if kind == "lines":
        return [_plain(_inner(item), line.strip()) for line in text.splitlines() if line.strip()]
    if not text:
        return None
    if kind == "json":
        return _json(text)
    if isinstance(item, fields.DateTime):
        return _aware(text, zone)
    return _plain(item, text)


def _inner(item: fields.Field[Any]) -> fields.Field[Any]:
    assert isinstance(item, fields.List)
    found: fields.Field[Any] = item.inner
    return found


def _plain(item: fields.Field[Any], text: str) -> Any:
    """Give whole numbers to strict fields; leave what is none for the schema to complain about."""
    if isinstance(item, (fields.Integer, fields.TimeDelta)) and text.lstrip("+-").isdecimal():
        return int(text)
    choices = _choices(item)
    return next((choice for choice in choices if str(choice) == text), text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _aware(text: str, zone: ZoneInfo) -> str:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text
