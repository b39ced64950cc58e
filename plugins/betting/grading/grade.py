"""Ask a template's grader what a selection came to; what no grader should have to know is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.grading import results
from pitboss.plugins.betting.grading.graders import GRADERS
from pitboss.plugins.betting.grading.question import Grader, Question
from pitboss.plugins.betting.grading.templates import Template, check_line
from pitboss.plugins.betting.settling.outcomes import VOID, Outcome
from pitboss.plugins.betting.settling.rules import Rules


def grade(
    template: Template,
    line: Decimal | None,
    selection: str,
    result: Mapping[str, Any],
    rules: Rules,
    graders: Mapping[str, Grader] = GRADERS,
) -> Outcome:
    """Return what a selection came to, by a structured result and the written rules.

    >>> goals = Template(code="goals", title="Goals", grader="total", line="quarter")
    >>> ended = {"periods": [{"code": "1h", "home": 1, "away": 0}, {"code": "2h", "home": 1, "away": 1}]}
    >>> grade(goals, Decimal("2.75"), "over", ended, Rules()).state
    'half_won'
    """
    grader = _grader(template, graders)
    exact = check_line(template, line)
    if template.selections and selection not in template.selections:
        raise InvalidInput(
            f"{template.code} has no selection {selection!r}: {nearest(selection, template.selections)}"
        )
    question = Question(template=template, line=exact, selection=selection, result=result, rules=rules)
    early = _field_early(question) if grader.is_of_field else _match_early(question, grader)
    return early or replace(grader.grade(question), dead_heat=rules.dead_heat)


def grade_all(
    template: Template,
    line: Decimal | None,
    selections: Iterable[str],
    result: Mapping[str, Any],
    rules: Rules,
    graders: Mapping[str, Grader] = GRADERS,
) -> dict[str, Outcome]:
    """Return what each selection of a market came to."""
    return {code: grade(template, line, code, result, rules, graders) for code in selections}


def _grader(template: Template, graders: Mapping[str, Grader]) -> Grader:
    if template.grader not in graders:
        raise InvalidInput(
            f"template {template.code!r} needs the grader {template.grader!r}: "
            f"{nearest(template.grader, sorted(graders))}"
        )
    return graders[template.grader]


def _void(reason: str) -> Outcome:
    return replace(VOID, reason=reason)


def _field_early(question: Question) -> Outcome | None:
    """Decide what a race that did not happen, or a runner that did not start, comes to."""
    if results.is_set(question.result, "cancelled") or results.is_set(question.result, "abandoned_at"):
        return _void(marked("the race was not run"))
    if question.selection in question.result.get("withdrawn", ()):
        return _void("withdrawn")
    return None


def _match_early(question: Question, grader: Grader) -> Outcome | None:
    """Decide what a match that was not played to its end comes to."""
    result = question.result
    if results.is_set(result, "cancelled"):
        return _void(marked("the match was not played"))
    if results.is_set(result, "walkover"):
        return _void(marked("a walkover: the match was not played"))
    if results.is_set(result, "retired"):
        return _retired(question, grader)
    if results.is_set(result, "abandoned_at"):
        return _abandoned(question, grader)
    return None


def _retired(question: Question, grader: Grader) -> Outcome | None:
    retired = question.result["retired"]
    if not grader.is_match_winner or question.template.period not in ("", results.EVERYTHING):
        return _unless_decided(question, grader, f"{retired} retired")
    if retired not in ("home", "away"):
        raise InvalidInput(f"retired is {retired!r}: name the side, home or away")
    rules = question.rules
    complete = len(results.complete_periods(question.result))
    if rules.retirement == "void":
        return _void(f"{retired} retired")
    if rules.retirement == "after_periods" and complete < rules.retirement_periods_min:
        return _void(
            marked(
                f"{retired} retired after {complete} complete "
                f"periods, of {rules.retirement_periods_min} needed"
            )
        )
    state = "lost" if question.selection == retired else "won"
    return Outcome(state=state, reason=f"{retired} retired")  # type: ignore[arg-type]  # one of two states


def _abandoned(question: Question, grader: Grader) -> Outcome | None:
    policy = question.rules.abandoned
    if policy == "result_stands":
        return None
    why = marked(f"abandoned at {question.result['abandoned_at']}")
    return _void(why) if policy == "void" else _unless_decided(question, grader, why)


def _unless_decided(question: Question, grader: Grader, why: str) -> Outcome | None:
    """Void what the rest of the match could have changed; None: it is graded as it stands."""
    if results.is_complete(question.result, question.rules, question.template.period):
        return None
    return None if grader.is_decided(question) else _void(marked(f"{why}: not decided by then"))
