"""The formulas that cannot fail, all at once: cheaper than a call for each, where an event pays many.

A formula is total when it is sums, differences and products of facts and constants, or a quotient by a
constant, and cannot overflow. An unknown fact reads as NaN, which every such formula hands on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeAlias

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import Facts, Variable
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.index.decision import Formula, Values
from pitboss.rules.engine.index.reading import NAMES, odd_reader, oddness
from pitboss.rules.engine.tree import Arithmetic, Constant, Fact, Negate, Node, walk

TOGETHER_MAX = 256
"""Up to so many formulas are evaluated together."""
TOTAL_NODES_MAX = 32
"""A formula of more parts is evaluated by itself."""
SHARE_MIN = 1 / 3
"""An event that pays by so many of them is cheaper so than with a call for each."""

Pay: TypeAlias = Callable[[Facts], tuple[list[float], bool]]
"""Evaluates all formulas; the flag says that no fact was unknown."""


class Together:
    """The total ones of some formulas; generated when they are first wanted."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        self._formulas = formulas

    @cached_property
    def total(self) -> list[Formula]:
        """The formulas that are evaluated together; none where they would be too many."""
        few = self._formulas if len(self._formulas) <= TOGETHER_MAX else ()
        return [formula for formula in few if is_total(formula.node)]

    @cached_property
    def pay(self) -> Pay:
        """What evaluates them; it raises WrongFact where any fact that one reads is not of its type."""
        return pay_all([formula.node for formula in self.total])

    @property
    def are_all(self) -> bool:
        """Whether they are all formulas there are."""
        return 0 < len(self.total) == len(self._formulas)

    @property
    def payments_min(self) -> float:
        """For how many payments it is worth it."""
        return len(self.total) * SHARE_MIN if self.total else math.inf

    def values(self, facts: Facts) -> Values:
        """Return the values of shared trees for an event, with those of total formulas in it."""
        values = Values(facts)
        try:
            every, _ = self.pay(facts)
        except EvaluationError:
            return values  # one by one, it comes out which formula that concerns
        values.update((f, value) for f, value in zip(self.total, every, strict=True) if value == value)
        return values


def is_total(node: Node) -> bool:
    """Tell whether a formula has a value for all known facts."""
    parts = list(islice(walk(node), TOTAL_NODES_MAX + 1))
    return len(parts) <= TOTAL_NODES_MAX and all(map(_is_total_step, parts))


def pay_all(nodes: Sequence[Node]) -> Pay:
    """Generate the function that evaluates total formulas; NaN stands where a fact is unknown.

    A fact that is not of its type is a WrongFact, whichever formula reads it.
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
