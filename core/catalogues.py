"""The files of translations: where they stand, what is in them, and what is said that they lack.

Each owner (the core, the rules, the web application, each plugin) keeps `translations/<language>.po` beside
its code. They are read as they are: there is nothing to compile.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from pitboss.core.extraction import Key, Said

GROUPS = ("pitboss.parts", "pitboss.wsgi", "pitboss.plugins")
"""Entry points whose packages keep catalogues, in the order in which they are asked."""
LINE_CHARACTERS = 110
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_HOLE = re.compile(r"(?<!\{)(?:\{\{)*\{(\w+)(?:!r)?\}")
"""What an f-string of Python puts in."""
_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a language says for a text."""

    key: Key
    forms: tuple[str, ...]
    """The text, or its singular and its plural."""
    places: tuple[str, ...] = ()
    """The files that say it."""

    @property
    def said(self) -> str | tuple[str, ...]:
        """The text, or both forms."""
        return self.forms[0] if isinstance(self.key, str) else self.forms


@cache
def owners() -> dict[str, Path]:
    """Return the folder of everyone who may keep catalogues, by name: the platform first, then plugins."""
    found: dict[str, Path] = {}
    for group in GROUPS:
        for entry in sorted(entry_points(group=group), key=lambda e: (e.name != "core", e.name)):
            package = entry.module.rpartition(".")[0]
            spec = find_spec(package)
            if spec is not None and spec.submodule_search_locations:
                # The web application is no plugin: its entry points are called otherwise.
                name = entry.name if group != "pitboss.wsgi" else package.rpartition(".")[2]
                found.setdefault(name, Path(spec.submodule_search_locations[0]))
    return found


def file_of(folder: Path, language: str) -> Path:
    """Return where an owner's catalogue of a language stands."""
    return folder / "translations" / f"{language}.po"


def read(folder: Path, language: str) -> list[Translation]:
    """Return the translations of an owner's catalogue; one that is not there has none."""
    path = file_of(folder, language)
    if not path.exists():
        return []
    with path.open("rb") as file:
        found = [_translation(message) for message in read_po(file, locale=language) if message.id]
    return [one for one in found if all(one.forms)]


def write(folder: Path, language: str, said: Iterable[Said], known: Mapping[Key, Translation]) -> None:
    """Write an owner's catalogue anew: what is said now, with the translations that are known."""
    catalog = Catalog(locale=language)
    catalog.mime_headers = [("Plural-Forms", "nplurals=2; plural=(n != 1);")]
    for one in said:
        old = known.get(one.key)
        catalog.add(one.key, old.said if old else None, locations=[(place, 0) for place in one.places])
    body = io.BytesIO()
    write_po(body, catalog, width=LINE_CHARACTERS, omit_header=True, sort_output=True, include_lineno=False)
    path = file_of(folder, language)
    path.parent.mkdir(exist_ok=True)
    path.write_text(_HEADER.format(language) + body.getvalue().decode(), "utf-8")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one text of a catalogue."""

    problem: str
    text: str

    def __str__(self) -> str:
        return f"{self.problem}: {self.text!r}"


def flaws(said: Iterable[Said], translations: Iterable[Translation]) -> Iterator[Flaw]:
    """Yield what a catalogue lacks, what nobody says any more, and what has other placeholders."""
    kept = {one.key: one for one in translations}
    spoken = {one.key: one for one in said}
    for key in sorted(spoken.keys() - kept.keys(), key=str):
        yield Flaw("not translated", _english(key))
    for key in sorted(kept.keys() - spoken.keys(), key=str):
        yield Flaw("nobody says it any more", _english(key))
    for key in sorted(spoken.keys() & kept.keys(), key=str):
        marks = [_PLACEHOLDER, *([_HOLE] if spoken[key].has_holes else [])]
        wanted = _placeholders(key if isinstance(key, str) else key[1], marks)
        if any(_placeholders(form, marks) != wanted for form in kept[key].forms):
            yield Flaw(f"the placeholders are not {', '.join(sorted(wanted)) or 'none'}", _english(key))


def _translation(message: Message) -> Translation:
    key = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
    said = message.string or ""
    forms = (said,) if isinstance(said, str) else tuple(said)
    # A guess that nobody has looked at is none.
    return Translation(key, ("",) if message.fuzzy else forms, tuple(place for place, _ in message.locations))


def _english(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


def _placeholders(text: str, marks: Iterable[re.Pattern[str]]) -> set[str]:
    return {name for mark in marks for name in mark.findall(text)}
