"""Several workers at one player, at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from pitboss.core import facts
from pitboss.core.clock import uuid7
from pitboss.core.events import Event
from pitboss.rules.alerts import firing
from pitboss.rules.book.live import book_of
from pitboss.rules.runtime.facts import gather
from pitboss.rules.segments.membership import judged
from pitboss.rules.segments.refresh import refresh
from tests.rules.casino import CasinoFacts
from tests.rules.segments.conftest import segment

NAME = "casino.round_played"
WORKERS = 6


def test_workers_at_one_player_end_with_what_its_facts_say(
    live, player, kernel, tenant, worker, standing, stays
) -> None:
    live(
        segment("losing", {"net_loss_min": 100}, priority=1),
        segment("calm", {"net_loss_max": 99}),
        segment("rich", {"net_loss_min": 300}, priority=2),
    )
    someone = player()

    def work(number: int) -> None:
        with kernel.context(tenant.id) as ctx:
            facts.write(ctx, someone, CasinoFacts, net_loss=(number % 4) * 100_00)
        with kernel.context(tenant.id) as ctx:
            event, book = Event(uuid7(), NAME, {}, ctx.clock.now(), someone), book_of(ctx)
            judged(ctx, book, event, gather(ctx, event, book.words.of()))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(4 * WORKERS)))
    worker()
    with kernel.context(tenant.id) as ctx:
        lost = ctx.session.scalar(select(CasinoFacts.net_loss).where(CasinoFacts.player_id == someone))
    expected = {0: ["CALM"], 100_00: ["LOSING"], 200_00: ["LOSING"], 300_00: ["LOSING", "RICH"]}[lost]
    assert standing(someone)[0] == expected
    open_now = [stay.segment.upper() for stay in stays(someone) if stay.left_at is None]
    assert sorted(open_now) == expected


def test_a_refresh_beside_an_event_lets_a_player_in_once(
    live, player, known, kernel, tenant, worker, stays, events
) -> None:
    live(segment("losing", {"net_loss_min": 100}))
    someone = player()
    known(someone, net_loss=100_00)

    def work(number: int) -> None:
        with kernel.context(tenant.id) as ctx:
            event, book = Event(uuid7(), NAME, {}, ctx.clock.now(), someone), book_of(ctx)
            if number % 2:
                judged(ctx, book, event, gather(ctx, event, book.words.of()))
            else:
                refresh(ctx, "losing")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(4)))
    worker()
    assert [stay.left_at for stay in stays(someone)] == [None]
    assert len(events("rules.segment_entered")) == 1


def test_workers_who_judge_one_crossing_tell_of_it_once(live, player, kernel, tenant, events) -> None:
    live({"kind": "alert", "key": "big", "on": [NAME], "when": {"net_loss_min": 100}, "message": "big"})
    someone = player()

    def work(_number: int) -> None:
        with kernel.context(tenant.id) as ctx:
            event = Event(uuid7(), NAME, {}, ctx.clock.now(), someone)
            firing.judged(ctx, book_of(ctx).on(NAME).alerts, event, {"casino.net_loss": 100.0})

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(2 * WORKERS)))
    assert len(events("rules.alert_fired")) == 1
