"""Many rules, one event: which match, and what each pays.

A few rules are generated code. More are a table, which answers at once by a scan, and faster once `build`
has made its index. Both give the same answers, and neither changes: a ruleset with one rule changed is
another ruleset, which shares what is the same.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from pitboss.rules.engine.boxes import boxes
from pitboss.rules.engine.catalogue import Catalogue, Facts
from pitboss.rules.engine.errors import WrongFact
from pitboss.rules.engine.index.bitmaps import Index
from pitboss.rules.engine.index.decision import NOTHING, Decide, Decision, settle
from pitboss.rules.engine.index.flat import add_forms
from pitboss.rules.engine.index.generated import generate
from pitboss.rules.engine.index.making import Entry, TableMaker, table_of
from pitboss.rules.engine.index.scan import Doubts, find, scan
from pitboss.rules.engine.index.table import Numbers, Table, merged
from pitboss.rules.engine.tree import Node

__all__ = ["NOTHING", "Decision", "Judged", "Ruleset", "collection_paused"]

FEW_MAX = 100
"""Up to so many rules are generated code."""
CHANGES_MAX = 32
"""So many rules may differ from a table before it is made anew."""


class Judged(Protocol):
    """What a ruleset reads of a rule."""

    @property
    def key(self) -> str:
        """What the rule is called; each has a key of its own."""

    @property
    def when(self) -> Node:
        """The condition."""

    @property
    def amount(self) -> Node | None:
        """What it pays, before the cap."""

    @property
    def max_amount(self) -> float | None:
        """The cap."""

    @property
    def priority(self) -> int:
        """Higher is looked at first."""

    @property
    def stop(self) -> bool:
        """Whether a match ends the list."""

    @property
    def form(self) -> Any:
        """The whole condition as JSON, if it is at hand: where it is flat, `when` is not read."""

    @property
    def formula(self) -> str | None:
        """The text of `amount`, if it is at hand: `amount` is read once for each text."""


class Ruleset:
    """Rules that are decided together.

    `decide(facts)` judges them all; facts are those that `Catalogue.admit` lets in. It may be called from
    any thread, also while `build` runs.
    """

    __slots__ = ("_body", "catalogue", "decide")

    decide: Decide
    _body: _Body

    def __init__(self, rules: Iterable[Judged], catalogue: Catalogue) -> None:
        listed = list(rules)
        kind = _Few if len(listed) <= FEW_MAX else _Many
        self._become(kind.of(listed, catalogue), catalogue)
        if len(set(self.keys)) < len(listed):
            raise ValueError("two rules of a ruleset have the same key")

    @property
    def keys(self) -> list[str]:
        """The keys of the rules, in the order in which they are decided."""
        return self._body.keys

    def __len__(self) -> int:
        """Count the rules."""
        return len(self._body.keys)

    def build(self) -> None:
        """Make the index, in the thread of the caller; until it stands, events are decided as before."""
        body = self._body.built()
        self._body, self.decide = body, body.decide

    def replaced(self, rule: Judged) -> Ruleset:
        """Return the ruleset with this rule in the place of the one of its key, or behind all."""
        return self._with(self._body.replaced(rule))

    def without(self, key: str) -> Ruleset:
        """Return the ruleset without the rule of that key, or raise KeyError."""
        return self._with(self._body.without(key))

    def _with(self, body: _Body) -> Ruleset:
        other = object.__new__(Ruleset)
        other._become(body, self.catalogue)
        return other

    def _become(self, body: _Body, catalogue: Catalogue) -> None:
        self._body, self.catalogue, self.decide = body, catalogue, body.decide


@contextmanager
def collection_paused() -> Iterator[None]:
    """Put off garbage collection while hundreds of thousands of objects are made that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Body(Protocol):
    """How a ruleset keeps its rules."""

    @property
    def keys(self) -> list[str]: ...

    @property
    def decide(self) -> Decide: ...

    def built(self) -> _Body: ...

    def replaced(self, rule: Judged) -> _Body: ...

    def without(self, key: str) -> _Body: ...


def _entry(rule: Judged, order: int) -> Entry:
    cap = math.inf if rule.max_amount is None else float(rule.max_amount)
    return Entry(rule.key, boxes(rule.when), rule.amount, cap, rule.priority, order, rule.stop)


# -- few -----------------------------------------------------------------------------------------


class _Few:
    """Generated code."""

    def __init__(self, entries: Iterable[Entry], catalogue: Catalogue) -> None:
        self.entries = sorted(entries, key=lambda entry: (-entry.priority, entry.order))
        self.catalogue = catalogue
        self.decide = generate(self.entries, catalogue, self._carefully)
        self._table: Table | None = None

    @classmethod
    def of(cls, rules: Sequence[Judged], catalogue: Catalogue) -> _Few:
        return cls([_entry(rule, order) for order, rule in enumerate(rules)], catalogue)

    @property
    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries]

    def built(self) -> _Few:
        return self

    def replaced(self, rule: Judged) -> _Body:
        orders = {entry.key: entry.order for entry in self.entries}
        order = orders.get(rule.key, max(orders.values(), default=-1) + 1)
        entries = [entry for entry in self.entries if entry.key != rule.key] + [_entry(rule, order)]
        if len(entries) <= FEW_MAX:
            return _Few(entries, self.catalogue)
        return _Many(table_of(entries, self.catalogue), self.catalogue)

    def without(self, key: str) -> _Few:
        if key not in self.keys:
            raise KeyError(key)
        return _Few([entry for entry in self.entries if entry.key != key], self.catalogue)

    def _carefully(self, facts: Facts) -> Decision:
        if self._table is None:
            self._table = table_of(self.entries, self.catalogue)
        return scan(self._table, facts)


# -- many ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Changes:
    """What differs from a table: rules that are gone, and rules that came or changed."""

    gone: frozenset[int] = frozenset()
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.gone) + len(self.entries)


class _Many:
    """A table, with its index once that is built, and the few changes since."""

    def __init__(
        self, table: Table, catalogue: Catalogue, index: Index | None = None, changes: _Changes | None = None
    ) -> None:
        self.table = table
        self.catalogue = catalogue
        self.index = index
        self.changes = changes or _Changes()
        self.more = table_of(self.changes.entries.values(), catalogue)
        self.decide = self._changed if self.changes else self._indexed if index is not None else self._scanned

    @classmethod
    def of(cls, rules: Sequence[Judged], catalogue: Catalogue) -> _Many:
        with collection_paused():
            return cls(load(rules, catalogue), catalogue)

    @property
    def keys(self) -> list[str]:
        return self._settled().keys

    def built(self) -> _Many:
        if self.index is not None and not self.changes:
            return self
        table = self._settled()
        return _Many(table, self.catalogue, Index(table))

    def replaced(self, rule: Judged) -> _Many:
        place = self._place(rule.key)
        if rule.key in self.changes.entries:
            order = self.changes.entries[rule.key].order
        else:
            order = self._last() + 1 if place is None else int(self.table.order[place])
        entries = {**self.changes.entries, rule.key: _entry(rule, order)}
        return self._with(_Changes(self.changes.gone | ({place} if place is not None else set()), entries))

    def without(self, key: str) -> _Many:
        place = self._place(key)
        if place is None and key not in self.changes.entries:
            raise KeyError(key)
        entries = {k: entry for k, entry in self.changes.entries.items() if k != key}
        return self._with(_Changes(self.changes.gone | ({place} if place is not None else set()), entries))

    def _with(self, changes: _Changes) -> _Many:
        changed = _Many(self.table, self.catalogue, self.index, changes)
        return changed if len(changes) <= CHANGES_MAX else _Many(changed._settled(), self.catalogue)

    def _place(self, key: str) -> int | None:
        """Return the rule of the table that has a key and is not gone."""
        try:
            place = self.table.keys.index(key)
        except ValueError:
            return None
        return None if place in self.changes.gone else place

    def _last(self) -> int:
        orders = [entry.order for entry in self.changes.entries.values()]
        return max([int(self.table.order.max(initial=-1)), *orders])

    def _settled(self) -> Table:
        """Return the table with all changes in it."""
        return merged(self.table, self.changes.gone, self.more) if self.changes else self.table

    def _scanned(self, facts: Facts) -> Decision:
        return scan(self.table, facts)

    def _indexed(self, facts: Facts) -> Decision:
        assert self.index is not None
        try:
            return self.index.decide(facts)
        except WrongFact:
            return scan(self.table, facts)

    def _changed(self, facts: Facts) -> Decision:
        """Decide by what is left of the table and by what came, in one order."""
        found, doubts = self._find(facts)
        left = found[~np.isin(self.table.owner[found], list(self.changes.gone))]
        came, came_doubts = find(self.more, facts)
        ranks = self.table.ranks(left) + self.more.ranks(came)
        candidates = self.table.candidates(left, doubts) + self.more.candidates(came, came_doubts)
        order = sorted(range(len(ranks)), key=ranks.__getitem__)
        return settle([candidates[place] for place in order], facts)

    def _find(self, facts: Facts) -> tuple[Numbers, Doubts]:
        if self.index is not None:
            try:
                return self.index.found(facts), {}
            except WrongFact:
                pass  # the scan tells which boxes that concerns
        return find(self.table, facts)


def load(rules: Sequence[Judged], catalogue: Catalogue) -> Table:
    """Make the table of many rules: flat forms in bulk, others from their trees."""
    maker = TableMaker(catalogue)
    maker.owner, maker.residual = list(range(len(rules))), [-1] * len(rules)
    left = add_forms(maker, [rule.form for rule in rules])
    for rule in sorted(left):
        for box in boxes(rules[rule].when):
            maker.add_box(rule, box)
    caps = [rule.max_amount for rule in rules]
    return maker.finish(
        keys=[rule.key for rule in rules],
        priority=[rule.priority for rule in rules],
        order=range(len(rules)),
        stop=[rule.stop for rule in rules],
        formula=_formulas(rules, maker),
        cap=[math.inf if cap is None else cap for cap in caps],
        dropped=left,
    )


def _formulas(rules: Sequence[Judged], maker: TableMaker) -> list[int]:
    """Return the place of each rule's formula, which is read once for each text."""
    places: dict[str, int] = {}
    found = []
    for rule in rules:
        text = rule.formula
        place = None if text is None else places.get(text)
        if place is None:
            amount = rule.amount
            place = -1 if amount is None else maker.formulas.place(amount)
            if text is not None:
                places[text] = place
        found.append(place)
    return found
