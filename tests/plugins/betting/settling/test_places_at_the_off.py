"""Where rules count the runners at the off, an each-way bet is paid by the terms of those that ran."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitboss.plugins.betting.markets import rulebook
from pitboss.plugins.betting.settling import operating, proving
from tests.plugins.betting.settling import ground

RUNNERS = "ABCDEFGH"
AT_THE_BET = {"fraction": "0.2", "places": 3}
"""The usual terms of eight runners; of seven they are a quarter, for two places."""


@pytest.fixture
def counted_at(kernel, tenant):
    """Write rules by which the runners are counted at the bet, or at the off."""

    def write(when):
        with kernel.context(tenant.id) as ctx:
            rulebook.ensure_shipped(ctx)
            now = rulebook.binding(ctx, "horse-racing", "winner")
            terms = {**now.terms, "place_terms_at": when}
            rulebook.save(ctx, now.key, terms, reason="for a test", version=now.version)

    return write


@pytest.fixture
def field(world, clock, market):
    """A race of eight, and the market of its winner."""

    def make():
        race = world.race(*RUNNERS, at=clock.now() + timedelta(hours=2))
        ids = [world.participant(race, name)["id"] for name in RUNNERS]
        return race, market(race, ids, template="winner", sport="horse-racing"), ids

    return make


@pytest.fixture
def each_way(kernel, tenant, player, pay_in):
    """Take 10.00 each way at 9.00 on the first runner."""
    pay_in(100_00)

    def take(market_id, code):
        with kernel.context(tenant.id) as ctx:
            leg = ground.leg(ctx, market_id, code, "9", place_terms=AT_THE_BET)
            return ground.bet(ctx, player, [leg], 2000, is_each_way=True, line_count=2, unit_stake=1000)

    return take


def came(ids, order, *, withdrawn=()):
    """Return a result: the places of runners in the order of finish, all others unplaced."""
    positions = [{"participant": ids[n], "position": place} for place, n in enumerate(order, 1)]
    rest = [one for n, one in enumerate(ids) if n not in (*order, *withdrawn)]
    return {"positions": positions, "unplaced": rest, "withdrawn": [ids[n] for n in withdrawn]}


@pytest.mark.parametrize(
    ("when", "order", "payout"),
    [
        ("bet", (1, 0, 2), 26_00),
        ("bet", (1, 2, 0), 26_00),
        ("off", (1, 0, 2), 30_00),
        ("off", (1, 2, 0), 0),
        ("off", (0, 1, 2), 120_00),
    ],
)
def test_seven_of_eight_that_run_pay_a_quarter_for_two_places(
    counted_at, field, each_way, result, state, when, order, payout
):
    counted_at(when)
    race, market_id, ids = field()
    bet_id = each_way(market_id, ids[0])

    result(race, came(ids, order, withdrawn=[7]))

    assert (state(bet_id).state, state(bet_id).payout) == ("settled", payout)


def test_where_too_few_ran_for_a_place_its_half_went_on_the_win(counted_at, field, each_way, result, state):
    counted_at("off")
    race, market_id, ids = field()
    bet_id = each_way(market_id, ids[0])

    result(race, came(ids, (0, 1, 2), withdrawn=[4, 5, 6, 7]))

    assert state(bet_id).payout == 180_00


@pytest.mark.parametrize(("when", "terms"), [("off", {"fraction": "0.25", "places": 2}), ("bet", AT_THE_BET)])
def test_the_explanation_names_the_terms_that_counted_and_replays(
    kernel, tenant, counted_at, field, each_way, result, when, terms
):
    counted_at(when)
    race, market_id, ids = field()
    bet_id = each_way(market_id, ids[0])
    result(race, came(ids, (1, 0, 2), withdrawn=[7]))

    with kernel.context(tenant.id) as ctx:
        [settlement] = proving.explain(ctx, bet_id)["settlements"]

    assert settlement["legs"][0]["place_terms"] == terms
    assert settlement["replay"]["is_same"]


def test_a_correction_of_who_ran_pays_again_who_came_in_where_he_did(
    kernel, tenant, counted_at, field, each_way, result, state, worker
):
    counted_at("off")
    race, market_id, ids = field()
    bet_id = each_way(market_id, ids[0])
    result(race, came(ids, (1, 0, 2), withdrawn=[7]))

    result(race, came(ids, (1, 0, 2)))
    with kernel.context(tenant.id) as ctx:
        [waiting] = operating.listed(ctx, state="waiting")
        operating.confirm(ctx, waiting.id, reason="it did run")
    worker()

    assert (state(bet_id).payout, state(bet_id).settlement_version) == (26_00, 2)
