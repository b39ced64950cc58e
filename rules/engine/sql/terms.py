"""What a node becomes in SQL: an expression, and when it has a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

from sqlalchemy import Boolean, case, false, func, true

from pitboss.rules.engine.sql.constructs import Condition, Element, every, some

Needs: TypeAlias = tuple[Condition, ...] | None
"""Conditions that, joined by AND, are never NULL, and true exactly where an evaluation ends without an
error; None where they would be too long to write twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value: NULL exactly where its evaluation ends in an error."""

    sql: Element
    needs: Needs

    @property
    def has_value(self) -> Condition:
        """Whether the evaluation ends without an error; never NULL."""
        return self.sql.is_not(None) if self.needs is None else every(*self.needs)


@dataclass(frozen=True, slots=True, eq=False)
class Truth(Term):
    """A condition, which is also written for a place where NULL and false mean the same."""

    lean: Condition
    """NULL or false where it has no value."""
    total: Condition
    """Never NULL: false where it has no value."""


def truth(sql: Condition, needs: Needs = ()) -> Truth:
    """Return a condition that is NULL of itself where it has no value."""
    total = func.coalesce(sql, false(), type_=Boolean()) if needs is None else every(*needs, sql)
    return Truth(sql, needs, sql, total)


def truth_where(needs: tuple[Condition, ...], lean: Condition, total: Condition) -> Truth:
    """Return a condition that does not become NULL of itself where it has no value."""
    return Truth(case((every(*needs), total)) if needs else total, needs, lean, total)


def together(terms: Iterable[Term]) -> Needs:
    """Return what all of them need, each condition once."""
    found: dict[int, Condition] = {}
    for term in terms:
        if term.needs is None:
            return None
        found |= {id(need): need for need in term.needs}
    return tuple(found.values())


def need_alike(terms: Sequence[Term]) -> bool:
    """Tell whether they have no value in the same cases, so that the order of reading does not matter."""
    if any(term.needs is None for term in terms):
        return False
    first, *rest = ({id(need) for need in term.needs or ()} for term in terms)
    return all(other == first for other in rest)


def needs_of(found: Sequence[Truth]) -> Needs:
    """Return what a conjunction or disjunction needs: what is not always read is not always needed."""
    if need_alike(found) or all(each.needs == () for each in found[1:]):
        return found[0].needs
    return None


def in_order(found: Sequence[Truth], *, is_all: bool) -> Element:
    """Join in three-valued logic that reads from left to right, as Python does."""
    join = every if is_all else some
    if need_alike(found) or all(each.needs == () for each in found[:-1]):
        return join(*(each.sql for each in found))
    end = false() if is_all else true()

    def before(rest: Element, each: Truth) -> Element:
        if each.needs == ():
            return join(each.sql, rest)
        whens: Any = ((end, end), (true() if is_all else false(), rest))
        return case(*whens, value=each.sql)

    return reduce(before, (each for each in reversed(found[:-1])), found[-1].sql)
