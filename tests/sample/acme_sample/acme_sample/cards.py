"""Give, scratch and expire cards: what the plugin decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from acme_sample.models import Card, PlayerFacts
from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound

NAME = "acme_sample"
CARDS_SHOWN_MAX = 100
REGULAR_EVERY = 10
"""Every tenth card wins double."""

_CARD = Card.__table__


def give_card(ctx: Context, *, key: str, reason: str = "gift") -> UUID | None:
    """Give the subject a card; return its id, or None when that key gave one before."""
    if ctx.subject is None:
        raise InvalidInput("who gets the card? name the player with ctx.of(player_id)")
    if ctx.cause is not None:
        key = f"{key}:{ctx.cause.id}"  # a rule says the same to every player, and each decision is its own
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(_CARD).values(
        tenant_id=ctx.tenant.id,
        id=uuid7(),
        player_id=ctx.subject,
        key=key,
        reason=reason,
        state="sealed",
        given_at=ctx.clock.now(),
    )
    once = statement.on_conflict_do_nothing(index_elements=["tenant_id", "key"])
    given: UUID | None = ctx.connection.scalar(once.returning(_CARD.c.id))
    return given


def scratch(ctx: Context, player_id: UUID, card_id: UUID) -> Any:
    """Scratch a card of a player and return it with its points."""
    ctx.of(player_id).guard("acme_sample.scratch", card_id)
    nth = ctx.value("acme_sample.cards_scratched") + 1
    points = prize_of(ctx, nth)
    scratched = (
        update(_CARD)
        .where(
            _CARD.c.tenant_id == ctx.tenant.id,
            _CARD.c.id == card_id,
            _CARD.c.player_id == player_id,
            _CARD.c.state == "sealed",
        )
        .values(state="scratched", points=points, scratched_at=ctx.clock.now())
    )
    if ctx.connection.execute(scratched).rowcount == 0:
        raise Conflict(
            f"card {find_card(ctx, player_id, card_id).state}: only a sealed card can be scratched"
        )
    facts.add(ctx, player_id, PlayerFacts, cards_scratched=1, points_won=points)
    facts.record(ctx, player_id, "acme_sample.scratch", points)
    payload = {"card_id": card_id, "points": points, "nth": nth}
    ctx.emit("acme_sample.card_scratched", payload, player_id=player_id)
    return find_card(ctx, player_id, card_id)


def prize_of(ctx: Context, nth: float) -> int:
    """Return the points of a player's nth card."""
    points: int = ctx.settings(NAME)["prize_points"]
    return points * (2 if nth % REGULAR_EVERY == 0 else 1)


def cards_of(ctx: Context, player_id: UUID | None = None) -> Sequence[Any]:
    """Return a player's cards, or everyone's, the newest first."""
    query = select(_CARD).where(_CARD.c.tenant_id == ctx.tenant.id)
    if player_id is not None:
        query = query.where(_CARD.c.player_id == player_id)
    return ctx.connection.execute(query.order_by(_CARD.c.id.desc()).limit(CARDS_SHOWN_MAX)).all()


def find_card(ctx: Context, player_id: UUID, card_id: UUID) -> Any:
    """Return one card of a player."""
    row = ctx.connection.execute(
        select(_CARD).where(
            _CARD.c.tenant_id == ctx.tenant.id, _CARD.c.id == card_id, _CARD.c.player_id == player_id
        )
    ).first()
    if row is None:
        raise NotFound(f"no card {card_id}")
    return row


def expire_cards(ctx: Context) -> int:
    """Expire sealed cards that are older than the tenant allows; return how many."""
    oldest = ctx.clock.now() - timedelta(days=ctx.settings(NAME)["days_until_expiry"])
    expired = (
        update(_CARD)
        .where(_CARD.c.tenant_id == ctx.tenant.id, _CARD.c.state == "sealed", _CARD.c.given_at < oldest)
        .values(state="expired")
    )
    return ctx.connection.execute(expired).rowcount
