"""Put the question of a market to the graders, and gather what each of its selections came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.grading.grade import grade
from pitboss.plugins.betting.markets.templates import Template
from pitboss.plugins.betting.settling.outcomes import VOID, outcome_as_json
from pitboss.plugins.betting.settling.rules import Rules

FROM = "from"
"""Under this, an outcome has those of bets that count from another score, by score."""


def ask(
    template: Template,
    selections: Sequence[Any],
    result: Mapping[str, Any],
    rules: Rules,
    *,
    period: str = "",
    line: str = "",
    after: tuple[int, int] = (0, 0),
) -> dict[str, dict[str, Any]]:
    """Return what each selection came to, by code, ready for JSON; `after` counts as nil-nil."""
    question = template.question(line).after(*after)
    if period:
        question = question.during(period)
    exact = Decimal(line) if question.line != "none" else None
    withdrawn = [one.code for one in selections if one.status == "withdrawn"]
    said = {**result, "withdrawn": [*result.get("withdrawn", ()), *withdrawn]}
    return {
        one.code: outcome_as_json(grade(question, exact, template.asked(one.code), said, rules))
        for one in selections
    }


def ask_from(
    template: Template,
    selections: Sequence[Any],
    result: Mapping[str, Any],
    rules: Rules,
    scores: Iterable[str],
    *,
    period: str = "",
    line: str = "",
) -> dict[str, dict[str, Any]]:
    """Return the same; each outcome also with what it is from the scores at which bets were struck."""
    found = ask(template, selections, result, rules, period=period, line=line)
    for score in sorted(scores):
        home, away = map(int, score.split("-"))
        try:
            then = ask(template, selections, result, rules, period=period, line=line, after=(home, away))
        except InvalidInput:
            # From the start it was answered: so the match ended below a score that did not stand.
            void = outcome_as_json(
                replace(VOID, reason=marked(f"{score}, from which it counted, did not stand"))
            )
            then = dict.fromkeys(found, void)
        for code, outcome in then.items():
            found[code].setdefault(FROM, {})[score] = outcome
    return found
