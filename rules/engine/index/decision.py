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


Candidate: TypeAlias = tuple[str, Formula | None, float, Formula | None, bool, EvaluationError | None]
"""A box whose predicates all hold: its rule's key, formula and cap, what else must hold, whether a match
stops, and why the predicates cannot be trusted, if they cannot."""


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
            # Without its trace, which would keep all that it passed through.
            value = error.with_traceback(None)
        self[formula] = value
        return value


def settle(candidates: Iterable[Candidate], facts: Facts, values: Values | None = None) -> Decision:
    """Evaluate what is left of the candidates, in their order, until one that stops."""
    values = Values(facts) if values is None else values
    matches: list[tuple[str, float | None]] = []
    # A rule may stand in doubt in several of its boxes, and is reported once.
    errors: dict[str, EvaluationError] = {}
    for key, formula, cap, residual, stop, doubt in candidates:
        error: Any = doubt
        if error is None and residual is not None:
            held = values[residual]
            if held is False:
                continue
            error = None if held is True else held
        amount = None
        if error is None and formula is not None:
            amount = values[formula]
            error = None if type(amount) is float else amount
        if error is None:
            # A formula raises sooner than that its value is not finite.
            matches.append(
                (key, amount if amount is None or 0.0 < amount <= cap else max(0.0, min(amount, cap)))
            )
            if stop:
                break
        elif not isinstance(error, UnknownFact):
            errors.setdefault(key, error)
    return Decision(tuple(matches), tuple(errors.items())) if matches or errors else NOTHING
