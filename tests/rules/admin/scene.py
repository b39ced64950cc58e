"""A casino whose rulebook shows each state that the pages know: what they are held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.core.identity.principal import Principal
from pitboss.rules.book import drafts, life
from pitboss.rules.replay import decided, reports
from pitboss.rules.replay.asked import ask
from pitboss.rules.runtime.holdout import is_held_out
from pitboss.rules.segments import frozen
from pitboss.rules.segments.refresh import refresh
from tests.rules import casino
from tests.rules.publishing import put_to_work

HELD_OUT_PERCENT = 10

PAYS = {"action": "casino.pay", "formula": "net_loss * 0.10", "max_amount": 500}
CASHBACK: dict[str, Any] = {
    "kind": "reward",
    "key": "cashback",
    "name": "Cashback",
    "description": "A tenth of what was lost.",
    "on": ["casino.round_played"],
    "when": {"net_loss_min": 10},
    "then": [PAYS],
    "tags": ["loss"],
    "limits": {"per_player": {"count": 1, "period": "day"}, "budget": {"amount": 100, "period": "week"}},
    "holdout_percent": HELD_OUT_PERCENT // 2,
    "tests": [{"facts": {"net_loss": 620}, "expect": {"match": True, "amount": 62}}],
}
"""Live; a second version of it waits for approval."""
OTHERS: tuple[dict[str, Any], ...] = (
    {"kind": "formula", "key": "share", "name": "Share", "formula": "net_loss * 0.01"},
    {"kind": "segment", "key": "losers", "name": "Losers", "when": {"net_loss_min": 20}, "priority": 5},
    {"kind": "segment", "key": "everyone", "name": "Everyone", "when": "net_loss >= 0"},
    {
        "kind": "reward",
        "key": "consolation",
        "name": "Consolation",
        "on": ["casino.round_played"],
        "when": "in_segment('losers') and (net_loss >= 1000 or country == 'GB')",
        "then": [{"action": "casino.points", "formula": "share()"}],
        "exclusive": {"group": "sorry", "pick": "best"},
        "priority": 3,
    },
    {
        "kind": "reward",
        "key": "by-table",
        "name": "By a table",
        "on": ["casino.round_played"],
        "when": {"event.game": {"in": ["poker", "roulette"]}, "is_barred": False},
        "then": [{"action": "casino.points"}],
        "table": {"rows": [{"when": {"net_loss_min": 500}, "then": {"amount": 5}}, {"then": {"amount": 1}}]},
        "exclusive": {"group": "sorry", "pick": "best"},
        "effective": {"from": "2001-01-01", "until": "2999-01-01"},
    },
    {
        "kind": "alert",
        "key": "big-loss",
        "name": "Big loss",
        "on": ["casino.round_played"],
        "when": {"net_loss_min": 40},
        "message": "lost {net_loss}",
        "severity": 8,
        "channels": ["staff"],
    },
    {
        "kind": "limit",
        "key": "no-barred",
        "name": "Barred players",
        "operation": "casino.play",
        "when": "is_barred",
        "message": "You are barred.",
    },
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what there is."""

    ann: UUID
    """Lost, and was paid."""
    ben: UUID
    """Lost too little."""
    decision: UUID
    event: UUID
    frozen: UUID
    simulation: UUID
    """It is done."""
    running: UUID

    def paths(self) -> list[str]:
        """Return every page, in its states."""
        lists = ("", "?state=live&kind=reward", "?text=nothing-like-it", "conflicts", "import")
        rules = ("cashback", "share", "losers", "consolation", "by-table", "big-loss", "no-barred", "spare")
        rules += ("rested",)
        pages = [f"rule/{key}" for key in rules]
        pages += [
            "rule/cashback/versions",
            "rule/cashback/versions?from=1&to=1",
            "rule/cashback?by=casino.round_played",
        ]
        pages += [
            "decisions",
            "decisions?player=nobody",
            f"decisions/{self.decision}",
            f"judgements/{self.event}",
        ]
        pages += [f"players/{self.ann}?event=casino.round_played", f"players/{self.ben}"]
        pages += ["segments", f"segments/losers?player={self.ann}&other=everyone", f"frozen/{self.frozen}"]
        pages += [
            "alerts",
            "alerts?severity=9",
            "simulations",
            "simulations?rule=share",
            "simulations/new?rule=cashback",
        ]
        pages += [f"simulations/{self.simulation}", f"simulations/{self.running}"]
        pages += [
            "packs",
            "packs/rules.rewards",
            "packs/rules.segments",
            "packs/rules.rewards/weekly-cashback",
        ]
        return [f"/admin/rules/{path}" for path in (*lists, *pages)]


def operator(tenant: Any, name: str) -> Principal:
    """Return somebody who may do everything."""
    return Principal(
        kind="operator",
        tenant_id=tenant.id,
        id=uuid7(),
        name=f"{name}@acme.test",
        permissions=frozenset({"*"}),
    )


def fill(open_context: Callable[[Principal], Any], tenant: Any, work: Callable[[], Any]) -> Scene:
    """Let a casino's people write rules, its players play, and a worker judge."""
    olga, otto = operator(tenant, "olga"), operator(tenant, "otto")
    publish(open_context, olga, otto, CASHBACK)
    with open_context(olga) as ctx:
        put_to_work(ctx, *OTHERS)
        ann, ben = (_player(ctx, name) for name in ("Ann", "Ben"))
        event = casino.lose(ctx, ann, 5_000).id
        casino.lose(ctx, ben, 500)
    work()
    with open_context(olga) as ctx:
        for key in ("losers", "everyone"):
            refresh(ctx, key)
        second = {**CASHBACK, "when": {"net_loss_min": 15}, "holdout_percent": HELD_OUT_PERCENT}
        drafts.save(ctx, "cashback", second, message="Fewer small ones.")
        life.submit(ctx, "cashback", comment="Please look.")
        drafts.create(ctx, {**CASHBACK, "key": "spare", "name": "Spare"}, message="An idea.")
        put_to_work(ctx, {**CASHBACK, "key": "rested", "name": "Rested"})
        life.pause(ctx, "rested", reason="Too dear.")
        simulation = reports.request(ctx, ask(ctx, "cashback")).id
        kept = frozen.freeze(ctx, "losers", "A letter").id
    work()
    with open_context(olga) as ctx:
        running = reports.request(ctx, ask(ctx, "spare")).id
        decision = decided.decisions(ctx, decided.Filter(rule="cashback"))[0].id
    return Scene(ann, ben, decision, event, kept, simulation, running)


def publish(open_context: Any, author: Principal, approver: Principal, document: dict[str, Any]) -> None:
    """Bring a rule all the way to being live."""
    with open_context(author) as ctx:
        drafts.create(ctx, document)
        life.submit(ctx, document["key"])
    with open_context(approver) as ctx:
        life.approve(ctx, document["key"])
        life.publish(ctx, document["key"])


def _player(ctx: Any, name: str) -> UUID:
    """Register a player who is not held out of what the scene gives: whose number that is, is chance."""
    while True:
        made = register_player(
            ctx, email=f"{name.lower()}@{uuid7().hex}.test", password=None, display_name=name
        ).id
        if not is_held_out("cashback", made, HELD_OUT_PERCENT):
            return made
