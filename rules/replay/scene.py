"""The rewards that are judged on one event together: which of them a row comes to, and which is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from pitboss.rules.engine.columns.resident import Array
from pitboss.rules.engine.rule import Exclusive
from pitboss.rules.replay.firing import Candidate, Fired


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the rule on trial in a block, before its limits."""

    rows: Array
    minor: tuple[Array, ...]
    excluded: Array
    """Where another rule of its group was taken."""


class Scene:
    """One rule on trial among the live rules, in the order in which they are judged."""

    def __init__(self, trial: Candidate, others: Sequence[Candidate]) -> None:
        self.trial, self.others = trial, tuple(others)
        self.order = sorted((trial, *others), key=lambda one: (-one.rule.priority, one.key))
        group = trial.rule.exclusive.group if trial.rule.exclusive else None
        self.reached: Mapping[Candidate, Fired] = {}
        """Where each fired in the last block, but for where one that stops stood before."""
        self.group = [c for c in self.order if group and c.rule.exclusive and c.rule.exclusive.group == group]

    def judge(self, fired: Mapping[Candidate, Fired], rows: int) -> Tried:
        """Return where the rule on trial fires, and for what."""
        found = self.reached = self._reached(fired, rows)
        own = found[self.trial]
        excluded = np.zeros(len(own.rows), np.bool_)
        minor = tuple(amounts.copy() for amounts in own.minor)
        if self.group:
            self._settle(found, minor, excluded)
        return Tried(own.rows, minor, excluded)

    def _reached(self, fired: Mapping[Candidate, Fired], rows: int) -> dict[Candidate, Fired]:
        """Leave out the rows in which a rule that stops stood before."""
        if not any(one.rule.stop for one in self.order):
            return dict(fired)
        goes_on = np.ones(rows, np.bool_)
        found = {}
        for one in self.order:
            kept = goes_on[fired[one].rows]
            found[one] = Fired(fired[one].rows[kept], tuple(a[kept] for a in fired[one].minor))
            if one.rule.stop:
                goes_on[found[one].rows] = False
        return found

    def _settle(self, found: Mapping[Candidate, Fired], minor: tuple[Array, ...], excluded: Array) -> None:
        """Settle each row of the group as it is settled when the event is judged."""
        rivals = [one for one in self.group if one is not self.trial]
        at = {one: {row: n for n, row in enumerate(found[one].rows.tolist())} for one in rivals}
        for n in self._contested(found, rivals):
            row = int(found[self.trial].rows[n])
            places = {one: n if one is self.trial else at[one].get(row, -1) for one in self.group}
            claims = {one: place for one, place in places.items() if place >= 0}
            exclusive = next(iter(claims)).rule.exclusive
            assert exclusive is not None
            if exclusive.pick == "sum_capped":
                self._cut(exclusive, claims, found, minor)
            elif exclusive.pick == "first":
                excluded[n] = next(iter(claims)) is not self.trial
            else:
                excluded[n] = max(claims, key=lambda c: _worth(found[c], claims[c])) is not self.trial

    def _contested(self, found: Mapping[Candidate, Fired], rivals: Sequence[Candidate]) -> list[int]:
        """Return in which of its rows the rule on trial is not simply taken."""
        own = found[self.trial].rows
        exclusive = self.trial.rule.exclusive
        if exclusive is not None and exclusive.pick == "sum_capped":
            return list(range(len(own)))
        shared = np.isin(own, np.concatenate([found[one].rows for one in rivals])) if rivals else own[:0]
        return list(np.flatnonzero(shared))

    def _cut(
        self,
        exclusive: Exclusive,
        claims: Mapping[Candidate, int],
        found: Mapping[Candidate, Fired],
        minor: tuple[Array, ...],
    ) -> None:
        """Cut what the rule on trial pays to what those before it leave of the cap, for each unit."""
        if exclusive.max_amount is None:
            return
        left: dict[str, int] = {}
        for one, place in claims.items():
            for n, paying in enumerate(one.paying):
                cap = int(Decimal(repr(exclusive.max_amount)).scaleb(paying.places))
                paid = min(int(found[one].minor[n][place]), left.get(paying.unit, cap))
                left[paying.unit] = left.get(paying.unit, cap) - paid
                if one is self.trial:
                    minor[n][place] = paid
            if one is self.trial:
                return


def _worth(fired: Fired, place: int) -> int:
    return int(fired.minor[0][place]) if fired.minor else 0
