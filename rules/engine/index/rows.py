"""The row path beside an index: rules that are judged one by one, in one order with those of the index."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.index.decision import Candidate, Decision, Formula, settle
from pitboss.rules.engine.index.ruleset import Judged


class Rows:
    """Rules of a list that no index may judge, because it would get them wrong."""

    def __init__(self, apart: Iterable[str], listed: Sequence[Judged]) -> None:
        """Take the keys of the rules that stand apart, and the whole list that they belong to."""
        ordered = sorted(listed, key=lambda rule: -rule.priority)
        keys = set(apart)
        self._ranks = {rule.key: rank for rank, rule in enumerate(ordered)}
        self._stops = frozenset(rule.key for rule in ordered if rule.stop)
        self._candidates = [_candidate(rule) for rule in ordered if rule.key in keys]

    def beside(self, decision: Decision, facts: Facts) -> Decision:
        """Return what the whole list decides, of which an index decided the others."""
        own = settle(self._candidates, facts)
        matches = sorted((*decision.matches, *own.matches), key=self._rank)
        errors = sorted((*decision.errors, *own.errors), key=self._rank)
        last = next((self._ranks[key] for key, _ in matches if key in self._stops), len(self._ranks))
        return Decision(
            tuple(match for match in matches if self._rank(match) <= last),
            tuple(error for error in errors if self._rank(error) <= last),
        )

    def _rank(self, found: tuple[str, object]) -> int:
        return self._ranks[found[0]]


def _candidate(rule: Judged) -> Candidate:
    cap = math.inf if rule.max_amount is None else float(rule.max_amount)
    amount = None if rule.amount is None else Formula(rule.amount)
    return rule.key, amount, cap, Formula(rule.when), rule.stop, None
