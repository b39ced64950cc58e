"""Formulas in which nothing can fail, as a straight run of NumPy calls without a look in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pitboss.rules.engine.columns.blocks import Faults, Frame, Part, Step, first_fault, floats
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.tree import Arithmetic, Constant

CHUNK_ROWS = 32_768
"""Rows that go through the whole run at once: so few that what comes in between never leaves the cache."""

_SAFE: Mapping[str, np.ufunc] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


@dataclass(frozen=True, slots=True)
class Fused:
    """Calls over numbered values: first the inputs, then the constants, then the registers."""

    inputs: tuple[Step, ...]
    constants: tuple[Array, ...]
    registers: int
    """How many there are; the first is the memory of the result itself."""
    calls: tuple[tuple[np.ufunc, int, int, int], ...]
    """A function, where its two operands are, and where the result goes."""

    def apply(self, step: Step, frame: Frame) -> Part:
        """Compute the formula for the rows of a frame."""
        faults: Faults = None
        inputs = []
        for below in self.inputs:
            given, own = frame.part(below)
            faults = first_fault(faults, own)
            inputs.append(given)
        out = frame.scratch(step, np.float64)
        if out is None:
            out = np.empty(frame.rows)
        lent = frame.run.lend(self.registers - 1, CHUNK_ROWS)
        for start in range(0, frame.rows, CHUNK_ROWS):
            here = slice(start, start + CHUNK_ROWS)
            self._compute([_cut(given, here) for given in inputs], out[here], lent)
        return Part(out, faults)

    def _compute(self, values: list[Any], out: Array, lent: list[Array]) -> None:
        values += (*self.constants, out)
        values += (register[: len(out)] for register in lent)
        for call, left, right, into in self.calls:
            call(values[left], values[right], out=values[into])


def fuse(step: Step) -> Fused | None:
    """Return a formula as one run of calls, if what it does at last can neither overflow nor fail."""
    if not _is_safe(step):
        return None
    inputs: dict[int, Step] = {}
    constants: dict[int, Step] = {}
    order: dict[int, Step] = {}
    _sort(step, step, inputs, constants, order)
    places = {number: place for place, number in enumerate((*inputs, *constants))}
    registers = _registers(order)
    places |= {number: len(places) + register for number, register in registers.items()}
    calls = tuple(
        (_SAFE[_op(part)], places[part.below[0].number], places[part.below[1].number], places[number])
        for number, part in order.items()
    )
    # As arrays, constants are taken as they are, where a float would be looked at in each call.
    fixed = tuple(np.array(part.fixed.values) for part in constants.values() if part.fixed is not None)
    return Fused(tuple(inputs.values()), fixed, len(set(registers.values())), calls)


def _sort(
    step: Step, top: Step, inputs: dict[int, Step], constants: dict[int, Step], order: dict[int, Step]
) -> None:
    """Put the parts of a formula into the order in which they are computed, each once."""
    if step.fixed is not None:
        constants[step.number] = step
    elif not _is_safe(step) or (step.is_shared and step is not top):
        inputs.setdefault(step.number, step)
    elif step.number not in order:
        for below in step.below:
            _sort(below, top, inputs, constants, order)
        order[step.number] = step


def _registers(order: dict[int, Step]) -> dict[int, int]:
    """Say in which register each part of a formula is kept, from its call until the last that reads it."""
    *_, top = order
    registers = {top: 0}
    free: list[int] = []
    # From the last call to the first: who is met first reads last.
    for number in reversed(order):
        free.append(registers[number])
        for below in order[number].below:
            if below.number in order and below.number not in registers:
                registers[below.number] = free.pop() if free else len(set(registers.values()))
    return registers


def _is_safe(step: Step) -> bool:
    node = step.node
    if not isinstance(node, Arithmetic) or not step.cannot_overflow or node.op not in _SAFE:
        return False
    return node.op != "/" or (isinstance(node.right, Constant) and node.right.value != 0)


def _op(step: Step) -> str:
    assert isinstance(step.node, Arithmetic)
    return step.node.op


def _cut(values: Any, here: slice) -> Any:
    return floats(values[here]) if isinstance(values, np.ndarray) else float(values)
