"""A block of rows at work: which rows, what their facts are, and what was computed for them already."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.columns.resident import Array, Column, Columns, Lexicon
from pitboss.rules.engine.errors import (
    DivisionByZero,
    EvaluationError,
    FunctionFailed,
    NotFinite,
    NotWhole,
    UnknownFact,
    WrongFact,
)
from pitboss.rules.engine.tree import Fact, Node

T = TypeVar("T")

FAULTS: tuple[type[EvaluationError] | None, ...] = (
    None,
    UnknownFact,  # 1, so that a mask of unknown rows is its own array of codes
    DivisionByZero,
    NotFinite,
    NotWhole,
    FunctionFailed,
    WrongFact,
)
"""What a code in an array of faults means; 0 is a value."""
CODES: dict[str, int] = {error.kind: code for code, error in enumerate(FAULTS) if error is not None}
UNKNOWN, BY_ZERO, INFINITE, FRACTION, FAILED = (
    CODES[error.kind] for error in (UnknownFact, DivisionByZero, NotFinite, NotWhole, FunctionFailed)
)

WORDY = frozenset({"text", "list"})
"""The types of what is dictionary-coded."""
SHARED_MIN = 3
"""A part that so many wholes have in common is computed for all rows of a block, once."""

Faults: TypeAlias = NDArray[np.uint8] | None
Mask: TypeAlias = NDArray[np.bool_]


class Words(NamedTuple):
    """Texts or lists of a block, as codes."""

    codes: Array
    lexicon: Lexicon


class Part(NamedTuple):
    """What a part of a tree yields for a block. Values that are no array hold for each row."""

    values: Any
    faults: Faults = None


@dataclass(slots=True, eq=False)
class Step:
    """A part of a tree, made ready; equal parts of all trees of a plan are one step."""

    node: Node
    number: int
    below: tuple[Step, ...]
    apply: Callable[[Step, Frame], Part]
    is_slow: bool
    """Whether it calls Python for each row, so that no row is computed in vain."""
    weight: int
    """How many passes over the rows it takes."""
    cannot_overflow: bool
    fixed: Part | None = None
    """What a constant yields, in every block."""
    uses: int = 0

    @property
    def is_shared(self) -> bool:
        """Tell whether it is worth computing for all rows, for the others that will want it."""
        return self.uses >= SHARED_MIN and not self.is_slow


@dataclass(slots=True)
class Run:
    """Steps over the columns of one set of players, with what is computed once for all blocks."""

    columns: Columns
    block_rows: int
    once: dict[Hashable, Any] = field(default_factory=dict)
    scratch: dict[int, Array] = field(default_factory=dict)
    registers: list[Array] = field(default_factory=list)
    target: Step | None = None
    output: Array | None = None
    """Where the values of the target belong in the end: they may be computed in place."""

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under this key, or make it."""
        if key not in self.once:
            self.once[key] = make()
        return cast(T, self.once[key])

    def lend(self, count: int, rows: int) -> list[Array]:
        """Return memory for so many arrays of numbers, to use until somebody else is lent it."""
        while len(self.registers) < count:
            self.registers.append(np.empty(min(rows, self.block_rows)))
        return self.registers[:count]


class Frame:
    """Some rows of the columns: a block, or those rows of a block that are still in question."""

    __slots__ = ("run", "rows", "start", "picked", "outer", "memo")

    def __init__(
        self, run: Run, rows: int, start: int = 0, *, outer: Frame | None = None, picked: Array | None = None
    ) -> None:
        self.run = run
        self.rows = rows
        self.start = start
        self.outer = outer
        self.picked = picked
        self.memo: dict[int, Part] = {}

    def part(self, step: Step) -> Part:
        """Return what a step yields here."""
        found = step.fixed or self.memo.get(step.number)
        if found is None:
            found = (self.outer and self._from_outer(step)) or step.apply(step, self)
            self.memo[step.number] = found
        return found

    def scratch(self, step: Step, kind: type[np.generic]) -> Array | None:
        """Return memory for what a step yields, which the next block will use again.

        Rows that were picked get none: their block may still hold what the same step yields for all.
        """
        if self.outer is not None:
            return None
        if step is self.run.target:
            return None if self.run.output is None else self.slice(self.run.output)
        buffer = self.run.scratch.get(step.number)
        if buffer is None:
            buffer = self.run.scratch[step.number] = np.empty(self.run.block_rows, kind)
        return buffer[: self.rows]

    def pick(self, picked: Array) -> Frame:
        """Return a frame of those rows alone."""
        return Frame(self.run, len(picked), self.start, outer=self, picked=picked)

    def column(self, name: str) -> Column | None:
        """Return the whole column of a fact."""
        return self.run.columns.by_name.get(name)

    def slice(self, values: Array) -> Array:
        """Return the rows of this block from a whole column."""
        return values[self.start : self.start + self.rows]

    def faulted(self, code: int) -> NDArray[np.uint8]:
        """Return faults of one kind in each row."""
        return np.full(self.rows, code, np.uint8)

    def _from_outer(self, step: Step) -> Part | None:
        outer, picked = self.outer, self.picked
        if outer is None or picked is None:
            return None
        if step.is_shared or isinstance(step.node, Fact) or step.number in outer.memo:
            return taken(outer.part(step), picked)
        return None


# -- parts -------------------------------------------------------------------------------------


def taken(part: Part, picked: Array) -> Part:
    """Return the picked rows of a part."""
    values, faults = part
    if isinstance(values, Words):
        values = Words(values.codes.take(picked), values.lexicon)
    elif isinstance(values, np.ndarray):
        values = values.take(picked)
    return Part(values, None if faults is None else faults.take(picked))


def spread(part: Part, picked: Array, rows: int) -> Part:
    """Put the picked rows back to where they were; the others are of no account."""
    values, faults = part
    if isinstance(values, Words):
        values = Words(_spread(values.codes, picked, rows), values.lexicon)
    elif isinstance(values, np.ndarray):
        values = _spread(values, picked, rows)
    return Part(values, None if faults is None else _spread(faults, picked, rows))


def _spread(values: Array, picked: Array, rows: int) -> Array:
    whole = np.zeros(rows, values.dtype)
    whole[picked] = values
    return whole


def first_fault(first: Faults, second: Faults) -> Faults:
    """Return the faults of two operands, of which the first is read first."""
    if first is None or second is None:
        return second if first is None else first
    return np.where(first, first, second)


def fault_where(mask: Mask, code: int, before: Faults) -> Faults:
    """Add faults of one kind, where nothing failed before."""
    return first_fault(before, mask * np.uint8(code)) if mask.any() else before


def truths(values: Any, rows: int) -> Mask:
    """Return truths as an array, where they may be one for all rows."""
    return values if isinstance(values, np.ndarray) else np.full(rows, bool(values))


def floats(values: Any) -> Any:
    """Return numbers as float64, which is what they count as."""
    if isinstance(values, np.ndarray):
        return values if values.dtype == np.float64 else values.astype(np.float64)
    return float(values)
