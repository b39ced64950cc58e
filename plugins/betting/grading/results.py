"""Read the structured result of a match or a race: scores by period, statistics, positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import marked
from pitboss.plugins.betting.settling.rules import Rules

COUNT_MAX = 10_000
"""A score or statistic above this is a mistake of the result."""
REGULAR = "regular"
"""The regular time as one period: its halves are not known."""
EVERYTHING = "all"
"""The period that is all of a result, overtime and shoot-outs too, whatever the rules count."""
Pair = tuple[int, int]


def is_set(result: Mapping[str, Any], field: str) -> bool:
    """Tell whether a result carries a field; minute 0 is one."""
    value = result.get(field)
    return value is not None and value is not False and value != ""


def periods(result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the periods that were played, in order."""
    played: Sequence[Mapping[str, Any]] = result.get("periods") or ()
    if not played:
        raise InvalidInput("the result has no periods: record the score by period")
    return played


def _codes(result: Mapping[str, Any], rules: Rules, period: str) -> tuple[str, ...]:
    """Return the periods of the result that a named part of the match is made of."""
    if period in rules.periods:
        return rules.periods[period]
    if period in ("", EVERYTHING):
        return tuple(str(each["code"]) for each in periods(result))
    return (period,)


def _counted(result: Mapping[str, Any], rules: Rules, period: str) -> list[Mapping[str, Any]]:
    codes = (*_codes(result, rules, period), *([] if period else [REGULAR]))
    found = [each for each in periods(result) if each["code"] in codes]
    if not found:
        played = ", ".join(str(each["code"]) for each in periods(result))
        raise InvalidInput(
            f"the result has none of the periods {', '.join(codes)} (it has {played}): record it"
        )
    return found


def pair(values: Mapping[str, Any], of: str) -> Pair:
    """Read what the two sides have of something."""
    both = (values.get("home"), values.get("away"))
    for side, value in zip(("home", "away"), both, strict=True):
        if type(value) is not int or not 0 <= value <= COUNT_MAX:
            raise InvalidInput(f"{of} of {side} is {value!r}: give a whole number from 0 to {COUNT_MAX}")
    return both  # type: ignore[return-value]  # the loop above refuses all that is not whole


def score(result: Mapping[str, Any], rules: Rules, period: str = "", *, by_periods: bool = False) -> Pair:
    """Return the score of a part of the match: all its points, or the periods that each side won.

    >>> played = {"periods": [{"code": "s1", "home": 6, "away": 4}, {"code": "s2", "home": 7, "away": 6}]}
    >>> score(played, Rules()), score(played, Rules(), by_periods=True)
    ((13, 10), (2, 0))
    """
    scores = [pair(each, marked(f"the score in {each['code']}")) for each in _counted(result, rules, period)]
    if by_periods:
        return sum(h > a for h, a in scores), sum(a > h for h, a in scores)
    return sum(h for h, _ in scores), sum(a for _, a in scores)


def statistic(result: Mapping[str, Any], name: str, period: str = "") -> Pair:
    """Return what each side has of a statistic, of the whole match or of one period."""
    holder = result
    if period:
        holder = next((each for each in periods(result) if each["code"] == period), {})
    values = (holder.get("statistics") or {}).get(name)
    if not values:
        raise InvalidInput(
            f"the result has no {name}{' in ' + period if period else ''}: record the statistic"
        )
    return pair(values, name)


def complete_periods(result: Mapping[str, Any]) -> list[str]:
    """Return the periods that were played to their end: those that say so, or are followed by another."""
    played = periods(result)
    return [
        str(each["code"])
        for place, each in enumerate(played)
        if each.get("is_complete", place < len(played) - 1)
    ]


def is_complete(result: Mapping[str, Any], rules: Rules, period: str) -> bool:
    """Tell whether a part of a match was played to its end, whatever became of the rest.

    Of the whole match nobody can tell: that its last period was the last one.
    """
    if period in ("", EVERYTHING):
        return False
    return set(_codes(result, rules, period)) <= set(complete_periods(result))


def finish(result: Mapping[str, Any], participant: str, rules: Rules) -> tuple[int, int] | None:
    """Return the position of a participant and how many share it; None: it took part and was not placed."""
    rows: Sequence[Mapping[str, Any]] = result.get("positions") or ()
    if not rows:
        raise InvalidInput("the result has no positions: record the order of finish")
    mine = [row["position"] for row in rows if row["participant"] == participant]
    if len(mine) > 1:
        raise InvalidInput(f"participant {participant} has {len(mine)} positions: record one")
    if mine:
        return mine[0], sum(row["position"] == mine[0] for row in rows)
    ran = [*result.get("unplaced", ()), *result.get("did_not_finish", ())]
    if participant not in ran and rules.unlisted == "refuse":
        raise InvalidInput(
            f"the result does not name participant {participant}: record its position, "
            "or that it was unplaced, did not finish or was withdrawn"
        )
    return None
