"""Functions on a block of rows: in their own form for columns, once for each text, or row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from pitboss.rules.engine.catalogue import WHOLE_MAX, Function
from pitboss.rules.engine.columns.blocks import (
    CODES,
    FAILED,
    INFINITE,
    WORDY,
    Faults,
    Frame,
    Part,
    Step,
    Words,
    fault_where,
    first_fault,
    floats,
    spread,
)
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.columns.words import coded, entries_of
from pitboss.rules.engine.compiled import called, fault
from pitboss.rules.engine.errors import RuleError
from pitboss.rules.engine.functions import SHIPPED
from pitboss.rules.engine.tree import Call

_SHIPPED = frozenset(SHIPPED)
_KINDS: dict[str, Any] = {
    "boolean": np.bool_,
    "number": np.float64,
    "instant": np.float64,
    "duration": np.float64,
}
_FINITE = frozenset({"abs", "min", "max", "floor", "ceil"})
QUICK = _FINITE | {"clamp", "sqrt"}
"""The shipped functions that NumPy computes by itself."""


def is_slow(function: Function) -> bool:
    """Tell whether a function calls Python for each row."""
    if function in _SHIPPED:
        return function.name not in QUICK
    return function.columns is None or not WORDY.isdisjoint((*function.arguments, function.returns))


def call(step: Step, frame: Frame) -> Part:
    """Apply a function to each row in which its arguments have values."""
    function = cast(Call, step.node).function
    faults: Faults = None
    arguments: list[Any] = []
    for item in step.below:
        values, own = frame.part(item)
        faults = first_fault(faults, own)
        arguments.append(values if isinstance(values, Words | str | frozenset | bool) else _plain(values))
    if faults is None or not is_slow(function) or not any(map(_varies, arguments)):
        result = _apply(step, function, arguments, frame, frame.rows)
        return Part(result.values, first_fault(faults, result.faults))
    picked = np.flatnonzero(faults == 0)
    few = [_taken(values, picked) for values in arguments]
    result = spread(_apply(step, function, few, frame, len(picked)), picked, frame.rows)
    return Part(result.values, first_fault(faults, result.faults))


def _apply(step: Step, function: Function, arguments: list[Any], frame: Frame, rows: int) -> Part:
    varying = [place for place, values in enumerate(arguments) if _varies(values)]
    if not varying:
        value, code = _attempt(function)(*arguments)
        return Part(_nothing(function) if code else value, np.full(rows, code, np.uint8) if code else None)
    if varying and all(not isinstance(values, Words | str | frozenset) for values in arguments):
        part = _in_columns(function, arguments, rows)
        if part is not None:
            return part
    if len(varying) == 1 and isinstance(arguments[varying[0]], Words):
        return _by_entry(step, function, arguments, varying[0], frame)
    return _row_by_row(function, arguments, rows)


# -- in columns --------------------------------------------------------------------------------


def _in_columns(function: Function, arguments: list[Any], rows: int) -> Part | None:
    """Apply the form for columns; None if there is none, or it does not do what it should."""
    if function.columns is None or function.returns not in _KINDS:
        return None
    if function in _SHIPPED:
        values = function.columns(*arguments)
        return Part(values, None if function.name in _FINITE else _finite(values))
    try:
        values = np.asarray(function.columns(*map(_guarded, arguments)))
        values = np.broadcast_to(values, (rows,))
    except Exception:  # noqa: BLE001  # an isolation boundary: what a plugin's form cannot do, its call does
        return None
    if function.returns == "boolean":
        return Part(values) if values.dtype == np.bool_ else None
    if values.dtype.kind not in "iuf":
        return None
    values = floats(values)
    return Part(values, fault_where(np.abs(values) > WHOLE_MAX, FAILED, _finite(values)))


def _finite(values: Array) -> Faults:
    return fault_where(~np.isfinite(values), INFINITE, None)


def _guarded(values: Any) -> Any:
    """Show an array to a plugin, which must not write to it: it may be everybody's."""
    if not isinstance(values, np.ndarray):
        return values
    view = values.view()
    view.flags.writeable = False
    return view


# -- one by one --------------------------------------------------------------------------------


def _attempt(function: Function) -> Callable[..., tuple[Any, int]]:
    """Return the function, yielding what came out and the code of what went wrong."""
    fenced = called(function)

    def attempt(*arguments: Any) -> tuple[Any, int]:
        try:
            return fenced(*arguments), 0
        except (RuleError, ArithmeticError, ValueError) as error:
            return None, CODES[fault(error).kind]

    return attempt


def _by_entry(step: Step, function: Function, arguments: list[Any], place: int, frame: Frame) -> Part:
    """Apply a function of one text once to each entry of its dictionary."""
    codes, lexicon = arguments[place]
    constants = tuple(arguments)[:place] + tuple(arguments)[place + 1 :]

    def table() -> tuple[Any, Array]:
        attempt = _attempt(function)
        results = [attempt(*constants[:place], entry, *constants[place:]) for entry in lexicon.entries]
        return _packed(function, [*results, (None, 0)])

    values, faults = frame.run.remember((step.number, lexicon, constants), table)
    values = Words(values.codes[codes], values.lexicon) if isinstance(values, Words) else values[codes]
    return Part(values, faults[codes] if faults.any() else None)


def _row_by_row(function: Function, arguments: list[Any], rows: int) -> Part:
    attempt = _attempt(function)
    listed = [_listed(values, rows) for values in arguments]
    # Only rows without faults are here, or else a text that is unknown has a place to be skipped.
    results = [attempt(*given) if None not in given else (None, 0) for given in zip(*listed, strict=True)]
    values, faults = _packed(function, results)
    return Part(values, faults if faults.any() else None)


def _packed(function: Function, results: list[tuple[Any, int]]) -> tuple[Any, Array]:
    faults = np.fromiter((code for _, code in results), np.uint8, len(results))
    if function.returns in _KINDS:
        kind = _KINDS[function.returns]
        return np.fromiter((0 if v is None else v for v, _ in results), kind, len(results)), faults
    return coded([value for value, _ in results]), faults


def _listed(values: Any, rows: int) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else entries_of(values, rows)


def _nothing(function: Function) -> Any:
    return {"boolean": False, "text": "", "list": frozenset()}.get(function.returns, 0.0)


def _plain(values: Any) -> Any:
    if isinstance(values, np.ndarray) and values.dtype == np.bool_:
        return values
    return bool(values) if isinstance(values, np.bool_) else floats(values)


def _varies(values: Any) -> bool:
    return isinstance(values, np.ndarray | Words)


def _taken(values: Any, picked: Array) -> Any:
    if isinstance(values, Words):
        return Words(values.codes.take(picked), values.lexicon)
    return values.take(picked) if isinstance(values, np.ndarray) else values
