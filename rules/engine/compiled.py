"""The row backend: a tree as one Python function of the facts.

`source` writes an expression over a dict named `f`. A fact is read and checked where it is reached, so
that evaluation goes from left to right and no further than it must. Numbers that are plainly finite are
not looked at again: `bounds` says which.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.catalogue import WHOLE_MAX, Facts, Function, Variable, admit_value
from pitboss.rules.engine.errors import (
    DivisionByZero,
    EvaluationError,
    FunctionFailed,
    NotFinite,
    NotWhole,
    UnknownFact,
)
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    Constant,
    Contains,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    Value,
    walk,
)

_FINITE_MAX = 1.7976931348623157e308
_SHIPPED = frozenset(SHIPPED)
_ORDERED = frozenset({"number", "instant", "duration"})


def compile_value(node: Node) -> Callable[[Facts], Value]:
    """Return a function of the facts that yields the value, and raises nothing but EvaluationError.

    Facts are checked for their types where they are read. Texts are compared as they are: the door,
    `Catalogue.admit`, is what brings them to NFC and holds choices to their list.
    """
    written = source(node) if node.type not in _ORDERED or _is_float(node) else f"({source(node)} + 0.0)"
    lines = [
        "def value(f):",
        "    try:",
        f"        return {written}",
        "    except Exception as error:",
        "        return recovered(f, error)",
    ]
    names = namespace(node)
    exec(compile("\n".join(lines), "<rule>", "exec"), names)  # noqa: S102  # our own source, from a checked tree
    value: Callable[[Facts], Value] = names["value"]
    names["recovered"] = _recovery(node, lambda facts: value(facts))
    return value


def _recovery(node: Node, again: Callable[[Facts], Value]) -> Callable[[Facts, Exception], Value]:
    """Return what happens when an evaluation raised: defaults are filled in once, or it is an error."""
    defaults = defaults_of(node)

    def recovered(facts: Facts, error: Exception) -> Value:
        if isinstance(error, KeyError) and error.args[0] in defaults:
            return again(completed(facts, defaults))
        raise fault(error) from None

    return recovered


def completed(facts: Facts, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts with defaults for those that are unknown."""
    return {**defaults, **{name: value for name, value in facts.items() if value is not None}}


def defaults_of(node: Node) -> dict[str, Any]:
    """Return the defaults of the facts that a tree reads."""
    read = (part.variable for part in walk(node) if isinstance(part, Fact))
    return {v.name: admit_value(v, v.default) for v in read if v.default is not None}


def fault(error: Exception) -> EvaluationError:
    """Return what an exception of the generated code means."""
    if isinstance(error, EvaluationError):
        return error
    if isinstance(error, KeyError):
        return UnknownFact(error.args[0])
    if isinstance(error, ZeroDivisionError):
        return DivisionByZero(_("a division by zero"))
    return NotFinite(_("no finite number: %(error)s", error=error))


# -- source ------------------------------------------------------------------------------------


def namespace(node: Node) -> dict[str, Any]:
    """Return the names that the source of a tree needs, and no builtin but those."""
    names: dict[str, Any] = {"__builtins__": {}, **_RUNTIME}
    for part in walk(node):
        if isinstance(part, Fact):
            names[_reader(part.variable)] = reader(part.variable)
        elif isinstance(part, Call):
            names[_called(part.function)] = called(part.function)
    return names


def source(node: Node) -> str:
    """Return the tree as a Python expression over the facts `f`."""
    match node:
        case Constant(value):
            return repr(value)
        case Fact(variable):
            return read(variable)
        case Arithmetic():
            return _arithmetic(node)
        case Negate(item):
            return f"(-{source(item)})"
        case Compare(op, left, right):
            return f"({source(left)} {op} {source(right)})"
        case Among(item, options):
            return f"({source(item)} in {{{', '.join(sorted(map(repr, options)))}}})"
        case Contains(items, item):
            return f"({source(item)} in {source(items)})"
        case AllOf(items):
            return f"({' and '.join(map(source, items)) or 'True'})"
        case AnyOf(items):
            return f"({' or '.join(map(source, items)) or 'False'})"
        case Not(item):
            return f"(not {source(item)})"
        case Choose(test, then, otherwise):
            return f"({source(then)} if {source(test)} else {source(otherwise)})"
        case Known(fact):
            return "True" if fact.variable.default is not None else f"(f.get({fact.name!r}) is not None)"
        case Coalesce(items):
            return _coalesce(items)
        case Call(function, arguments):
            return f"{_called(function)}({', '.join(map(_float_source, arguments))})"


def read(variable: Variable) -> str:
    """Return the source that reads a fact and checks its type in place, or hands it to its reader."""
    fetched = f"type(v := f[{variable.name!r}])"
    match variable.value_type:
        case "text":
            test = f"{fetched} is str"
        case "boolean":
            test = f"{fetched} is bool"
        case "list":
            test = f"{fetched} is frozenset"
        case _:
            # Each kind of number has limits of its own kind: comparing across kinds is twice as slow.
            limit, whole = float(WHOLE_MAX), WHOLE_MAX
            as_float = f"{fetched} is float and -{limit} <= v <= {limit}"
            test = f"{as_float} or type(v) is int and -{whole} <= v <= {whole}"
    return f"(v if {test} else {_reader(variable)}(v))"


def _arithmetic(node: Arithmetic) -> str:
    left, right = source(node.left), source(node.right)
    if node.op == "**":
        assert isinstance(node.right, Constant)
        plain = f"power({left}, {int(node.right.value)})"
    elif node.op == "//":
        plain = f"divided({left}, {right})"
    elif node.op == "%":
        plain = f"remainder({left}, {right})"
    else:
        # Whole numbers are float64 too: one of two raw facts is made one, and so is the result.
        is_raw = node.op != "/" and not (_is_float(node.left) or _is_float(node.right))
        plain = f"(({left} + 0.0) {node.op} {right})" if is_raw else f"({left} {node.op} {right})"
    limits = bounds(node)
    if math.isfinite(limits.low) and math.isfinite(limits.high):
        return plain
    return f"(r if -{_FINITE_MAX} <= (r := {plain}) <= {_FINITE_MAX} else infinite())"


def _is_float(node: Node) -> bool:
    """Tell whether the source yields a float; a fact may be a whole number still."""
    match node:
        case Fact():
            return False
        case Negate(item):
            return _is_float(item)
        case Choose(_, then, otherwise):
            return _is_float(then) and _is_float(otherwise)
        case Coalesce(items):
            return all(map(_is_float, items))
    return True


def _float_source(node: Node) -> str:
    return source(node) if node.type not in _ORDERED or _is_float(node) else f"({source(node)} + 0.0)"


def _coalesce(items: tuple[Node, ...]) -> str:
    *facts, last = items
    written = source(last)
    for fact in reversed(facts):
        assert isinstance(fact, Fact)
        if fact.variable.default is not None:
            written = source(fact)
        else:
            written = f"({source(fact)} if f.get({fact.name!r}) is not None else {written})"
    return written


def _reader(variable: Variable) -> str:
    return f"read_{_identifier(variable.name)}"


def _called(function: Function) -> str:
    return f"call_{_identifier(function.name)}"


def _identifier(name: str) -> str:
    """Return a different identifier for each name: the namespaces of many trees become one."""
    return name.replace("_", "__").replace(".", "_d_")


# -- what the source calls ---------------------------------------------------------------------


@cache
def reader(variable: Variable) -> Callable[[Any], Any]:
    """Return what reads a value that is not plainly of its type: it converts, or it refuses."""

    def read_value(value: Any) -> Any:
        if value is not None:
            return admit_value(variable, value)
        # None is missing: the recovery fills defaults in, or calls it unknown.
        raise KeyError(variable.name)

    return read_value


@cache
def called(function: Function) -> Callable[..., Any]:
    """Return what calls a function: ours as it is, a plugin's behind a fence."""
    if function in _SHIPPED:
        return function.call
    result = Variable(name=f"{function.name}()", type=function.returns)

    def fenced(*arguments: Any) -> Any:
        try:
            return admit_value(result, function.call(*arguments))
        except (ArithmeticError, ValueError) as error:
            raise NotFinite(
                _("%(name)s() has no value: %(error)s", name=function.name, error=error)
            ) from error
        except Exception as error:  # an isolation boundary: a plugin's function may raise anything
            raise FunctionFailed(
                _("%(name)s() failed: %(error)s", name=function.name, error=error)
            ) from error

    return fenced


def power(base: float, exponent: int) -> float:
    """Multiply from left to right: the one order that every backend can keep."""
    result = 1.0 if exponent == 0 else base + 0.0
    for __ in range(exponent - 1):
        result = result * base
    return result


def divided(left: float, right: float) -> float:
    """Return Python's `//` of two whole numbers."""
    _check_whole(left, right)
    return float(left // right)


def remainder(left: float, right: float) -> float:
    """Return Python's `%` of two whole numbers."""
    _check_whole(left, right)
    return float(left % right)


def _check_whole(left: float, right: float) -> None:
    if left != math.floor(left) or right != math.floor(right):
        raise NotWhole(_("// and %% take whole numbers, not %(left)s and %(right)s", left=left, right=right))


def _infinite() -> float:
    raise NotFinite(_("a result is not a finite number"))


_RUNTIME: Mapping[str, Any] = {
    "type": type,
    "float": float,
    "int": int,
    "str": str,
    "bool": bool,
    "frozenset": frozenset,
    "Exception": Exception,
    "power": power,
    "divided": divided,
    "remainder": remainder,
    "infinite": _infinite,
}
