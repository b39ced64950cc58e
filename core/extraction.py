"""Find what is said to people: in Python, in templates, in scripts, and in what plugins contribute."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast
from marshmallow import Schema, fields

from pitboss.core.contracts import Action, Event, Message, Report, RuleKind, Variable
from pitboss.core.problems import in_raises, pattern_of
from pitboss.core.registry import Registry
from pitboss.core.texts import in_words, title_of

ONE = frozenset({"_", "gettext", "kept", "marked", "translated"})
"""Functions whose first argument is a text."""
COUNTED = frozenset({"ngettext", "marked_plural", "markedPlural"})
"""Those that take the singular and the plural."""
CODES = "codes"
"""The one that takes names of the code, which are shown in words."""
VOCABULARY = "vocabulary"
"""Where a text stands that a plugin contributes: a title, a sentence of a term, a field of a schema."""

_SKIPPED = {"migrations", "vendor", "node_modules", "tests"}
_UNTOLD = _SKIPPED | {"commands", "cli", "testing", "scaffold", "demo"}
"""What raises for the command line and for developers only."""
_MARKING = {"rules"}
"""Who marks each sentence of an error where it is raised: the engine refuses in words of its own."""
_SCRIPT_CALL = re.compile(
    r"\b(_|ngettext|marked|markedPlural)\(\s*'((?:[^'\\]|\\.)*)'(?:\s*,\s*'((?:[^'\\]|\\.)*)')?"
)
_TEMPLATES = Environment(
    autoescape=True, extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True
)
_TEMPLATES.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension's own method
_TEMPLATES.policies["ext.i18n.trimmed"] = True

Key = str | tuple[str, str]
"""A text, or the singular and the plural of one that counts."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text, or the singular and the plural of one, and the files that say it."""

    key: Key
    places: tuple[str, ...]

    @property
    def has_holes(self) -> bool:
        """Whether what is put in may stand in braces: in Python, and in messages of plugins."""
        return any(place.endswith(".py") or place == VOCABULARY for place in self.places)


def said_by(owner: str, folder: Path, registry: Registry) -> list[Said]:
    """Return every text of an owner, with where it is said."""
    found: dict[Key, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        extract = _EXTRACTORS.get(path.suffix)
        if extract is not None and not _SKIPPED & set(inside.parts):
            for key in extract(path.read_text("utf-8")):
                found[key].add(inside.as_posix())
        if path.suffix == ".py" and owner not in _MARKING and not _UNTOLD & {*inside.parts, inside.stem}:
            for text in in_raises(path.read_text("utf-8")):
                found[text].add(inside.as_posix())
    if owner in registry.manifests:
        for text in contributed(owner, registry):
            found[text].add(VOCABULARY)
    return [Said(key, tuple(sorted(places))) for key, places in found.items()]


def in_python(source: str) -> Iterator[Key]:
    """Yield the texts that Python code marks."""
    if "texts import" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [text for argument in node.args for text in _literal(argument)]
            if node.func.id in ONE and texts:
                yield texts[0]
            elif node.func.id in COUNTED and len(texts) > 1:
                yield texts[0], texts[1]
            elif node.func.id == CODES:
                yield from (in_words(name) for inner in ast.walk(node) for name in _literal(inner))


def _literal(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield pattern_of(node)


def in_template(source: str) -> Iterator[Key]:
    """Yield the texts that a template marks."""
    for _, function, message in extract_from_ast(template_tree(source), (*ONE, *COUNTED)):
        texts = (message,) if isinstance(message, str) else tuple(t for t in message or () if t is not None)
        if function in COUNTED and len(texts) > 1:
            yield texts[0], texts[1]
        elif texts:
            yield texts[0]


def template_tree(source: str) -> nodes.Template:
    """Return a template as the admin would compile it."""
    return _TEMPLATES.parse(source)


def in_script(source: str) -> Iterator[Key]:
    """Yield the texts that a script marks: `_('Save')`, in single quotes."""
    for function, one, many in _SCRIPT_CALL.findall(source):
        yield (_unquoted(one), _unquoted(many)) if function in COUNTED else _unquoted(one)


def contributed(owner: str, registry: Registry) -> Iterator[str]:
    """Yield the texts of what a plugin contributes: whoever shows them translates them."""
    manifest = registry.manifests[owner]
    yield from _some(manifest.title, manifest.summary, *(p.title for p in manifest.permissions))
    yield from _some(*manifest.titles.values())
    if manifest.settings is not None:
        yield from _of_schema(manifest.settings())
    for hook, texts_of in _CONTRIBUTIONS.items():
        for owned in registry.all(hook):
            if owned.owner == owner:
                yield from texts_of(owned.item)


def _of_term(term: Any) -> Iterator[str]:
    yield from _some(term.title, term.doc)
    if isinstance(term, Variable):
        yield from _some(term.unit)
    if isinstance(term, Report):
        yield from (column.title for column in term.columns)
    if isinstance(term, Message):
        yield from (term.subject, term.body)
    if isinstance(term, (Action, Event, RuleKind)):
        yield from _of_schema(term.schema())


def _of_routes(routes: Any) -> Iterator[str]:
    if routes.menu is not None:
        yield routes.menu.title


def _of_schema(schema: Schema) -> Iterator[str]:
    for name, item in schema.fields.items():
        yield title_of(name, item)
        yield from _of_field(item)
        if isinstance(item, fields.Nested):
            yield from _of_schema(item.schema)
        elif isinstance(item, fields.List):
            yield from _of_field(item.inner)


def _of_field(item: fields.Field[Any]) -> Iterator[str]:
    choices: Mapping[Any, str] = item.metadata.get("choices") or {}
    yield from _some(item.metadata.get("description"), item.metadata.get("unit"), *choices.values())
    yield from _some(*(label for v in item.validators for label in getattr(v, "labels", ())))


def _some(*texts: Any) -> Iterator[str]:
    """Yield the texts that there are, and that have a word in them."""
    for text in texts:
        if text and re.search(r"[A-Za-z]{2}", str(text)):
            yield str(text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


_EXTRACTORS: dict[str, Callable[[str], Iterator[Key]]] = {
    ".py": in_python,
    ".html": in_template,
    ".js": in_script,
}
_CONTRIBUTIONS: dict[str, Callable[[Any], Iterator[str]]] = {
    "register_terms": _of_term,
    "register_routes": _of_routes,
    "register_tasks": lambda task: _some(task.title),
}
