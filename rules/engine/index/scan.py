"""The scan: every box is compared with an event at once, column by column.

It needs no building, so that a new ruleset answers at once; and it looks closely at facts that are not
what their variables say, so that the faster ways need not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.errors import WrongFact
from pitboss.rules.engine.index.decision import Decision, Values, settle
from pitboss.rules.engine.index.table import Mask, Numbers, Table, admitted

Doubts: TypeAlias = Mapping[int, WrongFact]
"""The boxes that ask something of a wrong fact, and what is wrong."""


def find(table: Table, facts: Facts) -> tuple[Numbers, Doubts]:
    """Return the boxes that no fact rules out, and which of them stand in doubt."""
    alive: Mask = np.ones(len(table.owner), np.bool_)
    wrong: dict[str, WrongFact] = {}
    for name, column in table.columns.items():
        try:
            value: Any = admitted(column.variable, facts.get(name))
        except WrongFact as error:
            wrong[name] = error
            continue
        column.narrow(alive, value)
    boxes = np.flatnonzero(alive).astype(np.int32)
    return boxes, _doubts(table, alive, wrong) if wrong else {}


def scan(table: Table, facts: Facts) -> Decision:
    """Decide one event."""
    boxes, doubts = find(table, facts)
    together = table.together
    values = together.values(facts) if len(boxes) >= together.payments_min else Values(facts)
    return settle(table.candidates(boxes, doubts), facts, values)


def _doubts(table: Table, alive: Mask, wrong: Mapping[str, WrongFact]) -> Doubts:
    doubts: dict[int, WrongFact] = {}
    for name, error in wrong.items():
        read = table.columns[name].read
        doubts.update(dict.fromkeys(read[alive[read]].tolist(), error))
    return doubts
