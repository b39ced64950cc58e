"""A decision in sentences that somebody reads to a player on the telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped, marked, translated
from pitboss.rules.engine.insight.wording import listed, plain
from pitboss.rules.replay.decided import Decision
from pitboss.rules.runtime.tables import Outcome

REASONS_MAX = 3
_NUMBER = re.compile(r"(?<![\w.-])\d+(\.\d+)?(?![\w.])")
_BUT: Mapping[str, str] = {
    Outcome.HELD_OUT: marked(
        "the player is one of those held out of it on purpose, to measure what it gains"
    ),
    Outcome.OUT_OF_BUDGET: marked("its budget was used up"),
    Outcome.EXCLUDED: marked("another rule of its group was taken in its place"),
    Outcome.NOTHING: marked("what it pays came to nothing"),
}
_SIGNS = {" * ": marked("%(left)s times %(right)s"), " / ": marked("%(left)s divided by %(right)s")}


def aloud(
    found: Decision, name: str, checks: Sequence[Mapping[str, Any]], explanation: Mapping[str, Any] | None
) -> list[str]:
    """Return what the rule of that name decided and why, a sentence each."""
    return [_outcome(found, name, checks), *_because(explanation), *_amounts(explanation, found)]


def _outcome(found: Decision, name: str, checks: Sequence[Mapping[str, Any]]) -> str:
    rule = _("The rule “%(name)s”", name=name)
    worth = f"{grouped(found.amount)} {found.unit}" if found.amount is not None else ""
    if found.outcome == Outcome.DONE:
        if not worth:
            return _("%(rule)s matched, and it was carried out.", rule=rule)
        return _("%(rule)s matched, and %(amount)s was given.", rule=rule, amount=worth)
    if found.outcome == Outcome.UNDONE:
        what = worth or _("what it had given")
        return _(
            "%(rule)s had matched, and %(what)s was taken back, because what it was for was taken back.",
            rule=rule,
            what=what,
        )
    why = translated(_BUT.get(found.outcome, "")) or _refusal(found, checks)
    return _("%(rule)s matched, but nothing was given, because %(why)s.", rule=rule, why=why)


def _refusal(found: Decision, checks: Sequence[Mapping[str, Any]]) -> str:
    if found.outcome == Outcome.CAPPED:
        says = next((check["says"] for check in checks if check["check"] == "per_player"), "")
        if not says:
            return _("the player had it as often as it can be had")
        return _("the player had it as often as it can be had: %(says)s", says=says)
    return _("it was refused: %(reason)s", reason=found.reason or _("no reason is on record"))


def _because(explanation: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what was asked for and how it stood, for the conditions that read a fact."""
    if explanation is None:
        return
    said = [reading for leaf in leaves(explanation["condition"]) for reading in leaf["readings"]]
    known = {one["fact"]: one["shown"] for one in said}
    if known:
        facts = listed([f"{_spoken(fact)} {shown}" for fact, shown in known.items()])
        yield _("It was asked on what was known then: %(facts)s.", facts=facts)


def _amounts(explanation: Mapping[str, Any] | None, found: Decision) -> Iterator[str]:
    for one in explanation["amounts"] if explanation is not None else ():
        if one["paid"] is None or found.amount is None:
            continue
        text = marked("The amount is %(formula)s, which was %(value)s.")
        if one["is_capped"]:
            text = marked("The amount is %(formula)s, which was %(value)s, and at most %(most)s is given.")
        values = {"formula": _spoken(one["formula"]), "value": _rounded(one["value"])}
        yield _(text, **values, most=plain(one["max_amount"] or 0, "number"))


def leaves(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the single conditions of an explanation."""
    for item in condition["items"]:
        yield from leaves(item)
    if not condition["items"]:
        yield condition


def _spoken(formula: str) -> str:
    for sign, text in _SIGNS.items():
        left, found, right = formula.partition(sign)
        if found:
            return _(text, left=_spoken(left), right=_spoken(right))
    return _NUMBER.sub(lambda number: grouped(number[0]), formula.replace("_", " "))


def _rounded(value: Any) -> str:
    try:
        return grouped(f"{float(value):.2f}")
    except (TypeError, ValueError):
        return str(value)
