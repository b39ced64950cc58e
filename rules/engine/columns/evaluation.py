"""The column backend: a tree over the facts of many players, block by block, with NumPy.

A part of a tree yields its values for the rows of a block and, where some rows have none, a code of what
went wrong there. Operands are computed for all rows, and what the row path would not have reached is
taken back: the outcome is the same, since nothing has an effect. Where few rows are left in question, or
where a function is slow, only those rows go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.columns.applied import is_slow
from pitboss.rules.engine.columns.blocks import FAULTS, Faults, Frame, Mask, Part, Run, Step, Words, truths
from pitboss.rules.engine.columns.resident import Array, Coded, Columns
from pitboss.rules.engine.columns.steps import APPLY
from pitboss.rules.engine.columns.words import entries_of
from pitboss.rules.engine.tree import Arithmetic, Call, Constant, Node, children

__all__ = ["FAULTS", "Coded", "Columns", "Outcome", "Plan", "evaluate", "matches", "matching_rows"]

BLOCK_ROWS = 131_072
"""Rows of a block: enough that a call counts for little, and few enough that truths stay in the cache."""


PLANS_MAX = 256
"""How many trees are kept ready."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a tree in each row, and what went wrong; a row with a fault has NaN, False or None."""

    values: Array
    faults: Faults = None
    """None if each row has a value; else a code of FAULTS for each row, 0 where there is a value."""

    def kind(self, row: int) -> str | None:
        """Return what went wrong in a row, by the name that errors have."""
        error = FAULTS[self.faults[row]] if self.faults is not None else None
        return None if error is None else error.kind


class Plan:
    """Trees made ready to be evaluated together: equal parts are computed once for each block."""

    def __init__(self) -> None:
        self.steps: dict[Node, Step] = {}

    @classmethod
    def of(cls, node: Node) -> tuple[Plan, Step]:
        """Return a plan of one tree; those of late are kept."""
        return _planned(node)

    def add(self, node: Node) -> Step:
        """Return the step of a tree."""
        step = self.steps.get(node)
        if step is None:
            below = tuple(map(self.add, children(node)))
            step = self.steps[node] = self._step(node, below)
        step.uses += 1
        return step

    def blocks(
        self, columns: Columns, *, target: Step | None = None, output: Array | None = None
    ) -> Iterator[Frame]:
        """Yield the columns block by block; what the target yields may be put into the output.

        What a block yields lasts until the next one.
        """
        rows = BLOCK_ROWS
        run = Run(columns, min(rows, columns.rows), target=target, output=output)
        for start in range(0, columns.rows, rows):
            yield Frame(run, min(rows, columns.rows - start), start)

    def _step(self, node: Node, below: tuple[Step, ...]) -> Step:
        slow = any(step.is_slow for step in below) or (isinstance(node, Call) and is_slow(node.function))
        safe = isinstance(node, Arithmetic) and bounds(node).is_finite
        weight = sum(step.weight for step in below) + bool(below)
        fixed = Part(node.value) if isinstance(node, Constant) else None
        return Step(node, len(self.steps), below, APPLY[type(node)], slow, weight, safe, fixed)


@lru_cache(PLANS_MAX)
def _planned(node: Node) -> tuple[Plan, Step]:
    plan = Plan()
    return plan, plan.add(node)


def evaluate(node: Node, columns: Columns) -> Outcome:
    """Return the value of a tree in each row."""
    plan, step = Plan.of(node)
    kind: Any = {"boolean": np.bool_, "text": np.object_, "list": np.object_}.get(node.type, np.float64)
    values = np.empty(columns.rows, kind)
    faults: Faults = None
    with np.errstate(all="ignore"):
        for frame in plan.blocks(columns, target=step, output=values):
            here = slice(frame.start, frame.start + frame.rows)
            part = frame.part(step)
            _write(part, values[here])
            if part.faults is not None and part.faults.any():
                faults = np.zeros(columns.rows, np.uint8) if faults is None else faults
                faults[here] = part.faults
    return Outcome(values, faults)


def matches(node: Node, columns: Columns) -> NDArray[np.bool_]:
    """Tell in which rows a condition holds; where it has no value, it does not."""
    found = np.empty(columns.rows, np.bool_)
    for start, held in _held(node, columns):
        found[start : start + len(held)] = held
    return found


def matching_rows(node: Node, columns: Columns) -> NDArray[np.intp]:
    """Return the numbers of the rows in which a condition holds."""
    found = [np.flatnonzero(held) + start for start, held in _held(node, columns)]
    return np.concatenate(found) if found else np.empty(0, np.intp)


def holds(part: Part, rows: int) -> Mask:
    """Return where a condition holds, of what it yields for a block."""
    held = truths(part.values, rows)
    return held if part.faults is None else held & (part.faults == 0)


def _held(node: Node, columns: Columns) -> Iterator[tuple[int, Mask]]:
    plan, step = Plan.of(node)
    with np.errstate(all="ignore"):
        for frame in plan.blocks(columns):
            yield frame.start, holds(frame.part(step), frame.rows)


def _write(part: Part, into: Array) -> None:
    if isinstance(part.values, Words | str | frozenset):
        into[:] = entries_of(part.values, len(into))
        blank: Any = None
    else:
        if not (isinstance(part.values, np.ndarray) and np.may_share_memory(part.values, into)):
            into[:] = part.values
        blank = False if into.dtype == np.bool_ else np.nan
    if part.faults is not None:
        into[part.faults != 0] = blank
