"""The reference: simpleeval on the text itself. Every backend is tested against it.

It is simpleeval with the laws of the language that Python's operators do not have: all numbers are
float64, no result is infinite, `//` and `%` are for whole numbers, an unknown fact ends the evaluation,
and `known` and `coalesce` look before they read.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from simpleeval import DEFAULT_OPERATORS, SimpleEval

from pitboss.rules.engine.catalogue import NOW, Catalogue, Facts, Variable, admit_value
from pitboss.rules.engine.compiled import divided, fault, power, remainder
from pitboss.rules.engine.errors import NotFinite, UnknownFact
from pitboss.rules.engine.grammar import SECONDS
from pitboss.rules.engine.tree import Value


def evaluate(text: str, facts: Facts, catalogue: Catalogue) -> Value:
    """Return the value of an expression that the checker accepts, or raise EvaluationError."""
    reference = _Reference(catalogue, catalogue.admit(facts))
    try:
        return reference.eval(text.strip())  # type: ignore[no-any-return]  # simpleeval has no types
    except Exception as error:  # noqa: BLE001  # what simpleeval raises has no common root: `fault` sorts it
        raise fault(error) from None


class _Reference(SimpleEval):  # type: ignore[misc]  # simpleeval has no types
    """simpleeval, with the laws of the language."""

    def __init__(self, catalogue: Catalogue, facts: dict[str, Any]) -> None:
        super().__init__(operators=_OPERATORS, functions={}, names={})
        self.catalogue = catalogue
        self.facts = facts
        self.nodes |= {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.Attribute: self._name,
            ast.Call: self._called,
            ast.Compare: self._compared,
            ast.Tuple: self._items,
            ast.List: self._items,
        }

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else value  # type: ignore[arg-type, return-value]  # checked before

    def _name(self, node: ast.expr) -> Value:
        name = self.catalogue.variable(ast.unparse(node)).name
        if name not in self.facts:
            raise UnknownFact(name)
        return self.facts[name]  # type: ignore[no-any-return]  # facts hold values

    def _items(self, node: ast.Tuple | ast.List) -> list[Value]:
        return [self._eval(item) for item in node.elts]

    def _compared(self, node: ast.Compare) -> bool:
        left = self._eval(node.left)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self._eval(part)
            if not self.operators[type(op)](*_as_instants(left, right)):
                return False
            left = right
        return True

    def _called(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        unit = name.removesuffix("_since")
        if name == "known":
            return self.catalogue.variable(ast.unparse(node.args[0])).name in self.facts
        if name == "coalesce":
            return self._coalesced(node.args)
        values = [self._eval(arg) for arg in node.args]
        if name == "between":
            return values[0] >= values[1] and values[0] <= values[2]
        if name == "instant":
            return admit_value(Variable(name=NOW, type="instant"), values[0])
        if name in SECONDS:
            return values[0] * SECONDS[name]
        if unit in SECONDS:
            return (self._now() - values[0]) / SECONDS[unit]
        return self.catalogue.function(name).call(*values)

    def _now(self) -> float:
        if NOW not in self.facts:
            raise UnknownFact(NOW)
        return self.facts[NOW]  # type: ignore[no-any-return]  # an instant

    def _coalesced(self, args: list[ast.expr]) -> Value:
        for arg in args[:-1]:
            if self.catalogue.variable(ast.unparse(arg)).name in self.facts:
                return self._name(arg)
        return self._eval(args[-1])  # type: ignore[no-any-return]  # simpleeval has no types


def _as_instants(left: Any, right: Any) -> tuple[Any, Any]:
    """Read the text that stands beside an instant as one."""
    instant = Variable(name=NOW, type="instant")
    if isinstance(left, str) and isinstance(right, float):
        return admit_value(instant, left), right
    if isinstance(right, str) and isinstance(left, float):
        return left, admit_value(instant, right)
    return left, right


def _finite(compute: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def checked(left: float, right: float) -> float:
        result = compute(left, right)
        if not math.isfinite(result):
            raise NotFinite("a result is not a finite number")
        return result

    return checked


_OPERATORS = DEFAULT_OPERATORS | {
    ast.Add: _finite(operator.add),
    ast.Sub: _finite(operator.sub),
    ast.Mult: _finite(operator.mul),
    ast.Div: _finite(operator.truediv),
    ast.FloorDiv: divided,
    ast.Mod: remainder,
    ast.Pow: _finite(lambda base, exponent: power(base, int(exponent))),
}
