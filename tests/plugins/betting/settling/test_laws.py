"""What holds for any bets and any results."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.betting.settling import operating, proving, runs
from tests.plugins.betting.fixtures import score
from tests.plugins.betting.settling import ground

EXAMPLES = 8
GOALS = st.tuples(st.integers(0, 2), st.integers(0, 2))
CODES = st.sampled_from(["home", "draw", "away"])
BETS = st.lists(st.tuples(CODES, CODES, st.integers(1, 5000)), min_size=1, max_size=4)
_serial = count(1)


def _settle(kernel, tenant, fixture, version):
    with kernel.context(tenant.id) as ctx:
        run = runs.begin(ctx, f"result:{fixture}:{version}", fixture, kind="settle", result_version=version)
    with kernel.context(tenant.id) as ctx:
        runs.work(ctx, {"run_id": str(run)})
        waiting = operating.listed(ctx, fixture_id=fixture, state="waiting")
        for run in waiting:
            operating.confirm(ctx, run.id, reason="law")
    for run in waiting:
        with kernel.context(tenant.id) as ctx:
            runs.work(ctx, {"run_id": str(run.id)})


def _played(kernel, tenant, world, clock, bets, results):
    """Take the bets of a new player on two matches, play the results, and return the purses."""
    first, second = (world.match("Leeds", "Hull", at=clock.now()) for _ in range(2))
    with kernel.context(tenant.id) as ctx:
        player = register_player(ctx, email=f"{uuid7()}@players.test", password=None).id
        cash = ledger.player(player, "wallet", tenant.currency)
        funds = ledger.Leg(ledger.house("clearing", tenant.currency), cash, 100_000)
        ledger.post(ctx.connection, key=f"law:{next(_serial)}", op="test.deposit", legs=[funds])
        markets = [ground.market(ctx, match) for match in (first, second)]
        taken = [
            ground.bet(
                ctx,
                player,
                [ground.leg(ctx, m, code, "2.37") for m, code in zip(markets, codes, strict=True)],
                stake,
            )
            for *codes, stake in bets
        ]
    for goals in results:
        for match in (first, second):
            with kernel.context(tenant.id) as ctx:
                version = world.result(ctx, match, score(*goals))
            _settle(kernel, tenant, match, version)
    with kernel.context(tenant.id) as ctx:
        purses = {a.kind: n for a, n in ledger.balances(ctx.connection, f"player:{player}").items() if n}
        explained = [proving.explain(ctx, one) for one in taken]
    return purses, explained


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bets=BETS, wrong=GOALS, right=GOALS)
def test_settling_correcting_and_settling_is_settling_right_once(
    kernel, tenant, world, clock, bets, wrong, right
):
    corrected, explained = _played(kernel, tenant, world, clock, bets, [wrong, right])
    once, _ = _played(kernel, tenant, world, clock, bets, [right])

    assert corrected == once
    for one in explained:
        assert one["balance"]["sum"] == 0
        assert all(settlement["replay"]["is_same"] for settlement in one["settlements"])
        assert one["payout"] == one["settlements"][-1]["payout"]
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())
