"""The limits that allowed a bet, as a page tells them: each with what it counts and where it was set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pitboss.core.context import Context
from pitboss.core.texts import gettext as _
from pitboss.core.texts import spoken
from pitboss.plugins.betting.markets import reading
from pitboss.plugins.betting.slips.limiting import DAY_STAKE_MAX, EXPOSURE_MAX


def told(ctx: Context, bet: Any, legs: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the limits of a bet's decision with names in place of ids."""
    limits = bet.decision.get("limits", [])
    names = _names(ctx, legs)
    counted = _counted(limits, legs, names)
    return [{**one, "counts": next(counted), "set_for": _set_for(one, names)} for one in limits]


def _names(ctx: Context, legs: Sequence[Any]) -> dict[tuple[str, str], str]:
    """Return what the markets and fixtures of legs are called, by scope and id."""
    found: dict[tuple[str, str], str] = {}
    for book in reading.many(ctx, sorted({leg.market_id for leg in legs})):
        m = book.market
        found["market", str(m.id)] = f"{m.fixture_name}: {m.name}"
        found["fixture", str(m.fixture_id)] = m.fixture_name
        fixture: Mapping[str, Any] = ctx.value("sports.fixture", str(m.fixture_id)) or {}
        found["competition", m.competition] = str(fixture.get("competition") or m.competition)
    return found


def _counted(
    limits: Sequence[Mapping[str, Any]], legs: Sequence[Any], names: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    # The exposure of each market was checked in the order in which markets lock: that of their ids.
    markets = iter(sorted({leg.market_id for leg in legs}))
    for one in limits:
        if one["measure"] == DAY_STAKE_MAX:
            yield _("all stakes of the player on that day")
        elif one["measure"] != EXPOSURE_MAX:
            yield _("this bet")
        elif one["scope"] == "fixture":
            yield names.get(("fixture", one["subject"]), one["subject"])
        else:
            market = str(next(markets, ""))
            yield names.get(("market", market), market)


def _set_for(one: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> str:
    scope, subject = one["scope"], one["subject"]
    if scope == "player":
        return _("this player")
    if not subject:
        return spoken(scope)
    name = names.get((scope, subject)) or (spoken(subject) if scope in ("sport", "template") else subject)
    return f"{spoken(scope)}: {name}"
