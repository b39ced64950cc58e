"""What two accounts have in common, and how much that weighs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import Literal

from pitboss.core.errors import InvalidInput

Kind = Literal["device", "card", "ip", "address"]

SCORE_MAX = 10
PLAYERS_MAX = 500
"""The most accounts that are compared with each other at once: pairs grow with the square."""
WEIGHTS: Mapping[Kind, int] = MappingProxyType({"device": 4, "card": 4, "address": 3, "ip": 1})
"""What each kind weighs unless the tenant says otherwise: a household shares an IP, and a card never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of one account, as opaque fingerprints: never a card number."""

    player: str
    devices: frozenset[str] = frozenset()
    cards: frozenset[str] = frozenset()
    ips: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def of(self, kind: Kind) -> frozenset[str]:
        """Return the fingerprints of a kind."""
        named = {"device": self.devices, "card": self.cards, "ip": self.ips, "address": self.addresses}
        return named[kind]


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that two accounts share."""

    kind: Kind
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How alike two accounts are, from 0 to 10, with its reasons."""

    points: int
    links: tuple[Link, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Accounts that hang together, directly or through others."""

    players: frozenset[str]
    score: int
    """The strongest link between any two of them."""
    reasons: tuple[str, ...]


def shared(one: Traits, other: Traits) -> tuple[Link, ...]:
    """Return what two accounts have in common, each kind once."""
    found = ((kind, one.of(kind) & other.of(kind)) for kind in WEIGHTS)
    return tuple(Link(kind, tuple(sorted(values))) for kind, values in found if values)


def score(links: Iterable[Link], weights: Mapping[Kind, int] = WEIGHTS) -> Score:
    """Weigh links: each kind counts once, and no more than 10 together.

    >>> score([Link("device", ("d1",)), Link("card", ("c1",))])
    ... # doctest: +NORMALIZE_WHITESPACE
    Score(points=8, links=(Link(kind='device', values=('d1',)), Link(kind='card', values=('c1',))),
          reasons=('same device (+4)', 'same card (+4)'))
    """
    once = {link.kind: link for link in links}
    weighed = [(link, weights.get(kind, 0)) for kind, link in once.items()]
    return Score(
        points=min(SCORE_MAX, sum(weight for _, weight in weighed)),
        links=tuple(link for link, _ in weighed),
        reasons=tuple(f"same {link.kind} (+{weight})" for link, weight in weighed),
    )


def clusters(
    traits: Sequence[Traits], *, score_min: int, weights: Mapping[Kind, int] = WEIGHTS
) -> list[Cluster]:
    """Group accounts whose pairs score at least so much, strongest first."""
    if len(traits) > PLAYERS_MAX:
        raise InvalidInput(f"{len(traits)} accounts at once: compare at most {PLAYERS_MAX}")
    group = {known.player: frozenset({known.player}) for known in traits}
    pairs: list[tuple[frozenset[str], Score]] = []
    for one, other in combinations(traits, 2):
        found = score(shared(one, other), weights)
        if found.points >= score_min:
            pairs.append((frozenset({one.player, other.player}), found))
            joined = group[one.player] | group[other.player]
            group.update(dict.fromkeys(joined, joined))
    found_groups = {players for players in group.values() if len(players) > 1}
    return sorted(
        (_cluster(players, pairs) for players in found_groups),
        key=lambda cluster: (-cluster.score, sorted(cluster.players)),
    )


def _cluster(players: frozenset[str], pairs: Iterable[tuple[frozenset[str], Score]]) -> Cluster:
    inside = [found for pair, found in pairs if pair <= players]
    strongest = max(inside, key=lambda found: found.points)
    return Cluster(players=players, score=strongest.points, reasons=strongest.reasons)
