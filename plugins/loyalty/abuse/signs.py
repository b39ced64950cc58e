"""Signs that rewards are farmed rather than played for: what was seen, how grave it is, what to do.

A detector judges facts and does nothing; no signal blocks anybody before a person has looked, save
that what is due from 8 on is held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.abuse.links import SCORE_MAX, WEIGHTS, Kind, Traits, clusters

Detector = Literal[
    "bonus_hunting", "opposite_betting", "minimal_playthrough", "chip_dumping", "multi_accounting"
]
Step = Literal["watch", "stop_bonuses", "hold_rewards"]

STOP_SEVERITY = 5
HOLD_SEVERITY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a detector found."""

    detector: Detector
    players: frozenset[str]
    severity: int
    """From 1 to 10."""
    reason: str
    """One sentence, for the person who decides."""
    evidence: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def step(self) -> Step:
        """Return what to do until somebody has decided."""
        if self.severity >= HOLD_SEVERITY:
            return "hold_rewards"
        return "stop_bonuses" if self.severity >= STOP_SEVERITY else "watch"

    @property
    def needs_case(self) -> bool:
        """Tell whether compliance has to open a case."""
        return self.severity >= HOLD_SEVERITY


# -- bonus hunting ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusPlay:
    """What a player staked in a window, and how much of it while a bonus was active."""

    player: str
    staked: int
    staked_with_bonus: int
    bonuses: int


def bonus_hunting(
    play: BonusPlay, *, bonuses_min: int = 3, share_min: Fraction = Fraction(9, 10)
) -> Signal | None:
    """Find a player who wagers only while a bonus is active."""
    if not 0 <= play.staked_with_bonus <= play.staked:
        raise InvalidInput(f"{play.staked_with_bonus} of {play.staked} staked with bonus: give a part of it")
    share = _share(play.staked_with_bonus, play.staked)
    if play.bonuses < bonuses_min or share < share_min:
        return None
    return Signal(
        detector="bonus_hunting",
        players=frozenset({play.player}),
        severity=_severity(share, share_min, low=4, high=7),
        reason=marked(
            f"{_percent(share)} of what was wagered with {play.bonuses} bonuses was wagered with bonus"
        ),
        evidence={
            "staked": play.staked,
            "staked_with_bonus": play.staked_with_bonus,
            "bonuses": play.bonuses,
        },
    )


# -- opposite betting ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Bet:
    """A stake on one selection of a market."""

    player: str
    market: str
    selection: str
    stake: int


def opposite_betting(
    bets: Sequence[Bet], *, markets_min: int = 3, share_min: Fraction = Fraction(1, 2)
) -> Signal | None:
    """Find one player, or several together, who cover the sides of a market: little is ever at risk."""
    by_market: dict[str, dict[str, int]] = {}
    for bet in bets:
        sides = by_market.setdefault(bet.market, {})
        sides[bet.selection] = sides.get(bet.selection, 0) + bet.stake
    covered = {market: covered_stake(sides) for market, sides in by_market.items()}
    markets = sum(1 for amount in covered.values() if amount)
    opposite, staked = sum(covered.values()), sum(bet.stake for bet in bets)
    share = _share(opposite, staked)
    if markets < markets_min or share < share_min:
        return None
    players = frozenset(bet.player for bet in bets)
    return Signal(
        detector="opposite_betting",
        players=players,
        severity=_severity(share, share_min, low=5, high=8) + (len(players) > 1),
        reason=marked(f"{_percent(share)} of the stakes cover each other, in {markets} markets"),
        evidence={"staked": staked, "opposite": opposite, "markets": markets},
    )


def covered_stake(sides: Mapping[str, int]) -> int:
    """Return how much of a market's stakes cover each other.

    >>> covered_stake({"red": 100, "black": 90}), covered_stake({"red": 100})
    (180, 0)
    """
    total, largest = sum(sides.values()), max(sides.values(), default=0)
    return 2 * min(largest, total - largest)


# -- minimal play-through --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayThrough:
    """One bonus that was completed: what it asked, what was wagered until the withdrawal, and how soon."""

    requirement: int
    wagered: int
    seconds_until_withdrawal: int


def minimal_playthrough(
    player: str,
    bonuses: Iterable[PlayThrough],
    *,
    times_min: int = 3,
    excess_max: Fraction = Fraction(1, 20),
    seconds_max: int = 24 * 3600,
) -> Signal | None:
    """Find a player who again and again wagers just what is asked, and withdraws at once."""
    all_of_them = list(bonuses)
    minimal = [
        bonus
        for bonus in all_of_them
        if bonus.wagered <= bonus.requirement * (1 + excess_max)
        and bonus.seconds_until_withdrawal <= seconds_max
    ]
    if len(minimal) < times_min:
        return None
    share = _share(len(minimal), len(all_of_them))
    return Signal(
        detector="minimal_playthrough",
        players=frozenset({player}),
        severity=_severity(share, Fraction(0), low=3, high=6),
        reason=marked(
            f"{len(minimal)} of {len(all_of_them)} bonuses were wagered just enough, then withdrawn"
        ),
        evidence={"minimal": len(minimal), "completed": len(all_of_them)},
    )


# -- chip dumping ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What one player lost to another in a round of a game between players."""

    loser: str
    winner: str
    amount: int


def chip_dumping(
    transfers: Iterable[Transfer],
    *,
    rounds_min: int = 10,
    amount_min: int = 10_000,
    share_min: Fraction = Fraction(4, 5),
) -> list[Signal]:
    """Find pairs in which nearly all goes one way; gravest first."""
    flows: dict[tuple[str, str], list[int]] = {}
    for transfer in transfers:
        flows.setdefault((transfer.loser, transfer.winner), []).append(transfer.amount)
    signals = []
    for (loser, winner), amounts in flows.items():
        back = flows.get((winner, loser), [])
        given, between = sum(amounts), sum(amounts) + sum(back)
        share = _share(given, between)
        if len(amounts) + len(back) >= rounds_min and given >= amount_min and share >= share_min:
            signals.append(_dumped(loser, winner, given, between, _severity(share, share_min, low=6, high=9)))
    return sorted(signals, key=lambda signal: (-signal.severity, sorted(signal.players)))


def _dumped(loser: str, winner: str, given: int, between: int, severity: int) -> Signal:
    share = _percent(_share(given, between))
    return Signal(
        detector="chip_dumping",
        players=frozenset({loser, winner}),
        severity=severity,
        reason=marked(f"{share} of what {loser} and {winner} lost to each other went to {winner}"),
        evidence={"loser": loser, "winner": winner, "given": given, "returned": between - given},
    )


# -- multi-accounting ------------------------------------------------------------------------------


def multi_accounting(
    traits: Sequence[Traits], *, score_min: int = 5, weights: Mapping[Kind, int] = WEIGHTS
) -> list[Signal]:
    """Find accounts that look like one person; same device and card is 8 of 10."""
    return [
        Signal(
            detector="multi_accounting",
            players=cluster.players,
            severity=min(SCORE_MAX, max(1, cluster.score)),
            reason=marked(f"{len(cluster.players)} accounts look like one: {', '.join(cluster.reasons)}"),
            evidence={"accounts": len(cluster.players), "score": cluster.score},
        )
        for cluster in clusters(traits, score_min=score_min, weights=weights)
    ]


# -- helpers ---------------------------------------------------------------------------------------


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)


def _percent(share: Fraction) -> str:
    return f"{int(share * 100)} %"


def _severity(share: Fraction, share_min: Fraction, *, low: int, high: int) -> int:
    """Return `low` at the threshold, `high` at 1, and whole numbers evenly between."""
    if share_min >= 1:
        return high
    return low + int((high - low) * (share - share_min) / (1 - share_min))
