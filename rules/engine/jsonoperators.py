"""What each operator of JsonLogic means in the language, or why it has no equal there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import LIST_ITEMS_MAX
from pitboss.rules.engine.errors import Refused, article, shown
from pitboss.rules.engine.functions import ARGUMENTS_MAX, SHIPPED
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    walk,
)

if TYPE_CHECKING:
    from pitboss.rules.engine.jsonlogic import Reader

Logic: TypeAlias = Any
"""JsonLogic, as JSON holds it."""

SHORT_PARTS_MAX = 20
"""What has more parts is not written out in a message."""

_FUNCTIONS = {function.name: function for function in SHIPPED}
_ZERO = Constant(0.0, "number")
_ONE = Constant(1.0, "number")


def operator_of(logic: Logic) -> str | None:
    """Return the operator of an operation; None if it is none."""
    return next(iter(logic)) if isinstance(logic, dict) and len(logic) == 1 else None


def _var(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 1, 2)
    fact = Fact(reader.variable_at(items[0], path))
    if len(items) == 1 or items[1] is None:
        return fact
    default = reader.value(items[1], f"{path}[1]", depth)
    node = reader.at(path, lambda: reader.matched(_read(default), default, fact)[0])
    if node.type != fact.type:
        cause = f"the default is {article(node.type)}, and {fact.name} is {article(fact.type)}"
        raise Refused(cause, path=f"{path}[1]")
    return Coalesce((fact, node))


_SIGNS: Mapping[str, ast.cmpop] = {
    "==": ast.Eq(),
    "===": ast.Eq(),
    "!=": ast.NotEq(),
    "!==": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}


def _equal(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 2)
    if None in (items[0], items[1]):
        return _null(reader, operator, items, path)
    return _compare(reader, operator, items, path, depth)


def _null(reader: Reader, operator: str, items: Sequence[Logic], path: str) -> Node:
    """Read a comparison with null: it asks whether a fact is known."""
    other = items[1] if items[0] is None else items[0]
    if operator_of(other) != "var" or isinstance(other["var"], list) and len(other["var"]) != 1:
        raise Refused('only a fact is compared with null: {"==": [{"var": "x"}, null]}', path=path)
    name = other["var"][0] if isinstance(other["var"], list) else other["var"]
    known = Known(Fact(reader.variable_at(name, path)))
    return Not(known) if operator in ("==", "===") else known


def _compare(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    parts = [_read(node) for node in reader.values(items, path, depth)]
    compared = ast.Compare(parts[0], [_SIGNS[operator]] * (len(parts) - 1), parts[1:])
    return reader.at(path, lambda: reader.compare(compared))


def _order(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 2, 3)
    if len(items) == 3 and operator[0] == ">":
        instead = operator.replace(">", "<")
        cause = f"JsonLogic does not read the third operand of {operator}"
        raise Refused(f'{cause}: write {{"{instead}": [lowest, x, highest]}}', path=path)
    return _compare(reader, operator, items, path, depth)


def _not(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 1)
    node = reader.truth(items[0], f"{path}[0]", depth)
    return Not(node) if operator == "!" else node


def _joined(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _some(operator, items, path)
    nodes = tuple(reader.truth(item, f"{path}[{n}]", depth) for n, item in enumerate(items))
    if len(nodes) == 1:
        return nodes[0]
    return AllOf(nodes) if operator == "and" else AnyOf(nodes)


def _if(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    if len(items) < 3 or len(items) % 2 == 0:
        cause = (
            f"{operator} takes tests and values in turn, and at the end what else, which is never null here"
        )
        raise Refused(cause, path=path)
    node = reader.value(items[-1], f"{path}[{len(items) - 1}]", depth)
    for n in range(len(items) - 3, -1, -2):
        test = reader.truth(items[n], f"{path}[{n}]", depth)
        then = reader.value(items[n + 1], f"{path}[{n + 1}]", depth)
        node = reader.at(path, _choosing(reader, test, then, node))
    return node


def _choosing(reader: Reader, test: Node, then: Node, otherwise: Node) -> Callable[[], Node]:
    return lambda: reader.choose(ast.IfExp(_read(test), _read(then), _read(otherwise)))


_SUMS: Mapping[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}


def _folded(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    """Read + and *: any number of operands, from left to right."""
    _some(operator, items, path)
    first, *rest = reader.values(items, path, depth)
    if not rest and first.type != "number":
        cause = f"{operator} of one operand makes it a number, and this is {article(first.type)}"
        raise Refused(f"{cause}: here a fact has one type", path=path)
    for node in rest:
        first = reader.at(path, _computing(reader, operator, first, node))
    return first


def _computing(reader: Reader, operator: str, left: Node, right: Node) -> Callable[[], Node]:
    return lambda: reader.binary(ast.BinOp(_read(left), _SUMS[operator], _read(right)))


def _minus(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 1, 2)
    nodes = reader.values(items, path, depth)
    if len(nodes) == 1:
        return reader.at(path, lambda: reader.unary(ast.UnaryOp(ast.USub(), _read(nodes[0]))))
    return reader.at(path, _computing(reader, operator, *nodes))


def _divide(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 2)
    left, right = reader.values(items, path, depth)
    return reader.at(path, _computing(reader, operator, left, right))


def _remainder(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    """Read %: JsonLogic's has the sign of its first operand, and ours that of its second."""
    _count(operator, items, path, 2)
    left, right = reader.values(items, path, depth)
    if (left.type, right.type) != ("number", "number"):
        raise Refused(f"% cannot take {article(left.type)} and {article(right.type)}", path=path)
    size = right if bounds(right).low >= 0 else Call(_FUNCTIONS["abs"], (right,))
    if isinstance(right, Constant) and isinstance(right.value, float):
        size = Constant(abs(right.value), "number")
    plain = Arithmetic("%", left, size, "number")
    if bounds(left).low >= 0:
        return plain
    mirrored = Negate(Arithmetic("%", Negate(left), size, "number"))
    return Choose(Compare(">=", left, _ZERO), plain, mirrored)


def _extreme(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _some(operator, items, path)
    nodes = reader.values(items, path, depth)
    for n, node in enumerate(nodes):
        if node.type != "number":
            raise Refused(f"{operator} takes numbers, and this is {article(node.type)}", path=f"{path}[{n}]")
    while len(nodes) > 1:
        few, nodes = nodes[:ARGUMENTS_MAX], nodes[ARGUMENTS_MAX:]
        nodes.insert(0, Call(_FUNCTIONS[operator], tuple(few)))
    return nodes[0]


def _in(reader: Reader, operator: str, items: Sequence[Logic], path: str, depth: int) -> Node:
    _count(operator, items, path, 2)
    item = reader.value(items[0], f"{path}[0]", depth)
    if isinstance(items[1], list):
        return _in_written(reader, item, items[1], path, depth)
    found = reader.value(items[1], f"{path}[1]", depth)
    if found.type == "text":
        cause = "in looks for a part of a text, and there is no such test here: write a list of whole texts"
        raise Refused(f"{cause}, or starts_with(text, 'begin') in an expression", path=path)
    return reader.at(path, lambda: reader.membership(_read(item), _read(found)))


def _in_written(reader: Reader, item: Node, options: Sequence[Logic], path: str, depth: int) -> Node:
    if len(options) > LIST_ITEMS_MAX:
        raise Refused(f"a list has at most {LIST_ITEMS_MAX} items, and this has {len(options)}", path=path)
    parts = [_read(node) for node in reader.values(options, f"{path}[1]", depth)]
    return reader.at(path, lambda: reader.among(_read(item), ast.List(parts, ast.Load())))


_Operator: TypeAlias = "Callable[[Reader, str, Sequence[Logic], str, int], Node]"
OPERATORS: Mapping[str, _Operator] = {
    "var": _var,
    **dict.fromkeys(("==", "===", "!=", "!=="), _equal),
    **dict.fromkeys(("<", "<=", ">", ">="), _order),
    **dict.fromkeys(("!", "!!"), _not),
    **dict.fromkeys(("and", "or"), _joined),
    **dict.fromkeys(("if", "?:"), _if),
    **dict.fromkeys(("+", "*"), _folded),
    "-": _minus,
    "/": _divide,
    "%": _remainder,
    **dict.fromkeys(("min", "max"), _extreme),
    "in": _in,
}
"""How the operands of each operator are read."""


# -- missing -----------------------------------------------------------------------------------


def _missing(reader: Reader, operands: Logic, path: str) -> Node:
    """Read missing as the condition that at least one of the facts is."""
    items = _names(reader, operands, path)
    return items[0] if len(items) == 1 else AnyOf(tuple(items))


def _missing_some(reader: Reader, operands: Logic, path: str) -> Node:
    """Read missing_some as the condition that fewer than so many facts are there."""
    if not isinstance(operands, list) or len(operands) != 2 or not isinstance(operands[1], list):
        raise Refused('missing_some is written [1, ["a", "b"]]: how many are needed, of which', path=path)
    needed, names = operands
    items = _names(reader, names, f"{path}[1]")
    if type(needed) is not int or not 1 <= needed <= len(items):
        raise Refused(f"{shown(needed)} is not a whole number from 1 to {len(items)}", path=f"{path}[0]")
    if needed == 1:
        return items[0] if len(items) == 1 else AllOf(tuple(items))
    if needed == len(items):
        return AnyOf(tuple(items))
    there: Node = Choose(items[0], _ZERO, _ONE)
    for item in items[1:]:
        there = Arithmetic("+", there, Choose(item, _ZERO, _ONE), "number")
    return Compare("<", there, Constant(float(needed), "number"))


def _names(reader: Reader, names: Logic, path: str) -> list[Node]:
    """Return for each name the condition that its fact is missing."""
    items = names if isinstance(names, list) else [names]
    if len(items) == 1 and isinstance(items[0], list):
        items = items[0]
    _some("missing", items, path)
    if len(items) > LIST_ITEMS_MAX:
        raise Refused(f"at most {LIST_ITEMS_MAX} facts are looked at", path=path)
    return [_is_missing(Fact(reader.variable_at(name, f"{path}[{n}]"))) for n, name in enumerate(items)]


def _is_missing(fact: Fact) -> Node:
    unknown = Not(Known(fact))
    if fact.type != "text" or fact.variable.choices and "" not in fact.variable.choices:
        return unknown
    # For JsonLogic a text is missing too when it is empty.
    return AnyOf((unknown, Compare("==", fact, Constant("", "text"))))


MISSING: Mapping[str | None, Callable[[Reader, Logic, str], Node]] = {
    "missing": _missing,
    "missing_some": _missing_some,
}
"""Operators that give a list of facts: they are read where a condition is wanted."""
REFUSED: Mapping[str, str] = {
    "all": "nothing loops over a list: ask for each text with in, joined by and",
    "some": 'nothing loops over a list: write {"in": ["text", {"var": "list"}]}, joined by or',
    "none": 'nothing loops over a list: write {"!": {"in": ["text", {"var": "list"}]}}',
    "map": "nothing loops over a list: use a fact that already holds what you want",
    "filter": "nothing loops over a list: use a fact that already holds what you want",
    "reduce": "nothing loops over a list: use a fact that already is the sum or the count",
    "merge": "lists are not made while a rule runs: write the list out",
    "cat": "texts are not made while a rule runs: compare the facts themselves",
    "substr": "texts are not cut: write starts_with(text, 'begin') in an expression",
    "log": "a rule only decides: leave it out, and read how it decided in its explanation",
    "method": "a rule calls no methods: use a function of the catalogue in an expression",
}
"""What to do instead of what cannot be."""


# -- operands ---------------------------------------------------------------------------------


def _read(node: Node) -> ast.expr:
    """Return a part for the checker that is read already; its text is for messages."""
    is_short = sum(1 for _ in islice(walk(node), SHORT_PARTS_MAX + 1)) <= SHORT_PARTS_MAX
    part = ast.Name(text_of(node) if is_short else "this", ast.Load())
    part.read = node  # type: ignore[attr-defined]  # ours: ast nodes take any attribute
    return part


def _count(operator: str, items: Sequence[Logic], path: str, *wanted: int) -> None:
    if len(items) not in wanted:
        counts = " or ".join(map(str, wanted))
        plural = "s" if wanted != (1,) else ""
        raise Refused(f"{operator} takes {counts} operand{plural}, and got {len(items)}", path=path)


def _some(operator: str, items: Sequence[Logic], path: str) -> None:
    if not items:
        raise Refused(f"{operator} takes at least one operand, and got none", path=path)
