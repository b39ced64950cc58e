"""Generated source that reads a fact with its type checked in place, for code that has no time for a call.

A number that is unknown reads as NaN, which no interval has in it; a text or a truth as None.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pitboss.rules.engine.catalogue import WHOLE_MAX, Variable, admit_value

NAMES = {"type": type, "float": float, "str": str, "bool": bool}
"""What the source below calls."""

_TYPES = {"text": "str", "boolean": "bool"}


def oddness(variable: Variable, local: str) -> str:
    """Return the condition under which what a local holds is not plainly of its type."""
    kind = _TYPES.get(variable.value_type)
    if kind is not None:
        return f"type({local}) is not {kind}"
    return f"type({local}) is not float or not {-WHOLE_MAX}.0 <= {local} <= {WHOLE_MAX}.0"


def inline(variable: Variable, local: str, fetched: str, odd: str) -> str:
    """Return an expression that reads a fact into a local, and yields it."""
    kind = _TYPES.get(variable.value_type)
    test = f"is {kind}" if kind is not None else f"is float and {-WHOLE_MAX}.0 <= {local} <= {WHOLE_MAX}.0"
    return f"({local} if type({local} := {fetched}) {test} else ({local} := {odd}({local})))"


def odd_reader(variable: Variable) -> Callable[[Any], Any]:
    """Return what reads a value that is not plainly of its type: unknown, convertible, or wrong."""
    unknown = None if variable.value_type in _TYPES else math.nan

    def read(value: Any) -> Any:
        return unknown if value is None else admit_value(variable, value)

    return read
