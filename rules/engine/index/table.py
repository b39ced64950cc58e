"""Rules as columns: what each asks of each fact, in arrays, and no object a rule.

A column tells for one fact which boxes an event's value rules out. Boxes and rules are numbered in the
order in which they are decided: by priority, then in the order given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.boxes import default_of
from pitboss.rules.engine.catalogue import WHOLE_MAX, Variable, admit_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.index.decision import Candidate, Formula
from pitboss.rules.engine.index.payments import Together

Numbers: TypeAlias = NDArray[np.int32]
"""The numbers of boxes or rules."""
Mask: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


# -- columns -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """What boxes ask of a number: the intervals, bounds included, in which a value rules a box out."""

    variable: Variable
    box: Numbers
    low: Floats
    high: Floats
    read: Numbers
    """All boxes that ask anything of the fact."""
    lenient: Numbers
    """The boxes that accept it unknown; where there is a default, that decides instead."""

    def narrow(self, alive: Mask, value: float | None) -> None:
        """Strike out the boxes that a value rules out."""
        if value is None:
            alive[strict(self)] = False
        else:
            alive[self.box[(self.low <= value) & (value <= self.high)]] = False

    def renumbered(self, numbers: Numbers) -> NumberColumn:
        """Give boxes new numbers; those that become -1 are dropped."""
        box = numbers[self.box]
        is_kept = box >= 0
        return replace(
            self,
            box=box[is_kept],
            low=self.low[is_kept],
            high=self.high[is_kept],
            read=_renumbered(self.read, numbers),
            lenient=_renumbered(self.lenient, numbers),
        )

    def joined(self, other: NumberColumn) -> NumberColumn:
        """Return both columns as one."""
        return replace(
            self,
            box=np.concatenate((self.box, other.box)),
            low=np.concatenate((self.low, other.low)),
            high=np.concatenate((self.high, other.high)),
            read=np.concatenate((self.read, other.read)),
            lenient=np.concatenate((self.lenient, other.lenient)),
        )


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """What boxes ask of a text or a truth: pairs of a box and the code of a value."""

    variable: Variable
    codes: Mapping[str | bool, int]
    listed: Numbers
    """The boxes that accept only the values that `accepts` lists for them."""
    accepts: tuple[Numbers, Numbers]
    rejects: tuple[Numbers, Numbers]
    read: Numbers
    lenient: Numbers

    def narrow(self, alive: Mask, value: str | bool | None) -> None:
        """Strike out the boxes that a value rules out."""
        if value is None:
            alive[strict(self)] = False
            return
        code = self.codes.get(value, -1)
        accepting = self.accepts[0][self.accepts[1] == code]
        kept = alive[accepting]
        alive[self.listed] = False
        alive[accepting] = kept
        alive[self.rejects[0][self.rejects[1] == code]] = False

    def renumbered(self, numbers: Numbers) -> ValueColumn:
        """Give boxes new numbers; those that become -1 are dropped."""
        return replace(
            self,
            listed=_renumbered(self.listed, numbers),
            accepts=_renumbered_pairs(self.accepts, numbers),
            rejects=_renumbered_pairs(self.rejects, numbers),
            read=_renumbered(self.read, numbers),
            lenient=_renumbered(self.lenient, numbers),
        )

    def joined(self, other: ValueColumn) -> ValueColumn:
        """Return both columns as one."""
        codes = dict(self.codes)
        recoded = np.array([codes.setdefault(v, len(codes)) for v in other.codes], np.int32)
        return replace(
            self,
            codes=codes,
            listed=np.concatenate((self.listed, other.listed)),
            accepts=_joined_pairs(self.accepts, other.accepts, recoded),
            rejects=_joined_pairs(self.rejects, other.rejects, recoded),
            read=np.concatenate((self.read, other.read)),
            lenient=np.concatenate((self.lenient, other.lenient)),
        )


Column: TypeAlias = NumberColumn | ValueColumn


def strict(column: Column) -> Numbers:
    """Return the boxes that an unknown fact rules out."""
    return np.setdiff1d(column.read, column.lenient) if len(column.lenient) else column.read


def _renumbered(boxes: Numbers, numbers: Numbers) -> Numbers:
    renumbered = numbers[boxes]
    return renumbered[renumbered >= 0]


def _renumbered_pairs(pairs: tuple[Numbers, Numbers], numbers: Numbers) -> tuple[Numbers, Numbers]:
    box = numbers[pairs[0]]
    is_kept = box >= 0
    return box[is_kept], pairs[1][is_kept]


def _joined_pairs(
    pairs: tuple[Numbers, Numbers], more: tuple[Numbers, Numbers], recoded: Numbers
) -> tuple[Numbers, Numbers]:
    return np.concatenate((pairs[0], more[0])), np.concatenate((pairs[1], recoded[more[1]]))


# -- the table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All rules of a ruleset, and all their boxes."""

    keys: list[str]
    priority: NDArray[np.int64]
    order: NDArray[np.int64]
    """The place of each rule in the order given."""
    stop: Mask
    formula: Numbers
    """Which formula each rule pays by; -1 for none."""
    cap: Floats
    owner: Numbers
    """The rule of each box."""
    residual: Numbers
    """What else each box asks; -1 for nothing."""
    columns: Mapping[str, Column]
    formulas: list[Formula]
    residuals: list[Formula]
    together: Together

    def candidates(
        self, boxes: Numbers, doubts: Mapping[int, EvaluationError] | None = None
    ) -> list[Candidate]:
        """Return what is left to do for these boxes."""
        rules = self.owner[boxes]
        keys, formulas, residuals = self.keys, self.formulas, self.residuals
        rows = zip(
            [keys[rule] for rule in rules.tolist()],
            [formulas[n] if n >= 0 else None for n in self.formula[rules].tolist()],
            self.cap[rules].tolist(),
            [residuals[n] if n >= 0 else None for n in self.residual[boxes].tolist()],
            self.stop[rules].tolist(),
            [doubts.get(box) for box in boxes.tolist()] if doubts else [None] * len(boxes),
            strict=True,
        )
        return list(rows)

    def ranks(self, boxes: Numbers) -> list[tuple[int, int]]:
        """Return by what candidates of several tables are put into one order."""
        rules = self.owner[boxes]
        return list(zip((-self.priority[rules]).tolist(), self.order[rules].tolist(), strict=True))


def admitted(variable: Variable, value: Any) -> Any:
    """Return a value as columns want it, with None for the unknown, or raise WrongFact."""
    if value is None:
        return default_of(variable)
    kind = type(value)
    if kind is float and -WHOLE_MAX <= value <= WHOLE_MAX:
        if variable.value_type in ORDERED:
            return value
    elif kind is str and variable.value_type == "text":
        return value
    return admit_value(variable, value)


def unmentioned(texts: Collection[str | bool]) -> str:
    """Return a text that stands for all that are not among these."""
    text = "\0"
    while text in texts:
        text += "\0"
    return text


ORDERED = frozenset({"number", "instant", "duration"})


def arranged(table: Table, rules: NDArray[np.intp], is_kept: Mask) -> Table:
    """Keep some rules and boxes, and bring all into the order in which they are decided."""
    rules = rules[np.lexsort((table.order[rules], -table.priority[rules]))]
    ranks = np.full(len(table.keys), -1, np.int32)
    ranks[rules] = np.arange(len(rules))
    owner = ranks[table.owner]
    boxes = np.flatnonzero(is_kept & (owner >= 0))
    boxes = boxes[np.argsort(owner[boxes], kind="stable")]
    columns: Mapping[str, Column] = table.columns
    if not np.array_equal(boxes, np.arange(len(owner))):
        numbers = np.full(len(owner), -1, np.int32)
        numbers[boxes] = np.arange(len(boxes))
        columns = {name: column.renumbered(numbers) for name, column in columns.items()}
    return Table(
        [table.keys[rule] for rule in rules.tolist()],
        table.priority[rules],
        table.order[rules],
        table.stop[rules],
        table.formula[rules],
        table.cap[rules],
        owner[boxes],
        table.residual[boxes],
        columns,
        table.formulas,
        table.residuals,
        table.together,
    )


def merged(table: Table, gone: Iterable[int], more: Table) -> Table:
    """Return the table without the rules that are gone, and with those of another table."""
    kept = np.setdiff1d(np.arange(len(table.keys)), np.fromiter(gone, np.intp))
    both = _stacked(table, more)
    rules = np.concatenate((kept, np.arange(len(table.keys), len(both.keys))))
    return arranged(both, rules, np.ones(len(both.owner), np.bool_))


def _stacked(table: Table, more: Table) -> Table:
    """Put one table behind another."""
    shift = np.arange(len(more.owner), dtype=np.int32) + np.int32(len(table.owner))
    columns = dict(table.columns)
    for name, column in more.columns.items():
        moved = column.renumbered(shift)
        columns[name] = columns[name].joined(moved) if name in columns else moved  # type: ignore[arg-type]  # one fact
    formulas, formula = _pooled(table.formulas, more.formulas, more.formula)
    residuals, residual = _pooled(table.residuals, more.residuals, more.residual)
    return Table(
        table.keys + more.keys,
        np.concatenate((table.priority, more.priority)),
        np.concatenate((table.order, more.order)),
        np.concatenate((table.stop, more.stop)),
        np.concatenate((table.formula, formula)),
        np.concatenate((table.cap, more.cap)),
        np.concatenate((table.owner, more.owner + np.int32(len(table.keys)))),
        np.concatenate((table.residual, residual)),
        columns,
        formulas,
        residuals,
        Together(formulas),
    )


def _pooled(kept: list[Formula], more: list[Formula], places: Numbers) -> tuple[list[Formula], Numbers]:
    """Share the trees of two tables; -1 stays -1."""
    known = {formula.node: place for place, formula in enumerate(kept)}
    pooled = list(kept)
    moved = []
    for formula in more:
        place = known.setdefault(formula.node, len(pooled))
        if place == len(pooled):
            pooled.append(formula)
        moved.append(place)
    return pooled, np.array([*moved, -1], np.int32)[places]
