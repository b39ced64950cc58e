"""What a new answer of a market changes: what is decided now, and what is decided otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Outcomes = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By settlement rules, then by selection code: the outcome as JSON."""

UNDECIDED: Outcomes = {}

_NOT_PAYING = frozenset({"reason", "is_final"})


@dataclass(frozen=True, slots=True)
class Difference:
    """How many outcomes came, and how many are others than before."""

    added: int
    changed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)


def difference(old: Outcomes, new: Outcomes) -> Difference:
    """Compare two answers of a market; an outcome that the new one lacks stays as it is.

    >>> old = {"r": {"home": {"state": "won"}}}
    >>> difference(old, {"r": {"home": {"state": "lost"}, "away": {"state": "won"}}})
    Difference(added=1, changed=1)
    """
    pairs = list(_pairs(old, new))
    return Difference(
        added=sum(before is None for before, _ in pairs),
        changed=sum(before is not None and not same(before, after) for before, after in pairs),
    )


def merged(old: Outcomes, new: Outcomes) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the new answer, with what only the old one decides."""
    return {rules: {**old.get(rules, {}), **new.get(rules, {})} for rules in {**old, **new}}


def added_only(old: Outcomes, new: Outcomes) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the old answer, with what only the new one decides."""
    return merged(new, old)


def unless_final(old: Outcomes, new: Outcomes) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the new answer without what an operator decided for good."""
    return {
        rules: {
            code: outcome
            for code, outcome in outcomes.items()
            if not old.get(rules, {}).get(code, {}).get("is_final")
        }
        for rules, outcomes in new.items()
    }


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two outcomes pay the same: why, and who said so, does not count."""
    return _paying(one) == _paying(other)


def _paying(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outcome.items() if name not in _NOT_PAYING}


def _pairs(old: Outcomes, new: Outcomes) -> Iterator[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]:
    for rules, outcomes in new.items():
        before = old.get(rules, {})
        for code, outcome in outcomes.items():
            yield before.get(code), outcome
