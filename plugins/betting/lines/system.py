"""Which combinations of legs a slip bets on, by name, by sizes and with bankers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from types import MappingProxyType

from pitboss.core.errors import InvalidInput, nearest

LEGS_MAX = 30
"""Legs of one slip, bankers included."""
LINES_MAX = 100_000
"""Lines of one slip: more cannot be shown to anyone, and are a mistake."""
LINES_LISTED_MAX = 2_048
"""The most lines that are ever listed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """All lines of the given sizes over the legs, each with all bankers."""

    legs: int
    """Legs that are not bankers."""
    sizes: tuple[int, ...]
    """How many of them stand in a line."""
    bankers: int = 0

    def __post_init__(self) -> None:
        if self.legs < 1 or self.legs + self.bankers > LEGS_MAX or self.bankers < 0:
            raise InvalidInput(
                f"{self.legs} legs and {self.bankers} bankers: give 1 to {LEGS_MAX} legs, not all bankers"
            )
        if not self.sizes or sorted(set(self.sizes)) != list(self.sizes):
            raise InvalidInput(f"the sizes are {list(self.sizes)}: give each once, in order")
        if self.sizes[0] < 1 or self.sizes[-1] > self.legs:
            raise InvalidInput(f"the sizes are {list(self.sizes)}: give 1 to {self.legs}")
        if self.count > LINES_MAX:
            raise InvalidInput(f"the slip has {self.count} lines: at most {LINES_MAX}")

    @property
    def count(self) -> int:
        """Return how many lines there are.

        >>> System(legs=10, sizes=tuple(range(2, 11))).count
        1013
        """
        return sum(comb(self.legs, size) for size in self.sizes)

    @property
    def is_full_cover(self) -> bool:
        """Tell whether all combinations are bet on, singles too."""
        return self.legs > 1 and not self.bankers and len(self.sizes) == self.legs


@lru_cache(maxsize=1_024)
def lines_of(legs: int, sizes: tuple[int, ...], bankers: int = 0) -> System:
    """Return a system that is checked once: each slip asks for its own several times."""
    return System(legs=legs, sizes=sizes, bankers=bankers)


NAMED: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "trixie": (3, 2),
        "patent": (3, 1),
        "yankee": (4, 2),
        "lucky15": (4, 1),
        "canadian": (5, 2),
        "lucky31": (5, 1),
        "heinz": (6, 2),
        "lucky63": (6, 1),
        "super_heinz": (7, 2),
        "goliath": (8, 2),
    }
)
"""By name: how many legs, and the smallest line; the largest has all legs."""


def named(name: str, *, bankers: int = 0) -> System:
    """Return a system by its name.

    >>> named("yankee").count
    11
    """
    if name not in NAMED:
        raise InvalidInput(f"no system is called {name!r}: {nearest(name, list(NAMED))}")
    legs, smallest = NAMED[name]
    return System(legs=legs, sizes=tuple(range(smallest, legs + 1)), bankers=bankers)


def name_of(system: System) -> str:
    """Return the name of a system; empty where it has none."""
    if system.bankers or len(system.sizes) != system.sizes[-1] - system.sizes[0] + 1:
        return ""
    shape = (system.legs, system.sizes[0]) if system.sizes[-1] == system.legs else None
    return next((name for name, known in NAMED.items() if known == shape), "")


def sized(legs: int, smallest: int, largest: int | None = None, *, bankers: int = 0) -> System:
    """Return the system "smallest to largest of legs"; without a largest, of one size only.

    >>> sized(5, 3).count, sized(5, 3, 4).count
    (10, 15)
    """
    return System(legs=legs, sizes=tuple(range(smallest, (largest or smallest) + 1)), bankers=bankers)


def expand(system: System, bankers: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Yield each line as the places of its legs in the slip; name the places of bankers.

    >>> list(expand(sized(2, 1, bankers=1), bankers=(1,)))
    [(0, 1), (1, 2)]
    """
    named_once = sorted(set(bankers))
    places = range(system.legs + system.bankers)
    if len(bankers) != system.bankers or len(named_once) != len(bankers) or not set(bankers) <= set(places):
        raise InvalidInput(f"the bankers are {list(bankers)}: name {system.bankers} places of legs")
    if system.count > LINES_LISTED_MAX:
        raise InvalidInput(f"{system.count} lines are not listed one by one: at most {LINES_LISTED_MAX}")
    others = [place for place in places if place not in named_once]
    for size in system.sizes:
        for line in combinations(others, size):
            yield tuple(sorted((*line, *bankers)))


def unit_stake(total: int, line_count: int) -> int:
    """Return the stake of each line of a total; one that does not divide is refused, not rounded.

    >>> unit_stake(1100, 11)
    100
    """
    if total < 1 or total % line_count:
        below, above = total // line_count * line_count, (total // line_count + 1) * line_count
        raise InvalidInput(f"{total} over {line_count} lines is not whole: stake {below or above} or {above}")
    return total // line_count
