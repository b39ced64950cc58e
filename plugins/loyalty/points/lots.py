"""A player's lots of one unit, kept equal to the ledger through every operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, literal_column, select, update

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.ledger import Account, Leg, Posting
from pitboss.core.ledger.wallet import POINTS, REWARD_POINTS
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.points import arithmetic
from pitboss.plugins.loyalty.points.arithmetic import Change, Lot, Take
from pitboss.plugins.loyalty.points.tables import LotRow, MovementRow

LOT, MOVEMENT, _PLAYER = LotRow.__table__, MovementRow.__table__, LoyaltyPlayer.__table__
HOLDS_SOME = LOT.c.left > literal_column("0")
"""Written out, because an index of these lots alone is not found by a number that is bound."""
UNITS = (POINTS, REWARD_POINTS)
FACTS: Mapping[str, str] = {POINTS: "points", REWARD_POINTS: "reward_points"}
"""The column that repeats what the wallet of a unit holds."""
ISSUED, REDEEMED, EXPIRED, ADJUSTED = "points_issued", "points_redeemed", "points_expired", "adjustment"
"""Accounts of the house: where points come from, and where they go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """Points that come as one lot."""

    points: int
    value: Fraction
    cause_id: UUID | None
    earned_at: datetime
    expires_at: datetime | None
    usable_from: datetime | None = None
    source: str = ISSUED
    actor: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Lots:
    """The lots of a player whose row the caller holds."""

    ctx: Context
    player_id: UUID
    unit: str = POINTS
    wallet: Account = field(init=False)

    def __post_init__(self) -> None:
        self.wallet = ledger.player(self.player_id, "wallet", self.unit)

    # -- coming ------------------------------------------------------------------------------------

    def earn(self, earning: Earning, *, counts: bool = True) -> UUID:
        """Add a lot; an earning of no whole point is kept too, so that it can be taken back."""
        lot_id = uuid7()
        self.ctx.connection.execute(insert(LOT).values(self._row(lot_id, earning)))
        if earning.points:
            source = ledger.house(earning.source, self.unit)
            legs = [Leg(source, self.wallet, earning.points)]
            self._post(f"lot:{lot_id}:earn", "points.earn", legs, actor=earning.actor, reason=earning.reason)
            self._moved(earning.points, at=earning.earned_at, counts=counts, earned=earning.points)
        return lot_id

    def repay(self, key: str) -> int:
        """Pay what an earlier rollback left owed, as far as what is usable goes; return how much it was."""
        debt = self.wallet.sibling("receivable")
        owed = -ledger.balance(self.ctx.connection, debt)
        lots = self.read()
        change = arithmetic.repay(lots, owed, at=self.ctx.clock.now())
        if change.points:
            self._post(f"{key}:repay", "points.repay", [Leg(self.wallet, debt, change.points)])
            self._store(lots, change)
            self._moved(-change.points)
        if not change.owed:
            self._forgive()
        return change.points

    # -- going -------------------------------------------------------------------------------------

    def spend(
        self, points: int, *, key: str, op: str, to: str, actor: str, reason: str, counts: bool
    ) -> None:
        """Take points from the lots that expire first."""
        lots = self.read()
        change = arithmetic.redeem(lots, points, at=self.ctx.clock.now())
        legs = [Leg(self.wallet, ledger.house(to, self.unit), points)]
        self._post(key, op, legs, actor=actor, reason=reason)
        self._store(lots, change)
        self._moved(-points, counts=counts)

    def take_back(self, lot: Row[Any], points: int) -> int:
        """Take an earning back: from its own lot, then from others; return what is owed.

        What had expired is gone already and is not taken again.
        """
        lots = self.read(also=lot.id)
        gone = min(points, lot.expired)
        own = arithmetic.reverse(lots, points - gone, lot=str(lot.id))
        rest = arithmetic.repay(own.lots, own.owed, at=self.ctx.clock.now())
        taken, house = points - gone - rest.owed, ledger.house(ISSUED, self.unit)
        sources = ((self.wallet, taken), (self.wallet.sibling("receivable"), rest.owed))
        if legs := [Leg(account, house, part) for account, part in sources if part]:
            self._post(f"lot:{lot.id}:rollback", "points.rollback", legs)
        self._store(lots, rest)
        self._mark_taken_back(lot.id)
        # Dated as the earning was, so that both leave the window of the tiers together.
        self._moved(-points, at=lot.earned_at, counts=True, earned=-points, fact=-taken)
        if points > taken:
            self._note_movement(points - taken, self.ctx.clock.now(), counts=False)
        if rest.owed:
            players.change(self.ctx, self.player_id, has_points_owed=True)
        return rest.owed

    def expire(self) -> int:
        """Expire the lots whose time is over, each with one entry; return how many points went."""
        lots = self.read()
        change = arithmetic.expire(lots, at=self.ctx.clock.now())
        return self._expire(lots, change, {take.lot: f"lot:{take.lot}:expire" for take in change.takes})

    # -- holds -------------------------------------------------------------------------------------

    def hold(self, points: int, *, key: str) -> tuple[Take, ...]:
        """Set points aside; keep the takes to release or to capture them."""
        lots = self.read()
        change = arithmetic.hold(lots, points, at=self.ctx.clock.now())
        ledger.authorise(
            self.ctx.connection, key=key, amounts={self.wallet: points}, actor=self.ctx.actor.label
        )
        self._store(lots, change)
        self._moved(-points)
        return change.takes

    def release(self, takes: Sequence[Take], *, key: str, reason: str) -> None:
        """Give held points back to their lots; those of a lot that expired meanwhile go at once."""
        lots = self.read()
        freed = arithmetic.release(lots, takes)
        ledger.release(self.ctx.connection, key=key, actor=self.ctx.actor.label, reason=reason)
        self._store(lots, freed)
        self._moved(sum(take.points for take in takes))
        self._expire_freed(freed.lots, {take.lot for take in takes}, key)

    def capture(self, takes: Sequence[Take], *, key: str) -> None:
        """Spend held points."""
        lots = self.read()
        change = arithmetic.capture(lots, takes)
        target = ledger.house(REDEEMED, self.unit)
        ledger.capture(self.ctx.connection, key=key, target=target, actor=self.ctx.actor.label)
        self._store(lots, change)

    # -- reading -----------------------------------------------------------------------------------

    def read(self, also: UUID | None = None) -> list[Lot]:
        """Return the lots that hold anything, and one more if it is named."""
        query = select(LOT).where(*self._mine())
        rows = list(self.ctx.connection.execute(query.where(HOLDS_SOME).order_by(LOT.c.id)))
        if also is not None and also not in [row.id for row in rows]:
            rows += self.ctx.connection.execute(query.where(LOT.c.id == also))
        return [lot_of(row) for row in rows]

    def _mine(self) -> tuple[Any, ...]:
        return (
            LOT.c.tenant_id == self.ctx.tenant.id,
            LOT.c.player_id == self.player_id,
            LOT.c.unit == self.unit,
        )

    # -- writing -----------------------------------------------------------------------------------

    def _row(self, lot_id: UUID, earning: Earning) -> dict[str, Any]:
        return {
            "tenant_id": self.ctx.tenant.id,
            "id": lot_id,
            "player_id": self.player_id,
            "unit": self.unit,
            "earned": earning.points,
            "left": earning.points,
            "value": str(earning.value),
            "cause_id": earning.cause_id,
            "earned_at": earning.earned_at,
            "usable_from": earning.usable_from,
            "expires_at": earning.expires_at,
        }

    def _store(self, before: Iterable[Lot], change: Change) -> None:
        known = {lot.id: lot for lot in before}
        for lot in change.lots:
            if lot != known[lot.id]:
                self._update(UUID(lot.id), left=lot.left, held=lot.held)

    def _update(self, lot_id: UUID, **values: Any) -> None:
        self.ctx.connection.execute(update(LOT).where(*self._mine(), LOT.c.id == lot_id).values(**values))

    def _mark_taken_back(self, lot_id: UUID) -> None:
        self._update(lot_id, is_taken_back=True)

    def _expire_freed(self, lots: Sequence[Lot], freed: set[str], key: str) -> None:
        over = arithmetic.expire([lot for lot in lots if lot.id in freed], at=self.ctx.clock.now())
        keys = {take.lot: f"{key}:expire:{take.lot}" for take in over.takes}
        # Dated now: until now they were held, and counted nowhere.
        self._expire([lot for lot in lots if lot.id in freed], over, keys, at=self.ctx.clock.now())

    def _expire(
        self, lots: Sequence[Lot], change: Change, keys: Mapping[str, str], at: datetime | None = None
    ) -> int:
        house, known = ledger.house(EXPIRED, self.unit), {lot.id: lot for lot in lots}
        now = self.ctx.clock.now()
        postings = [
            Posting(key=keys[t.lot], op="points.expire", legs=[Leg(self.wallet, house, t.points)], at=now)
            for t in change.takes
        ]
        for answer in ledger.post_many(self.ctx.connection, postings):
            if isinstance(answer, Exception):
                raise answer
        self._store(lots, change)
        for take in change.takes:
            self._update(UUID(take.lot), expired=LOT.c.expired + take.points)
            self._moved(-take.points, at=at or known[take.lot].expires_at)
        return change.points

    def _post(
        self,
        key: str,
        op: str,
        legs: Sequence[Leg],
        *,
        actor: str | None = None,
        reason: str | None = None,
    ) -> None:
        now = self.ctx.clock.now()
        ledger.post(self.ctx.connection, key=key, op=op, legs=legs, actor=actor, reason=reason, at=now)

    def _moved(
        self,
        points: int,
        *,
        at: datetime | None = None,
        counts: bool = False,
        earned: int = 0,
        fact: int | None = None,
    ) -> None:
        """Bring the player's facts along, and what tiers are judged by."""
        column = _PLAYER.c[FACTS[self.unit]]
        changed: dict[str, Any] = {column.name: column + (points if fact is None else fact)}
        if self.unit == POINTS and earned:
            changed["points_earned"] = _PLAYER.c.points_earned + earned
        players.change(self.ctx, self.player_id, **changed)
        if self.unit == POINTS:
            self._note_movement(points, at or self.ctx.clock.now(), counts=counts)

    def _note_movement(self, points: int, at: datetime, *, counts: bool) -> None:
        if not points or self.unit != POINTS:
            return
        self.ctx.connection.execute(
            insert(MOVEMENT).values(
                tenant_id=self.ctx.tenant.id,
                id=uuid7(),
                player_id=self.player_id,
                points=points,
                is_earning=counts,
                at=at,
            )
        )

    def _forgive(self) -> None:
        """Note that nothing is owed any more, in no unit."""
        debts = (ledger.player(self.player_id, "receivable", unit) for unit in UNITS)
        owed = any(ledger.balance(self.ctx.connection, debt) for debt in debts)
        players.change(self.ctx, self.player_id, has_points_owed=owed)


def lot_of(row: Row[Any]) -> Lot:
    """Return a lot as the arithmetic knows it."""
    return Lot(
        id=str(row.id),
        left=row.left,
        earned_at=row.earned_at,
        expires_at=row.expires_at,
        usable_from=row.usable_from,
        held=row.held,
    )
