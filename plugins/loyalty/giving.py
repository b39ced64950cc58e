"""Give what missions, referrals and campaigns promise: once for a key, and only if every guard agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

import structlog

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause
from pitboss.core.errors import PitbossError, Refused
from pitboss.core.money import Money
from pitboss.plugins.loyalty import offers, players, rulebook

log = structlog.get_logger(__name__)

_NAMES = UUID("5f1d3c0e-8a53-4c55-9a1c-6f0d3b1f6a10")


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an offer to one player."""

    cause: Cause
    reward_id: UUID | None = None
    """Of what the action gave, where it says so."""
    refused: str = ""
    """Why the player got nothing."""
    is_refusal: bool = False
    """Whether a guard refused, and not the action failed."""


def cause_of(ctx: Context, key: str, *, source: str, version: int = 1, event_id: UUID | None = None) -> Cause:
    """Return the cause that a business key stands for: always the same."""
    return Cause(uuid5(_NAMES, f"{ctx.tenant.id}:{key}"), source, version, event_id)


def give(ctx: Context, player_id: UUID, offer: Mapping[str, Any], cause: Cause) -> Given:
    """Do an offer for a player, all of it or nothing; a failure is told and never raised.

    The caller sees to it that a cause is given once: it holds the row that says so.
    """
    try:
        with ctx.session.begin_nested():
            _ask(ctx, player_id, offer, cause)
            answer = offers.do(ctx, player_id, offer, cause)
            ctx.flush()
    except Refused as refused:
        return Given(cause, refused="; ".join(refused.reasons), is_refusal=True)
    except PitbossError as error:
        log.warning("offer failed", source=cause.rule, action=offer.get("action"), reason=str(error))
        return Given(cause, refused=str(error))
    return Given(cause, answer if isinstance(answer, UUID) else None)


def take_back(ctx: Context, player_id: UUID, offer: Mapping[str, Any], cause: Cause) -> None:
    """Take back what an offer gave for a cause."""
    players.lock(ctx, player_id)
    offers.undo(ctx, player_id, offer, cause)


def amount_of(ctx: Context, offer: Mapping[str, Any]) -> Money | None:
    """Return how much an offer pays, in its own unit; None for what pays nothing."""
    name, parameters = offers.read(ctx, offer)
    unit = ctx.view.term(name, Action).pays
    if not unit or "amount" not in parameters:
        return None
    return Money(parameters["amount"], ctx.tenant.currency if unit == offers.MONEY else unit)


def cost_of(ctx: Context, offer: Mapping[str, Any]) -> int:
    """Return how much money an offer costs: points and spins are counted as none."""
    amount = amount_of(ctx, offer)
    return amount.minor if amount is not None and amount.currency == ctx.tenant.currency else 0


def _ask(ctx: Context, player_id: UUID, offer: Mapping[str, Any], cause: Cause) -> None:
    # The row is locked before accounts are: one order for all that happens to a player.
    if players.lock(ctx, player_id).is_blocked:
        raise rulebook.refuse_blocked()
    name, parameters = offers.read(ctx, offer)
    rulebook.ask_guards(ctx, player_id, name, parameters, amount_of(ctx, offer), cause)
