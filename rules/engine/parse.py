"""Text to a Python expression tree, with nothing in it but what the lexer knows.

The lexer has no attribute, no escape, no comment and no bracket but those of lists and calls, so that
what reaches Python's own parser is already a small language. What of Python's grammar is left over is
refused by the checker, node by node.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pitboss.rules.engine.errors import Refused, shown
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked, translated

LENGTH_MAX = 10_000
"""Characters of an expression."""
NODES_MAX = 2_000
DEPTH_MAX = 40
"""How deep brackets and operators may nest."""

_TOKEN = re.compile(
    r"""
    (?P<space> [ \t\r\n]+ )
  | (?P<text> '[^'\\\r\n]*' | "[^"\\\r\n]*" )
  | (?P<number> (?: \d+ \.? \d* | \.\d+ ) (?: [eE] [+-]? \d+ )? (?! [\w.] ) )
  | (?P<name> [A-Za-z_] \w* (?: \. [A-Za-z_] \w* )* )
  | (?P<operator> \*\* | // | <= | >= | == | != | [-+*/%<>,()\[\]] )
    """,
    re.VERBOSE | re.ASCII,
)
_CURES = {
    "=": marked("compare with =="),
    "&": marked("write and"),
    "|": marked("write or"),
    "!": marked("write not, or != for unequal"),
    ".": marked("values have no attributes"),
    "\\": marked("there are no escapes: use the other kind of quote"),
    "#": marked("there are no comments"),
    "{": marked("write choices as ('a', 'b')"),
    "'": marked("a text needs its closing quote"),
    '"': marked("a text needs its closing quote"),
    "^": marked("a power is written **"),
    "?": marked("write: a if condition else b"),
    ":": marked("write: a if condition else b"),
    "~": marked("write not"),
    ";": marked("an expression is one line of thought"),
}


def parse(text: str) -> ast.expr:
    """Return Python's tree of an expression, or refuse it."""
    if not isinstance(text, str):
        raise Refused(_("an expression is a text, and this is %(value)s", value=shown(text)))
    if len(text) > LENGTH_MAX:
        raise Refused(
            _(
                "an expression has at most %(most)s characters, and this has %(count)s",
                most=LENGTH_MAX,
                count=len(text),
            )
        )
    _check_tokens(text)
    # A text cannot hold a line break, so each one stands between tokens and may be a space.
    line = re.sub(r"[\r\n\t]", " ", text)
    shift = len(line) - len(line.lstrip())
    try:
        body = ast.parse(line.strip(), mode="eval").body
    except SyntaxError as error:
        raise _syntax(error, text, shift) from None
    except (ValueError, MemoryError, RecursionError):
        raise Refused(_("an expression nests at most %(most)s deep", most=DEPTH_MAX), text=text) from None
    _check_size(body, text)
    return body


def column_of(node: ast.AST, text: str) -> int | None:
    """Return the column at which a part of a parsed text stands, counted from 1."""
    offset = getattr(node, "col_offset", None)
    if offset is None:
        return None
    shift = len(text) - len(text.lstrip())
    before = text.strip().encode()[:offset].decode(errors="ignore")
    return shift + len(before) + 1


def _check_tokens(text: str) -> None:
    """Refuse what is no token, and brackets that nest too deep, before Python's parser sees them."""
    depth = 0
    before = "space"
    signs = 0
    for kind, token, column in _tokens(text):
        if kind == before == "text":
            cause = _("two texts stand side by side: a comma or an operator is missing")
            raise Refused(cause, column=column, text=text)
        before = before if kind == "space" else kind
        signs = signs + 1 if token in ("not", "+", "-") else signs if kind == "space" else 0
        if token in ("(", "["):
            depth += 1
        elif token in (")", "]"):
            depth -= 1
        elif kind == "text" and not token.isprintable():
            raise Refused(_("a text holds an invisible character"), column=column, text=text)
        if signs > DEPTH_MAX:
            raise Refused(
                _("an expression nests at most %(most)s deep", most=DEPTH_MAX), column=column, text=text
            )
        if depth > DEPTH_MAX:
            raise Refused(_("brackets nest at most %(most)s deep", most=DEPTH_MAX), column=column, text=text)
    if before == "space":
        raise Refused(_("an expression is missing"))


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Refused(_strange(text, place), column=place + 1, text=text)
        yield found.lastgroup or "", found[0], place + 1
        place = found.end()


def _strange(text: str, place: int) -> str:
    character = text[place]
    if character.isdigit() and character.isascii():
        return _("%(text)s is not a number", text=repr(text[place:].split()[0]))
    shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
    cure = translated(_CURES.get(character, ""))
    if not cure and not character.isascii():
        cure = _("names and numbers are plain ASCII; other letters stand in quotes")
    cause = _("%(what)s is not part of the language", what=shown)
    return f"{cause}: {cure}" if cure else cause


def _syntax(error: SyntaxError, text: str, shift: int) -> Refused:
    *__, last = (token for kind, token, __ in _tokens(text) if kind != "space")
    if _JOINING.fullmatch(last):
        return Refused(
            _("something is missing after %(token)s", token=last), column=len(text.rstrip()), text=text
        )
    reason = error.msg.partition(". Perhaps")[0].partition(". Maybe")[0]
    cause = _("this does not read as an expression") if reason == "invalid syntax" else reason
    return Refused(cause, column=(error.offset or 1) + shift, text=text)


_JOINING = re.compile(r"and|or|not|in|if|else|[-+*/%<>=!]+")
"""What cannot be the end."""


def _check_size(body: ast.expr, text: str) -> None:
    count = 0
    stack: list[tuple[ast.AST, int]] = [(body, 1)]
    while stack:
        node, depth = stack.pop()
        count += 1
        if depth > DEPTH_MAX:
            raise Refused(
                _("an expression nests at most %(most)s deep", most=DEPTH_MAX),
                column=column_of(node, text),
                text=text,
            )
        if count > NODES_MAX:
            raise Refused(_("an expression has at most %(most)s parts", most=NODES_MAX), text=text)
        below = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        stack.extend((child, depth + 1) for child in below)
