"""Bets in play that wait: accepted at the price that holds then, or rejected with the stake given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import PitbossError
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.settling import deciding
from pitboss.plugins.betting.slips import (
    agreed,
    booking,
    books,
    building,
    freebets,
    judging,
    limiting,
    offered,
    placing,
    preparing,
    pricing,
    storing,
)
from pitboss.plugins.betting.slips.asked import AskedLeg
from pitboss.plugins.betting.slips.preparing import Prepared, money
from pitboss.plugins.betting.slips.problems import Declined, code_of, error_of
from pitboss.plugins.betting.slips.shaping import Shape


def decide(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Decide a bet whose delay is over; one that is decided already stays as it is."""
    bet = storing.lock(ctx, UUID(payload["bet_id"]))
    if bet.state != "pending":
        return
    ctx.of(bet.player_id)
    legs = storing.legs_of(ctx, [bet.id])[bet.id]
    try:
        with ctx.connection.begin_nested():
            prepared = _booked_again(ctx, bet, legs)
    except PitbossError as error:
        reject(ctx, bet, error)
        return
    _accept(ctx, bet, legs, prepared)


def reject(ctx: Context, bet: Row[Any], error: PitbossError) -> None:
    """Give the stake of a pending bet back, and take it off the books."""
    books.take_off(ctx.connection, ctx.tenant.id, [bet.exposures])
    is_free = bet.free_bet_id is not None
    leg = ledger.Leg(
        accounts.hold(bet.player_id, bet.currency, is_free=is_free),
        accounts.source(bet.player_id, bet.currency, is_free=is_free),
        bet.stake,
    )
    ledger.post(ctx.connection, key=accounts.reject_key(bet.id), op=accounts.OP_REJECT, legs=[leg])
    if bet.free_bet_id is not None:
        freebets.give_back(ctx, [bet.free_bet_id])
    reason = str(error)
    storing.change(ctx, bet.id, state="rejected", reason=reason[:1_000], exposures=[], running_stake=0)
    said = {"bet_id": str(bet.id), "refusal_id": None, "code": code_of(error), "reason": reason}
    ctx.emit("betting.bet_rejected", said, player_id=bet.player_id)


def _booked_again(ctx: Context, bet: Row[Any], legs: Sequence[Row[Any]]) -> Prepared:
    """Return the bet as it can be accepted now, booked at the prices of now; raise when it cannot."""
    books.take_off(ctx.connection, ctx.tenant.id, [bet.exposures])
    for _ in range(placing.TRIES_MAX):
        prepared = _prepared(ctx, bet, legs)
        if prepared.problems:
            raise error_of(prepared.problems)
        if not booking.book(ctx, prepared).has_moved:
            return prepared
    raise Declined("the prices moved faster than the bet could be accepted")


def _prepared(ctx: Context, bet: Row[Any], legs: Sequence[Row[Any]]) -> Prepared:
    settings = ctx.settings("betting")
    asked = [AskedLeg(leg.selection_id, str(leg.odds), leg.odds_version, leg.is_banker) for leg in legs]
    ids = [leg.selection_id for leg in legs]
    found, limits = offered.read_limited(ctx.connection, ctx.tenant.id, ids, bet.player_id)
    struck, problems = judging.strike(
        asked,
        found,
        now=ctx.clock.now(),
        policy=bet.price_policy,
        ages=judging.Ages(settings["price_age_seconds_max"], settings["live_price_age_seconds_max"]),
        is_builder=bet.kind == "builder",
    )
    if not problems:
        struck, problems = agreed.scored(ctx, struck, [leg.score_from for leg in legs])
    prepared = Prepared(
        player_id=bet.player_id,
        shape=shape_of(bet, legs),
        policy=bet.price_policy,
        offered=found,
        legs=struck,
        bounds=preparing.bounds_of(ctx, limits, struck, bet.player_id),
        problems=problems,
    )
    return prepared if problems else _reckoned(ctx, bet, legs, prepared)


def _reckoned(ctx: Context, bet: Row[Any], legs: Sequence[Row[Any]], prepared: Prepared) -> Prepared:
    """Reckon a bet again at the prices of now, under the rules and the place terms of its time."""
    priced = pricing.price(
        prepared.shape,
        prepared.legs,
        stake=bet.unit_stake,
        is_free=bet.free_bet_id is not None,
        rules=agreed.rules_of(ctx, [legs[0].rules_id])[legs[0].rules_id],
        terms={leg.selection_id: deciding.place_of(leg) for leg in legs},
        builder_odds=building.price(ctx, prepared.legs) if bet.kind == "builder" else None,
    )
    checks = limiting.check_payout(
        prepared.bounds, potential=priced.potential, line_count=priced.line_count, grows=priced.potential_at
    )
    problems = limiting.problems_of(checks, partial(money, ctx))
    return replace(prepared, priced=priced, checks=checks, problems=problems)


def _accept(ctx: Context, bet: Row[Any], legs: Sequence[Row[Any]], prepared: Prepared) -> None:
    priced = prepared.priced
    assert priced is not None, "it was booked"
    for leg in prepared.legs:
        storing.change_leg(ctx, bet.id, leg.number, odds=leg.odds, odds_version=leg.offered.odds_version)
    accepted = storing.change(
        ctx,
        bet.id,
        state="accepted",
        accepted_at=ctx.clock.now(),
        potential=priced.potential,
        builder_odds=priced.slip.builder_odds,
        exposures=[exposure.entry() for exposure in priced.exposures],
    )
    placing.accepted(ctx, storing.plain(accepted), storing.plain_all(legs), priced.odds)
    placing.move_prices(ctx, prepared.legs)


def shape_of(bet: Row[Any], legs: Sequence[Row[Any]]) -> Shape:
    """Return the shape of a bet that was placed."""
    bankers = tuple(leg.number for leg in legs if leg.is_banker)
    sizes = bet.system.get("sizes", ())
    others = len(legs) - len(bankers)
    system = f"{sizes[0]}-{sizes[-1]}/{others}" if sizes else ""
    return Shape(bet.kind, len(legs), system, bankers, bet.is_each_way)
