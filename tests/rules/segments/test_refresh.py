"""Segments brought up to date for all players at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitboss.core import facts
from pitboss.core.errors import Conflict, NotFound
from pitboss.rules.book import life, store, switch
from pitboss.rules.book.tables import State
from pitboss.rules.segments.population import NotInSql, population
from pitboss.rules.segments.refresh import refresh
from pitboss.rules.segments.tasks import REFRESH
from tests.rules.casino import METRIC
from tests.rules.segments.conftest import segment

LOSING = segment("losing", {"net_loss_min": 100}, priority=1)


def test_a_refresh_lets_in_and_out_whom_the_condition_is_for(
    live, player, known, refreshed, standing, clock
) -> None:
    live(LOSING)
    one, two = player(), player()
    known(one, net_loss=100_00)
    known(two, net_loss=99_99)
    found = refreshed("losing")
    assert (found.entered, found.left, found.size) == (1, 0, 1)
    clock.advance(minutes=1)
    known(one, net_loss=0)
    known(two, net_loss=500_00)
    found = refreshed("losing")
    assert (found.entered, found.left, found.size) == (1, 1, 1)
    assert (standing(one), standing(two)) == (([], None), (["LOSING"], "LOSING"))


def test_a_refresh_tells_of_each_player_once(live, player, known, refreshed, events, clock) -> None:
    live(LOSING)
    players = sorted(player() for _ in range(3))
    for someone in players:
        known(someone, net_loss=100_00)
    refreshed("losing")
    clock.advance(minutes=1)
    refreshed("losing")
    told = events("rules.segment_entered")
    assert [event.player_id for event in told] == players
    assert {event.payload["segment"] for event in told} == {"losing"}


CONDITIONS = {
    "windows": {"rounds_7d_min": 1, "net_loss_min": 1},
    "two tables": "staked_7d >= 5 and net_loss >= 1 and not in_segment('vip')",
    "a computed fact": {"twice_lost_min": 10},
    "a function of a plugin": "luck(net_loss) >= 10",
    "a formula": "days_since_seen >= 2",
    "whether a formula has a value": "known(days_since_seen)",
    "a list": "'VIP' not in segments or net_loss > 1",
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_kind_of_fact_may_be_read(name, live, player, kernel, tenant, known, refreshed) -> None:
    live(segment("some", CONDITIONS[name]))
    someone, other = player(), player()
    with kernel.context(tenant.id) as ctx:
        facts.record(ctx, someone, METRIC, 5_00)
        seen_at = ctx.clock.now() - timedelta(days=2)
    known(someone, net_loss=5_00, seen_at=seen_at)
    known(other, net_loss=0)
    found = refreshed("some")
    assert (found.entered, found.size) == ((2, 2) if name == "a list" else (1, 1))


def test_a_player_of_whom_nothing_is_kept_counts_by_the_defaults(live, player, refreshed) -> None:
    live(segment("calm", {"net_loss_max": 10}))
    player()
    assert refreshed("calm").entered == 1


def test_only_the_table_that_a_condition_reads_is_in_the_statement(live, ctx) -> None:
    live(LOSING, segment("calm", {"net_loss_max": 10}))
    rules = refresh.__globals__["book_of"](ctx).segments.rules
    now = ctx.clock.now()
    assert population(ctx, rules["losing"].program, now).source.name == "casino_facts"
    assert population(ctx, rules["calm"].program, now).source.name == "facts"


def test_a_condition_that_sql_does_not_know_says_so(live, ctx) -> None:
    live(segment("some", {"twice_lost_min": 10}))
    program = refresh.__globals__["book_of"](ctx).segments.rules["some"].program
    with pytest.raises(NotInSql, match="twice_lost"):
        population(ctx, program, ctx.clock.now())


def test_a_segment_that_sql_gets_wrong_is_judged_page_by_page(
    live, player, known, ctx, refreshed, standing, monkeypatch
) -> None:
    live(LOSING)
    someone = player()
    known(someone, net_loss=100_00)
    store.move(ctx, store.find(ctx, "losing"), row_path=["sql"])
    store.touch(ctx)
    ctx.commit()
    monkeypatch.delitem(refresh.__globals__, "population")
    found = refreshed("losing")
    assert (found.entered, standing(someone)) == (1, (["LOSING"], "LOSING"))


def test_time_lets_players_in_and_out(live, player, known, worker, standing, clock) -> None:
    live(segment("away", "days_since(seen_at) >= 30"))
    someone = player()
    known(someone, seen_at=clock.now() - timedelta(days=29))
    worker.tick()
    assert standing(someone) == ([], None)
    clock.advance(days=1)
    worker.tick()
    assert standing(someone) == (["AWAY"], "AWAY")


@pytest.mark.parametrize("state", [State.PAUSED, State.RETIRED])
def test_the_members_of_a_segment_that_is_no_more_leave(
    state, live, player, lose, ctx, refreshed, standing
) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 100_00)
    store.move(ctx, store.find(ctx, "losing"), state=state)
    store.touch(ctx)
    ctx.commit()
    found = refreshed("losing")
    assert (found.left, found.size, standing(someone)) == (1, 0, ([], None))


def test_a_step_that_changes_what_is_live_refreshes(live, player, known, ctx, worker, standing) -> None:
    live(LOSING)
    someone = player()
    known(someone, net_loss=100_00)
    life.pause(ctx, "losing")
    life.resume(ctx, "losing")
    ctx.commit()
    worker()
    assert standing(someone) == (["LOSING"], "LOSING")
    life.pause(ctx, "losing")
    ctx.commit()
    worker()
    assert standing(someone) == ([], None)


def test_a_segment_with_events_waits_for_them(live, player, known, ctx, worker, standing, refreshed) -> None:
    live(segment("moved", {"net_loss_min": 100}, on=["casino.round_played"]))
    someone = player()
    known(someone, net_loss=100_00)
    ctx.enqueue(REFRESH)
    ctx.commit()
    worker()
    assert standing(someone) == ([], None)
    assert refreshed("moved").entered == 1


def test_another_order_of_segments_reaches_those_who_do_not_move(
    live, player, lose, ctx, worker, standing
) -> None:
    live(LOSING, segment("vip", {"net_loss_min": 10}))
    someone = player()
    lose(someone, 100_00)
    live(segment("vip", {"net_loss_min": 10}, priority=9))
    ctx.enqueue(REFRESH)
    ctx.commit()
    worker()
    assert standing(someone) == (["LOSING", "VIP"], "VIP")


def test_a_run_that_broke_off_tells_of_the_rest_alone(
    live, player, known, ctx, worker, events, monkeypatch
) -> None:
    live(LOSING)
    for _ in range(5):
        known(player(), net_loss=100_00)
    pieces, record = [], refresh.__globals__["tell"].__globals__["events"].record

    def breaks(context, told):
        pieces.append(told)
        if len(pieces) == 2:
            raise RuntimeError("the machine stopped")
        record(context, told)

    monkeypatch.setattr("pitboss.rules.segments.telling.PIECE_EVENTS", 2)
    monkeypatch.setattr("pitboss.rules.segments.telling.events.record", breaks)
    ctx.enqueue(REFRESH)
    ctx.commit()
    worker(may_fail=True)
    assert len(events("rules.segment_entered")) == 2
    ctx.clock.advance(hours=1)
    worker()
    told = [event.player_id for event in events("rules.segment_entered")]
    assert (len(told), len(set(told))) == (5, 5)


def test_nothing_moves_while_all_rules_are_stopped(live, player, known, ctx) -> None:
    live(LOSING)
    known(player(), net_loss=100_00)
    switch.stop(ctx, reason="a mistake")
    with pytest.raises(Conflict, match="stopped"):
        refresh(ctx, "losing")


def test_an_unknown_segment_is_named_with_what_is_near(live, ctx) -> None:
    live(LOSING)
    with pytest.raises(NotFound, match="did you mean 'losing'"):
        refresh(ctx, "loosing")


def test_players_of_another_tenant_are_not_let_in(live, kernel, other_tenant, refreshed, player) -> None:
    from pitboss.core.identity.players import register_player

    live(segment("calm", {"net_loss_max": 10}))
    with kernel.context(other_tenant.id) as ctx:
        register_player(ctx, email="a@other.test", password=None)
    player()
    assert refreshed("calm").size == 1
