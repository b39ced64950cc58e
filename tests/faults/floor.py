"""A casino's floor: live rules that pay, players who lose, and the laws that its books obey."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.events import Event
from pitboss.core.identity.players import register_player
from pitboss.core.jobs import JobRow
from pitboss.core.jobs.leases import Ref
from pitboss.core.kernel import Kernel
from pitboss.core.tenancy import Tenant
from pitboss.rules.runtime.periods import LIFETIME
from pitboss.rules.runtime.tables import BudgetRow, DecisionRow
from tests.rules import casino
from tests.rules.casino import PAYOUT
from tests.rules.publishing import put_to_work

TENTH = [{"action": "casino.pay", "formula": "event.stake * 0.10"}]
PURSE = 30_00
"""What the rule `purse` may pay in all, in cents."""
TURNS = 2
"""How often a player may have the rule `turns`."""

_DECISION, _JOB = DecisionRow.__table__, JobRow.__table__


def reward(key: str, **limits: Any) -> dict[str, Any]:
    """Return a reward of a tenth of each stake."""
    return {
        "kind": "reward",
        "key": key,
        "on": ["casino.round_played"],
        "then": TENTH,
        **({"limits": limits} if limits else {}),
    }


RULES = (
    reward("every"),
    reward("turns", per_player={"count": TURNS, "period": "lifetime"}),
    reward("purse", budget={"amount": PURSE / 100, "period": "lifetime"}),
    {"kind": "segment", "key": "losing", "when": {"net_loss_min": 1}},
    {
        "kind": "alert",
        "key": "loss",
        "on": ["casino.round_played"],
        "when": {"net_loss_min": 1},
        "message": "lost",
    },
)


class Floor:
    """Where players lose, and what came of it."""

    def __init__(self, kernel: Kernel, tenant: Tenant, rules: Sequence[dict[str, Any]] = RULES) -> None:
        """Have the rules at work, without the way through approval."""
        self.kernel, self.tenant = kernel, tenant
        with kernel.context(tenant.id) as ctx:
            put_to_work(ctx, *rules)

    def players(self, count: int) -> list[UUID]:
        """Register players."""
        with self.kernel.context(self.tenant.id) as ctx:
            emails = [f"{uuid7()}@players.test" for _ in range(count)]
            return [register_player(ctx, email=email, password=None).id for email in emails]

    def lose(self, stakes: Iterable[tuple[UUID, int]]) -> list[Event]:
        """Have players lose stakes, in cents; nobody judges the events yet."""
        with self.kernel.context(self.tenant.id) as ctx:
            return [casino.lose(ctx, player_id, stake) for player_id, stake in stakes]

    def jobs(self) -> dict[UUID, tuple[Ref, int]]:
        """Return the jobs that are to judge an event, and how often they were taken, by the event's id."""
        is_judging = _JOB.c.name.endswith(">rules.judge")
        query = select(_JOB.c.event_id, _JOB.c.id, _JOB.c.takes).where(
            _JOB.c.tenant_id == self.tenant.id, is_judging
        )
        with self.kernel.database.transaction(self.tenant.id, read_only=True) as connection:
            return {r.event_id: ((self.tenant.id, r.id), r.takes) for r in connection.execute(query)}

    def decisions(self, rule: str) -> Sequence[Row[Any]]:
        """Return what was decided of a rule."""
        query = select(_DECISION).where(_DECISION.c.tenant_id == self.tenant.id, _DECISION.c.rule == rule)
        with self.kernel.database.transaction(self.tenant.id, read_only=True) as connection:
            return connection.execute(query.order_by(_DECISION.c.id)).all()

    def outcomes(self, rule: str) -> Counter[str]:
        """Return how often each outcome was had of a rule."""
        return Counter(row.outcome for row in self.decisions(rule))

    def check(self) -> None:
        """Every law holds: paid is what was decided, once, and within its limits."""
        done = [row for rule in ("every", "turns", "purse") for row in self.decisions(rule)]
        done = [row for row in done if row.outcome == "done"]
        assert Counter((row.id, row.amount) for row in done) == self._paid()
        assert self._cost() == sum(row.amount for row in done)
        assert self._spent() == sum(row.amount for row in done if row.rule == "purse") <= PURSE
        turns = Counter(row.player_id for row in done if row.rule == "turns")
        assert max(turns.values(), default=0) <= TURNS
        with self.kernel.context(self.tenant.id) as ctx:
            assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}

    def check_complete(self, events: Sequence[Event]) -> None:
        """Of each event everything that was due was paid: nothing is lost."""
        self.check()
        stakes = {event.id: event.payload["stake"] for event in events}
        every = {row.event_id: row.amount for row in self.decisions("every") if row.outcome == "done"}
        assert every == {event_id: stake // 10 for event_id, stake in stakes.items()}
        self._check_turns(events)
        purse = self.decisions("purse")
        assert {row.event_id for row in purse} == set(stakes)
        left = PURSE - self._spent()
        assert all(row.amount > left for row in purse if row.outcome == "out_of_budget")

    def _check_turns(self, events: Sequence[Event]) -> None:
        met = Counter(event.player_id for event in events)
        decided: dict[UUID | None, Counter[str]] = defaultdict(Counter)
        for row in self.decisions("turns"):
            decided[row.player_id][row.outcome] += 1
        for player_id, count in met.items():
            turns = min(count, TURNS)
            assert decided[player_id] == +Counter({"done": turns, "capped": count - turns})

    def _paid(self) -> Counter[tuple[UUID, int]]:
        query = select(PAYOUT.c.decision_id, PAYOUT.c.amount).where(PAYOUT.c.tenant_id == self.tenant.id)
        with self.kernel.database.transaction(self.tenant.id, read_only=True) as connection:
            return Counter((row.decision_id, row.amount) for row in connection.execute(query))

    def _cost(self) -> int:
        with self.kernel.context(self.tenant.id) as ctx:
            account = ledger.house("bonus_cost", self.tenant.currency)
            return -ledger.balances(ctx.connection, account.owner).get(account, 0)

    def _spent(self) -> int:
        with self.kernel.context(self.tenant.id) as ctx:
            row = ctx.session.get(BudgetRow, (self.tenant.id, "rule:purse", LIFETIME))
            return row.spent if row is not None else 0
