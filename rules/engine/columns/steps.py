"""What each kind of node does with a block of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.catalogue import Variable, admit_value
from pitboss.rules.engine.columns.applied import call
from pitboss.rules.engine.columns.blocks import (
    BY_ZERO,
    FRACTION,
    INFINITE,
    UNKNOWN,
    WORDY,
    Faults,
    Frame,
    Mask,
    Part,
    Step,
    Words,
    fault_where,
    first_fault,
    floats,
    spread,
    truths,
)
from pitboss.rules.engine.columns.comparisons import among, compare, contains_item
from pitboss.rules.engine.columns.fused import fuse
from pitboss.rules.engine.columns.resident import Array, Lexicon
from pitboss.rules.engine.columns.words import joined
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

NARROW_MIN = 32
"""One row in so many left is when it pays to pick them out,"""
NARROW_WEIGHT_MIN = 4
"""if so many passes over all rows would follow."""
SAMPLE_ROWS = 4_096
"""How many rows are counted to see whether few are left."""

_NOTHING: Mapping[str, Any] = {
    "number": 0.0,
    "instant": 0.0,
    "duration": 0.0,
    "boolean": False,
    "text": "",
    "list": frozenset(),
}


# -- leaves ------------------------------------------------------------------------------------


def constant(step: Step, _frame: Frame) -> Part:
    """Yield a literal."""
    assert step.fixed is not None
    return step.fixed


class _Source(NamedTuple):
    """Where a fact is read: found once for all blocks."""

    values: Array
    unknown: NDArray[np.uint8] | None
    lexicon: Lexicon | None


def fact(step: Step, frame: Frame) -> Part:
    """Read a column; where it is unknown, that is a fault."""
    source = frame.run.once.get(step) or frame.run.remember(step, lambda: _source(step, frame))
    if source is None:
        return _unvarying(cast(Fact, step.node).variable, frame)
    here = slice(frame.start, frame.start + frame.rows)
    values, unknown, lexicon = source
    block = values[here] if lexicon is None else Words(values[here], lexicon)
    return Part(block, None if unknown is None else unknown[here])


def _source(step: Step, frame: Frame) -> _Source | None:
    variable = cast(Fact, step.node).variable
    column = frame.column(variable.name)
    if column is None or not isinstance(column.values, np.ndarray):
        return None
    unknown = None if column.unknown is None else column.unknown.view(np.uint8)
    return _Source(column.values, unknown, column.lexicon if variable.value_type in WORDY else None)


def _unvarying(variable: Variable, frame: Frame) -> Part:
    column = frame.column(variable.name)
    if column is not None:
        return Part(column.values)
    if variable.default is not None:
        return Part(admit_value(variable, variable.default))
    return Part(_NOTHING[variable.value_type], frame.faulted(UNKNOWN))


def known(step: Step, frame: Frame) -> Part:
    """Tell where a fact has a value."""
    faults = frame.part(step.below[0]).faults
    return Part(True if faults is None else faults == 0)


# -- numbers -----------------------------------------------------------------------------------


def negate(step: Step, frame: Frame) -> Part:
    """Yield minus a number."""
    values, faults = frame.part(step.below[0])
    return Part(-floats(values), faults)


def arithmetic(step: Step, frame: Frame) -> Part:
    """Compute with two numbers; how, is settled here once, when all trees of the plan are known."""
    fused = fuse(step)
    step.apply = compute if fused is None else fused.apply
    return step.apply(step, frame)


def compute(step: Step, frame: Frame) -> Part:
    """Compute with two numbers, with a look at each result that may have failed."""
    node = cast(Arithmetic, step.node)
    left, left_faults = frame.part(step.below[0])
    right, right_faults = frame.part(step.below[1])
    faults = first_fault(left_faults, right_faults)
    left, right = floats(left), floats(right)
    out = None
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        out = frame.scratch(step, np.float64)
    else:
        # One number for all rows: np.float64 overflows and divides by zero in silence, as arrays do.
        left, right = np.float64(left), np.float64(right)
    values, faults = _OPERATIONS[node.op](left, right, faults, out)
    if step.cannot_overflow:
        return _settled(values, faults, frame)
    return _settled(values, finite(values, faults), frame)


_Operation: TypeAlias = Callable[[Any, Any, Faults, "Array | None"], Part]


def _plain(op: np.ufunc) -> _Operation:
    return lambda left, right, faults, out: Part(op(left, right, out=out), faults)


def _divide(left: Any, right: Any, faults: Faults, out: Array | None) -> Part:
    return Part(np.divide(left, right, out=out), _zeros(right, faults))


def _zeros(right: Any, faults: Faults) -> Faults:
    # Hardly any divisor is zero: a look at all of them at once is the quickest.
    if right.all() if isinstance(right, np.ndarray) else right:
        return faults
    return fault_where(np.atleast_1d(right == 0), BY_ZERO, faults)


def _whole(op: np.ufunc) -> _Operation:
    def compute(left: Any, right: Any, faults: Faults, out: Array | None) -> Part:
        fraction = (np.floor(left) != left) | (np.floor(right) != right)
        faults = fault_where(np.atleast_1d(fraction), FRACTION, faults)
        return Part(op(left, right, out=out), _zeros(right, faults))

    return compute


def _power(base: Any, exponent: Any, faults: Faults, out: Array | None) -> Part:
    if exponent == 0:
        return Part(1.0, faults)
    values = base
    for _ in range(int(exponent) - 1):
        values = np.multiply(values, base, out=out)
    return Part(values, faults)


_OPERATIONS: Mapping[str, _Operation] = {
    "+": _plain(np.add),
    "-": _plain(np.subtract),
    "*": _plain(np.multiply),
    "/": _divide,
    "//": _whole(np.floor_divide),
    "%": _whole(np.remainder),
    "**": _power,
}


def finite(values: Any, faults: Faults) -> Faults:
    """Return the faults with those of values that are not finite."""
    # A sum is finite only if each number is; if it is not, each is looked at.
    if math.isfinite(np.add.reduce(values) if isinstance(values, np.ndarray) else values):
        return faults
    return fault_where(np.atleast_1d(~np.isfinite(values)), INFINITE, faults)


def _settled(values: Any, faults: Faults, frame: Frame) -> Part:
    """Give faults of what is one value for all rows to each row."""
    if faults is not None and len(faults) != frame.rows:
        faults = frame.faulted(int(faults[0]))
    return Part(values if isinstance(values, np.ndarray) else float(values), faults)


# -- conditions --------------------------------------------------------------------------------


def all_of(step: Step, frame: Frame) -> Part:
    """Hold where each item holds, up to the first that does not."""
    live, faults = _while(True, step.below, frame)
    return Part(live, faults)


def any_of(step: Step, frame: Frame) -> Part:
    """Hold where an item holds, up to the first that does."""
    live, faults = _while(False, step.below, frame)
    return Part(np.logical_not(live), faults)


def negation(step: Step, frame: Frame) -> Part:
    """Hold where the item does not."""
    values, faults = frame.part(step.below[0])
    return Part(np.logical_not(values), faults)


def _while(wanted: bool, items: tuple[Step, ...], frame: Frame) -> Part:
    """Return the rows in which each item, one after the other, is as wanted and has no fault."""
    live: Any = True
    is_ours = False
    faults: Faults = None
    for place, item in enumerate(items):
        if place and (picked := _few(live, items[place:])) is not None:
            rest = _while(wanted, items[place:], frame.pick(picked)) if len(picked) else Part(False)
            left, more = spread(Part(truths(rest.values, len(picked)), rest.faults), picked, frame.rows)
            return Part(left, _added(faults, more))
        values, own = frame.part(item)
        if own is not None:
            own = own * truths(live, frame.rows)
            faults = _added(faults, own)
            live, is_ours = live & (own == 0), True
        live, is_ours = _both(live, values if wanted else np.logical_not(values), is_ours)
    return Part(live, faults)


def _added(faults: Faults, more: Faults) -> Faults:
    # A row fails once, so that two sets of faults never meet.
    if faults is None or more is None:
        return more if faults is None else faults
    return faults | more


def _both(live: Any, values: Any, is_ours: bool) -> tuple[Any, bool]:
    """Return where both hold, in place if the first array is ours to write to."""
    if live is True:
        return values, False
    if is_ours and isinstance(live, np.ndarray):
        return np.logical_and(live, values, out=live), True
    return np.logical_and(live, values), True


def _few(live: Any, items: tuple[Step, ...]) -> Array | None:
    """Return the rows that are left, if they are so few that it pays to go on with them alone."""
    if not isinstance(live, np.ndarray):
        return None if live else np.empty(0, np.intp)
    is_slow = any(item.is_slow for item in items)
    if not is_slow and sum(item.weight for item in items) < NARROW_WEIGHT_MIN:
        return None if live.any() else np.empty(0, np.intp)
    if not is_slow and np.count_nonzero(live[:SAMPLE_ROWS]) * NARROW_MIN > min(len(live), SAMPLE_ROWS):
        return None
    (picked,) = live.nonzero()
    return picked if is_slow or len(picked) * NARROW_MIN <= len(live) else None


# -- choices -----------------------------------------------------------------------------------


def choose(step: Step, frame: Frame) -> Part:
    """Take one value where the test holds, and the other where it does not."""
    test, then, otherwise = step.below
    is_true, faults = frame.part(test)
    if not isinstance(is_true, np.ndarray):
        values, own = frame.part(then if is_true else otherwise)
        return Part(values, first_fault(faults, own))
    fine = is_true if faults is None else is_true & (faults == 0)
    other = ~is_true if faults is None else ~is_true & (faults == 0)
    chosen = _chosen(step.node, is_true, _where(then, fine, frame), _where(otherwise, other, frame), frame)
    return Part(chosen.values, first_fault(faults, chosen.faults))


def coalesce(step: Step, frame: Frame) -> Part:
    """Take the first fact that is known, else what comes last."""
    *facts, last = step.below
    parts: list[tuple[Mask, Part]] = []
    absent: Any = True
    for item in facts:
        part = frame.part(item)
        if part.faults is None:
            return _folded(step.node, parts, part, frame)
        parts.append((part.faults == 0, Part(part.values)))
        absent = absent & (part.faults != 0)
    return _folded(step.node, parts, _where(last, absent, frame), frame)


def _folded(node: Node, parts: list[tuple[Mask, Part]], last: Part, frame: Frame) -> Part:
    for is_known, part in reversed(parts):
        last = _chosen(node, is_known, part, last, frame)
    return last


def _where(step: Step, mask: Mask, frame: Frame) -> Part:
    """Compute a step, in those rows alone if it is slow."""
    if not step.is_slow or mask.all():
        return frame.part(step)
    picked = np.flatnonzero(mask)
    return spread(frame.pick(picked).part(step), picked, frame.rows)


def _chosen(node: Node, mask: Mask, then: Part, otherwise: Part, frame: Frame) -> Part:
    faults: Faults = None
    if then.faults is not None or otherwise.faults is not None:
        faults = np.where(mask, *(np.uint8(0) if f is None else f for f in (then.faults, otherwise.faults)))
    left, right = then.values, otherwise.values
    if node.type in WORDY:
        return Part(joined(mask, left, right, frame.run), faults)
    if node.type != "boolean":
        left, right = floats(left), floats(right)
    return Part(np.where(mask, left, right), faults)


APPLY: Mapping[type[Node], Callable[[Step, Frame], Part]] = {
    Constant: constant,
    Fact: fact,
    Known: known,
    Negate: negate,
    Arithmetic: arithmetic,
    Compare: compare,
    Among: among,
    Contains: contains_item,
    AllOf: all_of,
    AnyOf: any_of,
    Not: negation,
    Choose: choose,
    Coalesce: coalesce,
    Call: call,
}
