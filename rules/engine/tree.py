"""The typed tree: what every condition and formula becomes, and what every backend reads.

A tree is checked: its names exist, its types fit, its size is bounded. It has no loop, so that
evaluating it costs no more than its nodes do. All nodes are immutable, and equal when they mean the
same in the same way.

How it is evaluated, in every backend:

- Numbers are float64; instants are seconds since 1970 in UTC, durations are seconds.
- Operands are evaluated from left to right, and `AllOf`, `AnyOf` and `Choose` read no further than they
  must, as in Python. Reading an unknown fact, dividing by zero and the like end the evaluation with an
  EvaluationError; only `Known` and `Coalesce` handle an unknown fact.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pitboss.rules.engine.catalogue import Function, Type, Variable

Value: TypeAlias = float | str | bool | frozenset[str]
"""What an expression yields: a number (instants and durations too), a text, a truth, a list of texts."""

ArithmeticOp = Literal["+", "-", "*", "/", "//", "%", "**"]
CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: a float, a text or a truth; never an int, so that equal constants are alike."""

    value: float | str | bool
    type: Type


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of a variable."""

    variable: Variable

    @property
    def name(self) -> str:
        """The key of the fact."""
        return self.variable.name

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.variable.value_type


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers, instants or durations, computed. The exponent of `**` is a whole Constant, 0 to 16.

    `x ** n` is x * x * ... from left to right, so that each backend rounds alike. `//` and `%` are
    Python's, and refuse numbers that are not whole.
    """

    op: ArithmeticOp
    left: Node
    right: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus a number or a duration."""

    item: Node

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.item.type


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values of one type; texts, truths and lists know only `==` and `!=`."""

    op: CompareOp
    left: Node
    right: Node

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of these constants: `country in ('DE', 'FR')`."""

    item: Node
    options: frozenset[float] | frozenset[str]

    type: Type = "boolean"

    @property
    def listed(self) -> Sequence[float | str]:
        """The options in order."""
        options: list[typing.Any] = sorted(self.options)
        return options


@dataclass(frozen=True, slots=True)
class Contains:
    """A list has this text: `'slots' in eligible_games`."""

    list: Node
    item: Node

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these holds; without items, true."""

    items: tuple[Node, ...]

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds; without items, false."""

    items: tuple[Node, ...]

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    item: Node

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class Choose:
    """`then if test else otherwise`."""

    test: Node
    then: Node
    otherwise: Node

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.then.type


@dataclass(frozen=True, slots=True)
class Known:
    """The fact has a value."""

    fact: Fact

    type: Type = "boolean"


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first of these facts that is known; the last item may be any expression."""

    items: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.items[0].type


@dataclass(frozen=True, slots=True)
class Call:
    """A registered function."""

    function: Function
    arguments: tuple[Node, ...]

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.function.returns


Node: TypeAlias = (
    Constant
    | Fact
    | Arithmetic
    | Negate
    | Compare
    | Among
    | Contains
    | AllOf
    | AnyOf
    | Not
    | Choose
    | Known
    | Coalesce
    | Call
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below."""
    match node:
        case Arithmetic(_, left, right) | Compare(_, left, right):
            return left, right
        case Negate(item) | Not(item) | Among(item):
            return (item,)
        case Contains(items, item):
            return items, item
        case AllOf(items) | AnyOf(items) | Coalesce(items) | Call(_, items):
            return items
        case Choose(test, then, otherwise):
            return test, then, otherwise
        case Known(fact):
            return (fact,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, each before what it holds."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(children(here)))


def facts_read(node: Node) -> frozenset[str]:
    """Return the names of the facts that may be read."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Fact))
