"""Cash out a bet: an offer that holds for a moment, and its acceptance, once for each reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Row, insert, select

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, KeyReused, PitbossError
from pitboss.core.kernel import secret_of
from pitboss.core.settings import Settings
from pitboss.core.texts import marked
from pitboss.plugins.betting import accounts, cashing
from pitboss.plugins.betting.cashing import Now
from pitboss.plugins.betting.exact import text
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.settling import deciding, reading
from pitboss.plugins.betting.settling.eachway import place_odds
from pitboss.plugins.betting.settling.outcomes import Outcome
from pitboss.plugins.betting.slips import agreed, books, building, judging, offered, refusals, storing
from pitboss.plugins.betting.slips.asked import AskedOffer
from pitboss.plugins.betting.slips.judging import Ages
from pitboss.plugins.betting.slips.offered import Offered
from pitboss.plugins.betting.slips.problems import CASH_OUT, Declined
from pitboss.plugins.betting.slips.tables import CashOut

_TAKEN = CashOut.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """An offer for a bet as it stands, with what it came from."""

    offer: cashing.Offer
    part: Fraction
    versions: dict[str, int]
    """By market, the version of its prices that was used."""
    arithmetic: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A cash-out that was paid; `is_repeated` when it was paid before this request."""

    row: dict[str, Any]
    running_stake: int
    currency: str
    is_repeated: bool = False


def offer(
    ctx: Context, bet_id: UUID, *, of_player: UUID | None, part: Decimal = Decimal(1)
) -> dict[str, Any]:
    """Return what is offered for a part of a bet now, or why nothing is."""
    bet = storing.find(ctx, bet_id, of_player=of_player)
    ctx.of(bet.player_id)
    try:
        _guard(ctx, bet)
        priced = _priced(ctx, bet, Fraction(part))
    except (Declined, PitbossError) as error:
        return {"is_available": False, "reason": str(error), "arithmetic": {}}
    expires_at = ctx.clock.now() + timedelta(seconds=ctx.settings("betting")["cash_out_offer_seconds"])
    return {
        "is_available": True,
        "reason": "",
        "amount": priced.offer.amount,
        "stake": priced.offer.stake,
        "running_stake": priced.offer.stake_left,
        "currency": bet.currency,
        "token": _token(ctx, bet, priced, expires_at),
        "expires_at": expires_at,
        "arithmetic": priced.arithmetic,
    }


def accept(ctx: Context, bet_id: UUID, *, of_player: UUID | None, token: str, reference: str) -> Taken:
    """Pay an offer that still holds; a refusal rolls back, and leaves a record."""
    found = storing.find(ctx, bet_id, of_player=of_player)
    try:
        return take(ctx, bet_id, token=token, reference=reference)
    except PitbossError as error:
        ctx.rollback()
        asked = AskedOffer(bet_id=bet_id, reference=reference)
        refusals.record(ctx, CASH_OUT, found.player_id, asked, error, {"bet_id": str(bet_id)})
        raise


def take(ctx: Context, bet_id: UUID, *, token: str, reference: str) -> Taken:
    """Pay an offer in the caller's transaction, at its amount or at a better one, or raise."""
    bet = storing.lock(ctx, bet_id)
    ctx.of(bet.player_id)
    earlier = _taken_before(ctx, bet, token, reference)
    if earlier is not None:
        return earlier
    said = _read_token(ctx, bet, token)
    _guard(ctx, bet)
    priced = _priced(ctx, bet, Fraction(said["part"]))
    _check_holds(ctx, said, priced, bet)
    return _pay(ctx, bet, priced, token, reference)


def list_of(ctx: Context, bet_id: UUID) -> list[Row[Any]]:
    """Return the cash-outs of a bet, in their order."""
    query = select(_TAKEN).where(_TAKEN.c.tenant_id == ctx.tenant.id, _TAKEN.c.bet_id == bet_id)
    return list(ctx.connection.execute(query.order_by(_TAKEN.c.number)))


# -- what a bet is worth ----------------------------------------------------------------------------


def _priced(ctx: Context, bet: Row[Any], part: Fraction) -> Priced:
    settings = ctx.settings("betting")
    if not settings["has_cash_out"]:
        raise Declined("bets are not cashed out here")
    if bet.state != "accepted":
        raise Declined(f"the bet is {bet.state}: only an accepted one is cashed out")
    legs = storing.legs_of(ctx, [bet.id])[bet.id]
    ground = reading.ground_of(ctx, legs)
    outcomes = deciding.known(bet, legs, ground)
    open_legs = [leg for leg, outcome in zip(legs, outcomes, strict=True) if outcome is None]
    offers = offered.read(ctx.connection, ctx.tenant.id, [leg.selection_id for leg in open_legs])
    _check_open(ctx, open_legs, offers)
    states = _states(ctx, bet, legs, outcomes, offers)
    used = [
        {} if outcome is None else deciding.used_of(bet, leg, outcome, ground)
        for leg, outcome in zip(legs, outcomes, strict=True)
    ]
    slip = deciding.slip_of(bet, legs, used, stake=bet.running_stake)
    left = int(Fraction(bet.potential * bet.running_stake, bet.stake))
    found = cashing.offer(
        slip,
        states,
        margin=settings["cash_out_margin"],
        part=part,
        potential=left,
        rounding=ctx.tenant.rounding,
    )
    if found is None:
        raise Declined("the bet is worth nothing that could be offered now: wait for its result")
    versions = {str(offer.market_id): offer.odds_version for offer in offers.values()}
    arithmetic = {
        "legs": [_leg_shown(leg, state) for leg, state in zip(legs, states, strict=False)],
        "fair": text(found.fair),
        "margin": str(settings["cash_out_margin"]),
        "exact": text(found.exact),
        "part": text(part),
    }
    return Priced(offer=found, part=part, versions=versions, arithmetic=arithmetic)


def _check_open(ctx: Context, legs: Sequence[Row[Any]], offers: dict[UUID, Offered]) -> None:
    settings = ctx.settings("betting")
    ages = Ages(settings["price_age_seconds_max"], settings["live_price_age_seconds_max"])
    for leg in legs:
        problem = judging.closed(leg.number, offers[leg.selection_id], now=ctx.clock.now(), ages=ages)
        if problem is not None:
            raise Declined(f"no offer now: {problem.message}").with_details(code=problem.code)
        score = agreed.score_now(ctx, offers[leg.selection_id])
        if score is None or (score or agreed.START) != (leg.score_from or agreed.START):
            message = marked(f"{leg.name}, and the prices of now from {score or marked('no known score')}")
            raise Declined(f"no offer now: {message}").with_details(code="score_changed")


def _states(
    ctx: Context,
    bet: Row[Any],
    legs: Sequence[Row[Any]],
    outcomes: Sequence[Outcome | None],
    offers: dict[UUID, Offered],
) -> list[Now]:
    if bet.builder_odds is not None:
        if len(offers) < len(legs):
            raise Declined("no offer now: a part of the bet builder is decided already")
        return [Now(fair_odds=building.price_of(ctx, [offers[leg.selection_id] for leg in legs]))]
    return [_state(leg, outcome, offers) for leg, outcome in zip(legs, outcomes, strict=True)]


def _state(leg: Row[Any], outcome: Outcome | None, offers: dict[UUID, Offered]) -> Now:
    if outcome is not None:
        return Now(outcome=outcome)
    odds = offers[leg.selection_id].odds
    terms = deciding.place_of(leg)
    if odds is None or terms is None:
        return Now(fair_odds=odds)
    return Now(fair_odds=odds, fair_place_odds=place_odds(odds, terms))


def _leg_shown(leg: Row[Any], state: Now) -> dict[str, Any]:
    shown = {"name": leg.name, "odds": text(Fraction(leg.odds))}
    if state.outcome is not None:
        return shown | {"outcome": state.outcome.state}
    return shown | {"now": None if state.fair_odds is None else text(Fraction(state.fair_odds))}


# -- taking it --------------------------------------------------------------------------------------


def _guard(ctx: Context, bet: Row[Any]) -> None:
    ctx.guard(CASH_OUT, {"player_id": bet.player_id, "bet_id": bet.id, "stake": bet.running_stake})


def _check_holds(ctx: Context, said: dict[str, Any], priced: Priced, bet: Row[Any]) -> None:
    """Refuse an offer that is over, or that fell meanwhile; a better one is paid as it is now."""
    if ctx.clock.now() > datetime.fromisoformat(said["until"]):
        raise Declined(f"the offer held until {said['until']}: ask for a new one").with_details(
            code="offer_expired"
        )
    if said["stake"] != bet.running_stake:
        raise Declined("the bet was cashed out in part since the offer: ask for a new one").with_details(
            code="offer_expired"
        )
    if priced.offer.amount < said["amount"]:
        now = priced.offer.amount
        raise Declined(
            f"the offer was {said['amount']} and is {now} minor units now: ask for a new one"
        ).with_details(code="odds_changed", amount=now)


def _pay(ctx: Context, bet: Row[Any], priced: Priced, token: str, reference: str) -> Taken:
    found, is_free = priced.offer, bet.free_bet_id is not None
    number = len(list_of(ctx, bet.id)) + 1
    left = Fraction(found.stake_left, bet.running_stake)
    kept = books.scaled(bet.exposures, left)
    books.take_off(ctx.connection, ctx.tenant.id, [books.less(bet.exposures, kept)])
    unit = bet.currency
    hold, book = accounts.hold(bet.player_id, unit, is_free=is_free), accounts.book(unit)
    legs = [
        ledger.Leg(
            hold, accounts.source(bet.player_id, unit, is_free=True) if is_free else book, found.stake
        ),
        ledger.Leg(book, accounts.wallet(bet.player_id, unit), found.amount),
    ]
    key = accounts.cash_out_key(bet.id, number)
    ledger.post(ctx.connection, key=key, op=accounts.OP_CASH_OUT, legs=legs)
    row = _row(ctx, bet, priced, number, token, reference)
    ctx.connection.execute(insert(_TAKEN), row)
    _change_bet(ctx, bet, found, kept)
    own = 0 if is_free else found.stake
    keeping.cashed_out(ctx, bet.player_id, stake=own, amount=found.amount)
    said = {
        "bet_id": str(bet.id),
        "cash_out": f"{bet.id}:{number}",
        "amount": found.amount,
        "stake": found.stake,
        "own_stake": own,
        "running_stake": found.stake_left,
        "currency": unit,
        "is_free": is_free,
    }
    ctx.emit("betting.bet_cashed_out", said, player_id=bet.player_id)
    return Taken(row=row, running_stake=found.stake_left, currency=unit)


def _change_bet(ctx: Context, bet: Row[Any], found: cashing.Offer, kept: list[list[Any]]) -> None:
    changes: dict[str, Any] = {"payout": bet.payout + found.amount, "running_stake": found.stake_left}
    if found.stake_left:
        changes["exposures"] = kept
    else:
        changes |= {"exposures": [], "state": "cashed_out", "settled_at": ctx.clock.now()}
    storing.change(ctx, bet.id, **changes)


def _row(
    ctx: Context, bet: Row[Any], priced: Priced, number: int, token: str, reference: str
) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "bet_id": bet.id,
        "number": number,
        "reference": reference,
        "stake": priced.offer.stake,
        "amount": priced.offer.amount,
        "offer": {**priced.arithmetic, "versions": priced.versions, "token": token},
        "at": ctx.clock.now(),
    }


def _taken_before(ctx: Context, bet: Row[Any], token: str, reference: str) -> Taken | None:
    for row in list_of(ctx, bet.id):
        if row.reference == reference:
            if row.offer["token"] != token:
                raise KeyReused(
                    f"the reference {reference!r} belongs to another offer of this bet: give each its own"
                )
            return Taken(
                row=storing.plain(row),
                running_stake=bet.running_stake,
                currency=bet.currency,
                is_repeated=True,
            )
    return None


# -- the token --------------------------------------------------------------------------------------


def _token(ctx: Context, bet: Row[Any], priced: Priced, expires_at: datetime) -> str:
    said = {
        "bet": str(bet.id),
        "part": text(priced.part),
        "amount": priced.offer.amount,
        "stake": bet.running_stake,
        "until": expires_at.isoformat(),
    }
    return str(_signer(ctx).dumps(said))


def _read_token(ctx: Context, bet: Row[Any], token: str) -> dict[str, Any]:
    try:
        said: dict[str, Any] = _signer(ctx).loads(token)
    except BadSignature:
        raise InvalidInput("this is no offer of ours: ask for one", {"token": ["Not valid."]}) from None
    if said["bet"] != str(bet.id):
        raise InvalidInput("the offer is for another bet: ask for one", {"token": ["Of another bet."]})
    return said


def _signer(ctx: Context) -> URLSafeSerializer:
    return URLSafeSerializer(_secret(ctx.kernel.settings), salt=f"betting.cash_out:{ctx.tenant.id}")


@lru_cache(maxsize=16)
def _secret(settings: Settings) -> str:
    # The secret may be a file: read it once, not at each offer.
    return secret_of(settings)
