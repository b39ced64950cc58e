"""The match of the demo that is always on: played in minutes, decided, and followed by the next.

Each step asks for the next one, so it plays only where a demo was loaded. One showcase match is open at any
time: the next is scheduled in the transaction that ends the one before.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp, factorial
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.errors import Conflict
from pitboss.plugins.sports import staging
from pitboss.plugins.sports.fixtures import book
from pitboss.plugins.sports.fixtures.states import OPEN
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live.feed import Update

PLAY = "sports.play_demo_match"
STEP_SECONDS, STEP_MINUTES = 10, 3
"""A step of ten seconds plays three minutes: a match takes five minutes."""
HALF, FULL = 45, 90
JOINED_MINUTE = 57
"""How far the first match is when the demo is loaded."""
BREAK_SECONDS = 45
"""From a full time to the next kick-off: time to bet before the match."""
RESULT_SECONDS = 10
NAMES = (
    *("Wrexham", "Swansea City", "Cardiff City", "Newport", "Barry Town", "Bala Town"),
    *("Aberystwyth", "Penybont", "Caernarfon", "Flint Town", "Haverfordwest", "Llanelli"),
)
PAIRS_TRIED_MAX = 50
GOALS_MAX = 8
"""More goals of one side in the time that is left are too unlikely to matter."""
LIKELY_MIN = 0.015
"""Nothing is priced as if it could not happen."""


@dataclass(frozen=True, slots=True)
class Script:
    """How a match goes: the same each time it is asked for."""

    rates: Mapping[str, float]
    """How many goals each side is expected to score in a match."""
    goals: tuple[tuple[int, str], ...]
    """Minute and side of each."""

    def score(self, since: int, until: int) -> dict[str, int]:
        """Return the goals of each side after a minute, up to another."""
        return {
            side: sum(since < at <= until and who == side for at, who in self.goals) for side in self.rates
        }


def script_of(external_id: str) -> Script:
    """Return how a match goes."""
    chance = random.Random(external_id)  # noqa: S311 - the same match each time, nothing secret
    rates = {"home": chance.uniform(1.0, 2.2), "away": chance.uniform(0.8, 1.9)}
    shots = [(minute, side) for side in rates for minute in range(1, FULL)]
    goals = [(minute, side) for minute, side in shots if chance.random() < rates[side] / FULL]
    return Script(rates, tuple(sorted(goals)))


def begin(ctx: Context, competition_id: UUID) -> None:
    """Let a match be on that is in its second half, unless the show goes on already."""
    if not _on(ctx, competition_id):
        _schedule(ctx, competition_id, minute=JOINED_MINUTE)


def play(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Play a few minutes; at full time, have the result recorded and the next match scheduled."""
    fixture_id, minute = UUID(payload["fixture_id"]), payload["minute"]
    fixture = book.find(ctx, fixture_id)
    script = script_of(payload["external_id"])
    # An operator may have ended it by hand: then the show goes on with the next.
    if fixture.status in OPEN:
        _tell(ctx, fixture_id, script, minute)
        if minute < FULL:
            staging.price(ctx, fixture_id, chances(script, minute), random.Random(f"{fixture_id}{minute}"))  # noqa: S311 - see script_of
            _go_on(ctx, payload, minute=min(FULL, minute + STEP_MINUTES), delay_seconds=STEP_SECONDS)
            return
        staging.decide(ctx, fixture_id, _outcome(script), delay_seconds=RESULT_SECONDS)
    if not _on(ctx, fixture.competition_id):
        _schedule(ctx, fixture.competition_id, minute=0)


def chances(script: Script, minute: int) -> staging.Chances:
    """Return how likely it is that the match ends in each way, as it stands: goals come at even odds."""
    now, left = script.score(0, minute), 1 - minute / FULL
    of = {
        side: [_poisson(rate * left, n) for n in range(GOALS_MAX + 1)] for side, rate in script.rates.items()
    }
    result, over = {"home": 0.0, "draw": 0.0, "away": 0.0}, 0.0
    for more_home, p_home in enumerate(of["home"]):
        for more_away, p_away in enumerate(of["away"]):
            home, away = now["home"] + more_home, now["away"] + more_away
            result["home" if home > away else "away" if away > home else "draw"] += p_home * p_away
            over += p_home * p_away * (home + away > 2)
    return (
        ("match_result", "", _bounded(result)),
        ("over_under", "2.5", _bounded({"over": over, "under": 1 - over})),
    )


def _on(ctx: Context, competition_id: UUID) -> bool:
    """Tell whether a match of the show is still to be played to its end."""
    rows = book.list_fixtures(
        ctx,
        statuses=OPEN,
        competition_ids=[competition_id],
        starts_before=ctx.clock.now() + timedelta(days=1),
    )
    return bool(rows)


def _schedule(ctx: Context, competition_id: UUID, *, minute: int) -> None:
    """Schedule a match between two that did not meet lately, and ask for its first step."""
    starts_at = ctx.clock.now() + (timedelta(minutes=-minute) if minute else timedelta(seconds=BREAK_SECONDS))
    external_id = f"showcase-{ctx.clock.now().isoformat(timespec='seconds')}"
    chance = random.Random(external_id)  # noqa: S311 - see script_of
    for _ in range(PAIRS_TRIED_MAX):
        names = chance.sample(NAMES, 2)
        made = staging.match(ctx, competition_id, names, starts_at, external_id=external_id, country="GB")
        if made is not None:
            break
    else:
        raise Conflict(f"no two of {len(NAMES)} teams are free to play: play fewer matches an hour")
    script = script_of(external_id)
    staging.price(ctx, made, chances(script, minute), chance)
    told = {"fixture_id": str(made), "external_id": external_id}
    if minute:
        _tell(ctx, made, script, minute)
    delay = STEP_SECONDS if minute else BREAK_SECONDS
    _go_on(ctx, told, minute=minute + STEP_MINUTES if minute else 1, delay_seconds=delay)


def _go_on(ctx: Context, told: Mapping[str, Any], *, minute: int, delay_seconds: int) -> None:
    key = f"showcase:{told['fixture_id']}:{minute}"
    ctx.enqueue(PLAY, {**told, "minute": minute}, key=key, delay_seconds=delay_seconds)


def _tell(ctx: Context, fixture_id: UUID, script: Script, minute: int) -> None:
    update = Update(
        sequence=minute,
        happened_at=ctx.clock.now(),
        minute=minute,
        period="1h" if minute <= HALF else "2h",
        score=script.score(0, minute),
        status="finished" if minute == FULL else "",
        # Tells everything: steps are numbered by the minute, and most minutes have none.
        is_snapshot=True,
    )
    lives.take(ctx, fixture_id, staging.SOURCE, [update])


def _outcome(script: Script) -> dict[str, Any]:
    halves = (("1h", 0, HALF), ("2h", HALF, FULL))
    return {"periods": [staging.period(code, **script.score(since, until)) for code, since, until in halves]}


def _poisson(rate: float, goals: int) -> float:
    return exp(-rate) * rate**goals / factorial(goals)


def _bounded(likely: Mapping[str, float]) -> dict[str, float]:
    least = {code: max(LIKELY_MIN, p) for code, p in likely.items()}
    return {code: p / sum(least.values()) for code, p in least.items()}


TASKS: tuple[Task, ...] = (Task(name=PLAY, title="Play the match of the demo that is always on", run=play),)
