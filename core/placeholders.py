"""Texts with `{placeholders}`: names only, so that a text can read nothing and run nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from pitboss.core.contracts import Message
from pitboss.core.errors import InvalidInput, nearest

SUBJECT_CHARACTERS_MAX = 200
BODY_CHARACTERS_MAX = 20_000
RENDERED_CHARACTERS_MAX = 100_000
ALWAYS_GIVEN = ("name", "brand")
"""What every text may mention: its reader, and the tenant's brand."""


@dataclass(frozen=True, slots=True)
class Text:
    """A subject and a body, as a template or filled in."""

    subject: str
    body: str


def check(text: Text, allowed: Sequence[str] | None = None) -> None:
    """Refuse a template that could not be filled in; `allowed` are the names that its sender gives."""
    for field, value, limit in (
        ("subject", text.subject, SUBJECT_CHARACTERS_MAX),
        ("body", text.body, BODY_CHARACTERS_MAX),
    ):
        if not value.strip() or len(value) > limit:
            raise InvalidInput(f"{field}: write 1 to {limit} characters", {field: [f"1 to {limit}."]})
        for name in names(value, field):
            if allowed is not None and name not in allowed:
                raise InvalidInput(
                    f"{field}: there is no {{{name}}} here; {nearest(name, list(allowed))}",
                    {field: [f"Unknown placeholder {name!r}."]},
                )


def placeholders_of(message: Message) -> tuple[str, ...]:
    """Return what a text of a message may mention."""
    return tuple(dict.fromkeys((*(message.example or {}), *ALWAYS_GIVEN)))


def names(template: str, field: str = "text") -> list[str]:
    """Return the placeholders of a template, or say where it is malformed."""
    found = []
    try:
        for _, name, spec, conversion in Formatter().parse(template):
            if name is None:
                continue
            if not name.isidentifier() or spec or conversion:
                raise ValueError(f"{{{name}}} is not a plain name")
            found.append(name)
    except ValueError as error:
        raise InvalidInput(
            f"{field}: {error}: write placeholders as {{name}}, and a brace as {{{{", {field: [str(error)]}
        ) from error
    return found


def fill(text: Text, data: Mapping[str, Any]) -> Text:
    """Fill a template in; a value that is not given is an error that names it."""
    subject = _filled(text.subject, data)
    # A line break in a subject would start another header of a mail.
    return Text(" ".join(subject.split())[:SUBJECT_CHARACTERS_MAX], _filled(text.body, data))


def _filled(template: str, data: Mapping[str, Any]) -> str:
    parts = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name is None:
            continue
        if name not in data:
            raise InvalidInput(f"the text needs {name!r}, which was not given")
        parts.append(str(data[name]))
    return "".join(parts)[:RENDERED_CHARACTERS_MAX]
