"""What an explanation holds: data, for a screen, a log or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import msgspec

from pitboss.rules.engine.errors import EvaluationError

Verdict = Literal["held", "failed", "unjudged"]
Group = Literal["", "all", "any", "none"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A fact that a condition reads, and what it was."""

    fact: str
    value: Any
    """As JSON holds it; None is unknown."""
    shown: str
    source: Literal["given", "default", "unknown"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something has no value."""

    kind: str
    """The kind of the EvaluationError, such as unknown_fact."""
    message: str
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, or a group of them, as it stood."""

    text: str
    group: Group
    """How `items` hold together; empty for a condition that has none."""
    verdict: Verdict
    wanted: bool
    """Whether it is meant to hold; below `none` it is not."""
    reached: bool
    """False where the rule was decided before it came to this."""
    readings: tuple[Reading, ...] = ()
    fault: Fault | None = None
    reason: str = ""
    """What stands in the way, in words; empty where all is as wanted."""
    missed_by: str = ""
    """How far the threshold was missed, in words; empty where that means nothing."""
    distance: float | None = None
    """The same from 0 to 1; None where all is as wanted."""
    items: tuple[Condition, ...] = ()

    @property
    def is_fulfilled(self) -> bool:
        """Tell whether it is as wanted."""
        return self.verdict == ("held" if self.wanted else "failed")


@dataclass(frozen=True, slots=True)
class Amount:
    """What an action pays, or what a rule yields, and how it came about."""

    action: str
    """Empty for the value of a formula or an alert."""
    formula: str
    value: Decimal | str | bool | None
    """What the formula says, exactly and before anything is cut; None where it has a fault."""
    max_amount: float | None = None
    is_capped: bool = False
    is_negative: bool = False
    """A negative amount pays nothing."""
    paid: Decimal | None = None
    """What is paid, not rounded yet; None where nothing can be paid."""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, order=True)
class Nearness:
    """How near a rule was to matching; less is nearer."""

    failing: int
    distance: float
    conditions: int
    """How many conditions there are."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one rule said of some facts, and why."""

    key: str
    name: str
    matched: bool
    fires: bool
    """It matched, and each of its amounts has a value."""
    condition: Condition
    amounts: tuple[Amount, ...]
    nearness: Nearness
    sentence: str
    """All of it for somebody who asks on the telephone."""


def as_json(data: Any) -> Any:
    """Return explanations, findings, reports and outcomes as JSON holds them; Decimals become texts."""
    return msgspec.to_builtins(data)


def fault_of(error: EvaluationError) -> Fault:
    """Return an error as data."""
    return Fault(error.kind, str(error), getattr(error, "name", None))
