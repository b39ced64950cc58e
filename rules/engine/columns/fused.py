"""Formulas in which nothing can fail, as a straight run of NumPy calls without a look in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pitboss.rules.engine.columns.blocks import Faults, Frame, Part, Step, first_fault, floats
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.tree import Arithmetic, Constant

_SAFE: Mapping[str, np.ufunc] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


@dataclass(frozen=True, slots=True)
class Fused:
    """Calls over numbered values: first the inputs, then the constants, then what each call yields."""

    inputs: tuple[Step, ...]
    constants: tuple[Array, ...]
    calls: tuple[tuple[np.ufunc, int, int, Step], ...]
    """A function, where its two operands are, and whose memory takes the result."""

    def apply(self, frame: Frame) -> Part:
        """Compute the formula for the rows of a frame."""
        faults: Faults = None
        values = []
        for step in self.inputs:
            given, own = frame.part(step)
            faults = first_fault(faults, own)
            values.append(floats(given))
        values += self.constants
        for call, left, right, step in self.calls:
            values.append(call(values[left], values[right], out=frame.scratch(step, np.float64)))
        return Part(values[-1], faults)


def fuse(step: Step) -> Fused | None:
    """Return a formula as one run of calls, if what it does at last can neither overflow nor fail."""
    if not _is_safe(step):
        return None
    inputs: dict[int, Step] = {}
    constants: dict[int, Step] = {}
    order: dict[int, Step] = {}
    _sort(step, step, inputs, constants, order)
    places = {number: place for place, number in enumerate((*inputs, *constants, *order))}
    calls = tuple(
        (_SAFE[_op(part)], places[part.below[0].number], places[part.below[1].number], part)
        for part in order.values()
    )
    # As arrays, constants are taken as they are, where a float would be looked at in each call.
    fixed = tuple(np.array(part.fixed.values) for part in constants.values() if part.fixed is not None)
    return Fused(tuple(inputs.values()), fixed, calls)


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


def _is_safe(step: Step) -> bool:
    node = step.node
    if not isinstance(node, Arithmetic) or not step.cannot_overflow or node.op not in _SAFE:
        return False
    return node.op != "/" or (isinstance(node.right, Constant) and node.right.value != 0)


def _op(step: Step) -> str:
    assert isinstance(step.node, Arithmetic)
    return step.node.op
