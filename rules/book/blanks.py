"""What of a rule is filled in when it is taken from a pack: its numbers, its formulas and its events."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked, spoken, translated
from pitboss.rules.book import drafts
from pitboss.rules.book.drafts import Saved
from pitboss.rules.engine.insight.casebook import run_cases

if TYPE_CHECKING:
    from pitboss.core.context import Context

TEXT_CHARACTERS_MAX = 4_000
_ENDINGS = {
    "min": marked("at least"),
    "max": marked("at most"),
    "above": marked("more than"),
    "below": marked("less than"),
    "not": marked("not"),
}
_EACH = {
    "hour": marked("each hour"),
    "day": marked("each day"),
    "week": marked("each week"),
    "month": marked("each month"),
    "lifetime": marked("in all"),
}
_TEXTS = ("formula", "when", "cool_down", "message", "value")


@dataclass(frozen=True, slots=True)
class Blank:
    """One value of a rule that may be another."""

    place: str
    """Where it stands, as a JSON pointer."""
    part: str
    """when, then, limits or rule."""
    label: str
    """What it is called, in the language of this request."""
    value: float | str

    @property
    def is_number(self) -> bool:
        """Tell whether a number belongs there."""
        return not isinstance(self.value, str)


@dataclass(frozen=True, slots=True)
class Filled:
    """A rule that was taken from a pack."""

    saved: Saved
    left_out: int
    """How many of its tests were left out, because they are about other values."""


def blanks_of(document: Mapping[str, Any]) -> list[Blank]:
    """Return what may be filled in of a rule, in the order in which it is read."""
    return [
        *_condition(document.get("when", {})),
        *_actions(document.get("then", ())),
        *_limits(document),
        *_own(document),
    ]


def _condition(when: Any) -> Iterator[Blank]:
    if isinstance(when, str):
        if when:
            yield Blank("/when", "when", _("Condition"), when)
        return
    for steps, value in _leaves(when, ("when",)):
        named = [step for step in steps[1:] if not step.isdigit() and step not in ("all", "any")]
        yield Blank(_pointer(steps), "when", _label(*named), value)


def _actions(then: Any) -> Iterator[Blank]:
    for n, action in enumerate(then):
        for name, value in action.items():
            if name == "formula" or _is_number(value):
                owner = () if len(then) == 1 else (str(action.get("action")).rpartition(".")[2],)
                yield Blank(f"/then/{n}/{name}", "then", _label(*owner, name), value)


def _limits(document: Mapping[str, Any]) -> Iterator[Blank]:
    limits = document.get("limits") or {}
    if "per_player" in limits:
        period = limits["per_player"]["period"]
        label = _("Times for each player, %(each)s", each=translated(_EACH[period]))
        yield Blank("/limits/per_player/count", "limits", label, limits["per_player"]["count"])
    if "budget" in limits:
        label = _("Budget, %(each)s", each=translated(_EACH[limits["budget"]["period"]]))
        yield Blank("/limits/budget/amount", "limits", label, limits["budget"]["amount"])


def _own(document: Mapping[str, Any]) -> Iterator[Blank]:
    for name in ("holdout_percent", "severity", "cool_down", "value", "formula", "message"):
        value = document.get(name)
        if value is not None and (_is_number(value) or isinstance(value, str)):
            yield Blank(f"/{name}", "rule", _label(name), value)


def _leaves(value: Any, steps: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float | str]]:
    """Yield the numbers of a condition in JSON with their places, and expressions that stand in it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*steps, str(key)))
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            if isinstance(item, Mapping):
                yield from _leaves(item, (*steps, str(n)))
    elif _is_number(value):
        yield steps, value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _label(*steps: str) -> str:
    said = " ".join(word for step in steps for word in _words(step))
    return said[:1].upper() + said[1:]


def _words(step: str) -> Iterator[str]:
    noun, __, ending = step.rpartition("_")
    if ending not in _ENDINGS:
        noun, ending = step, ""
    if noun:
        yield spoken(noun.replace("event.", "")).lower()
    if ending:
        yield translated(_ENDINGS[ending])


def _pointer(steps: tuple[str, ...]) -> str:
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


# -- filling in ------------------------------------------------------------------------------------


def fill(document: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Return a rule with values in its blanks, by their places; what is not given stays as it is."""
    filled = copy.deepcopy(dict(document))
    errors = {}
    for blank in blanks_of(document):
        text = values.get(blank.place, "").strip()
        if blank.place not in values:
            continue
        try:
            _put(filled, blank.place, _number(text) if blank.is_number else _text(text))
        except ValueError as error:
            errors[blank.place] = [str(error)]
    if errors:
        raise InvalidInput(_("some values do not fit: they are marked below"), errors)
    return filled


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise ValueError(_("%(text)s is no number: write it as 100 or 0.5", text=repr(text[:40]))) from None
    if found != found or found in (float("inf"), float("-inf")):
        raise ValueError(_("%(text)s is no number that can be reached", text=repr(text[:40])))
    return int(found) if found.is_integer() else found


def _text(text: str) -> str:
    if not text:
        raise ValueError(_("write something here"))
    if len(text) > TEXT_CHARACTERS_MAX:
        raise ValueError(
            _(
                "at most %(most)s characters, and this has %(count)s",
                most=TEXT_CHARACTERS_MAX,
                count=len(text),
            )
        )
    return text


def _put(document: dict[str, Any], place: str, value: Any) -> None:
    *path, last = (step.replace("~1", "/").replace("~0", "~") for step in place.split("/")[1:])
    here: Any = document
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value


def take(ctx: Context, document: Mapping[str, Any], *, message: str) -> Filled:
    """Store a rule that was filled in as a draft, with those of its tests that are still right."""
    checked = drafts.refused_or(ctx, dict(document))
    assert checked.program is not None, "what has no problems is compiled"
    tests = list(document.get("tests", ()))
    passing = [
        case for case, outcome in zip(tests, run_cases(checked.program), strict=True) if outcome.passed
    ]
    kept = {key: value for key, value in document.items() if key != "tests"}
    saved = drafts.create(ctx, {**kept, **({"tests": passing} if passing else {})}, message=message)
    return Filled(saved, len(tests) - len(passing))
