"""Stakes go back when a market, a selection or a bet is void, whenever that turns out."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict
from pitboss.plugins.betting.settling import operating, previewing, voiding
from pitboss.plugins.betting.settling.reading import LEG
from pitboss.plugins.betting.slips.tables import FreeBet
from tests.plugins.betting.fixtures import score


@pytest.fixture
def void(kernel, tenant, worker):
    """Void something and do what follows: `void(voiding.void_market, market)`."""

    def do(how, *args, reason="Palpable error", **more):
        with kernel.context(tenant.id) as ctx:
            made = how(ctx, *args, reason=reason, **more)
        worker()
        return made

    return do


def test_a_void_market_gives_stakes_back_and_no_result_changes_that(
    match, market, bet, result, state, cash, void, kernel, tenant
):
    one = market(match)
    single = bet([(one, "away", "4")])
    void(voiding.void_market, one)
    assert (state(single).state, state(single).payout, cash()) == ("settled", 1000, 100_000)

    result(match, score(0, 1))
    with kernel.context(tenant.id) as ctx:
        assert operating.listed(ctx, state="waiting") == []
    assert void(voiding.void_market, one) is None
    assert state(single).payout == 1000


def test_a_market_that_is_void_after_it_was_settled_is_settled_again(
    match, market, bet, result, cash, void, kernel, tenant
):
    one = market(match)
    bet([(one, "home", "3")]), bet([(one, "away", "3")])
    result(match, score(1, 0))
    assert cash() == 101_000
    with kernel.context(tenant.id) as ctx:
        assert previewing.of_void(ctx, one).net == 1000
    void(voiding.void_market, one)
    assert cash() == 100_000


def test_a_non_runner_is_refunded_at_once_and_the_others_by_the_result(
    match, market, bet, result, state, void
):
    one = market(match)
    out, stays = bet([(one, "draw", "3")]), bet([(one, "home", "3")])
    void(voiding.void_selection, one, "draw", is_final=False)
    assert (state(out).payout, state(stays).state) == (1000, "accepted")
    result(match, score(1, 0))
    assert (state(out).payout, state(stays).payout) == (1000, 3000)


def test_a_bet_that_an_operator_voided_stays_so(
    match, market, bet, result, state, void, kernel, tenant, worker
):
    one = market(match)
    voided = bet([(one, "home", "3")])
    void(voiding.void_bet, voided)
    assert (state(voided).state, state(voided).reason) == ("voided", "Palpable error")

    result(match, score(1, 0))
    assert (state(voided).state, state(voided).payout) == ("voided", 1000)
    with pytest.raises(Conflict, match="void already"):
        void(voiding.void_bet, voided)


def test_a_settled_bet_can_be_voided(match, market, bet, result, cash, events, void):
    lost = bet([(market(match), "away", "3")])
    result(match, score(1, 0))
    void(voiding.void_bet, lost)
    assert cash() == 100_000
    assert [e.payload["reason"] for e in events("betting.bet_voided")] == ["Palpable error"]
    assert [e.payload["cause"] for e in events("betting.bet_resettled")] == ["void"]


def test_a_free_bet_pays_its_winnings_alone_and_comes_back_when_void(
    match, market, bet, result, cash, void, kernel, tenant, player, clock
):
    def grant():
        made = uuid7()
        row = {"tenant_id": tenant.id, "id": made, "player_id": player, "cause": str(made), "amount": 1000}
        row |= {"currency": tenant.currency, "sports": [], "state": "used"}
        row |= {"granted_at": clock.now(), "expires_at": clock.now()}
        with kernel.context(tenant.id) as ctx:
            ctx.connection.execute(insert(FreeBet.__table__), row)
        return made

    one, other = market(match), market(match, ("yes", "no"), template="both_score")
    back = grant()
    bet([(one, "home", "3")], free_bet_id=grant())
    bet([(other, "yes", "3")], free_bet_id=back)
    void(voiding.void_market, other)
    result(match, score(1, 0))

    assert cash() == 100_000 + 2000
    with kernel.context(tenant.id) as ctx:
        query = select(FreeBet.__table__.c.id).where(FreeBet.__table__.c.state == "open")
        assert list(ctx.connection.scalars(query)) == [back]
        houses = [ledger.house(kind, tenant.currency) for kind in ("free_bets", "free_bet_hold", "betting")]
        held = [ledger.balance(ctx.connection, house) for house in houses]
        assert held == [-1000, 0, 1000 - 2000]
        assert len(ctx.connection.execute(select(LEG)).all()) == 2
