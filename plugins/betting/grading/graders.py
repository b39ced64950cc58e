"""The questions that our templates ask, each answered by a small function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.grading import results
from pitboss.plugins.betting.grading.question import Grader, Question
from pitboss.plugins.betting.settling import asian
from pitboss.plugins.betting.settling.deadheat import places_share
from pitboss.plugins.betting.settling.outcomes import Outcome

OTHER = "other"
"""The selection of a correct score that stands for all scores that are not offered."""
_SCORE = re.compile(r"(\d{1,3})-(\d{1,3})")


def counted(question: Question) -> results.Pair:
    """Return what both sides have of that which the template counts, since its start."""
    template = question.template
    if template.statistic:
        home, away = results.statistic(question.result, template.statistic, template.period)
    else:
        by_periods = template.score == "periods"
        home, away = results.score(question.result, question.rules, template.period, by_periods=by_periods)
    left = home - template.score_from[0], away - template.score_from[1]
    if min(left) < 0:
        raise InvalidInput(f"the result {home}-{away} is below the score at the start, {template.score_from}")
    return left


def leader(home: int | Fraction, away: int | Fraction) -> str:
    """Return who is ahead: home, draw or away."""
    return "draw" if home == away else "home" if home > away else "away"


def _answer(*, is_won: bool, reason: str) -> Outcome:
    return Outcome(state="won" if is_won else "lost", reason=reason)


def _line(question: Question) -> Fraction:
    return question.line if question.line is not None else Fraction(0)


def _three_way(question: Question) -> Outcome:
    home, away = counted(question)
    ahead = leader(home, away)
    return _answer(is_won=question.selection == ahead, reason=f"{home}-{away}: {ahead}")


def _winner(question: Question) -> Outcome:
    """Answer who won where a draw is no selection: a tie gives the stakes back."""
    home, away = counted(question)
    ahead = leader(home, away)
    if ahead == "draw":
        return Outcome(state="push", reason=marked(f"{home}-{away}: nobody won"))
    return _answer(is_won=question.selection == ahead, reason=f"{home}-{away}: {ahead}")


def _double_chance(question: Question) -> Outcome:
    home, away = counted(question)
    ahead = leader(home, away)
    return _answer(is_won=ahead in question.selection.split("_or_"), reason=f"{home}-{away}: {ahead}")


def _total_of(part: Callable[[int, int], int]) -> Callable[[Question], Outcome]:
    def answer(question: Question) -> Outcome:
        count = part(*counted(question))
        state = asian.total(_line(question), count, is_over=question.selection == "over")
        return Outcome(state=state, reason=f"{count} against {float(_line(question)):g}")

    return answer


def _passed_by(part: Callable[[int, int], int]) -> Callable[[Question], bool]:
    """Say that a total is decided once it is wholly over its line: counts never fall."""

    def is_decided(question: Question) -> bool:
        return asian.total(_line(question), part(*counted(question)), is_over=True) == "won"

    return is_decided


def _asian_handicap(question: Question) -> Outcome:
    home, away = counted(question)
    is_home = question.selection == "home"
    line = _line(question) if is_home else -_line(question)
    state = asian.handicap(line, home - away if is_home else away - home)
    return Outcome(
        state=state, reason=marked(f"{home}-{away} with {float(line):+g} for {question.selection}")
    )


def _european_handicap(question: Question) -> Outcome:
    home, away = counted(question)
    ahead = leader(home + _line(question), away)
    shown = marked(f"{home}-{away} with {float(_line(question)):+g} for home: {ahead}")
    return _answer(is_won=question.selection == ahead, reason=shown)


def _both_to_score(question: Question) -> Outcome:
    home, away = counted(question)
    is_so = min(home, away) > 0
    return _answer(is_won=(question.selection == "yes") == is_so, reason=f"{home}-{away}")


def _both_have_scored(question: Question) -> bool:
    return min(counted(question)) > 0


def _correct_score(question: Question) -> Outcome:
    """Answer a score, or `other:2-1,1-1,...`: all that are not among those named."""
    home, away = counted(question)
    score = f"{home}-{away}"
    named, _, offered = question.selection.partition(":")
    if named == OTHER:
        return _answer(is_won=score not in _scores(offered), reason=score)
    return _answer(is_won=score in _scores(question.selection), reason=score)


def _scores(text: str) -> set[str]:
    found = {each.strip() for each in text.split(",")}
    if not all(_SCORE.fullmatch(each) for each in found):
        raise InvalidInput(f'{text!r} is no score: write "2-1", or "other:" and the scores that are offered')
    return {f"{int(h)}-{int(a)}" for h, a in (each.split("-") for each in found)}


def _half_time_full_time(question: Question) -> Outcome:
    half = leader(*results.score(question.result, question.rules, "1h"))
    full = leader(*results.score(question.result, question.rules, question.template.period))
    return _answer(
        is_won=question.selection == f"{half}/{full}",
        reason=marked(f"{half} at half-time, {full} at the end"),
    )


def _odd_even(question: Question) -> Outcome:
    count = sum(counted(question))
    return _answer(
        is_won=question.selection == ("odd" if count % 2 else "even"), reason=marked(f"{count} in all")
    )


def _placed(question: Question) -> Outcome:
    """Answer who finished among the places that win; a tie across the last of them is a dead heat."""
    found = results.finish(question.result, question.selection, question.rules)
    if found is None:
        return Outcome(state="lost", reason=marked("not placed"))
    position, tied = found
    share = places_share(position, tied, question.template.places)
    reason = f"position {position}" + (marked(f", shared by {tied}") if tied > 1 else "")
    if not share:
        return Outcome(state="lost", reason=reason, position=position, tied=tied)
    return Outcome(state="won", reason=reason, share=share, position=position, tied=tied)


def _match_up(question: Question) -> Outcome:
    """Answer which of two participants finished before the other: `a:b` backs a against b."""
    backed, _, other = question.selection.partition(":")
    if not other:
        raise InvalidInput(f'the selection {question.selection!r} names no pair: write "backed:other"')
    if {backed, other} & set(question.result.get("withdrawn", ())):
        return Outcome(state="void", reason=marked("one of the two was withdrawn"))
    mine, theirs = (results.finish(question.result, each, question.rules) for each in (backed, other))
    if mine is None and theirs is None:
        return Outcome(state="void", reason=marked("neither was placed"))
    if mine and theirs and mine[0] == theirs[0]:
        return _tied_pair(question, mine[0])
    is_won = theirs is None or (mine is not None and mine[0] < theirs[0])
    return _answer(
        is_won=is_won, reason=marked(f"position {mine and mine[0]} against {theirs and theirs[0]}")
    )


def _tied_pair(question: Question, position: int) -> Outcome:
    if question.rules.is_dead_heat_draw_void:
        return Outcome(state="void", reason=marked(f"both at position {position}"))
    return Outcome(state="won", reason=marked(f"both at position {position}"), share=Fraction(1, 2))


def _both(home: int, away: int) -> int:
    return home + away


def _home(home: int, _: int) -> int:
    return home


def _away(_: int, away: int) -> int:
    return away


def _total(part: Callable[[int, int], int]) -> Grader:
    return Grader(grade=_total_of(part), is_decided=_passed_by(part))


GRADERS: Mapping[str, Grader] = MappingProxyType(
    {
        "three_way": Grader(grade=_three_way),
        "winner": Grader(grade=_winner, is_match_winner=True),
        "double_chance": Grader(grade=_double_chance),
        "draw_no_bet": Grader(grade=_winner),
        "total": _total(_both),
        "home_total": _total(_home),
        "away_total": _total(_away),
        "asian_handicap": Grader(grade=_asian_handicap),
        "european_handicap": Grader(grade=_european_handicap),
        "both_to_score": Grader(grade=_both_to_score, is_decided=_both_have_scored),
        "correct_score": Grader(grade=_correct_score),
        "half_time_full_time": Grader(grade=_half_time_full_time),
        "odd_even": Grader(grade=_odd_even),
        "outright": Grader(grade=_placed, is_of_field=True),
        "place": Grader(grade=_placed, is_of_field=True),
        "match_up": Grader(grade=_match_up, is_of_field=True),
    }
)
"""By name. A third party passes `{**GRADERS, "its.name": Grader(...)}`."""
