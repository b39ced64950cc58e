"""Few rules as generated code: one function for each value of the text that tells them apart best.

Facts that several rules of a function read are read once, at its start; others where they are reached. A
fact that is missing ends the function, and it runs again on facts in which the unknown is None. A fact
that is not what its variable says leaves the event to the scan.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pitboss.rules.engine.boxes import Box
from pitboss.rules.engine.catalogue import Catalogue, Facts, Variable
from pitboss.rules.engine.compiled import fault, namespace, source
from pitboss.rules.engine.errors import WrongFact
from pitboss.rules.engine.index.decision import NOTHING, Decide, Decision, paid
from pitboss.rules.engine.index.making import Entry, joined
from pitboss.rules.engine.index.reading import NAMES, inline, odd_reader, oddness
from pitboss.rules.engine.index.table import unmentioned
from pitboss.rules.engine.predicates import Predicate, Ranges, Texts, Truths
from pitboss.rules.engine.tree import Node, facts_read

DISPATCH_VALUES_MAX = 64
"""Into how many functions rules are grouped."""
READS_MIN = 3
"""A fact that so many boxes ask for is read at the start."""

Judge: TypeAlias = Callable[[Facts, bool], Decision]
"""A generated function; the flag says that facts are complete, so that what is None is unknown."""


class Piece(NamedTuple):
    """A box of a rule."""

    entry: Entry
    box: Box


def generate(entries: Sequence[Entry], catalogue: Catalogue, careful: Decide) -> Decide:
    """Return what decides by these rules; `careful` is asked about facts that are not of their types."""
    pieces = [Piece(entry, box) for entry in entries for box in entry.boxes]
    again = _completed(pieces, catalogue)
    name = dispatching_fact(pieces)
    judge = _single(pieces, catalogue) if name is None else _dispatched(name, pieces, catalogue)

    def decide(facts: Facts) -> Decision:
        try:
            return judge(facts, False)
        except KeyError:
            pass  # some fact is missing: what follows is no part of handling that
        except (WrongFact, TypeError):
            return careful(facts)
        try:
            return judge(again(facts), True)
        except (WrongFact, TypeError):
            return careful(facts)

    return decide


def _completed(pieces: Sequence[Piece], catalogue: Catalogue) -> Callable[[Facts], dict[str, Any]]:
    """Return what fills in defaults, and None for all else that is read."""
    read = {name for piece in pieces for name in _reads(piece)}
    defaults = {name: value for name, value in catalogue.defaults.items() if name in read}
    blank = dict.fromkeys(read) | defaults

    def completed(facts: Facts) -> dict[str, Any]:
        filled = {**blank, **facts}
        for name, value in defaults.items():
            if filled[name] is None:
                filled[name] = value
        return filled

    return completed


def _reads(piece: Piece) -> set[str]:
    trees = [*piece.box.residual, *([] if piece.entry.amount is None else [piece.entry.amount])]
    return set(piece.box.predicates).union(*map(facts_read, trees))


# -- dispatch ------------------------------------------------------------------------------------


def dispatching_fact(pieces: Sequence[Piece]) -> str | None:
    """Return the text by which pieces fall into the smallest groups."""
    best, size = None, 0.9 * len(pieces)
    for name in sorted({name for piece in pieces for name in piece.box.predicates}):
        values = _values(name, pieces)
        if 0 < len(values) <= DISPATCH_VALUES_MAX:
            mean = sum(len(_accepting(pieces, name, value)) for value in values) / len(values)
            if mean < size:
                best, size = name, mean
    return best


def _values(name: str, pieces: Sequence[Piece]) -> set[str]:
    asked = (piece.box.predicates.get(name) for piece in pieces)
    return {value for predicate in asked if isinstance(predicate, Texts) for value in predicate.values}


def _accepting(pieces: Sequence[Piece], name: str, value: str | None) -> list[Piece]:
    """Return what is left of the pieces once a text is known."""
    return [
        Piece(entry, Box({n: p for n, p in box.predicates.items() if n != name}, box.residual))
        for entry, box in pieces
        if name not in box.predicates or box.predicates[name].accepts(value)  # type: ignore[arg-type]  # a text's
    ]


def _single(pieces: Sequence[Piece], catalogue: Catalogue) -> Judge:
    return _lazily(lambda: _function(pieces, catalogue))


def _lazily(make: Callable[[], Judge]) -> Judge:
    """Return a function that is compiled when it is first called."""
    made: list[Judge] = []

    def judge(facts: Facts, full: bool) -> Decision:
        if not made:
            made.append(make())
        return made[0](facts, full)

    return judge


def _dispatched(name: str, pieces: Sequence[Piece], catalogue: Catalogue) -> Judge:
    judges: dict[str | None, Judge] = {}
    odd = odd_reader(catalogue.variables[name])

    def compiling(value: str | None) -> Judge:
        def judge(facts: Facts, full: bool) -> Decision:
            # Threads may both compile it, to the same.
            judges[value] = made = _function(_accepting(pieces, name, value), catalogue)
            return made(facts, full)

        return judge

    values = _values(name, pieces)
    for value in (*values, None):
        judges[value] = compiling(value)
    others = _lazily(lambda: _function(_accepting(pieces, name, unmentioned(values)), catalogue))

    def other(facts: Facts, full: bool) -> Decision:
        value = facts[name]
        text = value if type(value) is str else odd(value)
        return judges.get(text, others)(facts, full)

    find = judges.get

    def judge(facts: Facts, full: bool) -> Decision:
        return find(facts[name], other)(facts, full)

    return judge


# -- source --------------------------------------------------------------------------------------


def _function(pieces: Sequence[Piece], catalogue: Catalogue) -> Judge:
    """Generate the function that decides by some pieces."""
    names: dict[str, Any] = {"__builtins__": {}}
    for node in _trees(pieces):
        names |= namespace(node)
    names |= NAMES | {
        "Exception": Exception,
        "KeyError": KeyError,
        "Decision": Decision,
        "made": tuple.__new__,
        "nothing": NOTHING,
        "paid": paid,
        "inf": math.inf,
        "fault": fault,
    }
    counts = Counter(name for piece in pieces for name in piece.box.predicates)
    facts = {
        name: _Read(n, catalogue.variables[name], counts[name] >= READS_MIN) for n, name in enumerate(counts)
    }
    names |= {read.odd: odd_reader(read.variable) for read in facts.values()}
    lines = ["def judge(f, full):", "    m = e = ()"]
    for read in facts.values():
        if read.is_early:
            lines += [
                f"    {read.local} = f[{read.variable.name!r}]",
                f"    if {oddness(read.variable, read.local)}: {read.local} = {read.odd}({read.local})",
            ]
    for piece in pieces:
        lines += _judged(piece, facts)
    lines += ["    if m or e: return made(Decision, (m, e))", "    return nothing"]
    exec(compile("\n".join(lines), "<ruleset>", "exec"), names)  # noqa: S102  # our own source, from checked trees
    judge: Judge = names["judge"]
    return judge


def _trees(pieces: Sequence[Piece]) -> list[Node]:
    amounts = [piece.entry.amount for piece in pieces if piece.entry.amount is not None]
    return amounts + [node for piece in pieces for node in piece.box.residual]


class _Read(NamedTuple):
    """How a function reads a fact."""

    number: int
    variable: Variable
    is_early: bool

    @property
    def local(self) -> str:
        return f"x{self.number}"

    @property
    def odd(self) -> str:
        return f"odd{self.number}"

    @property
    def fetched(self) -> str:
        return inline(self.variable, self.local, f"f[{self.variable.name!r}]", self.odd)


def _judged(piece: Piece, facts: Mapping[str, _Read]) -> list[str]:
    entry, box = piece
    tests = [
        _test(facts[name], predicate) for name, predicate in sorted(box.predicates.items(), key=_cheapness)
    ]
    done = [f"m += (({entry.key!r}, {'None' if entry.amount is None else 'a'}),)"]
    if entry.stop:
        done.append("return made(Decision, (m, e))")
    if entry.amount is not None:
        cap = "inf" if math.isinf(entry.cap) else repr(entry.cap)
        done[:0] = [f"a = {source(entry.amount)} + 0.0", f"if not 0.0 < a <= {cap}: a = paid(a, {cap})"]
    if box.residual:
        done = [f"if {source(joined(box.residual))}:", *_indented(done)]
    if entry.amount is not None or box.residual:
        done = [
            "try:",
            *_indented(done),
            "except KeyError:",
            "    if not full: raise",
            "except Exception as error:",
            f"    e += (({entry.key!r}, fault(error)),)",
        ]
    if tests:
        done = [f"if {' and '.join(tests)}:", *_indented(done)]
    return _indented(done)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _cheapness(asked: tuple[str, Predicate]) -> int:
    """Ask texts and truths first: they rule out most."""
    return (Texts, Truths, Ranges).index(type(asked[1]))


def _test(read: _Read, predicate: Predicate) -> str:
    """Return the condition that a fact is in a predicate; a late fact is read where it first stands."""
    written = iter(() if read.is_early else (read.fetched,))
    return _TESTS[type(predicate)](predicate, lambda: next(written, read.local))


Say: TypeAlias = Callable[[], str]
"""Writes the fact: first as what reads it, if need be, then as its local."""


def _range_test(predicate: Ranges, say: Say) -> str:
    # NaN stands for the unknown, and alone differs from itself.
    tests = [f"{say()} != {say()}"] if predicate.unknown else []
    tests += [_interval_test(low, high, say) for low, high in predicate.intervals]
    return f"({' or '.join(tests)})"


def _interval_test(low: float, high: float, say: Say) -> str:
    if low == high:
        return f"{say()} == {low!r}"
    if low == -math.inf:
        return f"{say()} == {say()}" if high == math.inf else f"{say()} <= {high!r}"
    return f"{say()} >= {low!r}" if high == math.inf else f"{low!r} <= {say()} <= {high!r}"


def _text_test(predicate: Texts, say: Say) -> str:
    values = f"{{{', '.join(map(repr, sorted(predicate.values)))}}}" if predicate.values else "()"
    if predicate.is_complement:
        return (
            f"{say()} not in {values}"
            if predicate.unknown
            else f"{say()} is not None and {say()} not in {values}"
        )
    test = (
        f"{say()} in {values}"
        if len(predicate.values) != 1
        else f"{say()} == {next(iter(predicate.values))!r}"
    )
    return f"({test} or {say()} is None)" if predicate.unknown else test


def _truth_test(predicate: Truths, say: Say) -> str:
    options = [*sorted(predicate.values), *([None] if predicate.unknown else [])]
    return f"({' or '.join(f'{say()} is {option}' for option in options)})"


_TESTS: Mapping[type[Predicate], Callable[[Any, Say], str]] = {
    Ranges: _range_test,
    Texts: _text_test,
    Truths: _truth_test,
}
