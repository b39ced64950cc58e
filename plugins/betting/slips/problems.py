"""What can be wrong with a slip: each problem names its field and the cure, and all are told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pitboss.core.errors import Conflict, InvalidInput, PitbossError, Refused

PLACE = "betting.place_bet"
CASH_OUT = "betting.cash_out"

Nature = Literal["invalid", "state", "limit"]
"""Wrong in itself; not possible as things stand now; more than is allowed."""


class Declined(Conflict):
    """Say that a slip or a cash-out is not taken as things stand now."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `details` is what a program needs to mend it."""

    code: str
    at: str
    """Where: `legs/0/odds`."""
    message: str
    nature: Nature = "state"
    details: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return it as it stands in an answer."""
        pointer = f"#/{self.at}" if self.at else "#"
        return {"code": self.code, "pointer": pointer, "detail": self.message, **self.details}


def error_of(problems: Sequence[Problem], operation: str = PLACE) -> PitbossError:
    """Return the error that tells all problems; what is wrong in itself comes first."""
    natures = {problem.nature for problem in problems}
    error: PitbossError
    if "invalid" in natures:
        error = InvalidInput(_sentence(problems), _fields(problems))
    elif "state" in natures:
        error = Declined(_sentence(problems))
    else:
        error = Refused(operation, [problem.message for problem in problems])
    return error.with_details(code=problems[0].code, problems=[problem.shown() for problem in problems])


def code_of(error: PitbossError) -> str:
    """Return the code of what an error tells; `guard` for what other plugins refused."""
    if isinstance(error, Refused):
        return str(error.details.get("code", "guard"))
    return str(error.details.get("code", type(error).__name__))


def _sentence(problems: Iterable[Problem]) -> str:
    return "; ".join(dict.fromkeys(problem.message for problem in problems))


def _fields(problems: Iterable[Problem]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for problem in problems:
        *path, last = problem.at.split("/") if problem.at else ["_schema"]
        place = tree
        for step in path:
            place = place.setdefault(step, {})
        place.setdefault(last, []).append(problem.message)
    return tree
