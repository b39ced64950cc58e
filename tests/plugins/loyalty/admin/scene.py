"""A brand whose loyalty shows each state that the pages know: what they are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.identity.principal import Principal
from pitboss.plugins.loyalty.abuse import lookalikes, watch
from pitboss.plugins.loyalty.campaigns import book as campaigns
from pitboss.plugins.loyalty.catalogue import items, redemptions
from pitboss.plugins.loyalty.points import book as points
from pitboss.plugins.loyalty.quests import book as missions
from pitboss.plugins.loyalty.quests import days
from pitboss.plugins.loyalty.referrals import book as referrals
from pitboss.plugins.loyalty.referrals import referring
from pitboss.plugins.loyalty.rewards import book, byhand, lifecycle
from tests.rules.publishing import put_to_work

CASH = {"action": "loyalty.grant_cash", "amount": "5.00"}
MISSION = {
    "text": "Bet ten times.",
    "on": ["wager"],
    "goal": {"kind": "count", "target": "10", "unit": "bets"},
    "period": "week",
    "reward": CASH,
}
LOSING = {"kind": "segment", "key": "losing", "when": "total_wagered >= 100"}
CAMPAIGN = {
    "key": "comeback",
    "title": "Come back",
    "segment": "losing",
    "offer": CASH,
    "budget": 10_000,
    "holdout_percent": 10.0,
    "starts_at": None,
    "ends_at": None,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what there is."""

    ann: UUID
    """Has bonuses, points, missions and friends."""
    ben: UUID
    """Came by Ann's code from her own device: held, and blocked by a signal."""
    bonus: UUID
    spins: UUID
    pending: UUID
    redemption: UUID
    signal: UUID
    referral: UUID

    def paths(self) -> list[str]:
        """Return every page, in its states."""
        lists = ("", "books", "players", "players?q=nobody", "rewards", "rewards?status=expired")
        lists += ("tiers", "missions", "missions?kind=achievement", "missions/new", "missions/ten-bets")
        lists += ("catalogue", "catalogue?active=no", "catalogue/new", "catalogue/mug")
        lists += ("redemptions", "redemptions?state=sent", f"redemptions/{self.redemption}")
        lists += ("campaigns", "campaigns?state=done", "campaigns/new", "campaigns/comeback")
        lists += ("signals", "signals?state=dismissed&severity=9", f"signals/{self.signal}")
        lists += ("referrals", "referrals?state=rewarded", f"referrals/{self.referral}")
        people = [f"players/{one}" for one in (self.ann, self.ben)] + [f"players/{self.ann}/give"]
        given = [f"rewards/{one}" for one in (self.bonus, self.spins, self.pending)]
        return [f"/admin/loyalty/{path}" for path in (*lists, *people, *given)]


def fill(open_context: Callable[[Principal], Any], tenant: Any) -> Scene:
    """Let a brand's operator do all there is to do."""
    operator = Principal(
        kind="operator", tenant_id=tenant.id, id=uuid7(), name="olga", permissions=frozenset({"*"})
    )
    with open_context(operator) as ctx:
        ann, ben = (_player(ctx, name) for name in ("Ann", "Ben"))
        bonus = byhand.give(
            ctx, ann, "bonus", key="1", reason="Sorry", amount=ctx.tenant.currencies.parse("20.00", "GBP"),
            terms={"wagering_requirement": 10, "expiry_hours": 48},
        )  # fmt: skip
        spins = byhand.give(
            ctx, ann, "free_spins", key="2", reason="Sorry", units=10, terms={"value": "0.20"}
        )
        pending = lifecycle.give(ctx, player_id=ann, type="cash", amount=500, key="held", status="pending")
        points.adjust(ctx, ann, 250, unit="PTS", key="1", reason="Welcome", counts=True)
        days.visit(ctx, ann)
        missions.create(
            ctx, {"key": "ten-bets", "kind": "mission", "title": "Ten bets", "definition": MISSION}
        )
        missions.switch(ctx, "ten-bets", is_active=True)
        items.create(ctx, "mug", _mug())
        redemption = redemptions.redeem(ctx, ann, "mug", key="mug", note="1 High Street")
        put_to_work(ctx, LOSING)
        campaigns.create(ctx, CAMPAIGN)
        campaigns.step(ctx, "comeback", "submit")
        for one in (ann, ben):
            lookalikes.tell(ctx, one, {"device": ["d-1"], "card": ["c-1"]})
        referral = referring.claim(ctx, ben, referrals.make_code(ctx, ann))
        signal = watch.list_signals(ctx, player_id=ben)[0].id
        return Scene(
            ann=ann, ben=ben, bonus=bonus.id, spins=spins.id, pending=book.find(ctx, pending.id).id,
            redemption=redemption.id, signal=signal, referral=referral.id,
        )  # fmt: skip


def _player(ctx: Any, name: str) -> UUID:
    return register_player(ctx, email=f"{name.lower()}@loyal.test", password=None, display_name=name).id


def _mug() -> dict[str, Any]:
    return {
        "title": "Mug",
        "text": "With a shield on it.",
        "price": 100,
        "unit": "PTS",
        "offer": {items.BY_HAND: "a mug"},
        "stock": 5,
        "per_player_max": None,
        "tier_min": None,
        "is_active": True,
    }
