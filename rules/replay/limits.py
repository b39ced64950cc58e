"""A rule's limits over its matches, in the order of time: uses, cool-downs, the holdout and the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.rule import Budget, PerPlayer, Reward
from pitboss.rules.replay.history import AT, PLAYER
from pitboss.rules.runtime.holdout import is_held_out
from pitboss.rules.runtime.periods import period_start
from pitboss.rules.runtime.tables import Outcome
from pitboss.rules.runtime.uses import cool_down

SLOT_SECONDS = 900
"""Every time zone is a whole number of these away from UTC, so that periods begin with one."""
EXCLUDED, IS_EMPTY, BUDGETED = "excluded", "is_empty", "budgeted"
"""Columns of matches: lost in its group, comes to nothing, and what it takes of the budget."""

OUTCOMES = tuple(Outcome)
_CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_DONE, _CAPPED, _HELD_OUT, _OUT_OF_BUDGET = (
    _CODES[outcome] for outcome in (Outcome.DONE, Outcome.CAPPED, Outcome.HELD_OUT, Outcome.OUT_OF_BUDGET)
)


@dataclass(slots=True)
class Limited:
    """What became of each match."""

    codes: Array
    """The place of each outcome in OUTCOMES."""
    used_up: dict[datetime, tuple[int, int]] = field(default_factory=dict)
    """When a period of the budget began that could not pay: how often, and how much."""

    def is_(self, outcome: Outcome) -> Array:
        """Tell which matches came to that."""
        found: Array = self.codes == _CODES[outcome]
        return found

    def counts(self) -> dict[str, int]:
        """Return how many matches came to what."""
        counted = np.bincount(self.codes, minlength=len(OUTCOMES))
        return {str(outcome): int(n) for outcome, n in zip(OUTCOMES, counted, strict=True) if n}


def apply_limits(matches: pl.DataFrame, rule: Reward, zone: ZoneInfo, places: int) -> Limited:
    """Return what became of matches that stand in the order of time, as if none had been before."""
    codes = np.full(matches.height, _CODES[Outcome.DONE], np.int8)
    codes[matches[IS_EMPTY].to_numpy()] = _CODES[Outcome.NOTHING]
    codes[matches[EXCLUDED].to_numpy()] = _CODES[Outcome.EXCLUDED]
    limited = Limited(codes)
    limits = rule.limits
    per_player, budget = (limits.per_player, limits.budget) if limits is not None else (None, None)
    if per_player is not None or budget is not None or rule.holdout_percent:
        run = _Run(rule, per_player, budget, places, limited)
        run.through(matches, zone)
    return limited


class _Run:
    """The limits under way."""

    def __init__(
        self, rule: Reward, per_player: PerPlayer | None, budget: Budget | None, places: int, limited: Limited
    ) -> None:
        self.key, self.holdout, self.limited = rule.key, rule.holdout_percent, limited
        self.count = per_player.count if per_player is not None else 0
        self.rest = cool_down(per_player.cool_down).total_seconds() if per_player is not None else 0.0
        self.total = None if budget is None else int(Decimal(repr(budget.amount)).scaleb(places))
        self.periods = (
            per_player.period if per_player is not None else "lifetime",
            budget.period if budget is not None else "lifetime",
        )
        self.uses: dict[str, tuple[float, int, float]] = {}
        """Of each player: when the period of the last use began, how many were in it, when the last was."""
        self.held_out: dict[str, bool] = {}
        self.spent: dict[float, int] = {}

    def through(self, matches: pl.DataFrame, zone: ZoneInfo) -> None:
        """Go through the matches that are still to be done."""
        codes = self.limited.codes
        at = matches[AT].to_numpy()
        uses, budgets = (period_starts(at, period, zone) for period in self.periods)
        rows = np.flatnonzero(codes == _CODES[Outcome.DONE])
        columns = (at[rows], uses[rows], budgets[rows], matches[BUDGETED].to_numpy()[rows])
        players = matches[PLAYER].gather(rows).to_list()
        settled = map(self._settled, players, *(column.tolist() for column in columns))
        codes[rows] = np.fromiter(settled, np.int8, len(rows))

    def _settled(self, player: str | None, at: float, period: float, fund: float, amount: int) -> int:
        use = None
        if player is not None:
            if self.count:
                use = self._use(player, at, period)
                if use is None:
                    return _CAPPED
            if self.holdout and self._is_held_out(player):
                self._take(player, use)
                return _HELD_OUT
        if self.total is not None and amount and not self._reserve(fund, amount):
            return _OUT_OF_BUDGET
        if player is not None:
            self._take(player, use)
        return _DONE

    def _use(self, player: str, at: float, period: float) -> tuple[float, int, float] | None:
        """Return the use that a player would take, or None where the rule allows no further one."""
        known = self.uses.get(player)
        if known is None:
            return period, 1, at
        began, count, last = known
        is_free = began < period or (began == period and count < self.count)
        if not is_free or last > at - self.rest:
            return None
        return period, count + 1 if began == period else 1, at

    def _take(self, player: str, use: tuple[float, int, float] | None) -> None:
        if use is not None:
            self.uses[player] = use

    def _is_held_out(self, player: str) -> bool:
        found = self.held_out.get(player)
        if found is None:
            found = self.held_out[player] = is_held_out(self.key, player, self.holdout)
        return found

    def _reserve(self, fund: float, amount: int) -> bool:
        spent = self.spent.get(fund, 0) + amount
        if self.total is not None and spent > self.total:
            period = datetime.fromtimestamp(fund, UTC)
            times, much = self.limited.used_up.get(period, (0, 0))
            self.limited.used_up[period] = (times + 1, much + amount)
            return False
        self.spent[fund] = spent
        return True


def period_starts(at: Array, period: Any, zone: ZoneInfo) -> Array:
    """Return when the period began that each moment lies in, in seconds since 1970."""
    return _by_slot(at, lambda moment: period_start(period, moment, zone).timestamp(), np.float64)


def days_of(at: Array, zone: ZoneInfo) -> Array:
    """Return the day of each moment in a time zone, as the number of days since the year 1."""
    return _by_slot(at, lambda moment: moment.astimezone(zone).toordinal(), np.int64)


def _by_slot(at: Array, of: Callable[[datetime], Any], kind: Any) -> Array:
    slots, where = np.unique(np.floor_divide(at, SLOT_SECONDS), return_inverse=True)
    found: Mapping[int, Any] = {
        n: of(datetime.fromtimestamp(slot * SLOT_SECONDS, UTC)) for n, slot in enumerate(slots.tolist())
    }
    return np.array([found[n] for n in range(len(slots))], kind)[where] if len(slots) else np.zeros(0, kind)
