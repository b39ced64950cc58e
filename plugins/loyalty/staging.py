"""What the demo of loyalty shows besides play: missions, a catalogue, campaigns, friends and a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.identity.principal import system_principal
from pitboss.plugins.loyalty.abuse import lookalikes
from pitboss.plugins.loyalty.campaigns import book as campaigns
from pitboss.plugins.loyalty.catalogue import items, redemptions
from pitboss.plugins.loyalty.players import rows
from pitboss.plugins.loyalty.quests import book as missions
from pitboss.plugins.loyalty.quests import days
from pitboss.plugins.loyalty.referrals import book as referrals
from pitboss.plugins.loyalty.referrals import referring

AUTHOR = "demo-author"
BY_HAND = items.BY_HAND


def _mission(key: str, title: str, text: str, goal: dict[str, Any], **more: Any) -> dict[str, Any]:
    kind = more.pop("kind", "mission")
    definition = {"text": text, "on": ["wager"], "goal": goal, **more}
    return {"key": key, "kind": kind, "title": title, "definition": definition}


def _points(amount: int) -> dict[str, Any]:
    return {"action": "loyalty.grant_points", "amount": str(amount)}


def _item(
    title: str, text: str, price: int, offered: dict[str, Any], *, stock: int | None = None, tier: str = ""
) -> dict[str, Any]:
    document = {"title": title, "text": text, "price": price, "unit": "PTS", "offer": offered}
    return {**document, "stock": stock, "per_player_max": None, "tier_min": tier or None, "is_active": True}


CASH = {"action": "loyalty.grant_cash", "amount": "5.00"}
MISSIONS: tuple[dict[str, Any], ...] = (
    _mission(
        "five-bets",
        "Five bets a week",
        "Five settled bets between Monday and Sunday.",
        {"kind": "count", "target": "5", "unit": "bets"},
        period="week",
        reward=_points(50),
    ),
    _mission(
        "three-games",
        "Three games",
        "Play three different games in a month.",
        {"kind": "distinct", "of": "game", "target": "3", "unit": "games"},
        period="month",
        reward=_points(20),
    ),
    _mission(
        "first-thousand",
        "The first thousand",
        "Stake 1,000 in all.",
        {"kind": "sum", "of": "amount", "target": "1000.00"},
        kind="achievement",
    ),
)
ITEMS = {
    "sticker": _item("Sticker", "For the lid of a laptop. By post.", 10, {BY_HAND: "a sticker"}, stock=500),
    "five": _item("5.00 in cash", "In your wallet at once.", 100, CASH),
    "mug": _item("Mug", "With a shield on it. By post.", 150, {BY_HAND: "a mug"}, stock=25),
    "match-day": _item(
        "A day at the match", "Two seats, and lunch.", 2_000, {BY_HAND: "two seats"}, stock=2, tier="GOLD"
    ),
}
CAMPAIGNS: tuple[dict[str, Any], ...] = (
    {
        "key": "comeback",
        "title": "Come back",
        "segment": "losing",
        "offer": CASH,
        "budget": 100_00,
        "holdout_percent": 10.0,
        "starts_at": None,
        "ends_at": None,
    },
    {
        "key": "thank-you",
        "title": "Thank you, winners",
        "segment": "winning",
        "offer": _points(25),
        "budget": None,
        "holdout_percent": 0.0,
        "starts_at": None,
        "ends_at": None,
    },
)
"""The first waits for approval, the second is a draft."""
FRIENDS = ((8, 9, "clean"), (10, 11, "alike"))
"""Whose code whom brought; the second two sign in from one device."""


def offer(ctx: Context) -> None:
    """Put up what there is to reach and to take: before the play of the demo, so that it counts."""
    known = {row.key for row in missions.list_missions(ctx)}
    for mission in MISSIONS:
        if mission["key"] not in known:
            missions.create(ctx, mission)
            missions.switch(ctx, mission["key"], is_active=True)
    known = {row.key for row in items.list_items(ctx)}
    for key in ITEMS.keys() - known:
        items.create(ctx, key, ITEMS[key])
    _campaigns(ctx)


def meet(ctx: Context, players: Sequence[UUID]) -> None:
    """Let players bring friends: two who fit, and two who look like one person."""
    for referrer, friend, how in FRIENDS:
        if friend >= len(players) or referrals.of_friend(ctx, players[friend]) is not None:
            continue
        if how == "alike":
            for one in (referrer, friend):
                lookalikes.tell(ctx, players[one], {"device": ["demo-phone"], "card": ["demo-card"]})
        referring.claim(ctx, players[friend], referrals.make_code(ctx, players[referrer]))


def take(ctx: Context, players: Sequence[UUID]) -> None:
    """Let players take something for their points, of which one comes by today."""
    for player_id in players[1:2]:
        days.visit(ctx, player_id)
    for number, player_id in enumerate(players[1:3]):
        if _can(ctx, player_id, "sticker"):
            redemption = redemptions.redeem(ctx, player_id, "sticker", key="demo", note="1 High Street")
            if number:
                redemptions.send(ctx, redemption.id, note="By second class post")


def _can(ctx: Context, player_id: UUID, key: str) -> bool:
    taken = redemptions.taken_by(ctx, player_id)
    why_not = redemptions.why_not(ctx, rows.find(ctx, player_id), items.find(ctx, key), taken)
    return not taken and why_not is None


def _campaigns(ctx: Context) -> None:
    known = {row.key for row in campaigns.list_campaigns(ctx)}
    actor, ctx.actor = ctx.actor, system_principal(ctx.tenant.id, AUTHOR)
    for number, campaign in enumerate(CAMPAIGNS):
        if campaign["key"] not in known:
            campaigns.create(ctx, campaign)
            if number == 0:
                campaigns.step(ctx, campaign["key"], "submit")
    ctx.actor = actor
