"""What a result comes to: the score by parts of the match, and who has won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Score = dict[str, int]
REGULAR = "regular"
"""The regular part as one period: where its score is known, but not that of its halves."""


def periods_of(sport: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the periods that a result of a sport may have, in the order of play."""
    if sport["decided_by"] != "sum":
        return list(sport["periods"])
    whole = {"code": REGULAR, "name": "Regular time", "part": REGULAR, "is_optional": True}
    return [whole, *sport["periods"]]


def of_part(outcome: Mapping[str, Any], sport: Mapping[str, Any], part: str) -> Score | None:
    """Return the score of one part of a match, or None when it was not played."""
    played = _played(outcome, sport, [part])
    return _added(played, sport) if played else None


def total(outcome: Mapping[str, Any], sport: Mapping[str, Any], parts: Sequence[str]) -> Score:
    """Return the score over some parts of a match."""
    return _added(_played(outcome, sport, parts), sport)


def with_known_halves(
    outcome: Mapping[str, Any], known: Mapping[str, Any], sport: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a result that gives the regular time alone with the halves that are known, if they add up to it.

    So a source that says less than another one does not take back what it does not know.
    """
    told = _played(outcome, sport, [REGULAR]) if "periods" in outcome else []
    is_alone = [period["code"] for period in told] == [REGULAR]
    if not is_alone or of_part(known, sport, REGULAR) != _added(told, sport):
        return dict(outcome)
    others = [period for period in outcome["periods"] if period["code"] != REGULAR]
    return {**outcome, "periods": [*_played(known, sport, [REGULAR]), *others]}


def winner(outcome: Mapping[str, Any], sport: Mapping[str, Any]) -> str:
    """Return home, away or draw: who has won in the end, a shoot-out included."""
    if "winner" in outcome:
        return str(outcome["winner"])
    if "walkover" in outcome:
        return str(outcome["walkover"])
    if "retired" in outcome:
        return "away" if outcome["retired"] == "home" else "home"
    shootout = of_part(outcome, sport, "shootout")
    return _ahead(shootout or total(outcome, sport, ("regular", "overtime")))


def summary(outcome: Mapping[str, Any], sport: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a result at a glance."""
    if sport["kind"] != "head_to_head":
        first = [one["participant"] for one in outcome["positions"] if one["position"] == 1]
        return {"winners": first, "is_dead_heat": len(first) > 1}
    return {
        **total(outcome, sport, ("regular", "overtime")),
        "regular": total(outcome, sport, ("regular",)),
        "shootout": of_part(outcome, sport, "shootout"),
        "winner": winner(outcome, sport),
    }


def _played(
    outcome: Mapping[str, Any], sport: Mapping[str, Any], parts: Sequence[str]
) -> list[Mapping[str, Any]]:
    codes = {period["code"] for period in periods_of(sport) if period["part"] in parts}
    return [period for period in outcome["periods"] if period["code"] in codes]


def _added(periods: Sequence[Mapping[str, Any]], sport: Mapping[str, Any]) -> Score:
    if sport["decided_by"] == "periods":
        ahead = [_ahead(period) for period in periods]
        return {"home": ahead.count("home"), "away": ahead.count("away")}
    return {side: sum(period[side] for period in periods) for side in ("home", "away")}


def _ahead(score: Mapping[str, Any]) -> str:
    if score["home"] == score["away"]:
        return "draw"
    return "home" if score["home"] > score["away"] else "away"
