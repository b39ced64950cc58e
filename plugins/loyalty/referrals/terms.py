"""The words of referrals, and of accounts that look alike."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event, Term, Variable, Window
from pitboss.plugins.loyalty.referrals import referring
from pitboss.plugins.loyalty.referrals.tables import ReferralFacts

_ID = "0195f2d0-0000-7000-8000-000000000001"
_F = ReferralFacts


class ReferralQualified(Schema):
    """Payload of `loyalty.referral_qualified`."""

    referral_id = fields.UUID(required=True)
    referrer_id = fields.UUID(required=True)
    friend_id = fields.UUID(required=True)
    referrer_amount = fields.Integer(required=True)
    friend_amount = fields.Integer(required=True)


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
)
QUALIFIED = Event(
    name=referring.QUALIFIED,
    title="Referral qualified",
    doc="A referred friend did all that was asked, and both sides were rewarded.",
    example={
        "referral_id": _ID,
        "referrer_id": _ID,
        "friend_id": _ID,
        "referrer_amount": 1000,
        "friend_amount": 1000,
    },
    schema=ReferralQualified,
)
TERMS: tuple[Term, ...] = (QUALIFIED, *FACTS)
