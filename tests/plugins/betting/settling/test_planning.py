"""Pieces that are planned ahead: each bet is settled once, by how it is when it is paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from pitboss.core import ledger
from pitboss.plugins.betting.settling import runs, voiding
from pitboss.plugins.betting.settling.planning import FRESH, Ahead, Piece, Plan
from pitboss.plugins.betting.settling.reading import BET, SETTLEMENT
from tests.plugins.betting.fixtures import score
from tests.plugins.betting.settling import ground


@pytest.fixture
def bets(kernel, tenant, player, pay_in, match, market) -> list[UUID]:
    """Five bets on the winner of the match."""
    pay_in(1_000_00)
    one = market(match)
    with kernel.context(tenant.id) as ctx:
        return [ground.bet(ctx, player, [ground.leg(ctx, one, "home")], 1000) for _ in range(5)]


@pytest.fixture
def run(kernel, tenant, world, match, bets) -> UUID:
    """The run that settles them, waiting for its work."""
    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match, score(1, 0))
        made = runs.begin(ctx, f"result:{match}:1", match, kind="settle", result_version=1)
    assert made is not None
    return made


@pytest.fixture
def plan(kernel, tenant, match, run) -> Plan:
    """All of its bets, planned ahead."""
    piece = Piece(run_id=run, fixture_id=match, market_id=None, cause="result", after=None, limit=1_000)
    with kernel.context(tenant.id) as ctx:
        runs.prepare(ctx, runs.find(ctx, run))
    with kernel.context(tenant.id) as ctx, Ahead(ctx) as ahead:
        ahead.begin(piece)
        made = ahead.take(piece)
    assert made is not None
    return made


def seen(kernel: Any, tenant: Any) -> tuple[dict[UUID, str], int]:
    """Return the state of each bet, and how many settlements there are; no law of the books is broken."""
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())
        states = dict(ctx.connection.execute(select(BET.c.id, BET.c.state)).all())
        return states, ctx.connection.scalar(select(func.count()).select_from(SETTLEMENT))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_each_bet_of_many_pieces_is_settled_once(kernel, tenant, bets, run, size, monkeypatch):
    monkeypatch.setattr(runs, "PIECE_BETS", size)
    with kernel.context(tenant.id) as ctx:
        runs.work(ctx, {"run_id": str(run)})

    assert seen(kernel, tenant) == (dict.fromkeys(bets, "settled"), 5)
    with kernel.context(tenant.id) as ctx:
        done = runs.find(ctx, run)
    assert (done.state, done.looked_count, done.settled_count, done.paid) == ("done", 5, 5, 100_00)


def test_what_happened_to_a_bet_since_it_was_planned_is_noticed(kernel, tenant, bets, run, plan):
    assert len(plan.ready.payments) == 5
    with kernel.context(tenant.id) as ctx:
        assert plan.holds(ctx)
        voiding.void_bet(ctx, bets[0], reason="a palpable error")

    with kernel.context(tenant.id) as ctx:
        assert runs.step(ctx, run, _Made(plan))

    states, settlements = seen(kernel, tenant)
    assert (states[bets[0]], settlements) == ("voided", 5)
    assert [states[bet] for bet in bets[1:]] == ["settled"] * 4


def test_a_plan_that_is_not_new_any_more_is_made_again(kernel, tenant, run, plan, clock, events):
    clock.advance(seconds=FRESH.total_seconds())

    with kernel.context(tenant.id) as ctx:
        assert runs.step(ctx, run, _Made(plan))

    told = events("betting.bet_settled")
    assert len(told) == 5
    assert {event.id for event in told}.isdisjoint(event.id for event in plan.ready.told)


def test_a_plan_of_another_piece_is_not_taken(kernel, tenant, match, run):
    piece = Piece(run_id=run, fixture_id=match, market_id=None, cause="result", after=None, limit=1)
    with kernel.context(tenant.id) as ctx, Ahead(ctx) as ahead:
        ahead.begin(piece)
        assert (
            ahead.take(Piece(run_id=run, fixture_id=match, market_id=None, cause="void", after=None, limit=1))
            is None
        )


class _Made(Ahead):
    """Gives a plan that is there already."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def take(self, piece: Piece) -> Plan | None:
        return self.plan

    def begin(self, piece: Piece) -> None:
        pass
