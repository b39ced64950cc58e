"""Plan a piece of settlement: what its bets come to, and all that paying them writes.

A plan can be made ahead, without a lock, while the piece before is written: PostgreSQL writes on one core
while Python reckons on another. It holds as long as nothing happened to its bets, and whoever writes it
locks them and looks. Answers need no second look: a run writes its own before its first piece, so of two
runs that decide one bet, the later one sees the answers of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row

from pitboss.core.context import Context
from pitboss.plugins.betting.settling.deciding import decide
from pitboss.plugins.betting.settling.paying import Paid, Prepared, prepare
from pitboss.plugins.betting.settling.reading import OPEN, SETTLED, Found, find, ground_of, marks, touched

FRESH = timedelta(seconds=3)
"""A plan has the ids of its events: those who follow them wait five seconds for an id, and no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Which bets of a run come next."""

    run_id: UUID
    fixture_id: UUID
    market_id: UUID | None
    cause: str
    after: UUID | None
    limit: int

    def ids(self, ctx: Context) -> list[UUID]:
        """Return the bets."""
        return touched(ctx, self.fixture_id, self.market_id, after=self.after, limit=self.limit)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written for the bets of a piece, and how they were when that was reckoned."""

    ids: Sequence[UUID]
    marks: Sequence[Row[Any]]
    ready: Prepared

    def holds(self, ctx: Context) -> bool:
        """Lock the bets; tell whether nothing happened to them since, and its events are still new."""
        is_fresh = ctx.clock.now() - self.ready.at < FRESH
        return is_fresh and self.marks == marks(ctx, self.ids, is_locked=True)


def reckon(ctx: Context, piece: Piece, ids: Sequence[UUID], *, is_locked: bool) -> Prepared:
    """Return what is to be written for the bets that are decided, or decided otherwise than before."""
    found = find(ctx, ids, (OPEN,) if piece.cause == "result" else (OPEN, SETTLED), is_locked=is_locked)
    ground = ground_of(ctx, (leg for one in found for leg in one.legs))
    payments = []
    for one in found:
        decided = decide(one.bet, one.legs, ground)
        if decided is not None and not (one.before and decided.is_as(one.before.explanation["legs"])):
            payments.append(Paid(found=one, decided=decided, cause=_cause(one, piece.cause)))
    return prepare(ctx, payments, piece.run_id)


def _cause(found: Found, cause: str) -> str:
    """Return why a bet is settled; a correction may also decide one that was open."""
    return "result" if cause == "correction" and found.before is None else cause


class Ahead:
    """Plans the next piece of a run in a thread of its own."""

    def __init__(self, ctx: Context) -> None:
        self._kernel, self._tenant_id, self._actor = ctx.kernel, ctx.tenant.id, ctx.actor
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pitboss-settling")
        self._planned: tuple[Piece, Future[Plan]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, piece: Piece) -> None:
        """Begin to plan a piece."""
        self._planned = piece, self._pool.submit(self._plan, piece)

    def take(self, piece: Piece) -> Plan | None:
        """Return the plan of a piece, if it was begun."""
        planned, self._planned = self._planned, None
        return planned[1].result() if planned is not None and planned[0] == piece else None

    def _plan(self, piece: Piece) -> Plan:
        with self._kernel.context(self._tenant_id, self._actor, read_only=True) as ctx:
            ids = piece.ids(ctx)
            # Looked at before the bets are read: what happens in between is noticed.
            return Plan(ids, marks(ctx, ids), reckon(ctx, piece, ids, is_locked=False))
