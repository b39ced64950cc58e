"""Which of many boxes meet a box, contain it, or lie in it: by columns, without running a rule.

Each fact has its boxes in arrays: the ends of intervals for numbers, and bits for texts and truths, among
them one bit for the unknown and one for all texts that no box names. Residuals are left to the caller.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pitboss.rules.engine.boxes import Box, Predicate, Ranges, Texts, Truths
from pitboss.rules.engine.catalogue import Variable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OTHER, _UNKNOWN = object(), object()
_BITS = 64


class Pairs:
    """Boxes, to be compared with one more."""

    def __init__(self, boxes: Sequence[Box], variables: Mapping[str, Variable]) -> None:
        import numpy as np

        self.count = len(boxes)
        self.residuals = [frozenset(box.residual) for box in boxes]
        self.has_residual = np.fromiter(map(bool, self.residuals), np.bool_, self.count)
        listed: dict[str, list[tuple[int, Predicate]]] = {}
        for row, box in enumerate(boxes):
            for name, predicate in box.predicates.items():
                listed.setdefault(name, []).append((row, predicate))
        self.columns = {name: _column(rows, variables.get(name)) for name, rows in listed.items()}

    def meeting(self, box: Box) -> NDArray[Any]:
        """Tell which boxes share facts with this one; residuals are taken to hold."""
        import numpy as np

        found = np.ones(self.count, np.bool_)
        for name, predicate in box.predicates.items():
            column = self.columns.get(name)
            if column is not None:
                found[column.rows[~column.meets(predicate)]] = False
        return found

    def containing(self, box: Box) -> NDArray[Any]:
        """Tell which boxes have all the facts of this one."""
        import numpy as np

        found = np.ones(self.count, np.bool_)
        for name, column in self.columns.items():
            found[column.rows[~column.covers(box.predicates.get(name) or column.everything)]] = False
        residual = frozenset(box.residual)
        for row in np.flatnonzero(found & self.has_residual):
            found[row] = self.residuals[row] <= residual
        return found

    def inside(self, box: Box) -> NDArray[Any]:
        """Tell which boxes have no facts but those of this one."""
        import numpy as np

        found = np.ones(self.count, np.bool_)
        for name, predicate in box.predicates.items():
            column = self.columns.get(name)
            is_in = np.zeros(self.count, np.bool_)
            if column is not None:
                is_in[column.rows] = column.within(predicate)
            found &= is_in
        residual = frozenset(box.residual)
        if residual:
            for row in np.flatnonzero(found):
                found[row] = residual <= self.residuals[row]
        return found


def possible(predicate: Predicate, variable: Variable | None) -> bool:
    """Tell whether a fact can be as a predicate says, given the choices it has."""
    if isinstance(predicate, Texts) and variable is not None and variable.choices:
        return predicate.unknown or any(map(predicate.accepts, variable.choices))
    return not predicate.is_empty


def _column(rows: list[tuple[int, Predicate]], variable: Variable | None) -> _Numbers | _Words:
    if isinstance(rows[0][1], Ranges):
        return _Numbers(rows)
    return _Words(rows, variable)


class _Numbers:
    """The predicates of one fact that is a number."""

    everything: Predicate = Ranges().all

    def __init__(self, rows: Iterable[tuple[int, Any]]) -> None:
        import numpy as np

        numbered = list(rows)
        self.predicates: list[Ranges] = [predicate for _, predicate in numbered]
        self.rows = np.array([row for row, _ in numbered], np.intp)
        # Without an interval there is nothing to compare: nan is neither below nor above.
        hulls = [_hull(p) if p.intervals else (math.nan, math.nan) for p in self.predicates]
        self.low = np.array([low for low, _ in hulls])
        self.high = np.array([high for _, high in hulls])
        self.unknown = np.array([predicate.unknown for predicate in self.predicates])
        self.odd = np.flatnonzero([len(predicate.intervals) > 1 for predicate in self.predicates])

    def meets(self, wanted: Any) -> NDArray[Any]:
        found = self.unknown & wanted.unknown
        for low, high in wanted.intervals:
            found = found | ((self.low <= high) & (self.high >= low))
        for place in self.odd[found[self.odd]]:
            found[place] = not (self.predicates[place] & wanted).is_empty
        return found  # type: ignore[no-any-return]  # an array

    def covers(self, wanted: Any) -> NDArray[Any]:
        low, high = _hull(wanted)
        holds_numbers = ((self.low <= low) & (self.high >= high)) | (not wanted.intervals)
        found = holds_numbers & (self.unknown | (not wanted.unknown))
        for place in self.odd[found[self.odd]]:
            found[place] = (self.predicates[place] & wanted) == wanted
        return found

    def within(self, wanted: Any) -> NDArray[Any]:
        low, high = _hull(wanted)
        is_held = ((self.low >= low) & (self.high <= high)) | (self.low != self.low)
        found = is_held & (wanted.unknown | ~self.unknown)
        if len(wanted.intervals) > 1:
            for place, inside in enumerate(found):
                found[place] = inside and (self.predicates[place] & wanted) == self.predicates[place]
        return found  # type: ignore[no-any-return]  # an array


class _Words:
    """The predicates of one fact that is a text or a truth, as bits."""

    def __init__(self, rows: Iterable[tuple[int, Any]], variable: Variable | None) -> None:
        import numpy as np

        numbered = list(rows)
        self.rows = np.array([row for row, _ in numbered], np.intp)
        predicates = [predicate for _, predicate in numbered]
        self.everything: Predicate = predicates[0].all
        named = {value for predicate in predicates for value in predicate.values}
        if isinstance(predicates[0], Truths):
            known: list[Any] = [True, False]
        elif variable is not None and variable.choices:
            known = list(dict.fromkeys((*variable.choices, *sorted(named))))
        else:
            known = [*sorted(named), _OTHER]
        self.bits = {value: place for place, value in enumerate((_UNKNOWN, *known))}
        self.words = (len(self.bits) + _BITS - 1) // _BITS
        self.masks = np.array([self.mask(predicate) for predicate in predicates], np.uint64)

    def mask(self, predicate: Any, *, whole_only: bool = False) -> NDArray[Any]:
        """Return a predicate as bits; the one of other texts is set if some are in it, or only if all are."""
        import numpy as np

        whole = sum(1 << self.bits[value] for value in predicate.values if value in self.bits)
        if _complement(predicate):
            whole = ((1 << len(self.bits)) - 1) & ~whole
        whole = whole & ~1 | int(predicate.unknown)
        if _OTHER in self.bits and any(value not in self.bits for value in predicate.values):
            other = 1 << self.bits[_OTHER]
            whole = whole & ~other if whole_only else whole | other
        parts = [(whole >> (_BITS * n)) & (2**_BITS - 1) for n in range(self.words)]
        return np.array(parts, np.uint64)

    def meets(self, wanted: Any) -> NDArray[Any]:
        return (self.masks & self.mask(wanted)).any(axis=1)  # type: ignore[no-any-return]  # an array

    def covers(self, wanted: Any) -> NDArray[Any]:
        return ((self.mask(wanted) & ~self.masks) == 0).all(axis=1)  # type: ignore[no-any-return]  # an array

    def within(self, wanted: Any) -> NDArray[Any]:
        return ((self.masks & ~self.mask(wanted, whole_only=True)) == 0).all(axis=1)  # type: ignore[no-any-return]  # an array


def _complement(predicate: Any) -> bool:
    return isinstance(predicate, Texts) and predicate.is_complement


def _hull(predicate: Ranges) -> tuple[float, float]:
    if not predicate.intervals:
        return math.inf, -math.inf
    return predicate.intervals[0][0], predicate.intervals[-1][1]
