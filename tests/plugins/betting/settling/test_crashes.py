"""A worker that dies anywhere in a run settles every bet once when the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select

from pitboss.core import ledger
from pitboss.plugins.betting.settling import operating, runs
from pitboss.plugins.betting.settling.reading import SETTLEMENT
from tests.faults.steps import Steps
from tests.plugins.betting.fixtures import score
from tests.plugins.betting.settling import ground


@pytest.fixture
def steps(kernel) -> Iterator[Steps]:
    """Count steps on a kernel whose connections are opened anew."""
    kernel.database.dispose()
    watching = Steps(kernel.database)
    yield watching
    watching.close()


@pytest.fixture
def ready(kernel, tenant, player, pay_in, world, clock):
    """Take two bets on a match that has a result, and return the run that settles them."""
    pay_in(10_000_00)

    def make() -> tuple[UUID, UUID]:
        match = world.match("Leeds", "Hull", at=clock.now())
        with kernel.context(tenant.id) as ctx:
            market = ground.market(ctx, match)
            for code in ("home", "away"):
                ground.bet(ctx, player, [ground.leg(ctx, market, code)], 1000)
            world.result(ctx, match, score(1, 0))
            run = runs.begin(ctx, f"result:{match}:1", match, kind="settle", result_version=1)
        return match, run

    return make


@pytest.fixture
def corrected(kernel, tenant, world, ready):
    """Settle two bets, and return the run of a correction of both that is confirmed."""

    def make() -> tuple[UUID, UUID]:
        match, first = ready()
        with kernel.context(tenant.id) as ctx:
            runs.work(ctx, {"run_id": str(first)})
            world.result(ctx, match, score(0, 1), state="corrected")
            second = runs.begin(ctx, f"result:{match}:2", match, kind="settle", result_version=2)
        with kernel.context(tenant.id) as ctx:
            runs.work(ctx, {"run_id": str(second)})
            [waiting] = operating.listed(ctx, fixture_id=match, state="waiting")
            operating.confirm(ctx, waiting.id, reason="wrong side")
        return match, waiting.id

    return make


def die_everywhere(steps, kernel, tenant, make: Callable[[], tuple[UUID, UUID]]) -> int:
    """Die at each step of a run, do it again, and look at what was settled; return how many points."""

    def work(run: UUID) -> None:
        with kernel.context(tenant.id) as ctx:
            runs.work(ctx, {"run_id": str(run)})

    _, whole = make()
    assert not steps.run(lambda: work(whole))
    points = steps.taken
    for die_at in range(points + 1):
        _, run = make()
        steps.run(lambda run=run: work(run), die_at)
        work(run)
        with kernel.context(tenant.id) as ctx:
            done = runs.find(ctx, run)
            assert (done.state, done.settled_count, done.paid) == ("done", 2, 2000)
            per_bet = select(func.count()).where(SETTLEMENT.c.run_id == run).group_by(SETTLEMENT.c.bet_id)
            assert list(ctx.connection.scalars(per_bet)) == [1, 1]
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())
    return points


def test_dying_at_any_step_of_a_run_settles_every_bet_once(steps, kernel, tenant, ready):
    assert die_everywhere(steps, kernel, tenant, ready) > 20


@pytest.mark.whole
def test_dying_at_any_step_between_pieces_settles_every_bet_once(steps, kernel, tenant, ready, monkeypatch):
    monkeypatch.setattr(runs, "PIECE_BETS", 1)
    assert die_everywhere(steps, kernel, tenant, ready) > 30


@pytest.mark.whole
def test_dying_at_any_step_of_a_correction_settles_every_bet_again_once(steps, kernel, tenant, corrected):
    assert die_everywhere(steps, kernel, tenant, corrected) > 20
