"""What a simulation came to, as an operator reads it: who, how often, how much, and what would change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.core.texts import kept
from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.replay import harm
from pitboss.rules.replay.history import AT, PLAYER, first_recorded
from pitboss.rules.replay.limits import Limited, apply_limits, days_of
from pitboss.rules.replay.projection import DAYS, DAYS_MIN, project
from pitboss.rules.replay.replay import Replayed
from pitboss.rules.replay.sample import explained
from pitboss.rules.replay.trial import Trial, amounts_of
from pitboss.rules.runtime.tables import Outcome

LISTED_MAX = 100
"""How many flagged players are named, and how many of those who got most."""
DAYS_LISTED_MAX = 1_000
METHOD = kept(
    "bootstrap over the days that were replayed: the mean day times %(days)s, and 95 %% of resamples",
    days=DAYS,
)


def report(ctx: Context, done: Replayed) -> dict[str, Any]:
    """Return the report of a simulation, as JSON holds it."""
    return _Report(ctx, done).as_json()


class _Report:
    def __init__(self, ctx: Context, done: Replayed) -> None:
        self.ctx, self.done, self.asked = ctx, done, done.asked
        self.trial = done.now
        self.units = self.trial.units
        self.unit = self.units[0] if self.units else ctx.tenant.currency
        self.matches = self.trial.matches()
        self.limited = self._limited(self.trial, self.matches)
        self.amount = self._amount(self.trial, self.matches)
        self.is_done = self.limited.is_(Outcome.DONE)
        self.paid = np.where(self.is_done, self.amount, 0)
        self.flagged = self._flagged()
        self.rest = harm.without(self.matches, self.flagged)
        self.paid_rest = self._paid(self.trial, self.rest) if self.flagged.reasons else self.paid
        self.day = days_of(self.matches[AT].to_numpy(), ctx.tenant.zone)

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        asked = self.asked
        return {
            "rule": asked.key,
            "version": asked.number,
            **asked.as_json(),
            "rows": sum(self.done.rows.values()),
            "events": {name: rows for name, rows in self.done.rows.items() if name},
            "unit": self.unit,
            "matches": self.matches.height,
            "players": self.matches[PLAYER].drop_nulls().n_unique(),
            "players_rewarded": self.matches.filter(self.is_done)[PLAYER].drop_nulls().n_unique(),
            "outcomes": self.limited.counts(),
            "cost": self._cost(),
            "days": self._days(),
            "budget": self._budget(),
            "projection": self._projection(),
            "change": self._change(),
            "overlap": self._overlap(),
            "flagged": self._harm(),
            "top": self._top(),
            "sample": explained(self.ctx, self.done, self.matches, self.limited, self.amount, self.text),
            "faults": self.trial.faults,
            "unknown": self.done.unknown,
            "notes": list(self._notes()),
        }

    def text(self, minor: float) -> str:
        """Write an amount of the unit that the rule pays."""
        return self.ctx.tenant.currencies.text(Money(round(minor), self.unit))

    # -- how much ----------------------------------------------------------------------------------

    def _limited(self, trial: Trial, matches: pl.DataFrame) -> Limited:
        places = self.ctx.tenant.currencies.places(trial.units[0] if trial.units else self.unit)
        return apply_limits(matches, trial.rule, self.ctx.tenant.zone, places)

    def _amount(self, trial: Trial, matches: pl.DataFrame) -> Array:
        """Return what each match would pay in the unit of the rule."""
        found = amounts_of(matches, trial.units).get(self.unit)
        return np.zeros(matches.height, np.int64) if found is None else found

    def _paid(self, trial: Trial, matches: pl.DataFrame) -> Array:
        limited = self._limited(trial, matches)
        paid: Array = np.where(limited.is_(Outcome.DONE), self._amount(trial, matches), 0)
        return paid

    def _cost(self) -> dict[str, Any]:
        count, total = int(self.is_done.sum()), int(self.paid.sum())
        return {
            "raw": self.text(int(self.amount.sum())),
            "paid": self.text(total),
            "held_back": self.text(int(self.amount[self.limited.is_(Outcome.HELD_OUT)].sum())),
            "without_flagged": self.text(int(self.paid_rest.sum())),
            "mean": self.text(total / count if count else 0),
            "highest": self.text(int(self.paid.max()) if len(self.paid) else 0),
            "cut_by_max_amount": sum(c.counted.cut for c in self.trial.candidates),
            "below_zero": sum(c.counted.negative for c in self.trial.candidates),
            "also": self._also(),
        }

    def _also(self) -> dict[str, str]:
        """Return what is paid in other units."""
        return {
            unit: self.ctx.tenant.currencies.text(Money(int(amounts[self.is_done].sum()), unit))
            for unit, amounts in amounts_of(self.matches, self.units).items()
            if unit != self.unit
        }

    def _change(self) -> dict[str, Any] | None:
        before, compared = self.done.before, self.done.compared
        if before is None:
            return None
        paid = int(self._paid(before, before.matches()).sum())
        return {
            "version": before.number,
            "gained": compared.gained,
            "lost": compared.lost,
            "changed": compared.changed,
            "cost_before": self.text(paid),
            "difference": self.text(int(self.paid.sum()) - paid),
        }

    def _overlap(self) -> list[dict[str, Any]]:
        most = sorted(self.trial.shared.items(), key=lambda item: -item[1].rows)
        return [
            {
                "rule": key,
                "rows": shared.rows,
                "pays": self.text(shared.own),
                "other_pays": self.text(shared.other),
            }
            for key, shared in most
        ]

    # -- when --------------------------------------------------------------------------------------

    def _ordinals(self) -> range:
        zone = self.ctx.tenant.zone
        first = self.asked.from_.astimezone(zone).toordinal()
        last = (self.asked.until - timedelta(microseconds=1)).astimezone(zone).toordinal()
        return range(first, last + 1)

    def _by_day(self, weights: Array | None = None) -> list[float]:
        days = self._ordinals()
        counted = np.bincount(self.day - days.start, weights=weights, minlength=len(days))
        return counted.tolist()  # type: ignore[no-any-return]  # numbers

    def _days(self) -> list[dict[str, Any]]:
        if self.asked.over != "history":
            return []
        columns = (
            self._by_day(),
            self._by_day(self.is_done),
            self._by_day(self.amount),
            self._by_day(self.paid),
        )
        listed = [
            {
                "day": date.fromordinal(day).isoformat(),
                "matches": int(matches),
                "done": int(done),
                "raw": self.text(raw),
                "paid": self.text(paid),
            }
            for day, matches, done, raw, paid in zip(self._ordinals(), *columns, strict=True)
        ]
        return listed[-DAYS_LISTED_MAX:]

    def _projection(self) -> dict[str, Any] | None:
        if self.asked.over != "history":
            return None
        found = project(self._by_day(self.paid)[self._empty_days :])
        if found is None:
            return None
        return {
            "days": DAYS,
            "cost": self.text(found.cost),
            "low": self.text(found.low),
            "high": self.text(found.high),
            "method": METHOD,
        }

    def _budget(self) -> dict[str, Any] | None:
        budget = self.trial.rule.limits.budget if self.trial.rule.limits else None
        if budget is None:
            return None
        used_up = sorted(self.limited.used_up.items())
        return {
            "amount": f"{budget.amount:g}",
            "period": budget.period,
            "used_up": [
                {
                    "since": period.astimezone(self.ctx.tenant.zone).isoformat(),
                    "turned_away": times,
                    "amount": self.text(much),
                }
                for period, (times, much) in used_up[:DAYS_LISTED_MAX]
            ],
        }

    # -- who ---------------------------------------------------------------------------------------

    def _flagged(self) -> harm.Flagged:
        if not self.trial.candidates:
            return harm.Flagged()
        actions = tuple(action.name for action in self.trial.candidates[0].live.program.actions)
        return harm.flagged(
            self.ctx, self.asked.key, self.asked.number, actions, self.matches, self.done.harm
        )

    def _harm(self) -> dict[str, Any]:
        return {
            "players": len(self.flagged.reasons),
            "matches": self.matches.height - self.rest.height,
            "cost": self.text(int(self.paid.sum()) - int(self.paid_rest.sum())),
            "not_asked": self.flagged.not_asked,
            "listed": harm.listed(self.flagged, LISTED_MAX),
        }

    def _top(self) -> list[dict[str, Any]]:
        got = self.matches.select(PLAYER).with_columns(paid=pl.Series(self.paid, dtype=pl.Int64))
        most = (
            got.filter(pl.col(PLAYER).is_not_null(), self.is_done)
            .group_by(PLAYER)
            .agg(pl.len().alias("times"), pl.col("paid").sum())
            .sort(["paid", "times", PLAYER], descending=[True, True, False])
            .head(LISTED_MAX)
        )
        return [
            {"player_id": player, "times": times, "paid": self.text(paid)}
            for player, times, paid in most.rows()
        ]

    def _notes(self) -> Iterator[list[Any]]:
        rows = sum(self.done.rows.values())
        for fact, missing in self.done.unknown.items():
            if rows and missing == rows:
                yield kept(
                    "no row says %(fact)s: nothing was known of it, so that what reads it never matched",
                    fact=fact,
                )
        if self.asked.over == "history":
            yield from self._notes_on_days()
        if self.asked.over == "players":
            yield kept("every player was judged once, as they are now: limits by time had nothing to limit")
        if self.done.left_out:
            yield kept("overlap was not counted for %(count)s live rules", count=self.done.left_out)
        if self.asked.is_scheduled and self.trial.rule.effective is not None and not self.matches.height:
            yield kept(
                "the version has a schedule: simulate without it to see what it would do at other times"
            )

    def _notes_on_days(self) -> Iterator[list[Any]]:
        if self._empty_days:
            first = date.fromordinal(self._ordinals()[self._empty_days]).isoformat()
            yield kept(
                "nothing was recorded before %(day)s: only the days since then count for a projection",
                day=first,
            )
        if (recorded := len(self._ordinals()) - self._empty_days) < 2:
            yield kept("it is recorded for less than two days: too few for a projection")
        elif recorded < DAYS_MIN:
            yield kept("a projection from less than %(days)s days says little", days=DAYS_MIN)

    @cached_property
    def _empty_days(self) -> int:
        """How many of the days lie before anything was recorded: they say nothing of what days cost."""
        first, days = first_recorded(self.ctx), self._ordinals()
        if first is None:
            return 0
        return min(max(first.astimezone(self.ctx.tenant.zone).toordinal() - days.start, 0), len(days) - 1)
