"""Find the sentences of errors: who raises one writes it in English, with what it names put in.

    raise NotFound(f"no player {email!r}: invite them first")

is the text `no player {email!r}: invite them first` of the catalogues. Nothing is translated when it is
raised, so that logs, the command line and what is kept stay English; `retelling.retold` says it to a reader.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain, count

_MARKS = {"_", "gettext", "ngettext", "marked", "marked_plural", "translated"}
_MADE = re.compile("Conflict|Forbidden|InvalidInput|NotAuthenticated|NotFound|Refused|Stale|Unavailable")
"""Classes of errors that are also made without being raised on the spot."""
_UNTOLD = re.compile(
    "(Attribute|Config|Import|Key|NotImplemented|Plugin|Runtime|Type)Error|TenantBreach|SystemExit"
)
"""Errors that no reader of a page or of the API is told of."""
_WORD = re.compile(r"[A-Za-z]{2}")


def in_raises(source: str) -> Iterator[str]:
    """Yield the sentences of the errors that Python code makes, each once."""
    made = (
        getattr(node, "exc", node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _MADE.fullmatch(_called(node)))
    )
    yield from dict.fromkeys(
        sentence for error in made if error is not None for sentence in _sentences(error)
    )


def pattern_of(text: ast.JoinedStr) -> str:
    """Return an f-string as a text of the catalogues: each expression becomes a name in braces.

    >>> expression = ast.parse('f"no {row.kind} {id!r}: {nearest(id, known)}"').body[0].value
    >>> pattern_of(expression)
    'no {kind} {id!r}: {cure}'
    """
    names: dict[str, str] = {}
    parts = []
    for part in text.values:
        if isinstance(part, ast.FormattedValue):
            name = names.setdefault(ast.dump(part.value), _free(_name_of(part.value), names))
            parts.append(f"{{{name}!r}}" if part.conversion == ord("r") else f"{{{name}}}")
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
    return "".join(parts)


def _free(name: str, names: dict[str, str]) -> str:
    """Return a name that no other expression of the text has."""
    taken = set(names.values())
    numbered = chain([name], (f"{name}{number}" for number in count(2)))
    return next(one for one in numbered if one not in taken)


def _name_of(value: ast.expr) -> str:
    """Return the word that tells a translator what is put in."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lower().strip("_")
        case ast.Subscript(slice=ast.Constant(value=str(name))) if name.isidentifier():
            return name
        case ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.Starred(value=inner):
            return _name_of(inner)
        case ast.Call(func=ast.Name(id="nearest")):
            return "cure"
        case ast.Call(func=ast.Attribute(attr="join"), args=[inner]):
            return _name_of(inner)
        case ast.Call(func=ast.Name(id="len" | "sorted" | "sum" | "list" | "str" | "repr"), args=[inner, *_]):
            return _name_of(inner)
        case ast.Call(func=inner):
            return _name_of(inner)
        case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner) | ast.IfExp(body=inner):
            return _name_of(inner)
    return "value"


def _sentences(node: ast.AST) -> Iterator[str]:
    """Yield what reads like a sentence among the arguments of an error."""
    match node:
        case ast.JoinedStr():
            pattern = pattern_of(node)
            if " " in pattern and _WORD.search(re.sub(r"\{\w+(!r)?\}", "", pattern)):
                yield pattern
        case ast.Constant(value=str(text)):
            if _WORD.search(text) and (" " in text or text.endswith(".")):
                yield text
        case ast.Call() if _called(node) in _MARKS or _UNTOLD.fullmatch(_called(node)):
            return
        case ast.Dict(values=values):
            for value in values:
                yield from _sentences(value)
        case ast.Compare() | ast.Subscript():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _sentences(child)


def _called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
