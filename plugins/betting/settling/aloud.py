"""Say why a bet paid what it paid in sentences that can be read aloud; what is stored stays as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pitboss.core.money import Currencies
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped, marked, number, spoken, translated
from pitboss.plugins.betting.exact import read
from pitboss.plugins.betting.slips import oddstext

FINE_PLACES = 4
"""Further decimals of an amount that is not a whole number of the smallest unit."""
PARTS = {
    "win": marked("The win part"),
    "place": marked("The place part"),
    "builder": marked("The bet builder"),
}
STATES = {
    "won": marked("This selection won."),
    "lost": marked("This selection lost."),
    "void": marked("This selection is void: its odds count as 1."),
    "push": marked("Its line was hit: its odds count as 1."),
    "half_won": marked("Half of it won, and half of its stake comes back."),
    "half_lost": marked("Half of it lost, and half of its stake comes back."),
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Said = Callable[[re.Match[str]], str]


def odds(value: Decimal) -> str:
    """Write decimal odds as the language of this request writes numbers."""
    return grouped(oddstext.text(value))


def told(leg: Mapping[str, Any]) -> str:
    """Say what was backed, what happened, and what became of it."""
    backed = _("Backed %(name)s at %(odds)s.", name=leg["name"].rpartition(": ")[2], odds=odds(leg["odds"]))
    outcome = leg["outcome"]
    return " ".join([backed, *_happened(outcome), translated(STATES[outcome["state"]]), *_divided(outcome)])


def rules_named(key: str) -> str:
    """Say which settlement rules a key means."""
    if key == "*":
        return _("the rules of all sports")
    return _("the rules of %(what)s", what=", ".join(spoken(code) for code in key.split("/")))


def paid(said: Mapping[str, Any], stake: str, line: str) -> str:
    """Say in one sentence what a bet paid; `line` is the sum in money, as `total` writes it."""
    if said["void_because"] and said["is_free_bet"]:
        return _("The bet is void (%(reason)s), and a free bet has no stake to give back.", **_because(said))
    if said["void_because"]:
        return _(
            "The bet is void (%(reason)s): its stake of %(stake)s goes back.", stake=stake, **_because(said)
        )
    if not read(said["exact"]):
        return _("It pays nothing.")
    if said["is_free_bet"]:
        return _("%(sum)s. It was a free bet: its stake is not paid out.", sum=line)
    return f"{line}."


def total(currencies: Currencies, said: Mapping[str, Any], unit: str) -> str:
    """Write the last line of a sum in money."""
    if said["void_because"]:
        return retold(str(said["arithmetic"]))

    def exact(minor: str | int) -> str:
        return _exact_money(currencies, read(str(minor)), unit)

    totals = [_multiplier(part, said) for part in said["parts"]]
    totals += [_localized(said["bonus"])] if read(said["bonus"]) else []
    multiplier = totals[0] if len(totals) == 1 else f"({' + '.join(totals)})"
    line = f"{exact(said['unit_stake'])} × {multiplier} = {exact(said['exact'])}"
    if said["payout"] == said["payout_max"] and read(said["exact"]) > said["payout"]:
        line += _(", at most %(amount)s", amount=exact(said["payout_max"]))
    elif read(said["exact"]) != said["payout"]:
        line += _(", rounded to %(amount)s", amount=exact(said["payout"]))
    return line


def _multiplier(part: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """Return what a part multiplies the stake by: of one line that pays, the product as it is read."""
    lines = part.get("lines", ())
    if len(lines) == 1 and not said["is_free_bet"] and read(part["total"]):
        return _localized(lines[0]["arithmetic"]).replace(" x ", " × ")
    return _localized(part["total"])


def parts(said: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the parts of a sum, each with a line that says what every leg counts."""
    return [
        (translated(PARTS[part["name"]]), [_counts(leg, name) for leg, name in _named(part, legs)])
        for part in said["parts"]
    ]


def _named(part: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, str]]:
    if part["name"] == "builder":
        yield part["legs"][0], _("All legs together")
        return
    for leg, named in zip(part["legs"], legs, strict=True):
        yield leg, named["name"]


def _counts(leg: Mapping[str, Any], name: str) -> str:
    if leg["state"] == "lost":
        return _("%(name)s lost: it counts 0.", name=name)
    if leg["state"] in ("void", "push"):
        return _("%(name)s is void: it counts 1.", name=name)
    if leg["multiplier"] == leg["odds"]:
        return _("%(name)s won: it counts its odds of %(odds)s.", name=name, odds=_localized(leg["odds"]))
    written = _localized(retold(leg["arithmetic"])).replace(" x ", " × ")
    return _("%(name)s counts %(sum)s.", name=name, sum=written)


def _happened(outcome: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the result was, where a reason is known as one of a grader; any other as it was kept."""
    reason = outcome["reason"]
    if not reason or reason == outcome["state"]:
        return
    for pattern, say in _REASONS:
        if found := pattern.fullmatch(reason):
            yield say(found)
            return
    kept = retold(reason)
    yield f"{kept[:1].upper()}{kept[1:]}."


def _divided(outcome: Mapping[str, Any]) -> Iterator[str]:
    part, deduction = read(outcome.get("share", "1")), read(outcome.get("deduction", "0"))
    if part != 1:
        yield _("It was a dead heat: %(part)s of the stake is alive.", part=_localized(str(part)))
    if deduction:
        percent = _localized(f"{float(deduction * 100):g}")
        yield _("Withdrawn runners take %(percent)s %% of its winnings.", percent=percent)


def _score(found: re.Match[str]) -> str:
    return f"{found['home']}\N{EN DASH}{found['away']}"


_RESULT = r"(?P<home>\d+)-(?P<away>\d+)"
_REASONS: Sequence[tuple[re.Pattern[str], Said]] = (
    (
        re.compile(rf"{_RESULT}(?:: (?:home|draw|away|nobody won))?"),
        lambda found: _("The score that counts is %(score)s.", score=_score(found)),
    ),
    (
        re.compile(rf"{_RESULT} with (?P<line>[+-][\d.]+) for (?P<side>home|away)(?:: (?:home|draw|away))?"),
        lambda found: _(
            "The score that counts is %(score)s, with a handicap of %(line)s for the side named %(side)s.",
            score=_score(found),
            line=_signed(found["line"]),
            side=_("first") if found["side"] == "home" else _("second"),
        ),
    ),
    (
        re.compile(r"(?P<count>\d+) against (?P<line>[\d.]+)"),
        lambda found: _(
            "What counts is %(count)s, against a line of %(line)s.",
            count=number(int(found["count"])),
            line=_localized(found["line"]),
        ),
    ),
    (
        re.compile(r"position (?P<place>\d+)(?:, shared by (?P<tied>\d+))?"),
        lambda found: _("It finished in position %(place)s.", place=found["place"]),
    ),
)


def _because(said: Mapping[str, Any]) -> dict[str, str]:
    return {"reason": retold(said["void_because"])}


def _signed(line: str) -> str:
    return f"+{_localized(line[1:])}" if line.startswith("+") else grouped(line)


def _localized(text: str) -> str:
    """Write each number in a text as the language of this request does."""
    return _NUMBER.sub(lambda found: grouped(found[0]), text)


def _exact_money(currencies: Currencies, minor: Fraction, unit: str) -> str:
    places = currencies.places(unit)
    amount = Decimal(minor.numerator) / minor.denominator / 10**places
    return f"{grouped(f'{amount:.{places + (FINE_PLACES if minor.denominator > 1 else 0)}f}')} {unit}"
