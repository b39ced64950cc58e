"""What can go wrong with a rule: a refusal before it runs, or a fault while it runs.

RuleError
├── Refused             the text, form or rule is wrong: nothing of it may run
│   └── Ambiguous           a bare name means more than one thing
└── EvaluationError     this evaluation has no value: the rule does not fire, and the others go on
    ├── UnknownFact         a fact that it reads has no value
    ├── WrongFact           a fact is not of its type, or not a finite number
    ├── DivisionByZero
    ├── NotFinite           a result that is no finite number: overflow, a root or logarithm of too little
    ├── NotWhole            `//` or `%` of a number that is not whole
    └── FunctionFailed      a plugin's function raised
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import ClassVar, Self

from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked, ngettext, translated

NAMES_SHOWN_MAX = 8
NAME_LENGTH_MAX = 128
CURES_KEPT_MAX = 256
"""To find the nearest of some hundred names takes milliseconds, and whoever types asks again and again."""


class RuleError(Exception):
    """The root of all that the engine raises on purpose."""


class Refused(RuleError):
    """Something is written wrongly: where, what, and how to mend it."""

    def __init__(self, cause: str, *, path: str = "", column: int | None = None, text: str = "") -> None:
        self.cause = cause
        self.path = path
        """Where in the JSON it stands, such as `when.any[1].net_loss_min`."""
        self.column = column
        """Where in the text it stands, counted from 1."""
        self.text = text
        """The expression that the column counts in."""
        super().__init__(cause)

    def __str__(self) -> str:
        """Say where, then what."""
        place = _("column %(column)s", column=self.column) if self.column is not None else ""
        where = ", ".join(part for part in (self.path, place) if part)
        return f"{where}: {self.cause}" if where else self.cause

    def at(self, path: str) -> Self:
        """Return the same refusal, further from the root of the JSON."""
        joined = path + (self.path if self.path.startswith("[") or not self.path else f".{self.path}")
        return type(self)(self.cause, path=joined, column=self.column, text=self.text)


class Ambiguous(Refused):
    """A bare name that means more than one thing."""


class EvaluationError(RuleError):
    """An evaluation that has no value."""

    kind: ClassVar[str] = "error"


class UnknownFact(EvaluationError):
    """A fact that is read has no value."""

    kind = "unknown_fact"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)

    def __str__(self) -> str:
        """Say it where somebody reads it: a rule that misses a fact is common, and nobody asks why."""
        return _("the fact %(name)s is unknown", name=self.name)


class WrongFact(EvaluationError):
    """A fact is not what its variable says."""

    kind = "wrong_fact"

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name = name
        self.expected = expected
        """What it should be, in words."""
        said = _(
            "the fact %(name)s is %(value)s, which is not %(expected)s",
            name=name,
            value=shown(value),
            expected=expected,
        )
        super().__init__(said)


class DivisionByZero(EvaluationError):
    """A division, or a remainder, by zero."""

    kind = "division_by_zero"


class NotFinite(EvaluationError):
    """A result that is no finite number."""

    kind = "not_finite"


class NotWhole(EvaluationError):
    """`//` and `%` are for whole numbers."""

    kind = "not_whole"


class FunctionFailed(EvaluationError):
    """A plugin's function raised, or gave what it does not declare."""

    kind = "function_failed"


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or which there are.

    >>> nearest("net_los", ["net_loss", "tier"])
    'did you mean net_loss?'
    """
    names = tuple(sorted(known))
    close = near(name, names)
    if close is not None:
        return _("did you mean %(name)s?", name=close)
    if not names:
        return _("there are none")
    few, more = ", ".join(names[:NAMES_SHOWN_MAX]), len(names) - NAMES_SHOWN_MAX
    if more > 0:
        return _("there are %(names)s and %(count)s more", names=few, count=more)
    return _("there are %(names)s", names=few)


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant."""
    # What is very long is near to nothing, and would take long to compare.
    return _near(name[:NAME_LENGTH_MAX], tuple(sorted(known)))


@lru_cache(CURES_KEPT_MAX)
def _near(name: str, names: tuple[str, ...]) -> str | None:
    return next(iter(get_close_matches(name, names, n=1, cutoff=0.6)), None)


def shown(value: object, length_max: int = 40) -> str:
    """Return a value as it stands in a message: as JSON writes it, and never long.

    >>> shown(True), shown(None), shown(["a"] * 1_000_000)
    ('true', 'null', 'a list of 1000000 items')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple | set | frozenset):
        count = len(value)
        return ngettext("a list of %(count)s item", "a list of %(count)s items", count, count=count)
    if isinstance(value, dict):
        count = len(value)
        return ngettext("an object of %(count)s key", "an object of %(count)s keys", count, count=count)
    if isinstance(value, int) and value.bit_length() > 128:
        return _("a number of many digits")
    # A longer text is cut before it is written: writing it may take long.
    text = repr(value[:length_max] if isinstance(value, str) else value)
    is_cut = len(text) > length_max or (isinstance(value, str) and len(value) > length_max)
    return f"{text[: length_max - 1]}…" if is_cut else text


def article(type_: str) -> str:
    """Return a type as it is said in a sentence."""
    return translated(_ARTICLES[type_])


def plural(type_: str) -> str:
    """Return a type as several are said."""
    return translated(_PLURALS[type_])


_ARTICLES = {
    "number": marked("a number"),
    "text": marked("a text"),
    "boolean": marked("a condition"),
    "instant": marked("an instant"),
    "duration": marked("a duration"),
    "list": marked("a list"),
}
_PLURALS = {"number": marked("numbers"), "text": marked("texts")}
