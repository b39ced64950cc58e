"""The index: exact bitmaps, so that an event finds its boxes by looking up one row for each fact.

Boxes are parted by the text that tells them apart best, and each part into blocks of bounded width. In a
block each fact has a row of bits for each elementary interval or text, and one for the unknown; a box
is a candidate where all rows have its bit. Blocks bound the size: it grows with the number of rules.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from types import CodeType
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pitboss.rules.engine.boxes import default_of
from pitboss.rules.engine.catalogue import Facts, Variable
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.index.bits import Rows, Words, ones, packed, rows_of
from pitboss.rules.engine.index.decision import NOTHING, Candidate, Decision, Values, settle
from pitboss.rules.engine.index.reading import NAMES, odd_reader, oddness
from pitboss.rules.engine.index.table import (
    Column,
    Mask,
    Numbers,
    Table,
    ValueColumn,
    unmentioned,
)

BLOCK_BOXES_MAX = 4_096
"""How many boxes one block holds."""
INTEGER_BOXES_MAX = 1_024
"""Up to so many boxes the rows of a block are Python integers; from there on NumPy words."""
PARTS_MAX = 256
COPIES_MAX = 4
"""How often a box may stand in different parts, on average."""

LOOKUPS_MAX = 1_024
"""For how many combinations of facts the generated lookup is remembered."""

Part: TypeAlias = tuple["Block", ...]


class Block(Protocol):
    """Some boxes, and how an event finds its own among them."""

    def found(self, facts: Facts) -> Numbers:
        """Return the boxes whose predicates all hold, ascending; or raise WrongFact."""

    def decide(self, facts: Facts) -> Decision:
        """Decide an event by these boxes alone; or raise WrongFact."""

    def candidates(self, facts: Facts) -> list[Candidate]:
        """Return what is left to do for the boxes found; or raise WrongFact."""


class Index:
    """A table, indexed."""

    def __init__(self, table: Table) -> None:
        self.table = table
        parting = parted(table)
        make = _part_maker(table, parting.name)
        self.name = parting.name
        self.parts = {value: make(boxes) for value, boxes in parting.boxes.items()}
        self.other = make(parting.others)
        self.odd = odd_reader(table.columns[self.name].variable) if self.name else None

    def decide(self, facts: Facts) -> Decision:
        """Decide an event, or raise WrongFact where a fact needs a closer look."""
        blocks = self.part(facts)
        if len(blocks) == 1:
            return blocks[0].decide(facts)
        if not blocks:
            return NOTHING
        return settle((one for block in blocks for one in block.candidates(facts)), facts)

    def found(self, facts: Facts) -> Numbers:
        """Return the boxes that no fact rules out, or raise WrongFact."""
        blocks = self.part(facts)
        return np.concatenate([block.found(facts) for block in blocks]) if blocks else np.empty(0, np.int32)

    def part(self, facts: Facts) -> Part:
        """Return the blocks in which the boxes of an event are."""
        if self.odd is None:
            return self.other
        value = facts.get(self.name)  # type: ignore[arg-type]  # there is a name where there is a reader
        if type(value) is not str:
            value = self.odd(value)
        return self.parts.get(value, self.other)


# -- parts ---------------------------------------------------------------------------------------


class Parting(NamedTuple):
    """Which boxes are candidates for each value of a text."""

    name: str | None
    others: Numbers
    """Those for texts that no box mentions."""
    boxes: Mapping[str | None, Numbers]
    """Those for each text that is mentioned, and for None, the unknown."""


def parted(table: Table) -> Parting:
    """Return the parting by the text that tells boxes apart best."""
    everything = np.arange(len(table.owner), dtype=np.int32)
    best, size = Parting(None, everything, {}), 0.9 * len(everything)
    for name, column in table.columns.items():
        if _can_part(column):
            parting = _parting(table, name, column)
            sizes = [len(boxes) for boxes in parting.boxes.values()]
            if np.mean(sizes) < size and sum(sizes) <= COPIES_MAX * len(everything):
                best, size = parting, float(np.mean(sizes))
    return best


def _can_part(column: Column) -> bool:
    is_text = isinstance(column, ValueColumn) and column.variable.value_type == "text"
    return is_text and 0 < len(column.codes) <= PARTS_MAX  # type: ignore[union-attr]  # mypy forgets is_text


def _parting(table: Table, name: str, column: Column) -> Parting:
    assert isinstance(column, ValueColumn)

    def accepting(value: Any) -> Numbers:
        alive: Mask = np.ones(len(table.owner), np.bool_)
        column.narrow(alive, value)
        return np.flatnonzero(alive).astype(np.int32)

    by_value = {value: accepting(value) for value in column.codes}
    others = accepting(unmentioned(column.codes))
    default: Any = default_of(column.variable)
    unknown = accepting(None) if default is None else by_value.get(default, others)
    return Parting(name, others, {**by_value, None: unknown})  # type: ignore[dict-item]  # texts alone part


def _part_maker(table: Table, skipped: str | None) -> Callable[[Numbers], Part]:
    """Return what makes parts; the same boxes are one part."""
    made: dict[bytes, Part] = {}

    def make(boxes: Numbers) -> Part:
        key = boxes.tobytes()
        if key not in made:
            made[key] = tuple(_blocks(table, boxes, skipped=skipped))
        return made[key]

    return make


def _blocks(table: Table, members: Numbers, *, skipped: str | None) -> Iterator[Block]:
    for start in range(0, len(members), BLOCK_BOXES_MAX):
        boxes = members[start : start + BLOCK_BOXES_MAX]
        if len(boxes) <= INTEGER_BOXES_MAX:
            yield IntegerBlock(table, boxes, rows_of(table, boxes[::-1], skipped=skipped))
        else:
            yield WordBlock(table, boxes, rows_of(table, boxes, skipped=skipped))


# -- blocks --------------------------------------------------------------------------------------


class WordBlock:
    """A wide block: NumPy words."""

    def __init__(self, table: Table, boxes: Numbers, rows: list[Rows]) -> None:
        self.boxes = boxes
        self.lookup = _lookup(rows, ones(len(boxes)))
        self.together = table.together
        self.payments_min = self.together.payments_min if self.together.are_all else math.inf
        rules = table.owner[boxes]
        # Arrays of objects: what an event needs of its boxes is gathered at once.
        self.keys = _objects(table.keys, rules)
        self.formulas = _objects([*table.formulas, None], table.formula[rules])
        self.residuals = _objects([*table.residuals, None], table.residual[boxes])
        self.stops = table.stop[rules]
        self.formula = table.formula[rules]
        self.caps = table.cap[rules]
        self.is_special = _are_special(table, boxes)
        self.has_special = bool(self.is_special.any())
        self.pays_nothing = bool((self.formula < 0).all())

    def found(self, facts: Facts) -> Numbers:
        """Return the boxes whose predicates all hold, ascending; or raise WrongFact."""
        return self.boxes[self._places(facts)]

    def candidates(self, facts: Facts) -> list[Candidate]:
        """Return what is left to do for the boxes found; or raise WrongFact."""
        return self._candidates(self._places(facts))

    def decide(self, facts: Facts) -> Decision:
        """Decide an event by these boxes alone; or raise WrongFact."""
        places = self._places(facts)
        if not len(places):
            return NOTHING
        if self.has_special and self.is_special[places].any():
            return self._settled(places, facts)
        keys = self.keys[places].tolist()
        if self.pays_nothing:
            return Decision(tuple(zip(keys, repeat(None))))  # as many as there are keys
        try:
            amounts = self._values(places, facts)
        except EvaluationError:
            # One by one, it comes out which rules that concerns.
            return self._settled(places, facts)
        # Adding 0.0 makes 0.0 of -0.0.
        amounts = np.maximum(np.minimum(amounts, self.caps[places]), 0.0) + 0.0
        return Decision(tuple(zip(keys, amounts.tolist(), strict=True)))

    def _settled(self, places: NDArray[np.intp], facts: Facts) -> Decision:
        are_many = len(places) >= self.together.payments_min
        values = self.together.values(facts) if are_many else Values(facts)
        return settle(self._candidates(places), facts, values)

    def _candidates(self, places: NDArray[np.intp]) -> list[Candidate]:
        gathered = (self.keys, self.formulas, self.caps, self.residuals, self.stops)
        return list(zip(*(each[places].tolist() for each in gathered), [None] * len(places), strict=True))

    def _values(self, places: NDArray[np.intp], facts: Facts) -> Any:
        """Return the value of the formula of each box, or raise the first error of one."""
        if len(places) >= self.payments_min:
            every, are_known = self.together.pay(facts)
            values = np.fromiter(every, np.float64, len(every))[self.formula[places]]
            # NaN stands for an unknown fact.
            if are_known or np.isfinite(values).all():
                return values
        formulas = self.formulas[places].tolist()
        once = {formula: formula.value(facts) for formula in set(formulas)}
        return [once[formula] for formula in formulas]

    def _places(self, facts: Facts) -> NDArray[np.intp]:
        return np.unpackbits(self.lookup(facts).view(np.uint8), bitorder="little").view(np.bool_).nonzero()[0]


class IntegerBlock:
    """A narrow block: Python integers, which cost no call into NumPy.

    The first box has the highest bit, for that is the one that is found without making another integer.
    """

    def __init__(self, table: Table, boxes: Numbers, rows: list[Rows]) -> None:
        self.boxes = boxes
        self.lookup = _lookup(rows, _integer(ones(len(boxes))))
        candidates = reversed(table.candidates(boxes))
        self.items = [(1 << bit, one, *one[:3]) for bit, one in enumerate(candidates)]
        special = np.flatnonzero(_are_special(table, boxes)[::-1]).astype(np.int32)
        self.special = _integer(packed(special, len(boxes)))

    def found(self, facts: Facts) -> Numbers:
        """Return the boxes whose predicates all hold, ascending; or raise WrongFact."""
        bits, last = self.lookup(facts), len(self.boxes) - 1
        return self.boxes[[last - bit for bit in _set_bits(bits)]]

    def candidates(self, facts: Facts) -> list[Candidate]:
        """Return what is left to do for the boxes found; or raise WrongFact."""
        return self._candidates(self.lookup(facts))

    def decide(self, facts: Facts) -> Decision:
        """Decide an event by these boxes alone; or raise WrongFact."""
        bits = self.lookup(facts)
        if not bits:
            return NOTHING
        if not bits & self.special:
            try:
                return Decision(_paid(self.items, bits, facts))
            except EvaluationError:
                pass  # one by one, it comes out which rules that concerns
        return settle(self._candidates(bits), facts)

    def _candidates(self, bits: int) -> list[Candidate]:
        return [self.items[bit][1] for bit in _set_bits(bits)]


Item: TypeAlias = tuple[int, Candidate, str, Any, float]
"""The bit of a box, what is left to do for it, and of that its key, formula and cap."""


def _paid(items: list[Item], bits: int, facts: Facts) -> tuple[tuple[str, float | None], ...]:
    """Return what candidates pay that are not special, or raise the first of their errors."""
    matches: list[tuple[str, float | None]] = []
    values: dict[Any, Any] = {}
    while bits:
        bit, _, key, formula, cap = items[bits.bit_length() - 1]
        bits ^= bit
        if formula is None:
            matches.append((key, None))
            continue
        value = values.get(formula)
        if value is None:
            value = values[formula] = formula.value(facts)
        # An error is raised by now, so that the value is finite.
        matches.append((key, value if 0.0 < value <= cap else cap if value > cap > 0.0 else 0.0))
    return tuple(matches)


def _set_bits(bits: int) -> Iterator[int]:
    """Yield the bits that are set, the highest first."""
    while bits:
        bit = bits.bit_length() - 1
        bits ^= 1 << bit
        yield bit


def _are_special(table: Table, boxes: Numbers) -> Mask:
    """Tell for which of these boxes there is more to do than to pay, or to match alike."""
    rules = table.owner[boxes]
    pays = table.formula[rules] >= 0
    special: Mask = (table.residual[boxes] >= 0) | table.stop[rules]
    # Where some pay and some do not, an array of amounts has no place for nothing.
    return special | ~pays if pays.any() and len(boxes) > INTEGER_BOXES_MAX else special


def _objects(items: list[Any], places: Numbers) -> NDArray[np.object_]:
    """Return the items at some places; -1 is the last."""
    array = np.empty(len(places), np.object_)
    array[:] = [items[place] for place in places.tolist()]
    return array


def _integer(words: Words) -> int:
    return int.from_bytes(words.tobytes(), "little")


# -- looking up ----------------------------------------------------------------------------------


def _lookup(rows: Sequence[Rows], everything: Any) -> Callable[[Facts], Any]:
    """Generate the function that combines the rows of an event, as words or as integers."""
    is_integer = isinstance(everything, int)
    names: dict[str, Any] = {"__builtins__": {}, **NAMES, "bisect": bisect_right, "everything": everything}
    start = 0
    for n, one in enumerate(rows):
        names[f"odd{n}"] = odd_reader(one.column.variable)
        names[f"cuts{n}"] = one.cuts
        names[f"places{n}"] = {value: place + start for value, place in one.places.items()}
        names[f"start{n}"] = start
        if is_integer:
            names[f"rows{n}"] = [_integer(row) for row in one.words]
        else:
            start += len(one.words)
    if not is_integer and rows:
        names["take"] = np.concatenate([one.words for one in rows]).take
        names["all_of"] = np.bitwise_and.reduce
    exec(_lookup_code(tuple(one.column.variable for one in rows), is_integer), names)  # noqa: S102  # our source
    lookup: Callable[[Facts], Any] = names["lookup"]
    return lookup


@lru_cache(maxsize=LOOKUPS_MAX)
def _lookup_code(variables: tuple[Variable, ...], is_integer: bool) -> CodeType:
    lines = ["def lookup(facts):", "    get = facts.get"]
    places = []
    for n, variable in enumerate(variables):
        lines += [
            f"    x{n} = get({variable.name!r})",
            f"    if {oddness(variable, f'x{n}')}: x{n} = odd{n}(x{n})",
        ]
        is_value = variable.value_type in ("text", "boolean")
        place = f"places{n}.get(x{n}, start{n})" if is_value else f"bisect(cuts{n}, x{n})"
        places.append(f"rows{n}[{place}]" if is_integer else place if is_value else f"start{n} + {place}")
    if is_integer or not places:
        lines.append(f"    return {' & '.join(places) or 'everything'}")
    else:
        lines.append(f"    return all_of(take([{', '.join(places)}], 0))")
    return compile("\n".join(lines), "<index>", "exec")
