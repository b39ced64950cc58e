"""Quote a slip: what it would be, what it may pay, and what limits its stake; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.errors import PitbossError, Refused
from pitboss.plugins.betting.slips import booking, limiting, placing, preparing, showing
from pitboss.plugins.betting.slips.asked import AskedQuote
from pitboss.plugins.betting.slips.limiting import Check
from pitboss.plugins.betting.slips.oddstext import text
from pitboss.plugins.betting.slips.preparing import Prepared, money
from pitboss.plugins.betting.slips.problems import PLACE, Problem
from pitboss.plugins.betting.slips.showing import ShowOdds


def quote(ctx: Context, asked: AskedQuote, player_id: UUID, *, show_odds: ShowOdds) -> dict[str, Any]:
    """Return what a slip would be now, with all that would keep it from being taken."""
    ctx.of(player_id)
    prepared = _limited(ctx, preparing.prepare(ctx, asked, player_id))
    problems = [problem.shown() for problem in prepared.problems]
    if not problems:
        problems = _guarded(ctx, prepared)
    priced, unit = prepared.priced, ctx.tenant.currency
    return {
        "kind": prepared.shape.kind,
        "line_count": None if priced is None else priced.line_count,
        "unit_stake": None if priced is None else showing.total(ctx, priced.unit_stake, unit),
        "stake": None if priced is None else showing.total(ctx, priced.stake, unit),
        "potential": None if priced is None else showing.total(ctx, priced.potential, unit),
        "odds": None if priced is None else text(priced.odds),
        "legs": _legs(asked, prepared, show_odds),
        "stake_max": _stake_max(ctx, prepared.checks),
        "limits": [check.recorded() for check in prepared.checks],
        "problems": problems,
        "delay_seconds": placing.delay_seconds(ctx, prepared),
    }


def _limited(ctx: Context, prepared: Prepared) -> Prepared:
    """Add the limits that are checked under a lock when the bet is placed."""
    priced = prepared.priced
    if priced is None:
        return prepared
    checks: list[Check] = booking.outlook(ctx, prepared)
    has_day = limiting.tightest(prepared.bounds, limiting.DAY_STAKE_MAX) is not None
    if prepared.free_bet is None and has_day:
        used = preparing.day_used(ctx, prepared.player_id)
        checks += limiting.check_day(
            prepared.bounds, stake=priced.stake, used=used, line_count=priced.line_count
        )
    problems = [*prepared.problems, *limiting.problems_of(checks, partial(money, ctx))]
    return replace(prepared, checks=[*prepared.checks, *checks], problems=problems)


def _guarded(ctx: Context, prepared: Prepared) -> list[dict[str, Any]]:
    if prepared.priced is None:
        return []
    try:
        ctx.guard(PLACE, placing.payload(ctx, prepared))
    except Refused as error:
        return [Problem("guard", "", reason, "limit").shown() for reason in error.reasons]
    except PitbossError as error:
        return [Problem("guard", "", str(error), "limit").shown()]
    return []


def _stake_max(ctx: Context, checks: Sequence[Check]) -> dict[str, str] | None:
    fitting = [check.stake_max for check in checks if check.stake_max is not None]
    return showing.total(ctx, min(fitting), ctx.tenant.currency) if fitting else None


def _legs(asked: AskedQuote, prepared: Prepared, show_odds: ShowOdds) -> list[dict[str, Any]]:
    shown = []
    for number, leg in enumerate(asked.legs):
        offer = prepared.offered[leg.selection_id]
        odds: Decimal | None = offer.odds
        is_active = offer.selection_status == "active"
        shown.append(
            {
                "number": number,
                "selection_id": offer.selection_id,
                "name": offer.name,
                "shown_odds": leg.odds,
                "odds": None if odds is None else text(odds),
                "odds_text": None if odds is None else show_odds(odds),
                "odds_version": offer.odds_version,
                "status": offer.market_status if is_active else offer.selection_status,
                "is_in_play": offer.is_in_play,
            }
        )
    return shown
