"""A result and its correction race with cash-outs: every bet ends once, and no cent is lost."""

from __future__ import annotations

from threading import Barrier, Thread

from sqlalchemy import func, select

from pitboss.core import ledger
from pitboss.core.errors import PitbossError
from pitboss.plugins.betting.settling import operating, runs
from pitboss.plugins.betting.settling.reading import BET, SETTLEMENT
from pitboss.plugins.betting.slips import cashout
from pitboss.plugins.betting.slips.tables import CashOut
from tests.plugins.betting.fixtures import score
from tests.plugins.betting.settling import ground

BETS = 6


def test_no_bet_is_both_cashed_out_and_settled(
    kernel, tenant, player, pay_in, world, match, market, monkeypatch
):
    monkeypatch.setattr(runs, "PIECE_BETS", 1)
    pay_in(1_000_00)
    one = market(match)
    with kernel.context(tenant.id) as ctx:
        bets = [ground.bet(ctx, player, [ground.leg(ctx, one, "home")], 1000) for _ in range(BETS)]
    with kernel.context(tenant.id) as ctx:
        offers = {bet: cashout.offer(ctx, bet, of_player=player) for bet in bets}
        assert all(one["is_available"] for one in offers.values()), offers
        world.result(ctx, match, score(1, 0))
        run = runs.begin(ctx, f"result:{match}:1", match, kind="settle", result_version=1)
    together = Barrier(2)
    errors: list[BaseException] = []

    def settle() -> None:
        together.wait()
        with kernel.context(tenant.id) as ctx:
            runs.work(ctx, {"run_id": str(run)})

    def cash_out() -> None:
        together.wait()
        for bet in reversed(bets):
            try:
                with kernel.context(tenant.id) as ctx:
                    cashout.take(ctx, bet, token=offers[bet]["token"], reference=str(bet))
            except PitbossError:
                continue

    threads = [Thread(target=_kept, args=(work, errors)) for work in (settle, cash_out)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    _correct(kernel, tenant, world, match)
    with kernel.context(tenant.id) as ctx:
        states = dict(ctx.connection.execute(select(BET.c.id, BET.c.state)).all())
        settled = set(ctx.connection.scalars(select(SETTLEMENT.c.bet_id)))
        cashed = set(ctx.connection.scalars(select(CashOut.__table__.c.bet_id)))
        assert settled | cashed == set(bets)
        assert not settled & cashed
        assert {bet for bet, state in states.items() if state == "cashed_out"} == cashed
        paid = select(func.coalesce(func.sum(CashOut.__table__.c.amount), 0))
        assert ctx.connection.scalar(select(func.sum(BET.c.payout))) == ctx.connection.scalar(paid)
        held = ledger.balance(ctx.connection, ledger.player(player, "hold", tenant.currency))
        assert (held, any(ledger.verify(ctx.connection).values())) == (0, False)


def _correct(kernel, tenant, world, match) -> None:
    """Correct the result to a loss: what was settled is taken back, what was cashed out stays."""
    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match, score(0, 1), state="corrected")
        run = runs.begin(ctx, f"result:{match}:2", match, kind="settle", result_version=2)
    with kernel.context(tenant.id) as ctx:
        runs.work(ctx, {"run_id": str(run)})
    with kernel.context(tenant.id) as ctx:
        [waiting] = operating.listed(ctx, fixture_id=match, state="waiting")
        operating.confirm(ctx, waiting.id, reason="offside")
    with kernel.context(tenant.id) as ctx:
        runs.work(ctx, {"run_id": str(waiting.id)})


def _kept(work, errors: list[BaseException]) -> None:
    try:
        work()
    except BaseException as error:
        errors.append(error)
