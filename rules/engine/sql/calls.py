"""Function calls in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func

from pitboss.rules.engine.bounds import Bounds
from pitboss.rules.engine.catalogue import WHOLE_MAX, Function
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.sql.constructs import (
    DOUBLE,
    Ceil,
    Condition,
    Element,
    Floor,
    Greatest,
    Least,
    NotInSql,
    every,
    magnitude,
    number,
    when,
)
from pitboss.rules.engine.sql.terms import Term, together, truth

_SHIPPED = frozenset(SHIPPED)


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument, and what is known of it where it is a number."""

    term: Term
    limits: Bounds | None = None


def called(function: Function, arguments: Sequence[Argument]) -> Term:
    """Return a call, or raise NotInSql where the function has no form in SQL."""
    if function in _SHIPPED and function.name in _FORMS:
        return _FORMS[function.name](arguments)
    if function.sql is None:
        raise NotInSql(f"{function.name}() has no form in SQL that gives the same values")
    result = function.sql(*(argument.term.sql for argument in arguments))
    if function in _SHIPPED:
        needs = together(argument.term for argument in arguments)
        return truth(result, needs) if function.returns == "boolean" else Term(result, needs)
    return _admitted(function, result, arguments)


def _admitted(function: Function, result: Element, arguments: Sequence[Argument]) -> Term:
    """Return what a plugin's function yields, where its arguments have values and the door admits it."""
    given: list[Condition] = [a.term.has_value for a in arguments if a.term.needs != ()]
    if function.returns in ("number", "instant", "duration"):
        given.append(result.between(number(-float(WHOLE_MAX)), number(float(WHOLE_MAX))))
    found = when((every(*given), result)) if given else result
    return truth(found, None) if function.returns == "boolean" else Term(found, None)


def _absolute(arguments: Sequence[Argument]) -> Term:
    (item,) = arguments
    return Term(magnitude(item.term.sql), item.term.needs)


def _extreme(form: type[Least] | type[Greatest]) -> Callable[[Sequence[Argument]], Term]:
    return lambda arguments: _folded(form, [argument.term for argument in arguments])


def _folded(form: type[Least] | type[Greatest], terms: Sequence[Term]) -> Term:
    # PostgreSQL passes over a NULL, and SQLite does not.
    given = [term.has_value for term in terms if term.needs != ()]
    found = form(*(term.sql for term in terms))
    return Term(when((every(*given), found)) if given else found, together(terms))


def _clamp(arguments: Sequence[Argument]) -> Term:
    value, low, high = arguments
    found = _folded(Least, [_folded(Greatest, [value.term, low.term]), high.term])
    assert low.limits is not None
    assert high.limits is not None
    if low.limits.high <= high.limits.low:
        return found
    return Term(when((low.term.sql <= high.term.sql, found.sql)), None)


def _root(arguments: Sequence[Argument]) -> Term:
    (item,) = arguments
    root = func.sqrt(item.term.sql, type_=DOUBLE)
    if item.limits is not None and not item.limits.may_be_negative:
        return Term(root, item.term.needs)
    return Term(when((item.term.sql >= number(0.0), root)), None)


def _whole(form: type[Floor] | type[Ceil]) -> Callable[[Sequence[Argument]], Term]:
    return lambda arguments: Term(form(arguments[0].term.sql), arguments[0].term.needs)


_FORMS: Mapping[str, Callable[[Sequence[Argument]], Term]] = {
    "abs": _absolute,
    "min": _extreme(Least),
    "max": _extreme(Greatest),
    "clamp": _clamp,
    "sqrt": _root,
    "floor": _whole(Floor),
    "ceil": _whole(Ceil),
}
