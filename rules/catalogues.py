"""Catalogues in files: the facts that rules may use where there is no platform to declare them.

{"variables": [{"name": "net_loss", "type": "money", "unit": "EUR", "title": "Net loss", "default": 0}]}
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from msgspec import Meta, Struct

from pitboss.rules.engine.catalogue import (
    LIST_ITEMS_MAX,
    NOW,
    Catalogue,
    Variable,
    VariableType,
    admit_value,
    catalogue_of,
)
from pitboss.rules.engine.errors import Refused, WrongFact
from pitboss.rules.engine.forms import EXPRESSION, GROUPS
from pitboss.rules.engine.rule import FILE_BYTES_MAX, read_json, read_struct

VARIABLES_MAX = 5_000
NAME_LENGTH_MAX = 128

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


class Word(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A variable, as a file says it."""

    name: str
    type: VariableType = "number"
    title: str = ""
    unit: str = ""
    doc: str = ""
    choices: Annotated[tuple[str, ...], Meta(max_length=LIST_ITEMS_MAX)] = ()
    default: float | str | bool | None = None
    example: Any = None


class CatalogueFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of variables."""

    variables: Annotated[tuple[Word, ...], Meta(min_length=1, max_length=VARIABLES_MAX)]
    title: str = ""


def read_catalogue(text: str | bytes) -> Catalogue:
    """Read a file of variables, or refuse it with place, cause and cure."""
    data = read_json(text, bytes_max=FILE_BYTES_MAX)
    if not is_catalogue(data):
        raise Refused('a catalogue is an object: {"variables": [{"name": ..., "type": ...}]}')
    words = read_struct(data, CatalogueFile).variables
    _check_names(words)
    return catalogue_of(_variable(word, f"variables[{n}]") for n, word in enumerate(words))


def is_catalogue(data: Any) -> bool:
    """Tell whether what a file holds is meant as a catalogue."""
    return isinstance(data, dict) and "variables" in data


def refuse_catalogue(data: Any) -> None:
    """Refuse a catalogue where rules are wanted."""
    if is_catalogue(data):
        raise Refused("this is a catalogue, not rules: give it as --catalogue")


@cache
def starter_catalogue() -> Catalogue:
    """Return the catalogue that the starter packs speak."""
    return read_catalogue(files("pitboss.rules.packs").joinpath("catalogue.json").read_bytes())


def _check_names(words: Sequence[Word]) -> None:
    seen: set[str] = set()
    for n, word in enumerate(words):
        cause = _wrong_name(word.name) or (
            word.name in seen and "stands twice: each variable has its own name"
        )
        if cause:
            raise Refused(f"the name {word.name[:NAME_LENGTH_MAX]!r} {cause}", path=f"variables[{n}].name")
        seen.add(word.name)


def _wrong_name(name: str) -> str | None:
    if len(name) > NAME_LENGTH_MAX:
        return f"is too long: at most {NAME_LENGTH_MAX} characters"
    if not _NAME.fullmatch(name):
        return "cannot stand in an expression: letters, digits and _, with dots between"
    taken = [part for part in name.split(".") if keyword.iskeyword(part)]
    if taken or name in (*GROUPS, EXPRESSION):
        return f"is taken: {(taken or [name])[0]} is a word of the language"
    return None


def _variable(word: Word, path: str) -> Variable:
    if word.name == NOW and word.type != "instant":
        raise Refused("now is an instant: the one at which a rule is judged", path=f"{path}.type")
    if (word.type == "choice") != bool(word.choices):
        cure = "a choice lists its 'choices'" if word.type == "choice" else "only a choice has 'choices'"
        raise Refused(cure, path=f"{path}.choices")
    variable = Variable(
        name=word.name,
        type=word.type,
        title=word.title,
        unit=word.unit,
        doc=word.doc,
        choices=word.choices,
        default=word.default,
        example=word.example,
    )
    for part in ("default", "example"):
        _check_value(variable, getattr(word, part), f"{path}.{part}")
    return variable


def _check_value(variable: Variable, value: Any, path: str) -> None:
    try:
        if value is not None:
            admit_value(variable, value)
    except WrongFact as wrong:
        raise Refused(f"{value!r}"[:60] + f" is not {wrong.expected}", path=path) from None
