"""Comparisons of a block of rows: of numbers in the type in which they came, of texts by their codes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np

from pitboss.rules.engine.columns.blocks import WORDY, Frame, Mask, Part, Step, Words, first_fault, floats
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.columns.words import contains, equal, is_among
from pitboss.rules.engine.tree import Among, Compare, Constant, Fact

FEW_OPTIONS = 8
"""Up to so many options are compared one by one, which is quicker than a search."""

_COMPARISONS: Mapping[str, Any] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_SWAPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(step: Step, frame: Frame) -> Part:
    """Compare two values of one type."""
    if frame.outer is None:
        once = frame.run.once
        atom = once[step] if step in once else frame.run.remember(step, lambda: _atom(step, frame))
        if atom is not None:
            return _compared(atom, step, frame)
    node = cast(Compare, step.node)
    left, left_faults = frame.part(step.below[0])
    right, right_faults = frame.part(step.below[1])
    faults = first_fault(left_faults, right_faults)
    if node.left.type in WORDY:
        same = equal(left, right, frame.run)
        return Part(same if node.op == "==" else np.logical_not(same), faults)
    if _is_narrow(left) and not isinstance(right, np.ndarray):
        return Part(_compare_whole(node.op, left, float(right)), faults)
    if _is_narrow(right) and not isinstance(left, np.ndarray):
        return Part(_compare_whole(_SWAPPED[node.op], right, float(left)), faults)
    return Part(_COMPARISONS[node.op](left, right), faults)


class _Atom(NamedTuple):
    """A column compared with a constant: found once for all blocks."""

    compare: np.ufunc
    values: Array
    bound: Any
    unknown: Mask | None


def _atom(step: Step, frame: Frame) -> _Atom | None:
    """Return the comparison of a whole column with a constant, if it is one."""
    node = cast(Compare, step.node)
    if not isinstance(node.left, Fact) or not isinstance(node.right, Constant):
        return None
    column = frame.column(node.left.name)
    if column is None or not isinstance(column.values, np.ndarray):
        return None
    bound: Any = node.right.value
    if isinstance(bound, str):
        bound = column.lexicon.places.get(bound)
    elif _is_narrow(column.values):
        bound = _whole_bound(node.op, column.values.dtype, bound)
    if bound is None or isinstance(bound, bool):
        return None
    return _Atom(_COMPARISONS[node.op], column.values, column.values.dtype.type(bound), column.unknown)


def _compared(atom: _Atom, step: Step, frame: Frame) -> Part:
    unknown = None if atom.unknown is None else frame.slice(atom.unknown).view(np.uint8)
    out = frame.scratch(step, np.bool_)
    return Part(atom.compare(frame.slice(atom.values), atom.bound, out=out), unknown)


def _is_narrow(values: Any) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind in "iu"


def _compare_whole(op: str, values: Array, bound: float) -> Any:
    """Compare whole numbers with a constant in their own type, which is quicker than as floats."""
    whole = _whole_bound(op, values.dtype, bound)
    return whole if isinstance(whole, bool) else _COMPARISONS[op](values, values.dtype.type(whole))


def _whole_bound(op: str, dtype: np.dtype[Any], bound: float) -> int | bool:
    """Return the whole number that says the same as a constant, or the truth if it says it of all."""
    limits = np.iinfo(dtype)
    if op in ("==", "!=") and not (bound.is_integer() and limits.min <= bound <= limits.max):
        return op == "!="
    # count > 2.5 is count > 2, and count <= 2.5 is count <= 2; the other two want the number above.
    whole = math.floor(bound) if op in (">", "<=") else math.ceil(bound)
    if whole > limits.max:
        return op in ("<", "<=")
    if whole < limits.min:
        return op in (">", ">=")
    return whole


def among(step: Step, frame: Frame) -> Part:
    """Look a value up among constants."""
    options = cast(Among, step.node).options
    values, faults = frame.part(step.below[0])
    if isinstance(values, Words):
        return Part(is_among(values, cast("frozenset[str]", options), frame.run), faults)
    if not isinstance(values, np.ndarray):
        return Part(values in options, faults)
    if len(options) > FEW_OPTIONS:
        return Part(np.isin(floats(values), np.array(sorted(cast("frozenset[float]", options)))), faults)
    found: Any = False
    for option in cast("frozenset[float]", options):
        found = _one_of(values, option) | found
    return Part(found, faults)


def _one_of(values: Array, option: float) -> Any:
    return _compare_whole("==", values, option) if _is_narrow(values) else values == option


def contains_item(step: Step, frame: Frame) -> Part:
    """Look a text up in a list; as in Python, the text is read first."""
    items, item_faults = frame.part(step.below[0])
    text, text_faults = frame.part(step.below[1])
    return Part(contains(items, text, frame.run), first_fault(text_faults, item_faults))
