"""The formulas that cannot fail, all at once: cheaper than a call for each, where an event pays many.

A formula is total when it is sums, differences and products of facts and constants, or a quotient by a
constant, and cannot overflow. An unknown fact reads as NaN, which every such formula hands on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import Facts, Variable
from pitboss.rules.engine.reading import NAMES, odd_reader, oddness
from pitboss.rules.engine.tree import Arithmetic, Constant, Fact, Negate, Node, walk

Pay: TypeAlias = Callable[[Facts], tuple[list[float], bool]]
"""Evaluates all formulas; the flag says that no fact was unknown."""


def is_total(node: Node) -> bool:
    """Tell whether a formula has a value for all known facts."""
    return all(map(_is_total_step, walk(node)))


def pay_all(nodes: Sequence[Node]) -> Pay:
    """Generate the function that evaluates total formulas; NaN stands where a fact is unknown.

    It raises WrongFact where a fact is not of its type, whichever formula reads it.
    """
    facts = {part.variable: "" for node in nodes for part in walk(node) if isinstance(part, Fact)}
    names = {**NAMES, **{f"odd{n}": odd_reader(variable) for n, variable in enumerate(facts)}}
    lines = ["def pay(facts):", "    get = facts.get"]
    for n, variable in enumerate(facts):
        facts[variable] = f"x{n}"
        lines += [
            f"    x{n} = get({variable.name!r})",
            f"    if {oddness(variable, f'x{n}')}: x{n} = odd{n}(x{n})",
        ]
    values = ", ".join(_written(node, facts) for node in nodes)
    are_known = " and ".join(f"{local} == {local}" for local in facts.values())
    lines.append(f"    return [{values}], {are_known or 'True'}")
    scope: dict[str, Any] = {"__builtins__": {}} | names
    exec(compile("\n".join(lines), "<formulas>", "exec"), scope)  # noqa: S102  # our own source
    pay: Pay = scope["pay"]
    return pay


def _is_total_step(node: Node) -> bool:
    match node:
        case Fact(variable):
            return variable.value_type in ("number", "instant", "duration")
        case Constant(value):
            return isinstance(value, float)
        case Arithmetic("/", _, right) if not isinstance(right, Constant) or right.value == 0.0:
            return False
        case Arithmetic("+" | "-" | "*" | "/"):
            limits = bounds(node)
            return math.isfinite(limits.low) and math.isfinite(limits.high)
        case Negate():
            return True
    return False


def _written(node: Node, facts: dict[Variable, str]) -> str:
    match node:
        case Fact(variable):
            return facts[variable]
        case Constant(value):
            return repr(value)
        case Negate(item):
            return f"(-{_written(item, facts)})"
        case Arithmetic(op, left, right):
            return f"({_written(left, facts)} {op} {_written(right, facts)})"
    raise TypeError(f"{type(node).__name__} is in no total formula")
