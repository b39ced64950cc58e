"""Rules out of files and folders, with every refusal and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitboss.rules.catalogues import is_catalogue, refuse_catalogue
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import FILE_BYTES_MAX, items_of, read_json, read_rule

FILES_MAX = 10_000
"""How many files one command reads."""

_BYTE = re.compile(r" \(byte (\d+)\)")


class UnreadableFile(Exception):
    """A file or folder that is not there, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file, or a rule in it, that was refused."""

    file: Path
    refused: Refused
    key: str = ""
    is_unreadable: bool = False
    """Nothing of the file could be read."""

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "file": str(self.file),
            "rule": self.key or None,
            "path": self.refused.path,
            "column": self.refused.column,
            "cause": self.refused.cause,
        }

    def __str__(self) -> str:
        """Say the file, then the place in it, then what is wrong."""
        return f"{self.file}: {self.refused.at(self.key) if self.key else self.refused}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What files hold."""

    programs: list[Program] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    """The file of each program."""
    refusals: list[Refusal] = field(default_factory=list)

    def file_of(self, key: str) -> Path:
        """Return the file in which a rule stands."""
        return self.files[[program.key for program in self.programs].index(key)]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are meant, those of a folder in the order of their names."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(_inside(path))
        if not inside:
            raise UnreadableFile(f"the folder {path} holds no rules: none of its files ends in .json")
        found += inside
    if len(found) > FILES_MAX:
        raise UnreadableFile(f"{len(found)} files are too many at once: at most {FILES_MAX}")
    return list(dict.fromkeys(found))


def read_file(path: Path, *, bytes_max: int = FILE_BYTES_MAX) -> bytes:
    """Return what a file of bounded size holds."""
    try:
        size = path.stat().st_size
        if size > bytes_max:
            raise UnreadableFile(f"{path}: {size} bytes are too many: at most {bytes_max}")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(f"{path}: there is no such file or folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(f"{path}: it cannot be read: {reason}") from None


def load(paths: Iterable[Path], catalogue: Catalogue) -> Loaded:
    """Read every rule, and keep what was refused beside those that are right."""
    loaded = Loaded()
    places: dict[str, Path] = {}
    for file in find_files(paths):
        for key, item in _items(file, loaded.refusals):
            try:
                program = Program(read_rule(item), catalogue).checked()
                _check_key(program.key, places)
            except Refused as refused:
                loaded.refusals.append(Refusal(file, refused, key))
                continue
            places[program.key] = file
            loaded.programs.append(program)
            loaded.files.append(file)
    return loaded


def _inside(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.json"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not is_hidden and not _holds_catalogue(path):
            yield path


def _holds_catalogue(path: Path) -> bool:
    try:
        return is_catalogue(read_json(read_file(path), bytes_max=FILE_BYTES_MAX))
    except (Refused, UnreadableFile):
        return False  # whoever reads it as rules says what is wrong


def _items(file: Path, refusals: list[Refusal]) -> Sequence[tuple[str, Any]]:
    text = read_file(file)
    try:
        data = read_json(text, bytes_max=FILE_BYTES_MAX)
    except Refused as refused:
        refusals.append(Refusal(file, in_lines(refused, text), is_unreadable=True))
        return ()
    try:
        refuse_catalogue(data)
        return items_of(data)
    except Refused as refused:
        refusals.append(Refusal(file, refused))
        return ()


def in_lines(refused: Refused, text: bytes) -> Refused:
    """Say the line of broken JSON, where the reader says the byte."""
    found = _BYTE.search(refused.cause)
    if found is None:
        return refused
    lines = text[: int(found[1])].split(b"\n")
    return Refused(_BYTE.sub("", refused.cause), path=f"line {len(lines)}, column {len(lines[-1]) + 1}")


def _check_key(key: str, places: dict[str, Path]) -> None:
    if key in places:
        raise Refused(f"the key stands twice: {places[key]} has a rule of that key too", path="key")
