"""Place a bet: checked, put on the books, paid for and written down in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.database.rows import written_together
from pitboss.core.errors import InsufficientFunds, KeyReused, PitbossError
from pitboss.core.texts import marked
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.exact import ODDS_MAX
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.markets import dynamic
from pitboss.plugins.betting.settling.eachway import terms_as_json
from pitboss.plugins.betting.slips import (
    booking,
    freebets,
    happenings,
    limiting,
    preparing,
    refusals,
    storing,
)
from pitboss.plugins.betting.slips.asked import AskedBet, fingerprint
from pitboss.plugins.betting.slips.booking import Booked
from pitboss.plugins.betting.slips.judging import StruckLeg
from pitboss.plugins.betting.slips.preparing import Prepared, money
from pitboss.plugins.betting.slips.pricing import Priced
from pitboss.plugins.betting.slips.problems import PLACE, Declined, error_of

MOVED_BY_MONEY = frozenset(("liability", "lmsr"))
TRIES_MAX = 3
"""How often a slip is judged again because a price moved while it was placed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A bet with its legs, as they were written; `is_repeated` when it stood already."""

    bet: Mapping[str, Any]
    legs: Sequence[Mapping[str, Any]]
    is_repeated: bool = False


def place(ctx: Context, asked: AskedBet, player_id: UUID) -> Placed:
    """Place a bet for a player, once for each reference; what is refused leaves a record.

    A refusal rolls back what the unit of work did before: call `take` within a larger one.
    """
    prepared: list[Prepared] = []
    try:
        return take(ctx, asked, player_id, prepared)
    except PitbossError as error:
        # Asked for only now, so that the many that are placed do not pay for the few that are repeated.
        ctx.rollback()
        known = _known(ctx, asked, player_id)
        if known is not None:
            return known
        ctx.rollback()
        seen = prepared[-1] if prepared else None
        refusals.record(ctx, PLACE, player_id, asked, error, refusals.decision(ctx, seen))
        raise


def take(ctx: Context, asked: AskedBet, player_id: UUID, seen: list[Prepared] | None = None) -> Placed:
    """Place a bet in the caller's transaction, or raise; `seen` is told how the slip was judged."""
    ctx.of(player_id)
    seen = [] if seen is None else seen
    for _ in range(TRIES_MAX):
        prepared = preparing.prepare(ctx, asked, player_id)
        seen.append(prepared)
        if prepared.problems:
            raise error_of(prepared.problems)
        # Before the locks, so that a slow check never holds a market; again where the odds are others.
        ctx.guard(PLACE, payload(ctx, prepared))
        booked = booking.book(ctx, prepared)
        if not booked.has_moved:
            return _write(ctx, asked, prepared, booked)
    raise Declined("the prices move faster than the bet can be placed: look at them, and place it again")


def payload(ctx: Context, prepared: Prepared) -> dict[str, Any]:
    """Return what guards of placing are asked with; money in minor units."""
    priced = prepared.priced
    assert priced is not None, "a slip with problems is refused before guards are asked"
    return {
        "player_id": prepared.player_id,
        "kind": prepared.shape.kind,
        "stake": priced.stake,
        "potential": priced.potential,
        "currency": ctx.tenant.currency,
        "is_free": prepared.free_bet is not None,
        "is_in_play": prepared.is_in_play,
        "legs": [_leg_payload(leg) for leg in prepared.legs],
    }


def _write(ctx: Context, asked: AskedBet, prepared: Prepared, booked: Booked) -> Placed:
    bet_id, player_id, priced = uuid7(), prepared.player_id, prepared.priced
    assert priced is not None, "it was booked"
    _pay(ctx, bet_id, player_id, priced, is_free=prepared.free_bet is not None)
    checks = [*prepared.checks, *booked.checks, *_check_day(ctx, prepared, priced)]
    if prepared.free_bet is not None:
        freebets.use(ctx, player_id, prepared.free_bet.id, bet_id=bet_id)
    bet = _bet(ctx, asked, prepared, priced, checks, bet_id)
    legs = [_leg(ctx, bet_id, leg, priced) for leg in prepared.legs]
    try:
        # In one message: each round trip of a bet is paid for by all.
        with written_together(ctx.connection):
            storing.write(ctx.connection, bet, legs)
            if bet["state"] == "accepted":
                accepted(ctx, bet, legs, priced.odds)
    except IntegrityError as error:
        if not storing.is_taken(error):
            raise
        message = marked(f"the reference {asked.reference!r} is being placed by another request: ask again")
        raise Declined(message) from error
    if bet["state"] == "pending":
        ctx.enqueue(
            "betting.accept_bet",
            {"bet_id": str(bet_id)},
            key=f"accept:{bet_id}",
            delay_seconds=(bet["accept_at"] - bet["placed_at"]).total_seconds(),
        )
    else:
        move_prices(ctx, prepared.legs)
    return Placed(bet, legs)


def accepted(ctx: Context, bet: Mapping[str, Any], legs: Sequence[Mapping[str, Any]], odds: Decimal) -> None:
    """Count a bet that stands, and say so."""
    own_stake = 0 if bet["free_bet_id"] else bet["stake"]
    odds = min(odds, Decimal(ODDS_MAX))
    is_in_play = any(leg["is_in_play"] for leg in legs)
    keeping.bet_accepted(ctx, bet["player_id"], stake=own_stake, odds=odds, is_in_play=is_in_play)
    said = happenings.placed(bet, legs, odds=odds)
    ctx.emit("betting.bet_placed", said, player_id=bet["player_id"])


def move_prices(ctx: Context, legs: Sequence[StruckLeg]) -> None:
    """Let the prices of markets move whose rule follows the money."""
    for leg in legs:
        if leg.offered.moves_by in MOVED_BY_MONEY:
            dynamic.after_bet(ctx, leg.offered.market_id)


def _pay(ctx: Context, bet_id: UUID, player_id: UUID, priced: Priced, *, is_free: bool) -> None:
    unit = ctx.tenant.currency
    leg = ledger.Leg(
        accounts.source(player_id, unit, is_free=is_free),
        accounts.hold(player_id, unit, is_free=is_free),
        priced.stake,
    )
    try:
        ledger.post(ctx.connection, key=accounts.place_key(bet_id), op=accounts.OP_PLACE, legs=[leg])
    except InsufficientFunds as error:
        cash = ledger.balance(ctx.connection, leg.debit)
        message = marked(f"the stake is {money(ctx, priced.stake)} and the cash {money(ctx, cash)}")
        raise InsufficientFunds(f"{message}: deposit, or stake at most {money(ctx, cash)}").with_details(
            code="insufficient_funds"
        ) from error


def _check_day(ctx: Context, prepared: Prepared, priced: Priced) -> list[limiting.Check]:
    """Check the stakes of the day; the posting has locked the wallet, so no twin passes beside it."""
    if prepared.free_bet is not None or limiting.tightest(prepared.bounds, limiting.DAY_STAKE_MAX) is None:
        return []
    used = preparing.day_used(ctx, prepared.player_id)
    checks = limiting.check_day(prepared.bounds, stake=priced.stake, used=used, line_count=priced.line_count)
    problems = limiting.problems_of(checks, partial(money, ctx))
    if problems:
        raise error_of(problems)
    return checks


def _bet(
    ctx: Context,
    asked: AskedBet,
    prepared: Prepared,
    priced: Priced,
    checks: Sequence[limiting.Check],
    bet_id: UUID,
) -> dict[str, Any]:
    now, delay = ctx.clock.now(), delay_seconds(ctx, prepared)
    accept_at = now + timedelta(seconds=delay) if delay else None
    shape = prepared.shape
    return {
        "tenant_id": ctx.tenant.id,
        "id": bet_id,
        "player_id": prepared.player_id,
        "reference": asked.reference,
        "fingerprint": fingerprint(asked),
        "kind": shape.kind,
        "system": _system(prepared, priced),
        "is_each_way": shape.is_each_way,
        "state": "pending" if delay else "accepted",
        "reason": "",
        "currency": ctx.tenant.currency,
        "line_count": priced.line_count,
        "unit_stake": priced.unit_stake,
        "stake": priced.stake,
        "running_stake": priced.stake,
        "potential": priced.potential,
        "payout": 0,
        "free_bet_id": None if prepared.free_bet is None else prepared.free_bet.id,
        "price_policy": prepared.policy,
        "builder_odds": priced.slip.builder_odds,
        "decision": refusals.decision(ctx, prepared, checks),
        "exposures": [exposure.entry() for exposure in priced.exposures],
        "placed_at": now,
        "accept_at": accept_at,
        "accepted_at": None if delay else now,
        "settled_at": None,
        "settlement_version": 0,
    }


def _leg(ctx: Context, bet_id: UUID, leg: StruckLeg, priced: Priced) -> dict[str, Any]:
    offered = leg.offered
    return {
        "tenant_id": ctx.tenant.id,
        "bet_id": bet_id,
        "number": leg.number,
        "fixture_id": offered.fixture_id,
        "market_id": offered.market_id,
        "selection_id": offered.selection_id,
        "selection_code": offered.code,
        "sport": offered.sport,
        "competition": offered.competition,
        "is_in_play": offered.is_in_play,
        "name": leg.name,
        "score_from": leg.score_from,
        "odds": leg.odds,
        "shown_odds": leg.shown_odds,
        "odds_version": offered.odds_version,
        "is_banker": leg.is_banker,
        "place_terms": _place_terms(priced, leg.number),
        "rules_id": offered.rules_id,
    }


def _place_terms(priced: Priced, number: int) -> dict[str, Any]:
    terms = terms_as_json(priced.slip.legs[number].place)
    return {**terms, "at": "off"} if terms and priced.rules.place_terms_at == "off" else terms


def _system(prepared: Prepared, priced: Priced) -> dict[str, Any]:
    if prepared.shape.kind != "system":
        return {}
    return {"name": priced.system_name or prepared.shape.system, "sizes": list(priced.system.sizes)}


def delay_seconds(ctx: Context, prepared: Prepared) -> int:
    """Return how long a bet in play waits: as long as its slowest sport asks."""
    delays: Mapping[str, int] = ctx.settings("betting")["live_delay_seconds"]
    in_play = [leg.offered.sport for leg in prepared.legs if leg.offered.is_in_play]
    return max((delays.get(sport, delays.get("*", 0)) for sport in in_play), default=0)


def _leg_payload(leg: StruckLeg) -> dict[str, Any]:
    offered = leg.offered
    return {
        "sport": offered.sport,
        "competition": offered.competition,
        "fixture_id": offered.fixture_id,
        "market_id": offered.market_id,
        "template": offered.template,
        "selection_id": offered.selection_id,
        "odds": leg.odds,
        "is_in_play": offered.is_in_play,
        "starts_at": offered.starts_at,
    }


def _known(ctx: Context, asked: AskedBet, player_id: UUID) -> Placed | None:
    """Return the bet that stands under a reference, or refuse another slip under it."""
    row = storing.by_reference(ctx, player_id, asked.reference)
    if row is None:
        return None
    if row.fingerprint != fingerprint(asked):
        raise KeyReused(
            f"the reference {asked.reference!r} belongs to bet {row.id}, which is another slip: "
            "give each bet a reference of its own"
        )
    legs = storing.legs_of(ctx, [row.id])[row.id]
    return Placed(storing.plain(row), storing.plain_all(legs), is_repeated=True)
