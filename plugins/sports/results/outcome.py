"""Reading a result: its shape, and whether it can be true of its sport and of who took part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from marshmallow import ValidationError

from pitboss.core.errors import InvalidInput, nearest
from pitboss.core.texts import marked
from pitboss.plugins.sports.results import scores
from pitboss.plugins.sports.results.shapes import FieldShape, MatchShape

BROKEN_OFF = ("retired", "walkover", "abandoned_at")
"""What a result says of a match that did not run to its end."""
LISTS = ("unplaced", "did_not_finish", "disqualified")

_MATCH, _FIELD = MatchShape(), FieldShape()


def read(sent: object, sport: Mapping[str, Any], participants: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a result in its one shape, or say field by field what is wrong with it."""
    if not isinstance(sent, Mapping):
        raise _wrong("outcome", "Must be an object with periods or positions.")
    schema = _MATCH if sport["kind"] == "head_to_head" else _FIELD
    try:
        outcome: dict[str, Any] = schema.load(dict(sent))
    except ValidationError as error:
        raise InvalidInput.of("outcome", error) from error
    if sport["kind"] == "head_to_head":
        _check_match(outcome, sport)
    else:
        _check_field(outcome, participants)
    plain: dict[str, Any] = schema.dump(outcome)
    return plain


def end_of(outcome: Mapping[str, Any]) -> str:
    """Return the state that a result leaves its fixture in, before it is confirmed."""
    if "walkover" in outcome:
        return "walkover"
    return "abandoned" if "abandoned_at" in outcome else "finished"


# -- between two -----------------------------------------------------------------------------------


def _check_match(outcome: Mapping[str, Any], sport: Mapping[str, Any]) -> None:
    ends = [name for name in BROKEN_OFF if name in outcome]
    if len(ends) > 1:
        raise _wrong(ends[1], f"Cannot be said together with {ends[0]}.")
    _check_periods(outcome, sport, is_whole=not ends)
    unknown = sorted(set(outcome["statistics"]) - set(sport["statistics"]))
    if unknown:
        cure = nearest(unknown[0], sport["statistics"])
        raise _wrong("statistics", f"{sport['name']} counts no {unknown[0]!r}: {cure}")
    _check_scorers(outcome, sport)
    if not ends and "winner" not in outcome:
        _check_decided(outcome, sport)


def _check_periods(outcome: Mapping[str, Any], sport: Mapping[str, Any], *, is_whole: bool) -> None:
    known = [period["code"] for period in scores.periods_of(sport)]
    played = [period["code"] for period in outcome["periods"]]
    for code in played:
        if code not in known:
            raise _wrong("periods", f"{sport['name']} has no period {code!r}: {nearest(code, known)}")
    if len(played) != len(set(played)):
        raise _wrong("periods", "A period stands here twice: give each its score once.")
    if played != sorted(played, key=known.index):
        raise _wrong("periods", f"Not in the order of play: {', '.join(sorted(played, key=known.index))}.")
    parts = [period["code"] for period in sport["periods"] if period["part"] == scores.REGULAR]
    if scores.REGULAR in played and (not is_whole or set(parts) & set(played)):
        message = marked(
            f"{scores.REGULAR} is for a match that ended, in place of {', '.join(parts)}: leave it out."
        )
        raise _wrong("periods", message)
    if not is_whole or scores.REGULAR in played:
        return
    for period in sport["periods"]:
        if not period["is_optional"] and period["code"] not in played:
            raise _wrong(
                "periods",
                f"{period['name']} ({period['code']}) is missing: give its score, "
                "or say retired, walkover or abandoned_at.",
            )


def _check_decided(outcome: Mapping[str, Any], sport: Mapping[str, Any]) -> None:
    shootout = scores.of_part(outcome, sport, "shootout")
    if shootout is not None and shootout["home"] == shootout["away"]:
        raise _wrong("periods", "A shoot-out does not end level.")
    if not sport["can_draw"] and scores.winner(outcome, sport) == "draw":
        raise _wrong("periods", f"{sport['name']} does not end level: check the score, or say who retired.")


def _check_scorers(outcome: Mapping[str, Any], sport: Mapping[str, Any]) -> None:
    if sport["decided_by"] != "sum" or sport["score_unit"] != "goals" or not outcome["scorers"]:
        return
    total = scores.total(outcome, sport, ("regular", "overtime"))
    for side, count in Counter(scorer["side"] for scorer in outcome["scorers"]).items():
        if count > total[side]:
            raise _wrong("scorers", f"{count} scorers of the {side} side, but {total[side]} goals.")


# -- of a field ------------------------------------------------------------------------------------


def _check_field(outcome: Mapping[str, Any], participants: Sequence[Mapping[str, Any]]) -> None:
    names = {participant["id"]: participant["name"] for participant in participants}
    active = {one["id"] for one in participants if one["status"] == "active"}
    told = [place["participant"] for place in outcome["positions"]]
    for one in (*told, *(runner for name in LISTS for runner in outcome[name])):
        if one not in names:
            raise _wrong("positions", f"{one} takes no part in this.")
        if one not in active:
            raise _wrong(
                "positions", f"{names[one]} is withdrawn: restore the runner first, or leave it out."
            )
    everyone = Counter(told + [runner for name in LISTS for runner in outcome[name]])
    twice = [names[one] for one, count in everyone.items() if count > 1]
    if twice:
        raise _wrong("positions", f"{twice[0]} stands here twice.")
    _check_positions([place["position"] for place in outcome["positions"]])
    missing = sorted(names[one] for one in active - set(everyone))
    if missing and "abandoned_at" not in outcome:
        raise _wrong("unplaced", f"{missing[0]} is missing: say its position, unplaced or did_not_finish.")
    if not outcome["positions"] and "abandoned_at" not in outcome:
        raise _wrong("positions", "Nobody came in: say who won, or abandoned_at.")


def _check_positions(positions: list[int]) -> None:
    """Two on 1 leave 2 free: the next is 3."""
    due = 1
    for position, equal in groupby(sorted(positions)):
        if position != due:
            raise _wrong(
                "positions", f"Position {due} is missing: after a dead heat the next ones stay free."
            )
        due += len(list(equal))


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(f"{field}: {message}", {"outcome": {field: [message]}})
