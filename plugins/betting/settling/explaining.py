"""Why a slip paid what it paid: the arithmetic as data and as text, enough to do the sum again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import Any

from pitboss.plugins.betting.exact import Rounding, read, rounded, text
from pitboss.plugins.betting.lines import System, expand, name_of
from pitboss.plugins.betting.settling.outcomes import Outcome, arithmetic, outcome_as_json
from pitboss.plugins.betting.settling.rules import Rules
from pitboss.plugins.betting.settling.slip import Slip
from pitboss.plugins.betting.settling.summing import Part, Priced, Sums

LINES_EXPLAINED_MAX = 63
"""Lines of a part that are written one by one; `lines_of` lists those of larger systems when asked."""


def explain(
    slip: Slip, outcomes: Sequence[Outcome], sums: Sums, *, rules: Rules, payout: int
) -> dict[str, Any]:
    """Return the explanation of a settlement, ready for JSON; numbers are exact text, money minor units."""
    return {
        "legs": [
            {"name": leg.name, "odds": text(Fraction(leg.odds)), **outcome_as_json(outcome)}
            for leg, outcome in zip(slip.legs, outcomes, strict=True)
        ],
        "system": {"name": name_of(slip.system), "sizes": list(slip.system.sizes)},
        "is_free_bet": slip.is_free_bet,
        "line_count": slip.line_count,
        "stake": slip.stake,
        "unit_stake": text(sums.unit_stake),
        "void_because": sums.void_because,
        "parts": [_part(part, slip) for part in sums.parts],
        "bonus": text(sums.bonus),
        "exact": text(sums.exact),
        "payout_max": slip.payout_max,
        "rounding": rules.rounding if isinstance(rules.rounding, str) else "a function",
        "payout": payout,
        "arithmetic": _total(slip, sums, payout),
    }


def _part(part: Part, slip: Slip) -> dict[str, Any]:
    sizes = slip.system.sizes if part.name != "builder" else (1,)
    written: dict[str, Any] = {
        "name": part.name,
        "legs": [_leg(leg) for leg in part.legs],
        "sizes": [{"size": s, "total": text(t)} for s, t in zip(sizes, part.by_size, strict=True)],
        "total": text(part.total),
    }
    if part.name != "builder" and slip.system.count <= LINES_EXPLAINED_MAX:
        written["lines"] = list(_lines(written["legs"], slip.system, is_free_bet=slip.is_free_bet))
    return written


def _leg(leg: Priced) -> dict[str, Any]:
    return {
        "odds": text(leg.odds),
        "state": leg.outcome.state,
        "multiplier": text(leg.multiplier),
        "arithmetic": arithmetic(leg.outcome, leg.odds),
        "is_banker": leg.is_banker,
    }


def _total(slip: Slip, sums: Sums, payout: int) -> str:
    """Write the last line of the sum."""
    if sums.void_because:
        return f"void, for {sums.void_because}: " + (
            "a free bet pays nothing" if slip.is_free_bet else "stake back"
        )
    totals = [text(part.total) for part in sums.parts] + ([text(sums.bonus)] if sums.bonus else [])
    shown = f"({' + '.join(totals)})" if len(totals) > 1 else totals[0]
    capped = ", at most " + str(slip.payout_max) if payout == slip.payout_max and sums.exact > payout else ""
    return f"{text(sums.unit_stake)} x {shown} = {text(sums.exact)}{capped}: pays {payout}"


def lines_of(explanation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all lines of an explained slip, win part first, whether or not they were written into it."""
    for part in explanation["parts"]:
        if part["name"] == "builder":
            continue
        system = _system(part["legs"], explanation)
        yield from (
            {"part": part["name"], **line}
            for line in _lines(part["legs"], system, is_free_bet=explanation["is_free_bet"])
        )


def _lines(
    legs: Sequence[Mapping[str, Any]], system: System, *, is_free_bet: bool
) -> Iterator[dict[str, Any]]:
    multipliers = [read(leg["multiplier"]) for leg in legs]
    bankers = tuple(place for place, leg in enumerate(legs) if leg["is_banker"])
    for line in expand(system, bankers):
        product = prod((multipliers[place] for place in line), start=Fraction(1))
        yield {
            "legs": [place + 1 for place in line],
            "arithmetic": " x ".join(legs[place]["multiplier"] for place in line),
            "pays": text(max(Fraction(0), product - 1) if is_free_bet else product),
        }


def _system(legs: Sequence[Mapping[str, Any]], explanation: Mapping[str, Any]) -> System:
    bankers = sum(leg["is_banker"] for leg in legs)
    return System(legs=len(legs) - bankers, bankers=bankers, sizes=tuple(explanation["system"]["sizes"]))


def replay(explanation: Mapping[str, Any], rounding: Rounding | None = None) -> int:
    """Do the sum again from the multipliers of an explanation alone, line by line; return what it pays.

    An explanation that was rounded by a function needs that function again.
    """
    stake = Fraction(explanation["stake"])
    if explanation["void_because"]:
        total = Fraction(0) if explanation["is_free_bet"] else stake
    else:
        units = sum(
            (_again(part, explanation) for part in explanation["parts"]), start=read(explanation["bonus"])
        )
        total = stake / explanation["line_count"] * units
    cap = explanation["payout_max"]
    if cap is not None and total > cap:
        return int(cap)
    return rounded(total, rounding or explanation["rounding"])


def _again(part: Mapping[str, Any], explanation: Mapping[str, Any]) -> Fraction:
    if part["name"] == "builder":
        return read(part["legs"][0]["multiplier"])
    always = [read(leg["multiplier"]) for leg in part["legs"] if leg["is_banker"]]
    others = [read(leg["multiplier"]) for leg in part["legs"] if not leg["is_banker"]]
    stake = 1 if explanation["is_free_bet"] else 0
    products = (
        prod((*line, *always), start=Fraction(1))
        for size in explanation["system"]["sizes"]
        for line in combinations(others, size)
    )
    return sum((max(Fraction(0), product - stake) for product in products), start=Fraction(0))
