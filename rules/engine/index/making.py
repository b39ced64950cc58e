"""Making a table: rules are gathered into columns, box by box or many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import NamedTuple

import numpy as np

from pitboss.rules.engine.boxes import Box
from pitboss.rules.engine.catalogue import Catalogue, Variable
from pitboss.rules.engine.index.decision import Formula
from pitboss.rules.engine.index.payments import Together
from pitboss.rules.engine.index.table import (
    ORDERED,
    Floats,
    NumberColumn,
    Numbers,
    Table,
    ValueColumn,
    arranged,
)
from pitboss.rules.engine.predicates import Ranges, Texts, Truths
from pitboss.rules.engine.tree import AllOf, Node


class Entry(NamedTuple):
    """A rule as a ruleset keeps it while there are few."""

    key: str
    boxes: tuple[Box, ...]
    amount: Node | None
    cap: float
    priority: int
    order: int
    stop: bool


@dataclass(slots=True)
class NumberColumnMaker:
    """A column of numbers in the making."""

    variable: Variable
    chunks: list[NumberColumn] = field(default_factory=list)
    """What is added many at once."""
    rows: list[tuple[int, float, float]] = field(default_factory=list)
    """What is added box by box: the box, and an interval that rules it out."""
    read: list[int] = field(default_factory=list)
    lenient: list[int] = field(default_factory=list)

    def add(self, box: int, predicate: Ranges) -> None:
        """Add what one box asks."""
        self.read.append(box)
        if predicate.unknown:
            self.lenient.append(box)
        self.rows += [(box, low, high) for low, high in predicate.others.intervals]

    def add_all(self, box: Numbers, *, low: Floats | float, high: Floats | float) -> None:
        """Add for each of these boxes an interval that rules it out; none of them accepts the unknown."""
        lows, highs = (np.broadcast_to(np.asarray(bound, np.float64), box.shape) for bound in (low, high))
        self.chunks.append(NumberColumn(self.variable, box, lows, highs, box, np.empty(0, np.int32)))

    def finish(self) -> NumberColumn:
        """Return the column."""
        box, low, high = zip(*self.rows, strict=True) if self.rows else ((), (), ())
        one_by_one = NumberColumn(
            self.variable,
            np.array(box, np.int32),
            np.array(low, np.float64),
            np.array(high, np.float64),
            np.array(self.read, np.int32),
            np.array(self.lenient, np.int32),
        )
        column = reduce(NumberColumn.joined, self.chunks, one_by_one)
        # One fact may be asked for its least and its most apart.
        return replace(column, read=np.unique(column.read))


@dataclass(slots=True)
class ValueColumnMaker:
    """A column of texts or truths in the making."""

    variable: Variable
    codes: dict[str | bool, int] = field(default_factory=dict)
    listed: list[int] = field(default_factory=list)
    accepting: list[int] = field(default_factory=list)
    """A box for each code in `accepted`."""
    accepted: list[int] = field(default_factory=list)
    rejecting: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    lenient: list[int] = field(default_factory=list)

    def add(self, box: int, predicate: Texts | Truths) -> None:
        """Add what one box asks."""
        self.read.append(box)
        if predicate.unknown:
            self.lenient.append(box)
        boxes, codes = self.accepting, self.accepted
        if isinstance(predicate, Texts) and predicate.is_complement:
            boxes, codes = self.rejecting, self.rejected
        else:
            self.listed.append(box)
        boxes += [box] * len(predicate.values)
        codes += map(self.code, predicate.values)

    def code(self, value: str | bool) -> int:
        """Return the code of a value, a new one if need be."""
        return self.codes.setdefault(value, len(self.codes))

    def finish(self) -> ValueColumn:
        """Return the column."""
        return ValueColumn(
            self.variable,
            self.codes,
            np.array(self.listed, np.int32),
            (np.array(self.accepting, np.int32), np.array(self.accepted, np.int32)),
            (np.array(self.rejecting, np.int32), np.array(self.rejected, np.int32)),
            np.array(self.read, np.int32),
            np.array(self.lenient, np.int32),
        )


class Shared:
    """Trees that are kept once."""

    def __init__(self) -> None:
        self.formulas: list[Formula] = []
        self._places: dict[Node, int] = {}

    def place(self, node: Node) -> int:
        """Return where a tree stands."""
        found = self._places.setdefault(node, len(self.formulas))
        if found == len(self.formulas):
            self.formulas.append(Formula(node))
        return found


class TableMaker:
    """Gather rules into columns. Boxes may come in any order: each says which rule owns it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.columns: dict[str, NumberColumnMaker | ValueColumnMaker] = {}
        self.owner: list[int] = []
        self.residual: list[int] = []
        self.residuals = Shared()
        self.formulas = Shared()

    def column(self, variable: Variable) -> NumberColumnMaker | ValueColumnMaker:
        """Return the column of a fact."""
        made = self.columns.get(variable.name)
        if made is None:
            made = (
                NumberColumnMaker(variable) if variable.value_type in ORDERED else ValueColumnMaker(variable)
            )
            self.columns[variable.name] = made
        return made

    def add_box(self, rule: int, box: Box) -> None:
        """Add a box of a rule."""
        number = len(self.owner)
        self.owner.append(rule)
        self.residual.append(-1 if not box.residual else self.residuals.place(joined(box.residual)))
        for name, predicate in box.predicates.items():
            column = self.column(self.catalogue.variables[name])
            column.add(number, predicate)  # type: ignore[arg-type]  # a predicate is of the type of its fact

    def finish(
        self,
        *,
        keys: Sequence[str],
        priority: Sequence[int],
        order: Sequence[int],
        stop: Sequence[bool],
        formula: Sequence[int],
        cap: Sequence[float],
        dropped: Iterable[int] = (),
    ) -> Table:
        """Return the table, with rules and boxes in the order in which they are decided."""
        table = Table(
            list(keys),
            np.array(priority, np.int64),
            np.array(order, np.int64),
            np.array(stop, np.bool_),
            np.array(formula, np.int32),
            np.array(cap, np.float64),
            np.array(self.owner, np.int32),
            np.array(self.residual, np.int32),
            {name: column.finish() for name, column in self.columns.items()},
            self.formulas.formulas,
            self.residuals.formulas,
            Together(self.formulas.formulas),
        )
        is_kept = np.ones(len(self.owner), np.bool_)
        is_kept[list(dropped)] = False
        return arranged(table, np.arange(len(keys)), is_kept)


def table_of(entries: Iterable[Entry], catalogue: Catalogue) -> Table:
    """Make the table of rules that are boxes already."""
    maker, entries = TableMaker(catalogue), list(entries)
    formulas = []
    for rule, entry in enumerate(entries):
        for box in entry.boxes:
            maker.add_box(rule, box)
        formulas.append(-1 if entry.amount is None else maker.formulas.place(entry.amount))
    return maker.finish(
        keys=[entry.key for entry in entries],
        priority=[entry.priority for entry in entries],
        order=[entry.order for entry in entries],
        stop=[entry.stop for entry in entries],
        formula=formulas,
        cap=[entry.cap for entry in entries],
    )


def joined(residual: tuple[Node, ...]) -> Node:
    """Return what is left of a condition as one tree."""
    return residual[0] if len(residual) == 1 else AllOf(residual)
