"""How many players there are among many rows: each is counted once, over all chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.errors import Refused

PLAYERS_MAX = 20_000_000
"""How many players are told apart."""


class Players:
    """The players met so far, each with a number."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def codes(self, ids: Sequence[Any] | Array) -> Array:
        """Return the number of the player of each row."""
        numbers = self._numbers
        listed = ids.tolist() if isinstance(ids, np.ndarray) else ids
        codes = np.fromiter((numbers.setdefault(id_, len(numbers)) for id_ in listed), np.int64, len(listed))
        if len(numbers) > PLAYERS_MAX:
            raise Refused(f"there are more than {PLAYERS_MAX} players: simulate on a part of them")
        return codes


class Reached:
    """A set of players: one bit for each."""

    def __init__(self) -> None:
        self._bits: Array = np.zeros(1_024, np.uint8)

    @property
    def count(self) -> int:
        """How many players are in it."""
        return int(np.bitwise_count(self._bits).sum())

    def add(self, codes: Array) -> None:
        """Add players by their numbers."""
        if not len(codes):
            return
        places = codes >> 3
        self._reserve(int(places.max()) + 1)
        bits = np.left_shift(np.uint8(1), (codes & 7).astype(np.uint8))
        new = (self._bits[places] & bits) == 0
        if new.any():
            np.bitwise_or.at(self._bits, places[new], bits[new])

    def _reserve(self, size: int) -> None:
        if size > len(self._bits):
            grown = np.zeros(max(size, 2 * len(self._bits)), np.uint8)
            grown[: len(self._bits)] = self._bits
            self._bits = grown
