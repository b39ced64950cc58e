"""Referrals at work: a friend claims a code, does what is asked, and both sides are rewarded, held or not.

Both players' rows are held, in one order for all, before a referral is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from pitboss.core import audit, facts
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Listener
from pitboss.core.errors import Conflict
from pitboss.core.events import Event
from pitboss.core.identity import find_player
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import giving, players
from pitboss.plugins.loyalty.abuse import traits, watch
from pitboss.plugins.loyalty.abuse.links import shared
from pitboss.plugins.loyalty.players import profiles
from pitboss.plugins.loyalty.referrals import book, law, messages
from pitboss.plugins.loyalty.referrals.book import is_standing
from pitboss.plugins.loyalty.referrals.law import Figures, Referral, Terms
from pitboss.plugins.loyalty.referrals.tables import ReferralFacts, ReferralRow

REFER = "loyalty.refer"
"""What guards are asked before a friend is taken; they get the ids of both."""
QUALIFIED = "loyalty.referral_qualified"
FRIEND_DID = (
    "loyalty.deposit_made",
    "loyalty.wager_placed",
    "loyalty.win_paid",
    "loyalty.transaction_rolled_back",
)
"""What may qualify a referral, or undo that; a win settles the wagers of its round."""
REFERRED, WITHOUT_DEPOSIT = "loyalty.referral", "loyalty.referral_without_deposit"
"""Metrics of the referrer."""
DETECTOR = "self_referral"
ABOUT_BOTH = (DETECTOR, "multi_accounting")
"""Detectors whose signals say that both sides are one person: a decision on one is one on all."""

_REFERRAL, _FACTS = ReferralRow.__table__, ReferralFacts.__table__


# -- a friend comes --------------------------------------------------------------------------------


def claim(ctx: Context, friend_id: UUID, code: str) -> Row[Any]:
    """Let a new player say by whose code they came."""
    referrer_id = book.owner_of(ctx, code)
    _check_friend(ctx, referrer_id, friend_id)
    ctx.guard(REFER, {"referrer_id": referrer_id, "friend_id": friend_id})
    profiles.lock(ctx, [referrer_id, friend_id])
    _refuse_late(ctx, referrer_id, friend_id)
    now, referral_id = ctx.clock.now(), uuid7()
    known = traits.traits_of(ctx, [referrer_id, friend_id])
    referral = law.register(
        Referral(id=str(referral_id), referrer=str(referrer_id)),
        book.terms(ctx),
        referrer=known[referrer_id],
        friend=known[friend_id],
        at=now,
    )
    if not book.insert(ctx, referral, friend_id):
        raise Conflict("this player has come by a code already")
    facts.record(ctx, referrer_id, REFERRED, 1, now)
    facts.record(ctx, referrer_id, WITHOUT_DEPOSIT, 1, now)
    row = book.find(ctx, referral_id)
    _tell_likeness(ctx, row, referral)
    return row


# -- the friend plays ------------------------------------------------------------------------------


def wants(ctx: Context, event: Event) -> bool:
    """Tell whether an event is of a player who came by a code."""
    return event.player_id is not None and book.of_friend(ctx, event.player_id) is not None


def heard(ctx: Context, event: Event) -> None:
    """Look at a referral again after its friend did something, or after that was rolled back."""
    if event.player_id is not None:
        reconsider(ctx, event.player_id)


def reconsider(ctx: Context, friend_id: UUID) -> None:
    """Qualify and reward a friend's referral, or take that back, as the friend's figures say."""
    row = _held(ctx, book.of_friend(ctx, friend_id))
    if row is None:
        return
    terms, done = book.terms(ctx), book.figures(ctx, friend_id, row.registered_at)
    _keep_figures(ctx, row, done)
    before = book.read(row)
    after = law.recheck(before, terms, done)
    if after.state == "clawed_back":
        _claw_back(ctx, row, after)
        return
    after = law.qualify(after, terms, done, at=ctx.clock.now())
    if after.state == "qualified":
        _reward(ctx, row, after, terms)
    elif after != before:
        book.save(ctx, after)


def screen(ctx: Context, player_id: UUID, new: Mapping[str, Sequence[str]]) -> None:
    """Look again at the referrals of a player of whom something new is known."""
    alike = traits.holders(ctx, new, kinds=tuple(new)) - {player_id}
    query = select(_REFERRAL).where(
        _REFERRAL.c.tenant_id == ctx.tenant.id,
        or_(
            (_REFERRAL.c.friend_id == player_id) & _REFERRAL.c.referrer_id.in_(alike),
            (_REFERRAL.c.referrer_id == player_id) & _REFERRAL.c.friend_id.in_(alike),
        ),
    )
    rows = ctx.connection.execute(query.order_by(_REFERRAL.c.id)).all()
    profiles.lock(ctx, [player_id for row in rows for player_id in _both(row)])
    for row in rows:
        _screen(ctx, book.find(ctx, row.id))


# -- a person decides ------------------------------------------------------------------------------


def clear(ctx: Context, referral_id: UUID, *, reason: str) -> Row[Any]:
    """Let a held referral go on: its signals are dismissed, and what is due is given."""
    row = _held(ctx, book.find(ctx, referral_id))
    assert row is not None
    book.save(ctx, law.clear(book.read(row)))
    watch.resolve_between(ctx, _both(row), ABOUT_BOTH, "dismissed", reason=reason)
    _record(ctx, "cleared", row, reason)
    reconsider(ctx, row.friend_id)
    return book.find(ctx, referral_id)


def reject(ctx: Context, referral_id: UUID, *, reason: str) -> Row[Any]:
    """Refuse a referral for good; what both sides got is taken back, though it was spent."""
    row = _held(ctx, book.find(ctx, referral_id))
    assert row is not None
    _claw_back(ctx, row, law.reject(book.read(row), reason))
    watch.resolve_between(ctx, _both(row), ABOUT_BOTH, "confirmed", reason=reason)
    _record(ctx, "rejected", row, reason)
    return book.find(ctx, referral_id)


# -- rewarded, and clawed back ---------------------------------------------------------------------


def _reward(ctx: Context, row: Row[Any], qualified: Referral, terms: Terms) -> None:
    done, amounts = law.reward(qualified, terms, book.paid(ctx, row.referrer_id))
    said = ctx.settings("loyalty")["referral"]
    given = [_give(ctx, row, "friend", said["friend_offer"], amounts.friend, terms.friend_reward)]
    # An offer that pays no money has no amount to be cut: only the number of friends caps it.
    is_capped = bool(amounts.reasons) and amounts.referrer == 0
    if not is_capped:
        offer = said["referrer_offer"]
        given.append(_give(ctx, row, "referrer", offer, amounts.referrer, terms.referrer_reward))
    book.save(
        ctx, _because(done, *amounts.reasons), rewards=[*row.rewards, *given], qualified_at=ctx.clock.now()
    )
    payload = {
        "referral_id": row.id,
        "referrer_id": row.referrer_id,
        "friend_id": row.friend_id,
        "referrer_amount": _sum(given, "referrer"),
        "friend_amount": _sum(given, "friend"),
    }
    ctx.emit(QUALIFIED, payload, player_id=row.friend_id)


def _give(
    ctx: Context, row: Row[Any], side: str, offer: Mapping[str, Any], amount: int, full: int
) -> dict[str, Any]:
    player_id = row.referrer_id if side == "referrer" else row.friend_id
    if amount != full:
        unit = giving.amount_of(ctx, offer)
        assert unit is not None
        offer = {**offer, "amount": ctx.tenant.currencies.text(Money(amount, unit.currency))}
    nth = 1 + sum(1 for one in row.rewards if one["to"] == side)
    cause = giving.cause_of(ctx, f"referral:{row.id}:{side}:{nth}", source="referral")
    found = giving.give(ctx, player_id, offer, cause)
    if not found.refused:
        if side == "referrer":
            messages.tell_referrer(ctx, player_id, masked_name(ctx, row.friend_id))
        else:
            messages.tell_friend(ctx, player_id)
    return {
        "to": side,
        "player_id": str(player_id),
        "offer": dict(offer),
        "cause_id": str(cause.id),
        "nth": nth,
        "reward_id": str(found.reward_id) if found.reward_id else None,
        "amount": amount,
        "refused": found.refused,
        "is_undone": False,
    }


def _claw_back(ctx: Context, row: Row[Any], ended: Referral) -> None:
    kept = []
    for given in row.rewards:
        if is_standing(given):
            key = f"referral:{row.id}:{given['to']}:{given['nth']}"
            cause = giving.cause_of(ctx, key, source="referral")
            giving.take_back(ctx, UUID(given["player_id"]), given["offer"], cause)
            given = {**given, "is_undone": True}
        kept.append(given)
    book.save(ctx, ended, rewards=kept)


# -- likeness --------------------------------------------------------------------------------------


def _screen(ctx: Context, row: Row[Any]) -> None:
    before, known = book.read(row), traits.traits_of(ctx, _both(row))
    terms = book.terms(ctx)
    score = law.pair_score(known[row.referrer_id], known[row.friend_id], terms.weights)
    after = law.screen(before, terms, score)
    if after != before:
        book.save(ctx, _because(after, *score.reasons))
    _tell_likeness(ctx, row, after)


def _tell_likeness(ctx: Context, row: Row[Any], referral: Referral) -> None:
    """Keep what both share as facts, and raise the signal of a referral that is held."""
    known = traits.traits_of(ctx, _both(row))
    links = shared(known[row.referrer_id], known[row.friend_id])
    kinds = {link.kind for link in links}
    facts.write(
        ctx,
        row.friend_id,
        ReferralFacts,
        shares_device_with_referrer="device" in kinds,
        shares_card_with_referrer="card" in kinds,
    )
    if referral.state != "held" or not referral.score:
        return
    watch.raise_signal(
        ctx,
        key=f"{DETECTOR}:{row.id}:{referral.score}",
        player_id=row.friend_id,
        detector=DETECTOR,
        severity=referral.score,
        reason=marked(f"the friend looks like the referrer: same {', '.join(sorted(kinds))}"),
        evidence={
            "referral_id": str(row.id),
            "players": sorted(str(player_id) for player_id in _both(row)),
            "score": referral.score,
            "shared": sorted(kinds),
        },
    )


# -- helpers ---------------------------------------------------------------------------------------


def masked_name(ctx: Context, player_id: UUID) -> str:
    """Return a player's name as others may see it."""
    name = find_player(ctx, player_id).display_name.strip()
    return f"{name[:2]}***"


def _check_friend(ctx: Context, referrer_id: UUID, friend_id: UUID) -> None:
    if referrer_id == friend_id:
        raise Conflict("this is your own code: nobody refers themselves")
    days = ctx.settings("loyalty")["referral"]["claim_days"]
    if find_player(ctx, friend_id).created_at < ctx.clock.now() - timedelta(days=days):
        raise Conflict(f"codes are for new players: the account is older than {days} days")


def _refuse_late(ctx: Context, referrer_id: UUID, friend_id: UUID) -> None:
    friend = players.find(ctx, friend_id)
    if friend is not None and friend.deposit_count:
        raise Conflict("codes are entered before the first deposit")
    back = book.of_friend(ctx, referrer_id)
    if back is not None and back.referrer_id == friend_id:
        raise Conflict("you referred this player: two players cannot refer each other")


def _held(ctx: Context, row: Row[Any] | None) -> Row[Any] | None:
    """Return a referral as it stands while nobody else changes either side."""
    if row is None:
        return None
    profiles.lock(ctx, _both(row))
    return book.find(ctx, row.id)


def _keep_figures(ctx: Context, row: Row[Any], done: Figures) -> None:
    known = _FACTS.c.referred_deposited
    before = ctx.connection.scalar(
        select(known).where(_FACTS.c.tenant_id == ctx.tenant.id, _FACTS.c.player_id == row.friend_id)
    )
    facts.write(
        ctx,
        row.friend_id,
        ReferralFacts,
        referred_deposited=done.deposited,
        referred_wagered=done.wagered,
    )
    if bool(before) != bool(done.deposited):
        has_deposit = bool(done.deposited)
        facts.record(ctx, row.referrer_id, WITHOUT_DEPOSIT, 1, row.registered_at, undo=has_deposit)


def _both(row: Row[Any]) -> tuple[UUID, UUID]:
    return row.referrer_id, row.friend_id


def _because(referral: Referral, *reasons: str) -> Referral:
    return replace(referral, reasons=reasons)


def _sum(given: Sequence[Mapping[str, Any]], side: str) -> int:
    return sum(one["amount"] for one in given if one["to"] == side and is_standing(one))


def _record(ctx: Context, step: str, row: Row[Any], reason: str) -> None:
    new = {"referrer": str(row.referrer_id), "friend": str(row.friend_id)}
    audit.record(ctx, f"loyalty.referral_{step}", f"referral:{row.id}", new=new, reason=reason)


LISTENERS = tuple(Listener(event, heard, name="follow_friend", wants=wants) for event in FRIEND_DID)
