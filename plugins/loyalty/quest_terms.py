"""The words of missions, referrals, signals and campaigns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Event, Term, Variable, Window
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty import days, lookalikes, quests, referring, watch
from pitboss.plugins.loyalty.models import ReferralFacts

EXAMPLE_ID = "0195f2d0-0000-7000-8000-000000000001"
_F = ReferralFacts


class MissionReached(Schema):
    """Payload of `loyalty.mission_completed` and `loyalty.achievement_unlocked`."""

    key = fields.String(required=True)
    title = fields.String(required=True)
    period_start = fields.AwareDateTime(required=True)
    times = fields.Integer(required=True)
    reward_id = fields.UUID(required=True, allow_none=True)


class Visited(Schema):
    """Payload of `loyalty.visited`."""

    day = fields.Date(required=True)
    streak_days = fields.Integer(required=True)


class ReferralQualified(Schema):
    """Payload of `loyalty.referral_qualified`."""

    referral_id = fields.UUID(required=True)
    referrer_id = fields.UUID(required=True)
    friend_id = fields.UUID(required=True)
    referrer_amount = fields.Integer(required=True)
    friend_amount = fields.Integer(required=True)


class SignalRaised(Schema):
    """Payload of `loyalty.signal_raised`."""

    signal_id = fields.UUID(required=True)
    detector = fields.String(required=True)
    severity = fields.Integer(required=True)
    action = fields.String(required=True)
    needs_case = fields.Boolean(required=True)
    reason = fields.String(required=True)
    evidence = fields.Dict(required=True)


class TraitsRecorded(Schema):
    """Payload of `loyalty.traits_recorded`."""

    kinds = fields.List(fields.String(), required=True)


class RaiseSignal(Schema):
    """Parameters of `loyalty.raise_signal`."""

    detector = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_-]{0,38}$"))
    severity = fields.Integer(required=True, validate=validate.Range(1, watch.SEVERITY_MAX))
    reason = fields.String(required=True, validate=validate.Length(1, 500))
    window = fields.String(load_default="", validate=validate.Length(0, 60))
    """Raised once for each player and window; by default once a month."""


def raise_signal(ctx: Context, *, detector: str, severity: int, reason: str, window: str) -> UUID | None:
    """Raise a signal about the subject; None where it was raised before."""
    if ctx.subject is None:
        raise InvalidInput("who is the signal about? name the player with ctx.of(player_id)")
    when = window or f"{ctx.clock.now().astimezone(ctx.tenant.zone):%Y-%m}"
    return watch.raise_signal(
        ctx,
        key=f"{detector}:{ctx.subject}:{when}",
        player_id=ctx.subject,
        detector=detector,
        severity=severity,
        reason=reason,
        evidence={"rule": ctx.cause.rule} if ctx.cause else {},
    )


def _fact(name: str, title: str, doc: str, *, type: Any, column: Any, default: Any, example: Any) -> Variable:
    return Variable(
        name=f"loyalty.{name}",
        title=title,
        doc=doc,
        type=type,
        column=column,
        default=default,
        example=example,
    )


def _window(name: str, title: str, doc: str, metric: str, length: int, unit: Any) -> Variable:
    window = Window(metric=metric, aggregate="count", length=length, unit=unit)
    return Variable(name=f"loyalty.{name}", title=title, doc=doc, type="number", window=window, example=2)


FACTS: tuple[Variable, ...] = (
    _fact(
        "referred_deposited",
        "Deposited by the referred player",
        "What a player who came by a code deposited since.",
        type="money",
        column=_F.referred_deposited,
        default=0,
        example=2000,
    ),
    _fact(
        "referred_wagered",
        "Wagered by the referred player",
        "What a player who came by a code wagered since, on settled play.",
        type="money",
        column=_F.referred_wagered,
        default=0,
        example=5000,
    ),
    _fact(
        "shares_device_with_referrer",
        "Shares a device with the referrer",
        "Whether both sides of the referral were seen on one device.",
        type="boolean",
        column=_F.shares_device_with_referrer,
        default=False,
        example=False,
    ),
    _fact(
        "shares_card_with_referrer",
        "Shares a card with the referrer",
        "Whether both sides of the referral paid with one card.",
        type="boolean",
        column=_F.shares_card_with_referrer,
        default=False,
        example=False,
    ),
    _fact(
        "accounts_on_device",
        "Accounts on the device",
        "The most accounts that any device of the player is known from.",
        type="number",
        column=_F.accounts_on_device,
        default=1,
        example=1,
    ),
    _fact(
        "accounts_on_card",
        "Accounts with the card",
        "The most accounts that any card of the player is known from.",
        type="number",
        column=_F.accounts_on_card,
        default=1,
        example=1,
    ),
    _window(
        "referrals_24h",
        "Referrals in 24 hours",
        "Friends who came by the player's code.",
        referring.REFERRED,
        24,
        "hours",
    ),
    _window(
        "referrals_30d",
        "Referrals in 30 days",
        "Friends who came by the player's code.",
        referring.REFERRED,
        30,
        "days",
    ),
    _window(
        "referrals_without_deposit_30d",
        "Referrals without a deposit in 30 days",
        "Friends who came by the player's code and have not deposited.",
        referring.WITHOUT_DEPOSIT,
        30,
        "days",
    ),
    _window(
        "visits_today",
        "Visits today",
        "1 from the first visit of the tenant's day on.",
        days.VISIT,
        1,
        "days",
    ),
)

_REACHED = {
    "key": "ten-bets",
    "title": "Ten bets",
    "period_start": "2026-12-01T00:00:00+00:00",
    "times": 1,
    "reward_id": EXAMPLE_ID,
}
EVENTS: tuple[Event, ...] = (
    Event(
        name=quests.COMPLETED,
        title="Mission completed",
        doc="A player reached the goal of a mission, once for each of its periods.",
        example=_REACHED,
        schema=MissionReached,
    ),
    Event(
        name=quests.UNLOCKED,
        title="Achievement unlocked",
        doc="A player unlocked an achievement.",
        example=_REACHED,
        schema=MissionReached,
    ),
    Event(
        name=days.VISITED,
        title="Visited",
        doc="A player came for the first time of the tenant's day.",
        example={"day": "2026-12-01", "streak_days": 7},
        schema=Visited,
    ),
    Event(
        name=referring.QUALIFIED,
        title="Referral qualified",
        doc="A referred friend did all that was asked, and both sides were rewarded.",
        example={
            "referral_id": EXAMPLE_ID,
            "referrer_id": EXAMPLE_ID,
            "friend_id": EXAMPLE_ID,
            "referrer_amount": 1000,
            "friend_amount": 1000,
        },
        schema=ReferralQualified,
    ),
    Event(
        name=watch.RAISED,
        title="Signal of abuse raised",
        doc="A detector found a sign of abuse; with `needs_case` compliance has to look.",
        example={
            "signal_id": EXAMPLE_ID,
            "detector": referring.DETECTOR,
            "severity": 8,
            "action": "hold_rewards, case",
            "needs_case": True,
            "reason": "the friend looks like the referrer: same card, device",
            "evidence": {"score": 8},
        },
        schema=SignalRaised,
    ),
    Event(
        name=lookalikes.RECORDED,
        title="Traits recorded",
        doc="Something new became known of a player's devices, cards, addresses or networks.",
        example={"kinds": ["device"]},
        schema=TraitsRecorded,
    ),
)
ACTIONS = (
    Action(
        name="loyalty.raise_signal",
        title="Raise a signal of abuse",
        doc="Have a person look at the player; what happens at once depends on the severity.",
        example={"detector": "shared-device", "severity": 7, "reason": "3 accounts on one device"},
        schema=RaiseSignal,
        run=raise_signal,
    ),
)
TERMS: tuple[Term, ...] = (*EVENTS, *FACTS, *ACTIONS)
