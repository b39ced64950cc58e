"""What a grader is asked, and what a grader is: the two things a third party builds on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pitboss.plugins.betting.grading.templates import Template
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.settling.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that a grader may look at."""

    template: Template
    line: Fraction | None
    selection: str
    result: Mapping[str, Any]
    rules: Rules


def never(_: Question) -> bool:
    """Say that nothing is decided before the end."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grader:
    """How one kind of question is answered; a third party brings its own in a mapping of its own."""

    grade: Callable[[Question], Outcome]
    is_decided: Callable[[Question], bool] = never
    """Whether an unfinished match cannot change the answer any more."""
    is_of_field: bool = False
    """Whether it reads positions, and not a score of two sides."""
    is_match_winner: bool = False
    """Whether who retires can lose it."""
