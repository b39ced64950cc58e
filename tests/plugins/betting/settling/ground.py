"""Markets and accepted bets as rows, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.plugins.betting import accounts
from pitboss.plugins.betting.facts import keeping
from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.slips.tables import Bet, BetLeg

MARKET, SELECTION, BET, LEG = Market.__table__, Selection.__table__, Bet.__table__, BetLeg.__table__


def market(
    ctx: Context,
    fixture_id: UUID,
    codes: Sequence[str] = ("home", "draw", "away"),
    *,
    template: str = "match_result",
    sport: str = "football",
    line: str = "",
    rules_id: UUID | None = None,
) -> UUID:
    """Open a market, every selection at 2.00."""
    made, now = uuid7(), ctx.clock.now()
    row = {
        "tenant_id": ctx.tenant.id,
        "id": made,
        "fixture_id": fixture_id,
        "sport": sport,
        "template": template,
        "line": line,
        "name": template,
        "fixture_name": "Leeds v Hull",
        "status": "open",
        "suspensions": [],
        "starts_at": now + timedelta(hours=2),
        "first_starts_at": now + timedelta(hours=2),
        "odds_version": 1,
        "priced_at": now,
        "pricing": {},
        "rules_id": rules_id or rulebook.binding(ctx, sport, template).id,
    }
    ctx.connection.execute(insert(MARKET), row)
    ctx.connection.execute(
        insert(SELECTION),
        [
            {
                "tenant_id": ctx.tenant.id,
                "id": uuid7(),
                "market_id": made,
                "position": position,
                "code": code,
                "name": code.title(),
                "odds": Decimal(2),
            }
            for position, code in enumerate(codes)
        ],
    )
    return made


def leg(ctx: Context, market_id: UUID, code: str, odds: str = "2", **more: Any) -> dict[str, Any]:
    """Describe a leg at a price."""
    found = ctx.connection.execute(select(MARKET).where(MARKET.c.id == market_id)).one()
    wanted = (SELECTION.c.market_id == market_id, SELECTION.c.code == code)
    selection_id = ctx.connection.scalar(select(SELECTION.c.id).where(*wanted))
    return {
        "fixture_id": found.fixture_id,
        "market_id": market_id,
        "selection_id": selection_id,
        "selection_code": code,
        "sport": found.sport,
        "name": f"{found.fixture_name}: {code}",
        "odds": Decimal(odds),
        "shown_odds": Decimal(odds),
        "odds_version": 1,
        "place_terms": {},
        "is_banker": False,
        "rules_id": found.rules_id,
    } | more


def bet(ctx: Context, player_id: UUID, legs: Sequence[dict[str, Any]], stake: int, **more: Any) -> UUID:
    """Take a bet: money aside, exposure on the books, rows and figures, as placing does."""
    made, now, unit = uuid7(), ctx.clock.now(), ctx.tenant.currency
    is_free = more.get("free_bet_id") is not None
    exposures = [[str(one["market_id"]), str(one["selection_id"]), 2 * stake, stake, stake] for one in legs]
    row = {
        "tenant_id": ctx.tenant.id,
        "id": made,
        "player_id": player_id,
        "reference": str(made),
        "fingerprint": "-",
        "kind": "single" if len(legs) == 1 else "multiple",
        "system": {},
        "state": "accepted",
        "currency": unit,
        "line_count": 1,
        "unit_stake": stake,
        "stake": stake,
        "running_stake": stake,
        "potential": 2 * stake,
        "price_policy": "none",
        "decision": {},
        "exposures": exposures,
        "placed_at": now,
        "accepted_at": now,
    } | more
    ctx.connection.execute(insert(BET), row)
    ctx.connection.execute(
        insert(LEG),
        [
            {"tenant_id": ctx.tenant.id, "bet_id": made, "number": number, **one}
            for number, one in enumerate(legs, 1)
        ],
    )
    for market_id, selection_id, liability, staked, refund in exposures:
        ctx.connection.execute(
            update(MARKET)
            .where(MARKET.c.id == UUID(market_id))
            .values(staked=MARKET.c.staked + staked, refund=MARKET.c.refund + refund)
        )
        ctx.connection.execute(
            update(SELECTION)
            .where(SELECTION.c.id == UUID(selection_id))
            .values(liability=SELECTION.c.liability + liability)
        )
    source = accounts.source(player_id, unit, is_free=is_free)
    moved = ledger.Leg(source, accounts.hold(player_id, unit, is_free=is_free), stake)
    ledger.post(ctx.connection, key=accounts.place_key(made), op=accounts.OP_PLACE, legs=[moved])
    keeping.bet_accepted(ctx, player_id, stake=0 if is_free else stake, odds=Decimal(2))
    return made


def state(ctx: Context, bet_id: UUID) -> Any:
    """Return a bet as it stands."""
    return ctx.connection.execute(select(BET).where(BET.c.id == bet_id)).one()
