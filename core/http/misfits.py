"""Say what msgspec refused in words that name the cure: what else there is to give in that place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect

from pitboss.core.errors import nearest
from pitboss.core.texts import marked

_CHOICE = re.compile(r"Invalid enum value '(.*)'", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def cured(said: str, body: Any, steps: Sequence[str]) -> str:
    """Return msgspec's sentence about a place of a body, with what may stand there."""
    if found := _UNKNOWN.fullmatch(said):
        return _there_is(marked(f"There is no field {found[1]!r}"), found[1], _fields(_types(body, steps)))
    if found := _CHOICE.fullmatch(said):
        return _there_is(
            marked(f"{found[1]!r} is none of the choices"), found[1], _choices(_types(body, steps))
        )
    return said


def _there_is(problem: str, word: str, known: Iterator[str]) -> str:
    return f"{problem}: {nearest(word, list(known))}"


def _types(body: Any, steps: Sequence[str]) -> list[inspect.Type]:
    """Return the types that may stand at a place."""
    found = list(_plain(inspect.type_info(body)))
    for step in steps:
        found = [inner for outer in found for held in _held(outer, step) for inner in _plain(held)]
    return found


def _plain(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _plain(one)
    elif isinstance(kind, inspect.Metadata):
        yield from _plain(kind.type)
    else:
        yield kind


def _held(kind: inspect.Type, step: str) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.StructType):
        yield from (field.type for field in kind.fields if field.encode_name == step)
    elif isinstance(kind, inspect.CollectionType):
        yield kind.item_type
    elif isinstance(kind, inspect.DictType):
        yield kind.value_type


def _fields(kinds: Sequence[inspect.Type]) -> Iterator[str]:
    for kind in kinds:
        if isinstance(kind, inspect.StructType):
            yield from (field.encode_name for field in kind.fields)


def _choices(kinds: Sequence[inspect.Type]) -> Iterator[str]:
    for kind in kinds:
        if isinstance(kind, inspect.LiteralType):
            yield from (str(value) for value in kind.values)
        elif isinstance(kind, inspect.EnumType):
            yield from (str(member.value) for member in kind.cls)
