"""What players are told of decisions about themselves: nothing of other rules, nor of experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.texts import marked, translated
from pitboss.rules.book import store
from pitboss.rules.replay.decided import Decision, look_up_judgement
from pitboss.rules.replay.explaining import explained
from pitboss.rules.runtime.tables import Outcome

_SAID: Mapping[str, str] = {
    Outcome.DONE: marked("you got it"),
    Outcome.CAPPED: marked("you had it as often as it can be had for now"),
    Outcome.OUT_OF_BUDGET: marked("there is nothing left of it for now"),
    Outcome.EXCLUDED: marked("you got another reward in its place"),
    Outcome.NOTHING: marked("it came to nothing"),
    Outcome.REFUSED: marked("it cannot be given to you at the moment"),
    Outcome.UNDONE: marked("it was taken back, because what it was for was"),
}


def own_decision(ctx: Context, found: Decision) -> dict[str, Any]:
    """Return a decision in the words of a player."""
    return {
        "id": found.id,
        "reward": _name(ctx, found),
        "outcome": found.outcome,
        "amount": found.amount,
        "unit": found.unit,
        "said": translated(_SAID.get(found.outcome, "")),
        "at": found.at,
    }


def own_detail(ctx: Context, found: Decision) -> dict[str, Any]:
    """Return a decision with the conditions of its rule."""
    why = explained(ctx, found.rule, found.version, look_up_judgement(ctx, found.event_id))
    trace = why.explanation
    conditions = list(_leaves(trace["condition"])) if trace is not None else []
    return {**own_decision(ctx, found), "conditions": conditions}


def _name(ctx: Context, found: Decision) -> str:
    try:
        return store.version(ctx, found.rule, found.version).document.get("name") or found.rule
    except NotFound:
        return found.rule


def _leaves(condition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in condition["items"]:
        yield from _leaves(item)
    if not condition["items"]:
        yield {
            "text": condition["text"],
            "is_met": condition["verdict"] == ("held" if condition["wanted"] else "failed"),
            "readings": {reading["fact"]: reading["shown"] for reading in condition["readings"]},
        }
