"""Give rewards of every type, each once by its business key: and claim, cancel and take them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import Row

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Cause
from pitboss.core.errors import Conflict, InvalidInput, KeyReused, Refused, nearest
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.amounts import minor
from pitboss.plugins.loyalty.bonuses import book as bonuses
from pitboss.plugins.loyalty.expiry import is_over
from pitboss.plugins.loyalty.freeplay import tokens as freeplays
from pitboss.plugins.loyalty.points import rewards as point_rewards
from pitboss.plugins.loyalty.rewards import book, payouts
from pitboss.plugins.loyalty.rewards.book import OPEN, Status
from pitboss.plugins.loyalty.rewards.messages import tell

GIVE = "loyalty.give"
"""What guards are asked before a player gets anything; they get an `Offer`."""
CLAIM = "loyalty.claim"
NAME = "loyalty"
WARNING = timedelta(hours=24)
"""How long before the end a player is told of it."""
TAKEN_BACK = marked("what it was given for was taken back")


class Kind(Protocol):
    """A module that knows how rewards of its types are handed out and ended."""

    def prepare(self, ctx: Context, terms: Mapping[str, Any]) -> dict[str, Any]:
        """Return the terms as they are kept, plain JSON; `hours` is how long the reward is valid."""

    def deliver(self, ctx: Context, reward: Row[Any]) -> None:
        """Hand it out."""

    def expire(self, ctx: Context, reward: Row[Any]) -> None:
        """End an active one whose time is over."""

    def revoke(self, ctx: Context, reward: Row[Any], reason: str) -> None:
        """Cancel an active one."""

    def take_back(self, ctx: Context, reward: Row[Any]) -> None:
        """Take it back as if it had never been given: what was spent is owed."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of reward: who handles it, and whether it is over once it is delivered."""

    kind: Kind
    is_over_at_once: bool = False


TYPES: Mapping[str, Type] = MappingProxyType(
    {
        "bonus": Type(bonuses),
        "cashback": Type(bonuses),
        "cash": Type(payouts, is_over_at_once=True),
        "tickets": Type(payouts, is_over_at_once=True),
        "perk": Type(payouts),
        "free_bet": Type(freeplays),
        "free_spins": Type(freeplays),
        "points": Type(point_rewards, is_over_at_once=True),
        "reward_points": Type(point_rewards, is_over_at_once=True),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a guard of `loyalty.give` is asked about."""

    player_id: UUID
    type: str
    amount: int
    unit: str
    terms: Mapping[str, Any]


# -- given -----------------------------------------------------------------------------------------


def give(
    ctx: Context,
    *,
    player_id: UUID,
    type: str,
    amount: int = 0,
    unit: str | None = None,
    key: str | None = None,
    terms: Mapping[str, Any] | None = None,
    status: Literal["active", "claimable", "pending"] = "active",
    claim_hours: int | None = None,
    campaign: str | None = None,
    event_id: UUID | None = None,
) -> Row[Any]:
    """Give a player a reward, once for its key; the same key again returns the same reward.

    Without a key it is the next one of the decision that is the cause. A claimable one waits for its
    player, a pending one for `release`. Who is blocked, or refused by a guard, gets nothing.
    """
    kind = _type(type).kind
    player = players.lock(ctx, player_id)
    key = key or _key_of_cause(ctx)
    known = book.by_key(ctx, key)
    if known is not None:
        return _same(known, player_id, type)
    unit = unit or ctx.tenant.currency
    offer = Offer(
        player_id=player_id, type=type, amount=minor(amount, "a reward"), unit=unit, terms=terms or {}
    )
    _check(ctx, player, offer)
    kept = kind.prepare(ctx, terms or {})
    now = ctx.clock.now()
    row = book.write(
        ctx,
        {
            "id": uuid7(),
            "key": key,
            "player_id": player_id,
            "type": type,
            "amount": amount,
            "unit": unit,
            "campaign": campaign,
            "detail": {"terms": kept} | ({} if status == "active" else {"waits": True}),
            "issued_at": now,
            **_cause(ctx, event_id),
            **_begun(ctx, type, kept, now, status=status, claim_hours=claim_hours),
        },
    )
    tell(ctx, row, row.status)
    if status == "active":
        kind.deliver(ctx, row)
    return book.find(ctx, row.id)


def release(ctx: Context, reward_id: UUID) -> Row[Any]:
    """Deliver a reward that was pending; a second time changes nothing."""
    row = _locked(ctx, reward_id)
    return _start(ctx, row) if row.status == "pending" else row


def claim(ctx: Context, player_id: UUID, reward_id: UUID) -> Row[Any]:
    """Deliver a claimable reward to the player who claims it."""
    row = book.find(ctx, reward_id, player_id=player_id)
    player = players.lock(ctx, player_id)
    row = book.find(ctx, reward_id)
    if row.status != "claimable" or is_over(row.expires_at, ctx.clock.now()):
        raise Conflict(f"the reward is {row.status}: only a claimable one, in its time, can be claimed")
    _check_blocked(CLAIM, player)
    ctx.guard(CLAIM, row)
    return _start(ctx, row)


# -- ended -----------------------------------------------------------------------------------------


def cancel(ctx: Context, reward_id: UUID, *, reason: str) -> Row[Any]:
    """Cancel a reward that is not over, by an operator: what is left of it goes back to the house."""
    row = _locked(ctx, reward_id)
    if row.status not in OPEN:
        raise Conflict(f"the reward is {row.status}: only one that is not over can be cancelled")
    _end(ctx, row, "cancelled", reason)
    audit.record(
        ctx,
        "loyalty.cancel_reward",
        f"reward:{row.id}",
        old={"status": row.status},
        new={"status": "cancelled"},
        reason=reason,
    )
    return book.find(ctx, row.id)


def expire(ctx: Context, reward_id: UUID) -> bool:
    """End a reward whose time is over; tell whether this call did."""
    row = _locked(ctx, reward_id)
    if row.status not in OPEN or not is_over(row.expires_at, ctx.clock.now()):
        return False
    _end(ctx, row, "expired", marked("its time is over"))
    return True


def take_back(ctx: Context, reward_id: UUID, *, reason: str = TAKEN_BACK) -> bool:
    """Take a reward back as if it had never been given, once; what was spent of it is owed."""
    row = _locked(ctx, reward_id)
    if row.status == "cancelled":
        return False
    if not row.detail.get("waits"):
        _type(row.type).kind.take_back(ctx, row)
    book.end(ctx, row, "cancelled", reason)
    return True


def undo(ctx: Context, cause: Cause) -> None:
    """Take back all that a decision gave, because the event behind it was rolled back."""
    for row in reversed(book.of_decision(ctx, cause.id, tuple(TYPES))):
        take_back(ctx, row.id)


# -- helpers ---------------------------------------------------------------------------------------


def _start(ctx: Context, row: Row[Any]) -> Row[Any]:
    begun = _begun(ctx, row.type, row.detail["terms"], ctx.clock.now(), status="active", claim_hours=None)
    started = book.start(ctx, row, **begun)
    tell(ctx, started, started.status)
    _type(row.type).kind.deliver(ctx, started)
    return book.find(ctx, row.id)


def _end(ctx: Context, row: Row[Any], status: Literal["cancelled", "expired"], reason: str) -> None:
    kind = _type(row.type).kind
    if row.status != "active":
        book.end(ctx, row, status, reason)
    elif status == "expired":
        kind.expire(ctx, row)
    else:
        kind.revoke(ctx, row, reason)


def _begun(
    ctx: Context,
    type: str,
    terms: Mapping[str, Any],
    now: datetime,
    *,
    status: Status,
    claim_hours: int | None,
) -> dict[str, Any]:
    """Return how a reward stands when it begins, and until when."""
    if status == "active":
        hours = terms.get("hours")
        status = "completed" if _type(type).is_over_at_once else "active"
    else:
        hours = (claim_hours or ctx.settings(NAME)["claim_hours"]) if status == "claimable" else None
    expires_at = now + timedelta(hours=hours) if hours and status != "completed" else None
    is_short = expires_at is not None and expires_at <= now + WARNING
    return {
        "status": status,
        "expires_at": expires_at,
        # Who gets something for a day knows already that it ends soon.
        "warned_at": now if is_short else None,
    }


def _cause(ctx: Context, event_id: UUID | None) -> dict[str, Any]:
    cause = ctx.cause
    if cause is None:
        return {"event_id": event_id}
    return {
        "rule": cause.rule,
        "rule_version": cause.version,
        "decision_id": cause.id,
        "event_id": event_id or cause.event_id,
    }


def _key_of_cause(ctx: Context) -> str:
    if ctx.cause is None:
        raise InvalidInput("a reward needs a business key: give 'key', or let a rule give it")
    return f"decision:{ctx.cause.id}:{book.count_of_decision(ctx, ctx.cause.id) + 1}"


def _check(ctx: Context, player: Row[Any], offer: Offer) -> None:
    _check_blocked(GIVE, player)
    ctx.guard(GIVE, offer)


def _check_blocked(operation: str, player: Row[Any]) -> None:
    if player.is_blocked:
        raise Refused(operation, ["the player is blocked from rewards"])


def _same(known: Row[Any], player_id: UUID, type: str) -> Row[Any]:
    if (known.player_id, known.type) != (player_id, type):
        raise KeyReused(f"the key {known.key!r} belongs to another reward: use another key")
    return known


def _locked(ctx: Context, reward_id: UUID) -> Row[Any]:
    """Return a reward as it stands while nobody else changes what its player has."""
    players.lock(ctx, book.find(ctx, reward_id).player_id)
    return book.find(ctx, reward_id)


def _type(name: str) -> Type:
    if name not in TYPES:
        raise InvalidInput(f"no rewards of type {name!r}: {nearest(name, list(TYPES))}")
    return TYPES[name]
