"""Cash-outs over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask.views import MethodView

from pitboss.core.context import Context
from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, current, keyed, signed_in
from pitboss.plugins.betting.slips import access, cashout, showing, storing
from pitboss.plugins.betting.slips.schemas import (
    AcceptOffer,
    CashOutSchema,
    CashOutsSchema,
    OfferFilter,
    OfferSchema,
)

blueprint = Blueprint(
    "betting_cash_outs", __name__, url_prefix="/bets", description="Bets paid before their end"
)
ROUTES = Routes(blueprint=blueprint)
_AMOUNTS = ("amount", "stake", "running_stake")


@blueprint.route("/<uuid:bet_id>/cash-out-offer")
class Offer(MethodView):
    @signed_in
    @blueprint.arguments(OfferFilter(), location="query")
    @blueprint.response(200, OfferSchema())
    def get(self, asked: dict[str, Decimal], bet_id: UUID) -> dict[str, Any]:
        """Ask what a bet is worth now, or a part of it."""
        ctx = current()
        part = asked.get("part", Decimal(1))
        found = cashout.offer(ctx, bet_id, of_player=access.seen_by(ctx), part=part)
        unit = found.pop("currency", ctx.tenant.currency)
        shown = {name: showing.total(ctx, found[name], unit) for name in _AMOUNTS if name in found}
        return {**dict.fromkeys((*_AMOUNTS, "token", "expires_at")), **found, **shown}


@blueprint.route("/<uuid:bet_id>/cash-outs")
class CashOuts(MethodView):
    @signed_in
    @blueprint.response(200, CashOutsSchema())
    def get(self, bet_id: UUID) -> dict[str, Any]:
        """List the cash-outs of a bet."""
        ctx = current()
        bet = storing.find(ctx, bet_id, of_player=access.seen_by(ctx))
        left = bet.stake
        items = []
        for row in cashout.list_of(ctx, bet_id):
            left -= row.stake
            items.append(_shown(ctx, storing.plain(row), left, bet.currency, is_repeated=False))
        return {"items": items}

    @signed_in
    @keyed
    @blueprint.arguments(AcceptOffer())
    @blueprint.response(201, CashOutSchema())
    def post(self, sent: dict[str, str], bet_id: UUID) -> dict[str, Any]:
        """Accept an offer: paid at its amount, or at a better one; once for each reference."""
        ctx = current()
        taken = cashout.accept(ctx, bet_id, of_player=_who(ctx), **sent)
        return _shown(ctx, taken.row, taken.running_stake, taken.currency, is_repeated=taken.is_repeated)


def _who(ctx: Context) -> UUID | None:
    if ctx.actor.kind != "player":
        ctx.actor.require(access.BET)
        return None
    return ctx.actor.player_id


def _shown(ctx: Context, row: dict[str, Any], left: int, unit: str, *, is_repeated: bool) -> dict[str, Any]:
    amounts = {"amount": row["amount"], "stake": row["stake"], "running_stake": left}
    shown = {name: showing.total(ctx, minor, unit) for name, minor in amounts.items()}
    return {**row, **shown, "is_repeated": is_repeated}
