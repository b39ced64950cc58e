"""Who won a pool: the answers of its question in tiers, by a structured result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pitboss.plugins.betting.markets.templates import Template
from pitboss.plugins.betting.settling.asking import ask
from pitboss.plugins.betting.settling.rules import Rules


@dataclass(frozen=True, slots=True)
class Ranked:
    """The answers that won in tiers, ties together, and those that take no part."""

    tiers: list[list[str]]
    void: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """A selection as graders look at it."""

    code: str
    status: str


def rank(
    template: Template,
    selections: Sequence[Sequence[Any]],
    result: Mapping[str, Any],
    rules: Rules,
    *,
    places: int = 1,
) -> Ranked:
    """Return who won; no tier means that nobody did and all stakes go back.

    A field is ranked by position; of a place pool all that are placed are one tier. Other questions
    have one tier: the answers that are right.
    """
    answers = [Answer(code, "withdrawn" if gone else "active") for code, _, gone in selections]
    line = str(places) if template.line == "places" else ""
    outcomes = ask(template, answers, result, rules, line=line)
    void = [code for code, outcome in outcomes.items() if outcome["state"] in ("void", "push")]
    if template.is_field and template.line != "places":
        placed: dict[int, list[str]] = {}
        for code, outcome in outcomes.items():
            if code not in void and outcome["position"] is not None:
                placed.setdefault(outcome["position"], []).append(code)
        return Ranked([placed[position] for position in sorted(placed)], void)
    won = [code for code, outcome in outcomes.items() if outcome["state"] == "won"]
    return Ranked([won] if won else [], void)
