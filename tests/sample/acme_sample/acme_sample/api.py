"""The API of players: see and scratch cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from acme_sample import cards
from acme_sample.schemas import CardAnswer, CardsAnswer
from pitboss.core.contracts import Routes
from pitboss.core.http import Blueprint, current, player_only

blueprint = Blueprint("acme_sample", __name__, description="Scratch cards")
ROUTES = Routes(blueprint=blueprint)


@blueprint.get("/cards")
@player_only
@blueprint.response(200, CardsAnswer())
def list_cards() -> dict[str, Any]:
    """List my cards"""
    ctx = current()
    return {"items": cards.cards_of(ctx, ctx.actor.player_id)}


@blueprint.post("/cards/<uuid:card_id>/scratch")
@player_only
@blueprint.response(200, CardAnswer())
def scratch_card(card_id: UUID) -> Any:
    """Scratch a card of mine"""
    ctx = current()
    return cards.scratch(ctx, ctx.actor.player_id, card_id)
