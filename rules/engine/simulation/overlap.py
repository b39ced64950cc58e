"""Which rules fire together: for each pair of rules, in how many rows both do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.errors import Refused

RULES_MAX = 1_000
"""For how many rules overlap is counted: each pair has a counter."""
DENSE_ROWS = 8_192
"""Rows of a matrix of truths."""
DENSE_PER_PAIR = 400
"""So many products of a matrix take as long as one pair of matches that is counted by itself."""


class Pair(NamedTuple):
    """Two rules, and in how many rows both fired."""

    first: str
    second: str
    rows: int


class Overlaps:
    """The counters of all pairs."""

    def __init__(self, keys: list[str], wanted: int) -> None:
        if len(keys) > RULES_MAX:
            raise Refused(
                f"overlap is counted for {RULES_MAX} rules, and not for {len(keys)}: ask for 0 pairs"
            )
        self.keys = keys
        self.wanted = wanted
        self.counts = np.zeros((len(keys), len(keys)), np.int64)

    def add(self, fired: Sequence[Array], rows: int) -> None:
        """Count a block, of which each rule says in which rows it fired."""
        lengths = [len(some) for some in fired]
        if sum(lengths) == max(lengths, default=0):
            return
        where = np.concatenate(fired)
        rules = np.repeat(np.arange(len(fired), dtype=np.int32), lengths)
        per_row = np.bincount(where, minlength=rows)
        crowded = per_row > 1
        kept = crowded[where]
        where, rules = where[kept], rules[kept]
        products = int(np.count_nonzero(crowded)) * len(fired) ** 2
        if len(where) * int(per_row.max()) * DENSE_PER_PAIR > products:
            self._add_dense(np.cumsum(crowded)[where] - 1, rules)
        else:
            self._add_sparse(where, rules)

    def _add_sparse(self, where: Array, rules: Array) -> None:
        """Count each pair of matches in one row, those side by side first, then those one apart ..."""
        order = np.argsort(where, kind="stable")
        where, rules = where[order], rules[order]
        count = len(self.keys)
        flat = self.counts.reshape(-1)
        for apart in range(1, len(where)):
            together = where[apart:] == where[:-apart]
            if not together.any():
                return
            pairs = rules[:-apart][together] * count + rules[apart:][together]
            flat += np.bincount(pairs, minlength=count * count)

    def _add_dense(self, where: Array, rules: Array) -> None:
        """Count by a product of matrices: whole numbers, which float32 holds up to 16 million."""
        order = np.argsort(where, kind="stable")
        where, rules = where[order], rules[order]
        for start in range(0, int(where[-1]) + 1, DENSE_ROWS):
            first, last = np.searchsorted(where, (start, start + DENSE_ROWS))
            matrix = np.zeros((len(self.keys), DENSE_ROWS), np.float32)
            matrix[rules[first:last], where[first:last] - start] = 1.0
            self.counts += (matrix @ matrix.T).astype(np.int64)

    def most(self) -> tuple[Pair, ...]:
        """Return the pairs that fired together most often."""
        firsts, seconds = np.triu_indices(len(self.keys), 1)
        counts = self.counts[firsts, seconds]
        best = np.argsort(-counts, kind="stable")[: self.wanted]
        return tuple(
            Pair(self.keys[firsts[n]], self.keys[seconds[n]], int(counts[n])) for n in best if counts[n]
        )
