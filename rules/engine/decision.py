"""What a ruleset answers: the rules that match an event, what each pays, and what went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from pitboss.rules.engine.catalogue import Facts
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, NotFinite, UnknownFact
from pitboss.rules.engine.tree import Node, Value


class Decision(NamedTuple):
    """The answer to one event."""

    matches: tuple[tuple[str, float | None], ...] = ()
    """The key of each rule that fires and its amount, by priority and then in the order given."""
    errors: tuple[tuple[str, EvaluationError], ...] = ()
    """The key of each rule that has no value for these facts, and why; it does not fire."""


NOTHING = Decision()

Decide: TypeAlias = Callable[[Facts], Decision]


def paid(value: float, cap: float) -> float:
    """Return what a formula pays: no more than its cap, and nothing where it is negative."""
    if not math.isfinite(value):
        raise NotFinite("an amount is not a finite number")
    amount = min(value, cap)
    return amount if amount > 0.0 else 0.0


class Formula:
    """A tree that several rules share; compiled when it is first wanted."""

    __slots__ = ("node", "value")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.value: Callable[[Facts], Value] = self._first

    def _first(self, facts: Facts) -> Value:
        self.value = compile_value(self.node)
        return self.value(facts)


class Candidate(NamedTuple):
    """A box whose predicates all hold: what is left to do for its rule."""

    key: str
    formula: Formula | None
    cap: float
    residual: Formula | None
    stop: bool
    doubt: EvaluationError | None = None
    """Why the predicates cannot be trusted, if they cannot."""


class Values(dict[Any, Any]):
    """The values of shared trees for one event, each evaluated once; an error is a value here."""

    __slots__ = ("facts",)

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __missing__(self, formula: Formula) -> Any:
        """Evaluate what is asked for the first time."""
        try:
            value: Any = formula.value(self.facts)
        except EvaluationError as error:
            value = error
        self[formula] = value
        return value


def settle(candidates: Iterable[Candidate], facts: Facts, values: Values | None = None) -> Decision:
    """Evaluate what is left of the candidates, in their order, until one that stops."""
    values = Values(facts) if values is None else values
    matches: list[tuple[str, float | None]] = []
    # A rule may stand in doubt in several of its boxes, and is reported once.
    errors: dict[str, EvaluationError] = {}
    for candidate in candidates:
        try:
            is_match, amount = _settled(candidate, values)
        except UnknownFact:
            continue
        except EvaluationError as error:
            errors.setdefault(candidate.key, error)
            continue
        if is_match:
            matches.append((candidate.key, amount))
            if candidate.stop:
                break
    return Decision(tuple(matches), tuple(errors.items())) if matches or errors else NOTHING


def _settled(candidate: Candidate, values: Values) -> tuple[bool, float | None]:
    if candidate.doubt is not None:
        raise candidate.doubt
    if candidate.residual is not None and not _trusted(values[candidate.residual]):
        return False, None
    if candidate.formula is None:
        return True, None
    amount = values[candidate.formula]
    if type(amount) is float and 0.0 < amount <= candidate.cap:
        return True, amount
    return True, paid(_trusted(amount), candidate.cap)


def _trusted(value: Any) -> Any:
    if isinstance(value, EvaluationError):
        # A fresh trace each time: the same error may be reported for many rules.
        raise value.with_traceback(None)
    return value
