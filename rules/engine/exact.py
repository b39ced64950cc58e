"""An amount that is paid, computed again in exact decimals.

Conditions run on float64; money does not. For the one rule that matched, its formula is evaluated on
Decimals of the facts as they came, and whoever pays rounds the result once, by the tenant's rule.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from pitboss.rules.engine.catalogue import Catalogue, Facts, Function, Variable
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import DivisionByZero, EvaluationError, NotFinite, NotWhole, UnknownFact
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import (
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Constant,
    Fact,
    Negate,
    Node,
)

PRECISION = 40
"""Significant digits: far more than any currency's, far fewer than would take long."""

_CONTEXT = decimal.Context(
    prec=PRECISION, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
)


def exact_amount(node: Node, facts: Facts, catalogue: Catalogue) -> Decimal:
    """Return a formula's value to PRECISION digits, not rounded to any currency."""
    admitted = catalogue.admit(facts)
    raw = {catalogue.variable(name).name: value for name, value in facts.items() if value is not None}
    with decimal.localcontext(_CONTEXT):
        try:
            return _Exact(admitted, raw).value(node)
        except EvaluationError:
            raise
        except ZeroDivisionError:
            raise DivisionByZero(_("a division by zero")) from None
        except (ArithmeticError, ValueError) as error:
            raise NotFinite(_("no finite number: %(name)s", name=type(error).__name__)) from error


class _Exact:
    """The facts, twice: as the conditions see them, and as the sums do."""

    def __init__(self, facts: dict[str, Any], raw: dict[str, Any]) -> None:
        self.facts = facts
        self.raw = raw

    def value(self, node: Node) -> Decimal:
        match node:
            case Constant(value):
                return Decimal(repr(value))
            case Fact(variable):
                return self.fact(variable)
            case Negate(item):
                return -self.value(item)
            case Arithmetic(op, left, right):
                return _computed(op, self.value(left), self.value(right))
            case Choose(test, then, otherwise):
                return self.value(then if compile_value(test)(self.facts) else otherwise)
            case Coalesce(items):
                return self.value(next((i for i in items[:-1] if self.is_known(i)), items[-1]))
            case Call(function, arguments):
                return self.called(function, arguments)
        raise NotFinite(_("%(name)s is no amount", name=type(node).__name__))

    def is_known(self, node: Node) -> bool:
        return isinstance(node, Fact) and node.name in self.facts

    def fact(self, variable: Variable) -> Decimal:
        if variable.name not in self.facts:
            raise UnknownFact(variable.name)
        value = self.raw.get(variable.name)
        if isinstance(value, Decimal):
            return value
        # A float is the decimal that it is written as: 0.1, not 0.1000000000000000055.
        return Decimal(repr(self.facts[variable.name]))

    def called(self, function: Function, arguments: tuple[Node, ...]) -> Decimal:
        if function.exact is not None:
            value = function.exact(*map(self.value, arguments))
            if not value.is_finite():
                raise NotFinite(_("%(name)s() has no value", name=function.name))
            return value
        return Decimal(repr(compile_value(Call(function, arguments))(self.facts)))


def _computed(op: str, left: Decimal, right: Decimal) -> Decimal:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise ZeroDivisionError
            return left / right
        case "**":
            return Decimal(1) if right == 0 else left**right
    return _whole(op, left, right)


def _whole(op: str, left: Decimal, right: Decimal) -> Decimal:
    """Return Python's `//` or `%`: Decimal's own round towards zero."""
    if left != left.to_integral_value() or right != right.to_integral_value():
        raise NotWhole(
            _("%(op)s takes whole numbers, not %(left)s and %(right)s", op=op, left=left, right=right)
        )
    if right == 0:
        raise ZeroDivisionError
    whole = int(left) // int(right) if op == "//" else int(left) % int(right)
    return Decimal(whole)
