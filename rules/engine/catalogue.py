"""The words that a rule may use: variables and functions, and the door through which facts come in."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, TypeAlias, TypeVar

from pitboss.rules.engine.errors import Ambiguous, Refused, WrongFact, nearest, shown
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked

VariableType = Literal["number", "money", "text", "choice", "boolean", "instant", "duration", "list"]
Type = Literal["number", "text", "boolean", "instant", "duration", "list"]
"""What an expression can be. Money is a number with a unit, a choice is a text from a list."""

WHOLE_MAX = 2**53
"""The largest magnitude of a number: beyond it float64 has no longer every whole number."""
TEXT_LENGTH_MAX = 256
LIST_ITEMS_MAX = 1_000

NOW = "now"
"""The fact that says when a rule is judged: whoever evaluates passes it in."""

_VALUE_TYPES: Mapping[VariableType, Type] = {
    "number": "number",
    "money": "number",
    "text": "text",
    "choice": "text",
    "boolean": "boolean",
    "instant": "instant",
    "duration": "duration",
    "list": "list",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([smhdw])")
_DURATION_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}

Facts: TypeAlias = Mapping[str, Any]
"""Facts by the name of their variable; one that is missing or None is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A fact that rules may read."""

    name: str
    type: VariableType = "number"
    title: str = field(default="", compare=False)
    unit: str = field(default="", compare=False)
    doc: str = field(default="", compare=False)
    choices: tuple[str, ...] = ()
    """The values of a choice."""
    default: float | str | bool | None = None
    """What it is when nothing is known; None leaves it unknown."""
    example: Any = field(default=None, compare=False)
    yields: bool = False
    """It gives the bare noun to another that has the same, where there is one."""

    @property
    def value_type(self) -> Type:
        """The type that expressions see."""
        return _VALUE_TYPES[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A pure function of its arguments. `call` gets floats, texts and truths, and returns such a value.

    It raises ArithmeticError or ValueError for arguments that have no value. The other forms give the
    same values to the bit, or are left out: then the rule keeps to the row path in that backend.
    """

    name: str
    arguments: tuple[Type, ...]
    returns: Type
    call: Callable[..., Any]
    repeats: bool = False
    """The last argument may come any number of times, up to ARGUMENTS_MAX in all."""
    optional: int = 0
    """How many of the last arguments may be left out."""
    title: str = field(default="", compare=False)
    doc: str = field(default="", compare=False)
    example: str = field(default="", compare=False)
    """An expression that uses it."""
    cost: int = 1
    """What it costs, as a number of additions; a rule's cost is bounded."""
    columns: Callable[..., Any] | None = None
    """On NumPy arrays; an element that is not finite is an error there."""
    sql: Callable[..., Any] | None = None
    """On SQLAlchemy expressions; NULL where it has no value."""
    exact: Callable[..., Decimal] | None = None
    """On Decimals, for an amount that is paid."""
    check: Callable[[tuple[Any, ...]], str | None] | None = None
    """Looks at the argument nodes when a rule is saved, and says why they cannot be."""
    inline: Callable[[tuple[Any, ...]], Any] | None = None
    """Gives the tree that stands in the place of a call, so that every backend knows it; `call` is unused."""


Word = TypeVar("Word", Variable, Function)


@dataclass(frozen=True)
class Catalogue:
    """The variables and functions of one tenant, or of one test."""

    variables: Mapping[str, Variable]
    functions: Mapping[str, Function]
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `language` has read and compiled with these words."""
    _short: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Know the bare nouns: `net_loss` for `betting.net_loss`, where only one is meant."""
        meant: dict[str, list[str]] = defaultdict(list)
        yielding: dict[str, list[str]] = defaultdict(list)
        for name in (*self.variables, *self.functions):
            variable = self.variables.get(name)
            found = yielding if variable is not None and variable.yields else meant
            found[name.rpartition(".")[2]].append(name)
        short = {noun: tuple(names) for noun, names in {**yielding, **meant}.items()}
        object.__setattr__(self, "_short", short)

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """What is taken for facts that are missing."""
        return {
            v.name: _DOORS[v.value_type](v, v.default)
            for v in self.variables.values()
            if v.default is not None
        }

    def variable(self, name: str) -> Variable:
        """Return the variable of that name, in full or as the bare noun."""
        found = self._find(name, self.variables)
        if found is None:
            cure = nearest(name, self._names(self.variables))
            raise Refused(_("unknown variable %(name)s: %(cure)s", name=shown(name), cure=cure))
        return found

    def function(self, name: str) -> Function:
        """Return the function of that name, in full or as the bare noun."""
        found = self._find(name, self.functions)
        if found is None:
            cure = nearest(name, self._names(self.functions))
            raise Refused(_("unknown function %(name)s: %(cure)s", name=shown(name), cure=cure))
        return found

    def knows(self, name: str) -> bool:
        """Tell whether a variable has that name, in full or as the bare noun."""
        return name in self.variables or any(full in self.variables for full in self._short.get(name, ()))

    def _find(self, name: str, among: Mapping[str, Word]) -> Word | None:
        found = among.get(name)
        if found is not None:
            return found
        full = [candidate for candidate in self._short.get(name, ()) if candidate in among]
        if len(full) == 1:
            return among[full[0]]
        if not full:
            return None
        either = _(" or ").join(sorted(full))
        raise Ambiguous(_("%(name)s is ambiguous: write %(either)s", name=repr(name), either=either))

    @staticmethod
    def _names(among: Mapping[str, Any]) -> set[str]:
        """Return the names that may be written: in full, and the bare nouns."""
        return {candidate.rpartition(".")[2] for candidate in among} | set(among)

    def admit(self, facts: Facts) -> dict[str, Any]:
        """Let facts in: by their full names, of their types, finite, and with defaults for what is missing.

        A fact of a name that no variable has is refused too: it would be ignored in silence.
        """
        admitted = dict(self.defaults)
        for name, value in facts.items():
            variable = self.variables.get(name) or self.variable(name)
            if value is not None:
                admitted[variable.name] = _DOORS[variable.value_type](variable, value)
        return admitted


def catalogue_of(
    variables: Iterable[Variable], functions: Iterable[Function] = (), *, shipped: bool = True
) -> Catalogue:
    """Make a catalogue of these variables and functions, beside the shipped functions and `now`."""
    from pitboss.rules.engine.functions import SHIPPED

    own = list(functions)
    known = {v.name: v for v in variables}
    known.setdefault(
        NOW, Variable(name=NOW, type="instant", title=marked("Now"), doc=marked("When the rule is judged."))
    )
    return Catalogue(known, {f.name: f for f in (*(SHIPPED if shipped else ()), *own)})


# -- the door ----------------------------------------------------------------------------------


def admit_value(variable: Variable, value: Any) -> Any:
    """Return one value as backends want it, or raise WrongFact."""
    return _DOORS[variable.value_type](variable, value)


def _number(variable: Variable, value: Any) -> float:
    if type(value) not in (float, int) and not isinstance(value, Decimal):
        raise WrongFact(variable.name, value, _("a number"))
    if (
        (isinstance(value, Decimal) and not value.is_finite())
        or abs(value) > WHOLE_MAX
        or not math.isfinite(value)
    ):
        raise WrongFact(variable.name, value, _("a finite number of at most %(most)s", most=WHOLE_MAX))
    return float(value)


def _text(variable: Variable, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongFact(variable.name, value, _("a text"))
    if len(value) > TEXT_LENGTH_MAX:
        raise WrongFact(
            variable.name, value, _("a text of at most %(most)s characters", most=TEXT_LENGTH_MAX)
        )
    text = value if value.isascii() else unicodedata.normalize("NFC", value)
    if variable.choices and text not in variable.choices:
        raise WrongFact(
            variable.name, value, _("one of its choices: %(cure)s", cure=nearest(text, variable.choices))
        )
    return text


def _boolean(variable: Variable, value: Any) -> bool:
    if type(value) is not bool:
        raise WrongFact(variable.name, value, _("true or false"))
    return value


def _instant(variable: Variable, value: Any) -> float:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise WrongFact(variable.name, value, _("an instant such as 2026-12-01T09:00:00Z")) from None
    if not isinstance(value, datetime):
        return _number(variable, value)
    if value.tzinfo is None:
        raise WrongFact(variable.name, str(value), _("an instant with its time zone"))
    return (value - _EPOCH) // _MICROSECOND / 1e6


def _duration(variable: Variable, value: Any) -> float:
    if isinstance(value, timedelta):
        return value // _MICROSECOND / 1e6
    if isinstance(value, str):
        found = _DURATION.fullmatch(value.strip())
        if found is None:
            raise WrongFact(variable.name, value, _("a duration such as 30m, 48h or 7d"))
        return float(found[1]) * _DURATION_SECONDS[found[2]]
    return _number(variable, value)


def _list(variable: Variable, value: Any) -> frozenset[str]:
    if isinstance(value, str) or not isinstance(value, Collection):
        raise WrongFact(variable.name, value, _("a list of texts"))
    if len(value) > LIST_ITEMS_MAX:
        raise WrongFact(variable.name, value, _("a list of at most %(most)s texts", most=LIST_ITEMS_MAX))
    if not all(isinstance(item, str) for item in value):
        raise WrongFact(variable.name, value, _("a list of texts"))
    return frozenset(unicodedata.normalize("NFC", item) for item in value)


_DOORS: Mapping[str, Callable[[Variable, Any], Any]] = {
    "number": _number,
    "text": _text,
    "boolean": _boolean,
    "instant": _instant,
    "duration": _duration,
    "list": _list,
}
