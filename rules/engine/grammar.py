"""The functions that are grammar, such as known() or days_since(), and that no plugin may register."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.errors import article
from pitboss.rules.engine.functions import ARGUMENTS_MAX
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import ngettext
from pitboss.rules.engine.tree import AllOf, Arithmetic, Coalesce, Constant, Fact, Known, Node

if TYPE_CHECKING:
    from pitboss.rules.engine.check import Checker

SECONDS: Mapping[str, float] = {
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3_600.0,
    "days": 86_400.0,
    "weeks": 604_800.0,
}


def dotted(part: ast.expr) -> str | None:
    """Return a name as it is written, with or without its plugin in front; None if it is no name."""
    names: list[str] = []
    while isinstance(part, ast.Attribute):
        names.append(part.attr)
        part = part.value
    return ".".join([part.id, *reversed(names)]) if isinstance(part, ast.Name) else None


def _known(checker: Checker, part: ast.Call) -> Node:
    """Check `known(x)`."""
    return Known(_fact(checker, _only(checker, part), "known"))


def _coalesce(checker: Checker, part: ast.Call) -> Node:
    """Check `coalesce(x, y, 0)`."""
    args = part.args
    if not 2 <= len(args) <= ARGUMENTS_MAX:
        checker.refuse(part, miscounted("coalesce", 2, ARGUMENTS_MAX, len(args)))
    items: list[Node] = [_fact(checker, arg, "coalesce") for arg in args[:-1]]
    items.append(checker.matched(args[-1], checker.node(args[-1]), items[0])[0])
    for arg, item in zip(args, items, strict=True):
        if item.type != items[0].type:
            cause = _(
                "coalesce() takes values of one type, and %(arg)s is %(type)s",
                arg=ast.unparse(arg),
                type=article(item.type),
            )
            checker.refuse(arg, cause)
    return Coalesce(tuple(items))


def _between(checker: Checker, part: ast.Call) -> Node:
    """Check `between(x, low, high)`, both ends included."""
    _count(checker, part, 3)
    value, low, high = part.args
    compared = ast.copy_location(ast.Compare(value, [ast.GtE(), ast.LtE()], [low, high]), part)
    first = checker.comparison(compared, ast.GtE(), value, low)
    second = checker.comparison(compared, ast.LtE(), value, high)
    return AllOf((first, second))


def _since(checker: Checker, part: ast.Call) -> Node:
    """Check `days_since(x)` and its like: how long ago an instant was."""
    name = _name(part)
    instant = checker.typed(_only(checker, part), "instant", why=_("%(name)s() takes an instant", name=name))
    ago = Arithmetic("-", Fact(checker.catalogue.variable(NOW)), instant, "duration")
    unit = Constant(SECONDS[name.removesuffix("_since")], "duration")
    return Arithmetic("/", ago, unit, "number")


def _span(checker: Checker, part: ast.Call) -> Node:
    """Check `days(2)` and its like: a duration."""
    name = _name(part)
    count = checker.typed(_only(checker, part), "number", why=_("%(name)s() takes a number", name=name))
    if isinstance(count, Constant):
        return Constant(cast(float, count.value) * SECONDS[name], "duration")
    return Arithmetic("*", count, Constant(SECONDS[name], "duration"), "duration")


def _instant(checker: Checker, part: ast.Call) -> Node:
    """Check `instant('2026-12-01T09:00:00Z')`."""
    arg = _only(checker, part)
    node = checker.node(arg)
    if not isinstance(node, Constant) or not isinstance(node.value, str):
        checker.refuse(arg, _("instant() takes a text such as '2026-12-01T09:00:00Z'"))
    return checker.instant_of(arg, node.value)


def _name(part: ast.Call) -> str:
    return cast(str, dotted(part.func))


def _fact(checker: Checker, part: ast.expr, of: str) -> Fact:
    """Check that an argument is the name of a variable."""
    if dotted(part) is None:
        checker.refuse(part, _("%(name)s() takes the name of a variable", name=of))
    return Fact(checker.variable(part))


def _only(checker: Checker, part: ast.Call) -> ast.expr:
    """Return the one argument."""
    _count(checker, part, 1)
    return part.args[0]


def _count(checker: Checker, part: ast.Call, count: int) -> None:
    if len(part.args) != count:
        checker.refuse(part, miscounted(_name(part), count, count, len(part.args)))


def miscounted(name: str, least: int, most: int, got: int) -> str:
    """Say how many arguments a function takes."""
    if least < most:
        return _(
            "%(name)s() takes %(least)s to %(most)s arguments, and got %(got)s",
            name=name,
            least=least,
            most=most,
            got=got,
        )
    return ngettext(
        "%(name)s() takes %(count)s argument, and got %(got)s",
        "%(name)s() takes %(count)s arguments, and got %(got)s",
        least,
        name=name,
        count=least,
        got=got,
    )


GRAMMAR: Mapping[str, Callable[[Checker, ast.Call], Node]] = {
    "known": _known,
    "coalesce": _coalesce,
    "between": _between,
    "instant": _instant,
    **{f"{unit}_since": _since for unit in SECONDS},
    **dict.fromkeys(SECONDS, _span),
}
"""How each of them is checked."""
