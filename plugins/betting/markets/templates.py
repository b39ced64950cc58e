"""Templates of markets: which questions can be asked about a fixture, and which answers they have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID

from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.plugins.betting.grading import templates as grading

LineKind = Literal["none", "total", "handicap", "whole_handicap", "places"]

LINE_MAX = Decimal(1000)
PLACES_MAX = 20
ANSWERS_MAX = 200
"""Selections of one market: the largest field, or table of scores."""
EVERYTHING = "all"
"""The name of all periods of a result."""
OTHER = "other"
_GRADED: Mapping[str, grading.LineStep] = {
    "total": "quarter",
    "handicap": "quarter",
    "whole_handicap": "whole",
}
_STEPS = {
    "total": Decimal("0.25"),
    "handicap": Decimal("0.25"),
    "whole_handicap": Decimal(1),
    "places": Decimal(1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of question, as data; `grader` names the function that answers it from a result."""

    code: str
    title: str
    grader: str
    sports: tuple[str, ...]
    selections: tuple[tuple[str, str], ...] = ()
    """Code and name of each answer; a field has one for each runner instead."""
    line: LineKind = "none"
    period: str = ""
    """What is counted: a period of the sport; empty is as much of the match as the rules say."""
    has_overtime: bool = False
    """Everything is counted, whatever the rules say of regular time."""
    counts_from_bet: bool = False
    """A bet in play counts from the score at which it was struck, as handicaps in running are quoted."""
    score: grading.Score = "points"
    statistic: str = ""
    """What is counted instead of the score, such as corners."""
    winners: int = 1
    """How many answers can be right at once; 0: any number."""
    is_field: bool = False

    def question(self, line: str) -> grading.Template:
        """Return what a grader is asked about a market with that line."""
        return grading.Template(
            code=self.code,
            title=self.title,
            grader=self.grader,
            selections=() if self.has_scores else tuple(code for code, _ in self.selections),
            line=_GRADED.get(self.line, "none"),
            period=EVERYTHING if self.has_overtime else self.period,
            score=self.score,
            statistic=self.statistic,
            places=int(line) if self.line == "places" else 1,
        )

    def asked(self, code: str) -> str:
        """Return a selection as its grader knows it: any other score names those that are offered."""
        if code != OTHER:
            return code
        return ":".join((OTHER, ",".join(named for named, _ in self.selections if named != OTHER)))

    @property
    def takes_each_way(self) -> bool:
        """Tell whether a bet on it may have a place part: it is about who wins a field."""
        return self.is_field and self.line != "places"

    @property
    def has_scores(self) -> bool:
        """Tell whether its answers are scores, of which one may stand for all others."""
        return any(code == OTHER for code, _ in self.selections)


@dataclass(frozen=True, slots=True)
class Answer:
    """A selection as a template makes it for one fixture."""

    code: str
    name: str
    participant_id: UUID | None = None


@cache
def shipped() -> Mapping[str, Template]:
    """Return the templates that come with the plugin."""
    return read_templates(_document()["templates"])


@cache
def default_sets() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return which markets a fixture of each sport gets when nobody chooses."""
    found: Mapping[str, Sequence[Mapping[str, str]]] = _document()["sets"]
    return found


def read_templates(said: Iterable[Mapping[str, Any]]) -> dict[str, Template]:
    """Read templates from JSON."""
    return {one["code"]: _read(one) for one in said}


def template_of(code: str, own: Mapping[str, Template] | None = None) -> Template:
    """Return a template by its code; a tenant's own come before the shipped ones."""
    known = {**shipped(), **(own or {})}
    if code not in known:
        cure = nearest(code, list(known))
        raise NotFound(f"no template {code!r}: {cure}")
    return known[code]


def check_fits(template: Template, sport: str) -> None:
    """Refuse a template for a sport that cannot answer it."""
    if sport not in template.sports and "*" not in template.sports:
        raise InvalidInput(
            f"template {template.code!r} is not for {sport!r}: it is for {', '.join(template.sports)}",
            {"template": [f"Not for {sport}."]},
        )


def read_line(template: Template, text: str) -> str:
    """Return a line as it is written everywhere; `+2.50` of a total is `2.5`.

    >>> read_line(template_of("total_goals"), "2.50")
    '2.5'
    """
    if template.line == "none":
        if text:
            raise _wrong_line(template, text, "it takes none")
        return ""
    try:
        line = Decimal(text)
    except InvalidOperation:
        raise _wrong_line(template, text, "give a number") from None
    step = _STEPS[template.line]
    if not line.is_finite() or abs(line) > LINE_MAX or line % step:
        raise _wrong_line(template, text, f"give a multiple of {step} up to {LINE_MAX}")
    if template.line == "total" and line <= 0:
        raise _wrong_line(template, text, "give more than 0")
    if template.line == "places" and not 1 <= line <= PLACES_MAX:
        raise _wrong_line(template, text, f"give from 1 to {PLACES_MAX}")
    return plain(line)


def name_of(template: Template, fixture: Mapping[str, Any], line: str) -> str:
    """Return what a market is called: `Total goals 2.5`."""
    title = _filled(template.title, _names(fixture, line))
    if template.line == "places":
        return f"Top {line}"
    return f"{title} {_signed(template, line)}".strip()


def answers(template: Template, fixture: Mapping[str, Any], line: str) -> list[Answer]:
    """Return the selections that a market of a fixture has, in their order."""
    if template.is_field:
        made = [_runner(one) for one in fixture["participants"] if one["status"] != "withdrawn"]
    else:
        made = _sides(template, fixture, line)
    if not 1 <= len(made) <= ANSWERS_MAX:
        raise InvalidInput(
            f"{fixture['name']!r} would have {len(made)} selections: a market has from 1 to {ANSWERS_MAX}"
        )
    return made


def winners_of(template: Template, line: str) -> int:
    """Return how many answers can be right at once."""
    return int(line) if template.line == "places" else template.winners


def plain(number: Decimal) -> str:
    """Write a decimal without needless zeros.

    >>> plain(Decimal("-1.50")), plain(Decimal("10")), plain(Decimal("-0"))
    ('-1.5', '10', '0')
    """
    return format((number + 0).normalize(), "f")


def _sides(template: Template, fixture: Mapping[str, Any], line: str) -> list[Answer]:
    names = _names(fixture, line)
    if template.line in ("handicap", "whole_handicap"):
        names |= {"line": signed(Decimal(line)), "opposite": signed(-Decimal(line))}
    ids = {one["role"]: UUID(one["id"]) for one in fixture["participants"]}
    return [Answer(code, _filled(name, names), ids.get(code)) for code, name in template.selections]


def _filled(text: str, names: Mapping[str, str]) -> str:
    # Not str.format: a template may be a tenant's own, and format reaches into what it is given.
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _runner(one: Mapping[str, Any]) -> Answer:
    return Answer(one["id"], one["name"], UUID(one["id"]))


def _names(fixture: Mapping[str, Any], line: str) -> dict[str, str]:
    sides = {one["role"]: one["name"] for one in fixture["participants"]}
    return {"home": sides.get("home", "Home"), "away": sides.get("away", "Away"), "line": line}


def _signed(template: Template, line: str) -> str:
    return signed(Decimal(line)) if template.line in ("handicap", "whole_handicap") else line


def signed(number: Decimal) -> str:
    """Write a handicap with its sign.

    >>> signed(Decimal("0.50")), signed(Decimal("-0.75")), signed(Decimal(0))
    ('+0.5', '-0.75', '0')
    """
    return f"+{plain(number)}" if number > 0 else plain(number)


def _read(said: Mapping[str, Any]) -> Template:
    listed = tuple((one["code"], one["name"]) for one in said.get("selections", ()))
    more = {name: value for name, value in said.items() if name not in ("selections", "sport_codes")}
    return Template(sports=tuple(said["sport_codes"]), selections=listed, **more)


def _document() -> Any:
    return json.loads(files("pitboss.plugins.betting.markets").joinpath("data/templates.json").read_bytes())


def _wrong_line(template: Template, text: str, cure: str) -> InvalidInput:
    return InvalidInput(
        f"the line {text!r} does not fit {template.code!r}: {cure}", {"line": [f"Not valid: {cure}."]}
    )
