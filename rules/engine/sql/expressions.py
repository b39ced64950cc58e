"""The SQL backend: a tree as one SQLAlchemy expression, for PostgreSQL and SQLite alike.

An evaluation that ends in an error is NULL inside, never an error of the database. A condition is
written in three ways, because what a WHERE may leave to three-valued logic a NOT may not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Boolean, case, false, func, literal, not_, true
from sqlalchemy.sql.elements import False_, Grouping, True_

from pitboss.rules.engine.bounds import bounds, settled
from pitboss.rules.engine.sql import guarded
from pitboss.rules.engine.sql.binding import Binding, Bindings, Scaled, Stored, stored
from pitboss.rules.engine.sql.calls import Argument, called
from pitboss.rules.engine.sql.constructs import (
    Bytewise,
    Condition,
    Element,
    Holds,
    IsList,
    NotInSql,
    check_size,
    computed,
    every,
    number,
    some,
)
from pitboss.rules.engine.sql.guarded import Operand
from pitboss.rules.engine.sql.simplify import negated, simplified
from pitboss.rules.engine.sql.terms import (
    Needs,
    Term,
    Truth,
    in_order,
    needs_of,
    together,
    truth,
    truth_where,
)
from pitboss.rules.engine.sql.thresholds import MIRRORED, Rising, compare_sql, holds, rising
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Call,
    Choose,
    Coalesce,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Known,
    Negate,
    Node,
    Not,
    walk,
)

__all__ = ["Binding", "Bindings", "NotInSql", "matches", "value", "where"]

SHORT_NODES_MAX = 16
"""Up to this many nodes, an item of a disjunction is written twice: as it is, and as its opposite."""

_ORDERED = frozenset({"number", "instant", "duration"})


def matches(node: Node, bindings: Bindings, *, now: datetime | float | None = None) -> Condition:
    """Return a condition that is true where the row path says true, and false, never NULL, elsewhere."""
    return _written(node, bindings, now, lambda writer, tree: writer.truth(tree).total)


def where(node: Node, bindings: Bindings, *, now: datetime | float | None = None) -> Condition:
    """Return the leaner condition for the top of a WHERE: it may be NULL where `matches` is false."""
    return _written(node, bindings, now, lambda writer, tree: writer.truth(tree).lean)


def value(node: Node, bindings: Bindings, *, now: datetime | float | None = None) -> Element:
    """Return the value of a formula, NULL where it has none."""
    return _written(node, bindings, now, lambda writer, tree: writer.term(tree).sql)


def _written(
    node: Node,
    bindings: Bindings,
    now: datetime | float | None,
    write: Callable[[_Writer, Node], Element],
) -> Element:
    tree = simplified(node, now)
    element = write(_Writer(tree, bindings), tree)
    check_size(element)
    return element


class _Writer:
    """Write one tree."""

    def __init__(self, tree: Node, bindings: Bindings) -> None:
        read = {part.name: part.variable for part in walk(tree) if isinstance(part, Fact)}
        missing = sorted(read.keys() - bindings.keys())
        if missing:
            raise NotInSql(f"no column is bound to {', '.join(missing)}")
        self.facts: dict[str, Stored] = {name: stored(v, bindings[name]) for name, v in read.items()}
        self.limits = {name: fact.limits for name, fact in self.facts.items()}

    # -- values --------------------------------------------------------------------------------

    def term(self, node: Node) -> Term:
        """Return a value of any type."""
        if node.type == "boolean":
            return self.truth(node)
        match node:
            case Constant(constant):
                return Term(_constant(constant), ())
            case Fact():
                fact = self.facts[node.name]
                return Term(fact.value, fact.needs)
            case Negate(item):
                inner = self.term(item)
                return Term(Grouping(-inner.sql), inner.needs)
            case Arithmetic():
                return self.arithmetic(node)
            case Choose():
                return self.choose(node)
            case Coalesce(items):
                return self.coalesce(items)
            case Call():
                return self.call(node)
        raise NotInSql(f"{type(node).__name__} has no form in SQL")

    def operand(self, node: Node, term: Term) -> Operand:
        """Return a number with its bounds."""
        limits = settled(node, self.limits)
        if isinstance(node, Constant):
            return Operand(term.sql, limits, constant=cast(float, node.value))
        whole = self.facts[node.name].whole if isinstance(node, Fact) else None
        return Operand(term.sql, limits, whole=whole)

    def arithmetic(self, node: Arithmetic) -> Term:
        """Return an operation on two numbers, guarded as far as it needs to be."""
        terms = self.term(node.left), self.term(node.right)
        left, right = self.operand(node.left, terms[0]), self.operand(node.right, terms[1])
        raw = bounds(node, self.limits)
        needs = together(terms) if raw.is_finite else None
        match node.op:
            case "+" | "-":
                return Term(guarded.added(node.op, left, right, raw), needs)
            case "*":
                return Term(guarded.multiplied(left, right, raw), needs)
            case "**":
                return Term(guarded.raised(left, int(cast(float, right.constant)), raw), needs)
            case "/":
                return Term(guarded.divided(left, right, raw), _divisible(needs, node, right))
        is_whole = left.limits.is_whole and right.limits.is_whole
        found = guarded.remainder(node.op, left, right)
        return Term(found, _divisible(needs, node, right) if is_whole else None)

    def choose(self, node: Choose) -> Term:
        """Return one of two values."""
        test, then, otherwise = self.truth(node.test), self.term(node.then), self.term(node.otherwise)
        is_sure = all(term.needs == () for term in (test, then, otherwise))
        return Term(_if(test, then.sql, otherwise.sql), () if is_sure else None)

    def coalesce(self, items: Sequence[Node]) -> Term:
        """Return the first fact that is known."""
        *first, last = items
        found = self.term(last)
        for item in reversed(first):
            assert isinstance(item, Fact)
            fact = self.facts[item.name]
            if fact.is_certain:
                found = Term(fact.value, fact.needs)
            elif fact.door is None:
                both = func.coalesce(fact.value, found.sql, type_=fact.value.type)
                found = Term(both, () if found.needs == () else None)
            else:
                found = Term(case((fact.is_known, fact.value), else_=found.sql), None)
        return found

    def call(self, node: Call) -> Term:
        """Return a function of its arguments."""
        arguments = [
            Argument(self.term(item), settled(item, self.limits) if item.type in _ORDERED else None)
            for item in node.arguments
        ]
        return called(node.function, arguments)

    # -- conditions ----------------------------------------------------------------------------

    def truth(self, node: Node) -> Truth:
        """Return a condition."""
        match node:
            case Constant(constant):
                return truth(true() if constant else false())
            case Fact():
                fact = self.facts[node.name]
                return self.judged(fact, _direct(fact), fact.default)
            case Compare():
                return self.compare(node)
            case Among():
                return self.among(node)
            case Contains():
                return self.contains(node)
            case Not(item):
                return self.negation(item)
            case AllOf(items):
                return self.all_of(items)
            case AnyOf(items):
                return self.any_of(items)
            case Known(fact):
                return truth(self.known(fact))
            case Choose():
                return _of_itself(self.choose(node))
            case Coalesce(items):
                return _of_itself(self.coalesce(items))
            case Call():
                return _of_itself(self.call(node))
        raise NotInSql(f"{type(node).__name__} is no condition")

    def negation(self, item: Node) -> Truth:
        """Return the opposite of a condition."""
        opposite = negated(item)
        if not isinstance(opposite, Not):
            return self.truth(opposite)
        found = self.truth(item)
        return truth(not_(found.sql), found.needs)

    def known(self, fact: Fact) -> Condition:
        """Return whether a fact has a value."""
        found = self.facts[fact.name]
        return true() if found.is_certain else found.is_known

    def judged(self, fact: Stored, condition: Condition, default: bool | None) -> Truth:
        """Return a condition of a fact's column, given what it comes to by default."""
        if default:
            either = some(condition, fact.column.is_(None))
            return truth_where(fact.needs, either, either)
        if default is None and isinstance(condition, True_ | False_):
            certain = every(*fact.needs, condition)
            return truth_where(fact.needs, certain, certain)
        if default is None and fact.door is None:
            return truth(condition, fact.needs)
        total = every(fact.is_known, condition) if fact.is_nullable else condition
        return truth_where(fact.needs, condition, total)

    def compare(self, node: Compare) -> Truth:
        """Return a comparison: of a column where that is possible, of values elsewhere."""
        if isinstance(node.left, Constant) and not isinstance(node.right, Constant):
            node = Compare(MIRRORED[node.op], node.right, node.left)
        if isinstance(node.right, Constant):
            found = self.limited(node.op, node.left, node.right)
            if found is not None:
                return found
        left, right = self.term(node.left), self.term(node.right)
        needs = together((left, right))
        match node.left.type:
            case "list":
                raise NotInSql("== of two lists")
            case "text":
                return truth(compare_sql(node.op, Bytewise(left.sql), right.sql), needs)
            case "boolean":
                return truth(
                    computed(left.sql, "=" if node.op == "==" else "!=", right.sql, Boolean()), needs
                )
        return truth(compare_sql(node.op, left.sql, right.sql), needs)

    def limited(self, op: CompareOp, item: Node, limit: Constant) -> Truth | None:
        """Return the comparison of one fact with a constant, as one that an index can serve."""
        if item.type == "boolean":
            is_alike = (op == "==") is bool(limit.value)
            return self.truth(item) if is_alike else self.negation(item)
        fact = self.plain(item)
        if fact is not None:
            by_default = None if fact.default is None else holds(op, fact.default, limit.value)
            return self.judged(
                fact, _admitted(fact, compare_sql(op, _direct(fact), _constant(limit.value))), by_default
            )
        parts = self.parts(item)
        if parts is None:
            return None
        fact, scaled, formula = parts
        bound = cast(float, limit.value)
        by_default = None if fact.default is None else holds(op, formula.at(fact.default), bound)
        return self.judged(fact, formula.reaches(scaled, op, bound), by_default)

    def among(self, node: Among) -> Truth:
        """Return membership in constants."""
        options: list[Any] = sorted(node.options)
        fact, parts = self.plain(node.item), self.parts(node.item)
        if fact is not None:
            by_default = None if fact.default is None else fact.default in node.options
            found = _direct(fact).in_([_constant(option) for option in options])
            return self.judged(fact, _admitted(fact, found), by_default)
        if parts is not None:
            fact, scaled, formula = parts
            by_default = None if fact.default is None else formula.at(fact.default) in node.options
            return self.judged(fact, formula.is_among(scaled, options), by_default)
        item = self.term(node.item)
        return truth(item.sql.in_([_constant(option) for option in options]), item.needs)

    def plain(self, item: Node) -> Stored | None:
        """Return the fact when an expression is a fact alone that is kept as it is compared."""
        fact = self.facts[item.name] if isinstance(item, Fact) else None
        return fact if fact is not None and (item.type == "text" or fact.direct is not None) else None

    def parts(self, item: Node) -> tuple[Stored, Scaled, Rising] | None:
        """Return the fact and the formula when an expression rises or falls with one whole number."""
        formula = rising(item, self.limits) if item.type in _ORDERED else None
        fact = None if formula is None else self.facts[formula.fact.name]
        if formula is None or fact is None or fact.scaled is None:
            return None
        return fact, fact.scaled, formula

    def contains(self, node: Contains) -> Truth:
        """Return whether a list has a text."""
        fact = self.facts[node.list.name] if isinstance(node.list, Fact) else None
        items, item = self.term(node.list), self.term(node.item)
        is_list = func.coalesce(IsList(items.sql), false(), type_=Boolean())
        item_needs = (item.sql.is_not(None),) if item.needs is None else item.needs
        needs = (is_list, *item_needs)
        # Where nothing is held by default, the column itself is searched, as an index can.
        searched = items.sql if fact is None or fact.default else fact.column
        lean = every(Holds(searched, item.sql), IsList(searched))
        return truth_where(needs, lean, every(*needs, Holds(items.sql, item.sql)))

    def all_of(self, items: Sequence[Node]) -> Truth:
        """Return a conjunction."""
        if not items:
            return truth(true())
        found = [self.truth(item) for item in items]
        lean = every(*(each.lean for each in found))
        return Truth(in_order(found, is_all=True), needs_of(found), lean, every(*(e.total for e in found)))

    def any_of(self, items: Sequence[Node]) -> Truth:
        """Return a disjunction."""
        if not items:
            return truth(false())
        found = [self.truth(item) for item in items]
        lean, total = (self.either(items, found, form) for form in ("lean", "total"))
        return Truth(in_order(found, is_all=False), needs_of(found), lean, total)

    def either(self, items: Sequence[Node], found: Sequence[Truth], form: str) -> Condition:
        """Return a disjunction in which what comes after an error does not count.

        Each item holds together with what lets the evaluation come so far: that those before it have
        values, or where that is long, that they are false.
        """
        clauses: list[Condition] = []
        before: dict[int, Condition] = {}
        for place, (item, each) in enumerate(zip(items, found, strict=True)):
            is_last = place == len(items) - 1
            if each.needs is None and not is_last and _is_long(item):
                rest = self.either(items[place + 1 :], found[place + 1 :], form)
                whens: Any = ((true(), true()), (false(), rest))
                clauses.append(every(*before.values(), case(*whens, value=each.sql, else_=false())))
                break
            clauses.append(every(*before.values(), getattr(each, form)))
            if each.needs is not None:
                before |= {id(need): need for need in each.needs}
            elif not is_last:
                opposite = getattr(self.truth(negated(item)), form)
                before[id(opposite)] = opposite
        return some(*clauses)


def _constant(constant: float | str | bool) -> Element:
    if isinstance(constant, bool):
        return true() if constant else false()
    if isinstance(constant, float):
        return number(constant)
    if "\0" in constant or any(0xD800 <= ord(character) <= 0xDFFF for character in constant):
        raise NotInSql("a text that PostgreSQL cannot keep")
    return literal(constant)


def _direct(fact: Stored) -> Element:
    return fact.column if fact.direct is None else fact.direct


def _admitted(fact: Stored, condition: Condition) -> Condition:
    return condition if fact.door is None else every(condition, fact.door)


def _divisible(needs: Needs, node: Arithmetic, right: Operand) -> Needs:
    """Add that the divisor is not zero, where that is short to say."""
    if needs is None or not right.limits.may_be_zero:
        return needs
    if right.constant is not None:
        return (false(),)
    return (*needs, right.sql != number(0.0)) if isinstance(node.right, Fact) else None


def _if(test: Truth, then: Element, otherwise: Element) -> Element:
    if test.needs == ():
        return case((test.sql, then), else_=otherwise)
    whens: Any = ((true(), then), (false(), otherwise))
    return case(*whens, value=test.sql)


def _of_itself(term: Term) -> Truth:
    return truth(term.sql, term.needs)


def _is_long(node: Node) -> bool:
    return sum(1 for _ in walk(node)) > SHORT_NODES_MAX
