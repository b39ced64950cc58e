"""Write a new plugin that works and is tested, for its author to make their own."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from pathlib import Path

from pitboss.core.checks import NAME
from pitboss.core.errors import InvalidInput

_NAME, _TITLE, _SUFFIX = "my_plugin", "My plugin", ".tmpl"
"""What stands in the templates for the plugin's own name and title."""


def write_plugin(name: str, parent: Path) -> list[Path]:
    """Write the plugin's folder into a parent folder; return the files."""
    check_name(name)
    folder = parent / name
    if folder.exists():
        raise InvalidInput(f"{folder} is there already: choose another name, or --path")
    title = name.replace("_", " ").capitalize()
    template = files("pitboss.core.scaffold") / "template"
    return [
        _write(source, folder / path.replace(_NAME, name), name, title) for source, path in _files(template)
    ]


def check_name(name: str) -> None:
    """Refuse a name that cannot be a plugin's, and say which could."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise InvalidInput(
            f"plugin name {name!r}: use 2 to 40 of a-z, 0-9 and _, beginning with a letter, "
            f"such as {suggestion(name)!r}"
        )
    if find_spec(name) is not None:
        raise InvalidInput(
            f"plugin name {name!r}: a module of that name is installed already; put your own name "
            f"before it, such as {f'acme_{name}'!r}"
        )


def suggestion(name: str) -> str:
    """Return a valid name that is near to what was meant.

    >>> suggestion("Acme-Cashback!")
    'acme_cashback'
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    words = words.lstrip("_0123456789")[:40].rstrip("_")
    return words if NAME.fullmatch(words) and not keyword.iskeyword(words) else "acme_cashback"


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[Traversable, str]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield entry, prefix + entry.name.removesuffix(_SUFFIX)


def _write(source: Traversable, target: Path, name: str, title: str) -> Path:
    text = source.read_text("utf-8").replace(_NAME, name).replace(_TITLE, title)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    return target
