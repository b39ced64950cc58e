"""The form in which a result is entered, and the result that it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitboss.core.errors import InvalidInput
from pitboss.core.texts import gettext as _
from pitboss.core.texts import marked

ENDS = {
    "": marked("As planned"),
    "retired:home": marked("The home side retired"),
    "retired:away": marked("The away side retired"),
    "walkover:home": marked("Walkover for the home side"),
    "walkover:away": marked("Walkover for the away side"),
    "winner:home": marked("Given to the home side"),
    "winner:away": marked("Given to the away side"),
    "abandoned": marked("Broken off"),
}
PLACES = {
    "": marked("Came in"),
    "unplaced": marked("Unplaced"),
    "did_not_finish": marked("Did not finish"),
    "disqualified": marked("Disqualified"),
}
SIDES = ("home", "away")


def outcome_of(
    form: Mapping[str, str], sport: Mapping[str, Any], participants: Sequence[Any]
) -> dict[str, Any]:
    """Return the result that a form says; whether it can be true is checked where it is recorded."""
    if sport["kind"] == "head_to_head":
        return _match(form, sport)
    return _field(form, [one for one in participants if one.status == "active"])


def form_of(outcome: Mapping[str, Any]) -> dict[str, str]:
    """Return the form that would say a result, to correct it."""
    found: dict[str, str] = {}
    for period in outcome.get("periods", ()):
        found |= {f"period-{period['code']}-{side}": str(period[side]) for side in SIDES}
    for name, pair in outcome.get("statistics", {}).items():
        found |= {f"statistic-{name}-{side}": str(pair[side]) for side in SIDES}
    for name in ("retired", "walkover", "winner"):
        if name in outcome:
            found["end"] = f"{name}:{outcome[name]}"
    if "abandoned_at" in outcome:
        found |= {"end": "abandoned", "abandoned_at": str(outcome["abandoned_at"])}
    for place in outcome.get("positions", ()):
        found[f"position-{place['participant']}"] = str(place["position"])
    for name in PLACES:
        found |= {f"place-{one}": name for one in outcome.get(name, ())}
    return found


def _match(form: Mapping[str, str], sport: Mapping[str, Any]) -> dict[str, Any]:
    periods = [
        {"code": period["code"], **pair}
        for period in sport["periods"]
        if (pair := _pair(form, f"period-{period['code']}", period["name"])) is not None
    ]
    statistics = {
        name: pair
        for name in sport["statistics"]
        if (pair := _pair(form, f"statistic-{name}", name)) is not None
    }
    return {"periods": periods, "statistics": statistics, **_end(form)}


def _end(form: Mapping[str, str]) -> dict[str, Any]:
    end = form.get("end", "")
    if end == "abandoned":
        return {"abandoned_at": _whole(form.get("abandoned_at", "") or "0", _("the minute"))}
    name, __, side = end.partition(":")
    return {name: side} if name in ("retired", "walkover", "winner") and side in SIDES else {}


def _field(form: Mapping[str, str], runners: Sequence[Any]) -> dict[str, Any]:
    outcome: dict[str, Any] = {"positions": [], "unplaced": [], "did_not_finish": [], "disqualified": []}
    for runner in runners:
        place, position = form.get(f"place-{runner.id}", ""), form.get(f"position-{runner.id}", "").strip()
        if place in PLACES and place:
            outcome[place].append(str(runner.id))
        elif position:
            outcome["positions"].append(
                {"participant": str(runner.id), "position": _whole(position, runner.name)}
            )
    return outcome | (_end(form) if form.get("end") == "abandoned" else {})


def _pair(form: Mapping[str, str], name: str, title: str) -> dict[str, int] | None:
    texts = [form.get(f"{name}-{side}", "").strip() for side in SIDES]
    if not any(texts):
        return None
    home, away = (_whole(text, title) for text in texts)
    return {"home": home, "away": away}


def _whole(text: str, title: str) -> int:
    if not text.isdecimal():
        raise InvalidInput(_("%(name)s: %(text)s is no whole number", name=title, text=repr(text)))
    return int(text)
