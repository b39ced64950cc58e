"""What stands in code and templates that people read, but that nobody marked for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import nodes

from pitboss.core.extraction import template_tree
from pitboss.core.problems import pattern_of

READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "data-label")
"""Attributes that people see or hear."""
BRAND = "Pitboss"
CODE = re.compile(r"<(code|kbd)[^>]*>.*?</\1>", re.S)
"""What is typed, and is the same in every language."""
_EXPRESSION = "\0"
_MARKS = {"_", "gettext", "ngettext", "marked", "marked_plural", "codes", "translated", "kept"}
_ADDRESSES = {"url_for", "asset", "here_with", "script_texts", "may", "get"}
_COLOURS = {"good", "bad", "warn", "info", "plain"}
_ATTRIBUTE = re.compile(r'\s[a-z-]+="[^"]*"')
_WORD = re.compile(r"[A-Za-z]{2}")
_TAG = re.compile(r"<!--.*?-->|<[a-zA-Z/!][^>]*>", re.S)

SILENT = re.compile(
    "page|get|post|select|text|compile|fullmatch|match|sub|split|replace|join|partition|rpartition|startswith|"
    "endswith|strftime|getlist|pop|removeprefix|url_for|warning|exception|error|debug|record|require|may|"
    "requires|render_template|label|encode|literal|Blueprint|import_module|text_of|getattr|Menu|Decimal"
)
"""Calls whose arguments nobody reads: addresses, queries, logs, names."""
UNREAD = re.compile("endpoint|kind|icon|name|permission|action|state|format|actor_name|key|url_prefix")
"""Arguments that nobody reads."""


def reads_like_text(value: str) -> bool:
    """Tell whether a literal is a sentence or a title rather than a name of the code.

    >>> [reads_like_text(text) for text in ("Save", "no such day", "admin.page", "good", "CSV", "a/b")]
    [True, True, False, False, False, False]
    """
    if not _WORD.search(value) or re.fullmatch(r"[A-Z0-9_ -]+", value):
        return False
    if value[0] in "#?/<.%" or re.fullmatch(r"[\w./:-]+", value) and not value[0].isupper():
        return False
    if set(value.split()) <= _COLOURS or "; " in value and "=" in value:
        return False
    return value[0].isupper() and value[1:2].islower() and "-" not in value or " " in value.strip()


# -- templates ---------------------------------------------------------------------------------


def unmarked_in_template(source: str) -> Iterator[str]:
    """Yield the texts of a template that stand outside of a mark."""
    tree = template_tree(source)
    page = CODE.sub("", "".join(_literal(tree)))
    for tag in _TAG.findall(page):
        for name, value in re.findall(r'\s([a-z-]+)="([^"]*)"', tag):
            if name in READ_ALOUD and _WORD.search(value):
                yield f'{name}="{value}"'
    for text in re.split(r"[\0\n]", _ATTRIBUTE.sub("", _TAG.sub("\n", page))):
        plain = re.sub(r"&\w+;", "", text).replace(BRAND, "")
        if _WORD.search(plain):
            yield text.strip()
    yield from (text for text in _arguments(tree) if reads_like_text(text))


def _literal(node: nodes.Node) -> Iterator[str]:
    """Yield the markup of a template in its order, with a mark for each expression."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Expr):
        yield _EXPRESSION
    else:
        for child in node.iter_child_nodes():
            yield from _literal(child)


def _arguments(node: nodes.Node) -> Iterator[str]:
    """Yield the literals of a template's expressions that no mark surrounds."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport, nodes.Compare)):
        return
    elif isinstance(node, nodes.Call) and _name_of(node.node) in _MARKS | _ADDRESSES:
        yield from (text for keyword in node.kwargs for text in _arguments(keyword.value))
    else:
        for child in node.iter_child_nodes():
            yield from _arguments(child)


def _name_of(node: nodes.Node) -> str:
    return str(getattr(node, "name", "") or getattr(node, "attr", ""))


# -- Python ------------------------------------------------------------------------------------


def unmarked_in_python(path: Path) -> Iterator[str]:
    """Yield the texts of a module of pages that stand outside of a mark."""
    yield from _unmarked(ast.parse(path.read_text("utf-8")))


SENTENCES = re.compile(
    "Refused|Ambiguous|WrongFact|DivisionByZero|NotFinite|NotWhole|FunctionFailed|refuse|typed|Problem|"
    "finding|Finding|_warning|_Miss|_Ended|ended|Explained|Why|InvalidInput|NotFound|Conflict|Forbidden|Stale"
)
"""Calls that tell somebody what is wrong, doubtful or so, and why."""
CAUSES = {"cause", "cure", "reason", "sentence"}
"""What is put into such a call by its name."""


def unmarked_in_sentences(path: Path) -> Iterator[str]:
    """Yield the unmarked texts of what a module refuses, finds or explains."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        called = getattr(node, "func", None)
        names = {getattr(target, "id", "") for target in getattr(node, "targets", ())}
        name = getattr(called, "attr", "") or getattr(called, "id", "")
        if SENTENCES.fullmatch(name) or CAUSES & names:
            yield from _unmarked(node)


def _unmarked(node: ast.AST) -> Iterator[str]:
    for name, child in ast.iter_fields(node):
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, ast.AST) and not _is_silent(node, name, one):
                yield from _unmarked(one)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and reads_like_text(node.value):
        yield f"line {node.lineno}: {node.value}"


def _is_silent(parent: ast.AST, name: str, child: ast.AST) -> bool:
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True  # a docstring
    if isinstance(parent, ast.Call):
        called = getattr(parent.func, "attr", "") or getattr(parent.func, "id", "")
        is_silent = bool(SILENT.fullmatch(called))
        return is_silent or (called in _MARKS and name == "args")
    if isinstance(parent, ast.Assert):
        return name == "msg"
    if isinstance(parent, ast.keyword):
        return bool(UNREAD.fullmatch(parent.arg or ""))
    if isinstance(parent, ast.Dict):
        return name == "keys"
    return name in ("annotation", "returns", "decorator_list", "slice") or isinstance(parent, ast.Compare)


# -- problems ----------------------------------------------------------------------------------

CURE = re.compile(r"[\w})]: (ask|choose|confirm|give|look|make|name|read|say|send|try|use|wait|write)\b")
"""How a sentence about a problem goes on: with what to do about it."""


def problems_with_cures(path: Path) -> Iterator[str]:
    """Yield the sentences of a module that tell a problem and its cure, as the catalogues would have them."""
    yield from (text for text in _written(ast.parse(path.read_text("utf-8"))) if CURE.search(text))


def _written(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Assert) or (
            isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        ):
            continue  # our own laws, and docstrings
        if isinstance(child, ast.JoinedStr):
            yield pattern_of(child)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        elif not (isinstance(child, ast.Call) and _UNTOLD.search(ast.unparse(child.func))):
            yield from _written(child)


_UNTOLD = re.compile(
    r"PluginError|ConfigError|TenantBreach|TypeError|RuntimeError|SystemExit|^log\.|^click\."
)


# -- scripts -----------------------------------------------------------------------------------

_QUOTED = r"'(?:[^'\\\n]|\\.)*'"
_SCRIPT_MARK = re.compile(rf"\b(_|ngettext|marked|markedPlural)\(\s*{_QUOTED}(\s*,\s*{_QUOTED})?")
_COMMENT = re.compile(r"(^|\s)//[^\n]*|/\*.*?\*/", re.S)
_NOT_SAID = re.compile(
    r"[\[.#/(&]|[a-z]+(, [a-z]+)+$|.*\d(px|rem)|.*(\[|\.cm-)|btn |[A-Z][a-z]+[A-Z]\w+$|"
    r"(Enter|Escape|Backspace|Tab|Array|Object|String|Number|True|False|Null|Property|Etc/UTC)$"
)
"""Selectors, styles, keys of the keyboard, nodes of a syntax tree."""


def unmarked_in_script(source: str) -> Iterator[str]:
    """Yield the texts of a script that stand outside of a mark: literals, and what is between tags."""
    plain = _SCRIPT_MARK.sub("", _COMMENT.sub("", source))
    for text in re.findall(_QUOTED, plain):
        if reads_like_text(text[1:-1] or " ") and not _NOT_SAID.match(text[1:-1]):
            yield text
    yield from re.findall(r"<[a-z][^<>`$]*>\s*([A-Za-z][^<>`${}]*[a-z])", plain)
