"""What rules would have done: many rules over many recorded rows, chunk by chunk, in bounded memory.

All rules are one plan, so that a condition or a formula that many of them share is computed once. Amounts
are float64 here: a simulation estimates, and what is paid is computed exactly when it is paid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np

from pitboss.rules.engine.columns.blocks import FAULTS, Faults, Frame, Step, truths
from pitboss.rules.engine.columns.evaluation import Plan
from pitboss.rules.engine.columns.resident import Array, Columns
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.simulation.overlap import Overlaps, Pair
from pitboss.rules.engine.simulation.players import Players, Reached
from pitboss.rules.engine.tree import Node

RULES_MAX = 10_000
"""How many rules are simulated together, both versions counted."""
SAMPLE_MAX = 1_000
"""How many matching rows are named for each rule."""

Progress: TypeAlias = Callable[[int, int | None], bool | None]
"""Told how many rows are done, of how many if that is known; it stops the simulation by returning False."""


class Simulated(Protocol):
    """A rule, as far as a simulation looks."""

    @property
    def key(self) -> str:
        """What the rule is called."""

    @property
    def when(self) -> Node:
        """The condition."""

    @property
    def amount(self) -> Node | None:
        """The formula of what it pays, before its cap."""

    @property
    def max_amount(self) -> float | None:
        """The cap of what it pays."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule did."""

    key: str
    matches: int
    """Rows in which it fired."""
    cost: float
    """What it paid in all."""
    paid: int
    """Rows in which it paid more than nothing."""
    highest: float
    """The largest amount."""
    capped: int
    """Rows in which the formula wanted more than the cap."""
    unpaid: int
    """Rows in which the formula was below zero, so that nothing was paid."""
    faults: Mapping[str, int]
    """Rows in which it did not fire because of an error, by the kind of the error."""
    players: int | None
    """Players for whom it fired; None if the rows do not say whose they are."""
    sample: tuple[int, ...]
    """The numbers of the first rows in which it fired."""

    @property
    def mean(self) -> float:
        """The amount of a row that was paid, on average."""
        return self.cost / self.paid if self.paid else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What is different from the other version of a rule."""

    key: str
    gained: int
    """Rows in which it fires now and did not."""
    lost: int
    """Rows in which it fired and does not now."""
    changed: int
    """Rows in which it fires in both, with another amount."""
    difference: float
    """How much more it costs now."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What all rules did."""

    rows: int
    is_complete: bool
    """Whether it went to the end; False if it was stopped, and then this is of the rows until then."""
    rules: tuple[RuleResult, ...]
    overlaps: tuple[Pair, ...]
    """The pairs of rules that fired together most often."""
    changes: tuple[Change, ...]
    """The rules that differ from the other version, where there is one."""
    players: int | None
    """Players for whom any rule fired."""

    @property
    def cost(self) -> float:
        """What all rules paid."""
        return math.fsum(rule.cost for rule in self.rules)


def simulate(
    rules: Sequence[Simulated],
    chunks: Columns | Iterable[Columns],
    *,
    against: Sequence[Simulated] | None = None,
    total: int | None = None,
    progress: Progress | None = None,
    sample: int = 5,
    pairs: int = 20,
) -> Simulation:
    """Judge each rule on each row, and count; `against` is another version to compare with, by key.

    `sample` rows are named for each rule, and `pairs` of rules that overlap; 0 pairs count no overlap.
    """
    if isinstance(chunks, Columns):
        total, chunks = chunks.rows, (chunks,)
    work = _Work(rules, against, min(sample, SAMPLE_MAX), pairs)
    is_complete = True
    for chunk in chunks:
        if not work.judge(chunk, lambda done: progress is None or progress(done, total) is not False):
            is_complete = False
            break
    return work.result(is_complete)


# -- the rows of one block -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fired:
    """Where a rule fired in a block, and what it paid there."""

    rows: Array
    amounts: Array | None = None
    capped: int = 0
    unpaid: int = 0
    faults: Array | None = None
    """How many rows have each code of FAULTS."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A rule of which the trees are steps. Rules that say the same are equal."""

    when: Step
    amount: Step | None
    max_amount: float | None

    def fire(self, frame: Frame) -> _Fired:
        """Return where the rule fires in a block."""
        part = frame.part(self.when)
        held, faults = truths(part.values, frame.rows), _counted(part.faults)
        if part.faults is not None:
            held = held & (part.faults == 0)
        (rows,) = held.nonzero()
        if self.amount is None or not len(rows):
            return _Fired(rows, faults=faults)
        return self._pay(self.amount, frame.pick(rows), rows, faults)

    def _pay(self, amount: Step, frame: Frame, rows: Array, faults: Array | None) -> _Fired:
        values, own = frame.part(amount)
        wanted = np.broadcast_to(np.asarray(values, np.float64), (len(rows),))
        if own is not None and own.any():
            faults = _counted(own) if faults is None else faults + np.bincount(own, minlength=len(FAULTS))
            rows, wanted = rows[own == 0], wanted[own == 0]
        amounts = np.maximum(wanted, 0.0)
        capped = 0
        if self.max_amount is not None:
            capped = int(np.count_nonzero(wanted > self.max_amount))
            amounts = np.minimum(amounts, self.max_amount)
        return _Fired(rows, amounts, capped, int(np.count_nonzero(wanted < 0)), faults)


def _counted(faults: Faults) -> Array | None:
    return None if faults is None else np.bincount(faults, minlength=len(FAULTS))


# -- what is counted over all blocks ---------------------------------------------------------------


@dataclass(slots=True)
class _Sum:
    """A sum that keeps what rounding would lose."""

    high: float = 0.0
    low: float = 0.0

    def add(self, value: float) -> None:
        high = math.fsum((self.high, self.low, value))
        self.low = math.fsum((self.high, self.low, value, -high))
        self.high = high


@dataclass(slots=True)
class _Tally:
    """What is counted of one rule."""

    rule: _Prepared
    reached: Reached | None = None
    matches: int = 0
    cost: _Sum = field(default_factory=_Sum)
    paid: int = 0
    highest: float = 0.0
    capped: int = 0
    unpaid: int = 0
    faults: Array = field(default_factory=lambda: np.zeros(len(FAULTS), np.int64))
    sample: list[int] = field(default_factory=list)

    def add(self, fired: _Fired) -> None:
        """Count what a block did."""
        self.matches += len(fired.rows)
        self.capped += fired.capped
        self.unpaid += fired.unpaid
        if fired.faults is not None:
            self.faults += fired.faults
        if fired.amounts is not None and len(fired.amounts):
            self.cost.add(math.fsum(fired.amounts.tolist()))
            self.paid += int(np.count_nonzero(fired.amounts))
            self.highest = max(self.highest, float(fired.amounts.max()))

    def result(self, key: str) -> RuleResult:
        """Return what was counted."""
        faults = {error.kind: int(n) for error, n in zip(FAULTS, self.faults, strict=True) if error and n}
        return RuleResult(
            key=key,
            matches=self.matches,
            cost=self.cost.high,
            paid=self.paid,
            highest=self.highest,
            capped=self.capped,
            unpaid=self.unpaid,
            faults=faults,
            players=None if self.reached is None else self.reached.count,
            sample=tuple(self.sample),
        )


@dataclass(slots=True)
class _Delta:
    """What is counted of a rule and its other version; either may be missing."""

    now: str | None
    before: _Prepared | None
    gained: int = 0
    lost: int = 0
    changed: int = 0
    difference: _Sum = field(default_factory=_Sum)

    def add(self, now: _Fired | None, before: _Fired | None, rows: int) -> None:
        """Compare what the two did in a block."""
        if now is before:
            return
        both = 0
        if now is not None and before is not None:
            both, changed = _compared(now, before, rows)
            self.changed += changed
        self.gained += (0 if now is None else len(now.rows)) - both
        self.lost += (0 if before is None else len(before.rows)) - both
        self.difference.add(_total(now))
        self.difference.add(-_total(before))


def _total(fired: _Fired | None) -> float:
    return 0.0 if fired is None or fired.amounts is None else math.fsum(fired.amounts.tolist())


def _compared(now: _Fired, before: _Fired, rows: int) -> tuple[int, int]:
    """Return in how many rows both fired, and in how many of those the amounts differ."""
    fires_now = np.zeros(rows, np.bool_)
    fires_now[now.rows] = True
    both = fires_now[before.rows]
    amounts = np.zeros(rows)
    amounts[now.rows] = 0.0 if now.amounts is None else now.amounts
    old = np.zeros(len(before.rows)) if before.amounts is None else before.amounts
    differ = (amounts[before.rows] != old) & both
    return int(np.count_nonzero(both)), int(np.count_nonzero(differ))


class _Work:
    """A simulation under way."""

    def __init__(
        self, rules: Sequence[Simulated], against: Sequence[Simulated] | None, sample: int, pairs: int
    ) -> None:
        count = len(rules) + len(against or ())
        if count > RULES_MAX:
            raise Refused(f"{count} rules are too many for one simulation: at most {RULES_MAX}")
        self.plan = Plan()
        self.tallies = {rule.key: _Tally(self._prepared(rule)) for rule in rules}
        if len(self.tallies) < len(rules):
            raise Refused("two rules have the same key: each has one of its own")
        self.deltas = self._deltas(against) if against is not None else {}
        self.overlaps = Overlaps(list(self.tallies), pairs) if pairs else None
        self.players: Players | None = None
        self.anybody: Reached | None = None
        self.sample = sample
        self.rows = 0

    def _prepared(self, rule: Simulated) -> _Prepared:
        amount = None if rule.amount is None else self.plan.add(rule.amount)
        return _Prepared(self.plan.add(rule.when), amount, rule.max_amount)

    def _deltas(self, against: Sequence[Simulated]) -> dict[str, _Delta]:
        before = {rule.key: self._prepared(rule) for rule in against}
        keys = dict.fromkeys((*self.tallies, *before))
        return {key: _Delta(key if key in self.tallies else None, before.get(key)) for key in keys}

    def judge(self, chunk: Columns, go_on: Callable[[int], bool]) -> bool:
        """Count what the rules do in a chunk; tell whether to go on."""
        codes = self._codes(chunk)
        start = self.rows
        with np.errstate(all="ignore"):
            for frame in self.plan.blocks(chunk):
                here = None if codes is None else codes[frame.start : frame.start + frame.rows]
                self._judge(frame, start + frame.start, here)
                self.rows = start + frame.start + frame.rows
                if not go_on(self.rows):
                    return False
        return True

    def _codes(self, chunk: Columns) -> Array | None:
        """Return the number of the player of each row, and begin to count players where that is known."""
        if chunk.ids is None:
            return None
        if self.players is None:
            self.players, self.anybody = Players(), Reached()
            for tally in self.tallies.values():
                tally.reached = Reached()
        return self.players.codes(chunk.ids)

    def _judge(self, frame: Frame, first_row: int, codes: Array | None) -> None:
        done: dict[_Prepared, _Fired] = {}

        def fired(rule: _Prepared) -> _Fired:
            if rule not in done:
                done[rule] = rule.fire(frame)
            return done[rule]

        for tally in self.tallies.values():
            self._count(tally, fired(tally.rule), first_row, codes)
        for delta in self.deltas.values():
            now = None if delta.now is None else fired(self.tallies[delta.now].rule)
            delta.add(now, None if delta.before is None else fired(delta.before), frame.rows)
        if self.overlaps is not None:
            self.overlaps.add([fired(tally.rule).rows for tally in self.tallies.values()], frame.rows)

    def _count(self, tally: _Tally, fired: _Fired, first_row: int, codes: Array | None) -> None:
        tally.add(fired)
        wanted = self.sample - len(tally.sample)
        if wanted > 0:
            tally.sample += (fired.rows[:wanted] + first_row).tolist()
        if codes is not None and tally.reached is not None and self.anybody is not None:
            reached = codes[fired.rows]
            tally.reached.add(reached)
            self.anybody.add(reached)

    def result(self, is_complete: bool) -> Simulation:
        """Return what was counted."""
        changes = [
            Change(key, delta.gained, delta.lost, delta.changed, delta.difference.high)
            for key, delta in self.deltas.items()
        ]
        return Simulation(
            rows=self.rows,
            is_complete=is_complete,
            rules=tuple(tally.result(key) for key, tally in self.tallies.items()),
            overlaps=() if self.overlaps is None else self.overlaps.most(),
            changes=tuple(c for c in changes if c.gained or c.lost or c.changed),
            players=None if self.anybody is None else self.anybody.count,
        )
