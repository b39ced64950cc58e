"""Results settle bets, once; corrections settle them again."""

from __future__ import annotations

from sqlalchemy import select

from pitboss.core import facts, ledger
from pitboss.plugins.betting.settling import operating, previewing
from pitboss.plugins.betting.settling.reading import MARKET, SELECTION, SETTLEMENT
from pitboss.plugins.betting.settling.runs import RUN
from tests.plugins.betting.fixtures import score


def waiting(ctx):
    query = select(RUN).where(RUN.c.tenant_id == ctx.tenant.id, RUN.c.state == "waiting")
    return ctx.connection.execute(query).one()


def test_a_result_settles_the_bets_that_it_decides(match, market, bet, result, state, cash, kernel, tenant):
    one = market(match)
    won, lost = bet([(one, "home", "1.88")]), bet([(one, "draw", "3.14")], 500)

    result(match, score(2, 1))

    assert (state(won).state, state(won).payout) == ("settled", 1880)
    assert (state(lost).state, state(lost).payout) == ("settled", 0)
    assert (cash(), cash("hold")) == (100_000 - 1500 + 1880, 0)
    with kernel.context(tenant.id) as ctx:
        ledger.verify(ctx.connection)
        books = ctx.connection.execute(select(MARKET.c.staked, MARKET.c.status)).all()
        assert books == [(0, "settled")]
        assert set(ctx.connection.scalars(select(SELECTION.c.liability))) == {0}


def test_a_result_that_is_told_twice_settles_once(match, market, bet, result, cash, kernel, tenant, worker):
    one = market(match)
    bet([(one, "home", "1.88")])
    result(match, score(2, 1))
    with kernel.context(tenant.id) as ctx:
        ctx.emit("sports.result_recorded", {"fixture_id": str(match), "version": 1, "state": "official"})
    worker()
    with kernel.context(tenant.id) as ctx:
        assert len(ctx.connection.execute(select(SETTLEMENT)).all()) == 1
    assert cash() == 100_000 + 880


def test_a_provisional_result_settles_only_where_the_tenant_says_so(
    match, market, bet, result, state, configure
):
    first = bet([(market(match), "home", "2")])
    result(match, score(1, 0), state="provisional")
    assert state(first).state == "accepted"

    configure(settles_on_provisional=True)
    result(match, score(1, 0), state="provisional")
    assert state(first).payout == 2000


def test_a_multiple_waits_for_all_its_legs(world, match, market, bet, result, state, clock):
    other = world.match("Derby", "Bury", at=clock.now())
    double = bet([(market(match), "home", "2"), (market(other), "away", "1.5")])
    result(match, score(1, 0))
    assert state(double).state == "accepted"
    result(other, score(0, 1))
    assert state(double).payout == 3000


def test_a_correction_waits_with_its_preview_and_settles_again(
    match, market, bet, result, state, cash, kernel, tenant, worker, player, events
):
    one = market(match)
    home, away = bet([(one, "home", "1.88")]), bet([(one, "away", "4.71")])
    result(match, score(2, 1))

    result(match, score(1, 2), state="corrected")
    assert state(home).payout == 1880
    with kernel.context(tenant.id) as ctx:
        run = waiting(ctx)
        seen = previewing.of_run(ctx, run)
        assert (seen.resettled_count, seen.paid_before, seen.paid_after, seen.net) == (2, 1880, 4710, -2830)
        operating.confirm(ctx, run.id, reason="The goal was given to the wrong side")
    worker()

    assert (state(home).payout, state(away).payout) == (0, 4710)
    assert (cash(), cash("hold")) == (100_000 - 2000 + 4710, 0)
    again = events("betting.bet_resettled")
    assert [(e.payload["previous_payout"], e.payload["payout"]) for e in again] == [(1880, 0), (0, 4710)]
    with kernel.context(tenant.id) as ctx:
        ledger.verify(ctx.connection)
        known = facts.read(ctx, player, ["betting.returned", "betting.net_loss", "betting.win_count"])
        assert known == {"betting.returned": 4710, "betting.net_loss": -2710, "betting.win_count": 1}


def test_what_was_spent_before_a_correction_is_owed_and_paid_from_the_next_win(
    match, market, bet, result, cash, kernel, tenant, worker, player
):
    one = market(match)
    bet([(one, "home", "2")], 1000_00)
    bet_spent = ledger.Leg(
        ledger.player(player, "wallet", tenant.currency), ledger.house("clearing", tenant.currency), 1500_00
    )
    result(match, score(1, 0))
    with kernel.context(tenant.id) as ctx:
        ledger.post(ctx.connection, key="spent", op="test.withdraw", legs=[bet_spent])
    result(match, score(0, 0), state="corrected")
    with kernel.context(tenant.id) as ctx:
        operating.confirm(ctx, waiting(ctx).id, reason="No goal")
    worker()
    assert (cash(), cash("receivable")) == (0, -1500_00)

    result(match, score(1, 0), state="corrected")
    with kernel.context(tenant.id) as ctx:
        operating.confirm(ctx, waiting(ctx).id, reason="A goal after all")
    worker()
    assert (cash(), cash("receivable")) == (500_00, 0)
