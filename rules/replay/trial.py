"""One version of a reward on trial, and what it did in the rows so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.rule import Reward
from pitboss.rules.replay.firing import Candidate, Fired
from pitboss.rules.replay.history import AT, ID, PLAYER, Chunk
from pitboss.rules.replay.limits import BUDGETED, EXCLUDED, IS_EMPTY
from pitboss.rules.replay.scene import Scene, Tried

MATCHES_MAX = 5_000_000
"""How many rows a version may match: each is kept, since limits look at all of them in the order of time."""
EVENT, HARMED = "event", "harmed"


@dataclass(slots=True)
class Shared:
    """In how many rows another rule fires too, and what both pay there."""

    rows: int = 0
    own: int = 0
    other: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows that were judged together."""

    event: str
    whose: pl.DataFrame
    harmed: Array
    """Where a fact said that the player should not be tempted."""


@dataclass(slots=True)
class Trial:
    """A version on trial over all of its events."""

    key: str
    number: int
    rule: Reward
    candidates: list[Candidate] = field(default_factory=list)
    parts: list[pl.DataFrame] = field(default_factory=list)
    shared: dict[str, Shared] = field(default_factory=dict)
    count: int = 0

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each of its paying actions."""
        return self.candidates[0].units if self.candidates else ()

    @property
    def faults(self) -> dict[str, int]:
        """In how many rows it had no value, by the kind of the error."""
        kinds: dict[str, int] = {}
        for candidate in self.candidates:
            for kind, rows in candidate.counted.by_kind().items():
                kinds[kind] = kinds.get(kind, 0) + rows
        return kinds

    def add(self, tried: Tried, scene: Scene, block: Block) -> None:
        """Keep what it did in a block."""
        self.count += len(tried.rows)
        if self.count > MATCHES_MAX:
            raise InvalidInput(
                _(
                    "%(key)s matches more than %(most)s rows: simulate it over less time, or narrow it",
                    key=repr(self.key),
                    most=MATCHES_MAX,
                )
            )
        for other in scene.others:
            self._share(other, tried, scene.reached[other])
        if len(tried.rows):
            self.parts.append(_matches(tried, scene.trial, block))

    def matches(self) -> pl.DataFrame:
        """Return all matches in the order of time."""
        if not self.parts:
            return _none(len(self.units))
        return pl.concat(self.parts).sort(AT, ID)

    def _share(self, other: Candidate, tried: Tried, fired: Fired) -> None:
        _, own, theirs = np.intersect1d(tried.rows, fired.rows, assume_unique=True, return_indices=True)
        if len(own):
            shared = self.shared.setdefault(other.key, Shared())
            shared.rows += len(own)
            shared.own += int(tried.minor[0][own].sum()) if tried.minor else 0
            if fired.minor and other.units[:1] == self.units[:1]:
                shared.other += int(fired.minor[0][theirs].sum())


@dataclass(slots=True)
class Compared:
    """What is different from the other version, row by row and before limits."""

    gained: int = 0
    lost: int = 0
    changed: int = 0

    def add(self, now: Tried | None, before: Tried | None) -> None:
        """Compare what the two did in a block."""
        if now is None or before is None:
            self.gained += len(now.rows) if now is not None else 0
            self.lost += len(before.rows) if before is not None else 0
            return
        _, left, right = np.intersect1d(now.rows, before.rows, assume_unique=True, return_indices=True)
        self.gained += len(now.rows) - len(left)
        self.lost += len(before.rows) - len(right)
        self.changed += int(np.count_nonzero(_differ(now, before, left, right)))


def harmed_rows(chunk: Chunk, names: Sequence[str]) -> Array:
    """Tell in which rows one of these facts said that the player should not be tempted."""
    found = np.zeros(chunk.rows, np.bool_)
    for name in names:
        column = chunk.facts.by_name.get(name)
        if column is not None:
            holds = np.broadcast_to(np.asarray(column.values, np.bool_), (chunk.rows,))
            found |= holds if column.unknown is None else holds & ~column.unknown
    return found


def amounts_of(matches: pl.DataFrame, units: Sequence[str]) -> Mapping[str, Array]:
    """Return what each match pays of each unit."""
    found: dict[str, Array] = {}
    for n, unit in enumerate(units):
        found[unit] = found.get(unit, 0) + matches[f"m{n}"].to_numpy()
    return found


def _differ(now: Tried, before: Tried, left: Array, right: Array) -> Array:
    if len(now.minor) != len(before.minor):
        return np.ones(len(left), np.bool_)
    differ = np.zeros(len(left), np.bool_)
    for new, old in zip(now.minor, before.minor, strict=True):
        differ |= new[left] != old[right]
    return differ


def _matches(tried: Tried, candidate: Candidate, block: Block) -> pl.DataFrame:
    budgeted = sum(
        (m for m, unit in zip(tried.minor, candidate.units, strict=True) if unit == candidate.units[0]),
        start=np.zeros(len(tried.rows), np.int64),
    )
    nothing = np.full(len(tried.rows), candidate.is_all_paying)
    for amounts in tried.minor:
        nothing &= amounts == 0
    return block.whose[tried.rows].with_columns(
        pl.lit(block.event).alias(EVENT),
        pl.Series(EXCLUDED, tried.excluded),
        pl.Series(IS_EMPTY, nothing),
        pl.Series(BUDGETED, budgeted),
        pl.Series(HARMED, block.harmed[tried.rows]),
        *(pl.Series(f"m{n}", amounts) for n, amounts in enumerate(tried.minor)),
    )


def _none(paying: int) -> pl.DataFrame:
    texts, truths = (ID, PLAYER, EVENT), (EXCLUDED, IS_EMPTY, HARMED)
    return pl.DataFrame(
        schema={
            **dict.fromkeys(texts, pl.String),
            AT: pl.Float64,
            **dict.fromkeys(truths, pl.Boolean),
            BUDGETED: pl.Int64,
            **{f"m{n}": pl.Int64 for n in range(paying)},
        }
    )
