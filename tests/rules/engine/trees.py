"""Hypothesis strategies: typed trees as the checker makes them, and facts for their variables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Catalogue, Function, Type, Variable, catalogue_of
from pitboss.rules.engine.functions import SHIPPED
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
)

SEGMENTS = ("LOSING", "WINNING", "NEW")
TEXTS = ("", "DE", "de", "FR", "10", "é", "e", "a'b", "abc", "abc ", "slots", "10%")

VARIABLES = (
    Variable(name="count"),
    Variable(name="visits", default=0),
    Variable(name="net_loss", type="money"),
    Variable(name="bonus", type="money", default=0),
    Variable(name="ratio"),
    Variable(name="score", default=0.5),
    Variable(name="segment", type="choice", choices=SEGMENTS),
    Variable(name="country", type="text", default="DE"),
    Variable(name="city", type="text"),
    Variable(name="is_vip", type="boolean"),
    Variable(name="is_new", type="boolean", default=False),
    Variable(name="last_deposit", type="instant"),
    Variable(name="session_length", type="duration"),
    Variable(name="games", type="list"),
    Variable(name="tags", type="list", default=("slots", "DE")),
)
CATALOGUE: Catalogue = catalogue_of(VARIABLES)
FACTS: dict[str, Fact] = {v.name: Fact(v) for v in CATALOGUE.variables.values()}

NOW_SECONDS = 1_796_115_600.0
WHOLES = frozenset({"count", "visits"})
MONEY = frozenset({"net_loss", "bonus"})

# The values at which backends differ: signs, halves, the ends of the range, what under- and overflows.
NUMBERS = (0.0, 1.0, -1.0, 2.0, 3.0, -3.0, 7.0, 0.1, 0.3, 0.5, 2.5, -2.5, 2.675, 100.0, 1e-9, 86_400.0)
EXTREMES = (5e-324, -5e-324, 2e-308, 1e-200, -1e-160, 1e-16, 1e15, float(WHOLE_MAX), -float(WHOLE_MAX), -0.0)

wholes = st.sampled_from((0, 1, -1, 2, 3, -3, 7, 10, 100, WHOLE_MAX, -WHOLE_MAX)) | st.integers(-1000, 1000)
minors = st.sampled_from((0, 1, -1, 10, 30, 10_000, 10_001, -9_999)) | st.integers(-(10**12), 10**12)
floats = st.sampled_from(NUMBERS + EXTREMES) | st.floats(-WHOLE_MAX, WHOLE_MAX, width=64)
micros = st.sampled_from((0, 1, -1, 1_796_115_600_000_000)) | st.integers(-(10**15), 4 * 10**15)

TYPED: dict[Type, st.SearchStrategy[Any]] = {
    "number": floats,
    "duration": floats,
    "instant": micros.map(lambda micro: micro / 1e6),
    "text": st.sampled_from(TEXTS),
    "boolean": st.booleans(),
    "list": st.frozensets(st.sampled_from(TEXTS), max_size=4),
}


def values(variable: Variable) -> st.SearchStrategy[Any]:
    """Draw a value as a database keeps it: counts are whole, money has two decimals."""
    if variable.name in WHOLES:
        return wholes.map(float)
    if variable.name in MONEY:
        return minors.map(lambda minor: minor / 100)
    return st.sampled_from(variable.choices) if variable.choices else TYPED[variable.value_type]


def facts() -> st.SearchStrategy[dict[str, Any]]:
    """Draw facts as the door admits them; about one in five is unknown, and `now` never is."""
    drawn = {v.name: values(v) | values(v) | values(v) | values(v) | st.none() for v in VARIABLES}
    return st.fixed_dictionaries(drawn).map(lambda known: {**known, NOW: NOW_SECONDS})


def trees(
    type_: Type = "boolean", *, depth: int = 3, functions: Iterable[Function] = SHIPPED
) -> st.SearchStrategy[Node]:
    """Draw a tree of that type; `**`, `//` and `%` and all functions that are given occur."""
    return _Trees(tuple(functions)).of(type_, depth)


class _Trees:
    """The strategies of each type and depth, each made once."""

    def __init__(self, functions: tuple[Function, ...]) -> None:
        self.functions = functions
        self.made: dict[tuple[Type, int], st.SearchStrategy[Node]] = {}

    def of(self, type_: Type, depth: int) -> st.SearchStrategy[Node]:
        found = self.made.get((type_, depth))
        if found is None:
            kinds = self.leaves(type_) if depth == 0 else self.leaves(type_) + self.branches(type_, depth - 1)
            found = self.made[type_, depth] = st.one_of(kinds)
        return found

    def leaves(self, type_: Type) -> list[st.SearchStrategy[Node]]:
        known: list[st.SearchStrategy[Node]] = [
            st.sampled_from([fact for fact in FACTS.values() if fact.type == type_])
        ]
        if type_ == "boolean":
            known.append(st.sampled_from([Known(fact) for fact in FACTS.values()]))
        if type_ == "list":
            return known
        return [*known, st.builds(Constant, TYPED[type_], st.just(type_))]

    def branches(self, type_: Type, depth: int) -> list[st.SearchStrategy[Node]]:
        same = self.of(type_, depth)
        kinds: list[st.SearchStrategy[Node]] = [
            st.builds(Choose, self.of("boolean", depth), same, same),
            self.coalesces(type_, same),
        ]
        kinds += [
            self.calls(function, depth)
            for function in self.functions
            if function.returns == type_ and function.name != "round"
        ]
        if type_ == "boolean":
            kinds += self.conditions(depth)
        if type_ in ("number", "duration", "instant"):
            kinds += self.arithmetic(type_, depth)
        return kinds

    def coalesces(self, type_: Type, last: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        facts = st.sampled_from([fact for fact in FACTS.values() if fact.type == type_])
        return st.builds(
            lambda few, end: Coalesce((*few, end)), st.lists(facts, min_size=1, max_size=2), last
        )

    def calls(self, function: Function, depth: int) -> st.SearchStrategy[Node]:
        arguments = [self.of(type_, depth) for type_ in function.arguments]
        if function.repeats:
            more = st.lists(arguments[-1], max_size=2)
            return st.builds(lambda few, rest: Call(function, (*few, *rest)), st.tuples(*arguments), more)
        return st.tuples(*arguments).map(lambda given: Call(function, given))

    def conditions(self, depth: int) -> list[st.SearchStrategy[Node]]:
        items = st.lists(self.of("boolean", depth), max_size=3).map(tuple)
        number, text = self.of("number", depth), self.of("text", depth)
        few_texts = st.frozensets(TYPED["text"], min_size=1, max_size=3)
        few_numbers = st.frozensets(st.sampled_from(NUMBERS), min_size=1, max_size=3)
        ordered = [
            st.builds(Compare, st.sampled_from(("==", "!=", "<", "<=", ">", ">=")), same, same)
            for same in (number, number, self.of("instant", depth), self.of("duration", depth))
        ]
        equal = [
            st.builds(Compare, st.sampled_from(("==", "!=")), same, same)
            for same in (text, self.of("boolean", depth))
        ]
        return [
            *ordered,
            *equal,
            st.builds(Among, number, few_numbers),
            st.builds(Among, text, few_texts),
            st.builds(Contains, self.of("list", depth), text),
            st.builds(AllOf, items),
            st.builds(AnyOf, items),
            st.builds(Not, self.of("boolean", depth)),
        ]

    def arithmetic(self, type_: Type, depth: int) -> list[st.SearchStrategy[Node]]:
        number, duration = self.of("number", depth), self.of("duration", depth)
        instant = self.of("instant", depth)

        def made(ops: str, left: Any, right: Any) -> st.SearchStrategy[Node]:
            return st.builds(Arithmetic, st.sampled_from(ops.split()), left, right, st.just(type_))

        if type_ == "instant":
            return [made("+ -", instant, duration), made("+", duration, instant)]
        if type_ == "duration":
            return [
                st.builds(Negate, duration),
                made("-", instant, instant),
                made("+ -", duration, duration),
                made("* /", duration, number),
                made("*", number, duration),
            ]
        exponents = st.integers(0, 16).map(lambda whole: Constant(float(whole), "number"))
        rounded = [f for f in self.functions if f.name == "round"]
        digits = st.sampled_from([(), *[(Constant(float(n), "number"),) for n in (0, 2, 10)]])
        return [
            st.builds(Negate, number),
            made("+ - * /", number, number),
            made("+ - * / // %", number, number),
            made("**", number, exponents),
            made("/", duration, duration),
            *[st.builds(lambda x, d, f=f: Call(f, (x, *d)), number, digits) for f in rounded],
        ]
