"""Where a reward fires in columns, and what each of its actions pays there, in whole minor units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pitboss.core import contracts
from pitboss.core.context import Context
from pitboss.rules.book.live import LiveRule
from pitboss.rules.book.schedule import span
from pitboss.rules.engine.columns.blocks import FAULTS, Frame, Step
from pitboss.rules.engine.columns.evaluation import Plan, holds
from pitboss.rules.engine.columns.resident import Array, Columns
from pitboss.rules.engine.rule import Reward
from pitboss.rules.engine.tree import facts_read
from pitboss.rules.runtime.payments import MONEY

SNAPPED_DECIMALS = 4
"""An amount is a float here: what it misses a minor unit by, beyond so many decimals of it, is noise."""


@dataclass(slots=True)
class Counted:
    """What is counted of a rule over all rows."""

    faults: Array = field(default_factory=lambda: np.zeros(len(FAULTS), np.int64))
    cut: int = 0
    """Rows in which a formula wanted more than its cap."""
    negative: int = 0
    """Rows in which a formula was below zero."""

    def by_kind(self) -> dict[str, int]:
        """Return in how many rows it had no value, by the kind of the error."""
        return {error.kind: int(n) for error, n in zip(FAULTS, self.faults, strict=True) if error and n}


@dataclass(frozen=True, slots=True)
class Fired:
    """The rows in which a rule fires, and for each of its paying actions the amounts there."""

    rows: Array
    minor: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Paying:
    """An action that pays: its formula, its cap, and the unit."""

    amount: Step
    max_amount: float | None
    unit: str
    places: int


class Candidate:
    """A reward that is replayed."""

    def __init__(self, ctx: Context, live: LiveRule, plan: Plan, *, is_scheduled: bool) -> None:
        assert isinstance(live.rule, Reward)
        self.key, self.live, self.rule = live.key, live, live.rule
        self.when = plan.add(live.program.when)
        self.paying = tuple(_paying(ctx, live, plan))
        self.is_all_paying = len(self.paying) == len(live.program.actions)
        self.rounding = _ROUNDED[ctx.tenant.rounding]
        effective = live.rule.effective if is_scheduled else None
        self.start, self.end = span(effective, ctx.tenant.zone)
        self.counted = Counted()

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each paying action."""
        return tuple(paying.unit for paying in self.paying)

    def fire(self, frame: Frame, at: Array) -> Fired:
        """Return where it fires in a block whose rows happened at these seconds, while it is at work."""
        if self.start is None and self.end is None:
            return self._fire(frame)
        (at_work,) = self._is_at_work(at).nonzero()
        fired = self._fire(frame.pick(at_work))
        return Fired(at_work[fired.rows], fired.minor)

    def _is_at_work(self, at: Array) -> Array:
        found = np.ones(len(at), np.bool_)
        if self.start is not None:
            found &= at >= self.start.timestamp()
        if self.end is not None:
            found &= at < self.end.timestamp()
        return found

    def _fire(self, frame: Frame) -> Fired:
        """Fire where it matches: a reward of which one amount has no value fires not at all."""
        part = frame.part(self.when)
        if part.faults is not None:
            self.counted.faults += np.bincount(part.faults, minlength=len(FAULTS))
        (rows,) = holds(part, frame.rows).nonzero()
        if not len(rows) or not self.paying:
            return Fired(rows, tuple(np.zeros(len(rows), np.int64) for _ in self.paying))
        picked = frame.pick(rows)
        fine = np.ones(len(rows), np.bool_)
        wanted = [self._wanted(picked, paying, fine) for paying in self.paying]
        pairs = zip(wanted, self.paying, strict=True)
        return Fired(rows[fine], tuple(self._paid(values[fine], paying) for values, paying in pairs))

    def _wanted(self, frame: Frame, paying: Paying, fine: Array) -> Array:
        values, faults = frame.part(paying.amount)
        if faults is not None:
            self.counted.faults += np.bincount(faults, minlength=len(FAULTS))
            fine &= faults == 0
        return np.broadcast_to(np.asarray(values, np.float64), (frame.rows,))

    def _paid(self, wanted: Array, paying: Paying) -> Array:
        self.counted.negative += int(np.count_nonzero(wanted < 0))
        amounts = np.maximum(wanted, 0.0)
        if paying.max_amount is not None:
            self.counted.cut += int(np.count_nonzero(amounts > paying.max_amount))
            amounts = np.minimum(amounts, paying.max_amount)
        snapped = np.round(amounts * 10.0**paying.places, SNAPPED_DECIMALS)
        return self.rounding(snapped).astype(np.int64)


def facts_of(live: LiveRule) -> set[str]:
    """Return the facts that a reward reads."""
    amounts = [action.amount for action in live.program.actions if action.amount is not None]
    return {name for node in (live.program.when, *amounts) for name in facts_read(node)}


def fire_all(
    candidates: Sequence[Candidate], plan: Plan, facts: Columns, at: Array
) -> Iterator[tuple[slice, dict[Candidate, Fired]]]:
    """Yield each block's place among the rows, and where each candidate fires in it."""
    with np.errstate(all="ignore"):
        for frame in plan.blocks(facts):
            here = slice(frame.start, frame.start + frame.rows)
            yield here, {one: one.fire(frame, at[here]) for one in candidates}


def _paying(ctx: Context, live: LiveRule, plan: Plan) -> Iterator[Paying]:
    for action in live.program.actions:
        unit = ctx.view.term(action.name, contracts.Action).pays
        if unit and action.amount is not None:
            currency = ctx.tenant.currency if unit == MONEY else unit
            places = ctx.tenant.currencies.places(currency)
            yield Paying(plan.add(action.amount), action.max_amount, currency, places)


# Amounts are never negative, so that down is floor, and up is ceiling.
_ROUNDED: Mapping[str, Callable[[Array], Array]] = {
    "half_up": lambda amounts: np.floor(amounts + 0.5),
    "half_even": np.rint,
    "half_down": lambda amounts: np.ceil(amounts - 0.5),
    "down": np.floor,
    "floor": np.floor,
    "up": np.ceil,
    "ceiling": np.ceil,
}
