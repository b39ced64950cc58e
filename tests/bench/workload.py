"""Players and reward rules of a casino, the same in each run: what the rules engine and its peers are given.

A player has three texts and ten numbers. A rule has two to seven tests, of which about one player in a
hundred passes all; it pays by a formula, up to a cap.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from pitboss.rules.engine.catalogue import Catalogue, Variable, catalogue_of

SEED = 20_240_607
SELECTIVITY = 0.01

TEXTS: Mapping[str, Sequence[str]] = {
    "segment": ("LOSING", "WINNING", "NEW", "CASUAL", "VIP", "DORMANT"),
    "country": ("DE", "FR", "IT", "ES", "PT", "NL", "SE", "FI", "NO", "PL"),
    "tier": ("bronze", "silver", "gold", "platinum", "diamond"),
}
NUMBERS: Mapping[str, Callable[[random.Random], float]] = {
    "net_loss": lambda chance: round(chance.lognormvariate(4.0, 1.2) - 40, 2),
    "session_count": lambda chance: int(chance.expovariate(1 / 12)),
    "days_since_last_deposit": lambda chance: int(chance.expovariate(1 / 15)),
    "deposit_count": lambda chance: int(chance.expovariate(1 / 9)),
    "total_deposits": lambda chance: round(chance.lognormvariate(5.0, 1.3), 2),
    "avg_bet": lambda chance: round(chance.lognormvariate(1.0, 0.9), 2),
    "account_age_days": lambda chance: int(chance.expovariate(1 / 300)),
    "win_rate": lambda chance: round(chance.betavariate(4, 5), 4),
    "bonus_count_30d": lambda chance: int(chance.expovariate(1 / 4)),
    "last_login_days": lambda chance: int(chance.expovariate(1 / 6)),
}
FORMULAS = (
    "net_loss * {share}",
    "avg_bet * {times} + 10",
    "total_deposits * {share}",
    "deposit_count * {times}",
    "(net_loss + total_deposits) * {share}",
    "avg_bet * {times} + win_rate * 20",
)

CATALOGUE: Catalogue = catalogue_of(
    [
        *(Variable(name=name, type="choice", choices=tuple(texts)) for name, texts in TEXTS.items()),
        *(Variable(name=name) for name in NUMBERS),
        Variable(name="temperature"),
        Variable(name="wind_speed"),
    ]
)

Player: TypeAlias = dict[str, Any]
Envelope: TypeAlias = dict[str, Any]
"""A rule as JSON."""
Test: TypeAlias = tuple[str, str, Any]
"""A fact, one of == in >= <=, and what it is compared with."""

SEGMENT = {
    "segment": "LOSING",
    "net_loss_min": 100,
    "session_count_min": 3,
    "days_since_last_deposit": {"max": 7},
}
FORMULA = "(temperature - 32) * 0.01 + (wind_speed / 20)"


def players(count: int, seed: int = SEED) -> list[Player]:
    """Make up players, admitted as events are."""
    chance = random.Random(seed)
    return [CATALOGUE.admit(_player(chance)) for _ in range(count)]


def envelopes(count: int, seed: int = SEED + 1) -> list[Envelope]:
    """Make up reward rules."""
    chance = random.Random(seed)
    return [_envelope(chance, number) for number in range(count)]


def tests_of(form: Mapping[str, Any]) -> list[Test]:
    """Return what a condition asks, one by one, for those who write it in another dialect."""
    tests: list[Test] = []
    for key, value in form.items():
        if isinstance(value, dict):
            tests += [(key, {"min": ">=", "max": "<="}[word], bound) for word, bound in value.items()]
        elif isinstance(value, list):
            tests.append((key, "in", value))
        elif key.endswith("_min"):
            tests.append((key.removesuffix("_min"), ">=", value))
        else:
            tests.append((key, "==", value))
    return tests


def payment(envelope: Envelope) -> tuple[str, float]:
    """Return the formula and the cap of a rule."""
    (action,) = envelope["then"]
    return action["formula"], float(action["max_amount"])


def _player(chance: random.Random) -> Player:
    texts = {name: chance.choice(values) for name, values in TEXTS.items()}
    return texts | {name: draw(chance) for name, draw in NUMBERS.items()}


def _envelope(chance: random.Random, number: int) -> Envelope:
    when, passing = _text_tests(chance)
    when |= _number_tests(chance, min(1.0, SELECTIVITY / passing))
    share, times = round(chance.uniform(0.01, 0.25), 2), chance.randint(2, 9)
    action = {
        "action": "loyalty.grant_bonus",
        "formula": chance.choice(FORMULAS).format(share=share, times=times),
        "max_amount": chance.choice([50, 100, 200, 500]),
        "wagering_requirement": 10,
        "expiry_hours": 48,
    }
    return {
        "kind": "reward",
        "key": f"rule-{number}",
        "name": f"Rule {number}",
        "on": ["betting.bet_settled"],
        "when": when,
        "then": [action],
    }


def _text_tests(chance: random.Random) -> tuple[dict[str, Any], float]:
    """Ask for some texts; return with them what share of players passes."""
    when: dict[str, Any] = {}
    passing = 1.0
    if chance.random() < 0.8:
        when["segment"], passing = chance.choice(TEXTS["segment"]), passing / 6
    countries = chance.random()
    if countries < 0.25:
        when["country"], passing = chance.choice(TEXTS["country"]), passing / 10
    elif countries < 0.45:
        when["country"], passing = sorted(chance.sample(TEXTS["country"], 3)), passing * 0.3
    if chance.random() < 0.3 and passing > 0.05:
        when["tier"], passing = chance.choice(TEXTS["tier"]), passing / 5
    return when, passing


def _number_tests(chance: random.Random, passing: float) -> dict[str, Any]:
    """Ask for the least or most of some numbers, so that such a share of players passes."""
    names = chance.sample(list(NUMBERS), chance.choice([2, 3, 3, 4]))
    weights = [chance.random() + 0.2 for _ in names]
    when: dict[str, Any] = {}
    for name, weight in zip(names, weights, strict=True):
        share = passing ** (weight / sum(weights))
        seen = _sorted_numbers()[name]
        is_most = chance.random() < 0.5
        place = int(share * len(seen)) - 1 if is_most else int((1 - share) * len(seen))
        bound = seen[max(0, min(len(seen) - 1, place))]
        when |= {name: {"max": bound}} if is_most else {f"{name}_min": bound}
    return when


@cache
def _sorted_numbers() -> Mapping[str, list[float]]:
    chance = random.Random(SEED + 7)
    some = [_player(chance) for _ in range(8_000)]
    return {name: sorted(player[name] for player in some) for name in NUMBERS}
