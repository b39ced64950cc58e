"""Many at once: a feed on several connections, and two who record and confirm in the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from pitboss.core.errors import Conflict
from pitboss.plugins.sports.catalogue import teams
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live.feed import Update
from pitboss.plugins.sports.results import book
from tests.plugins.sports.samples import football, match

UPDATES = 24
THREADS = 4


def test_updates_on_many_connections_are_each_applied_once(kernel, tenant, clock, events):
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=0)
        lives.take(ctx, fixture.id, "feed", [Update(sequence=1, happened_at=clock.now())])
    sequences = list(range(2, UPDATES + 1)) * 2
    Random(7).shuffle(sequences)

    def send(sequence):
        update = Update(sequence=sequence, happened_at=clock.now(), score={"home": sequence, "away": 0})
        with kernel.context(tenant.id) as ctx:
            return lives.take(ctx, fixture.id, "feed", [update])["applied"]

    with ThreadPoolExecutor(THREADS) as pool:
        applied = [one for found in pool.map(send, sequences) for one in found]

    assert sorted(applied) == list(range(2, UPDATES + 1))
    told = [event.payload["sequence"] for event in events("sports.live_updated")]
    assert told == sorted(set(told))
    with kernel.context(tenant.id) as ctx:
        assert ctx.value("sports.live", str(fixture.id))["score"]["home"] == UPDATES


def test_a_result_is_confirmed_once_however_many_press_the_button(kernel, tenant, clock):
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=1)
    clock.advance(hours=3)
    with kernel.context(tenant.id, actor_name="clerk") as ctx:
        book.record(ctx, fixture.id, football(1, 0))

    def confirm(number):
        try:
            with kernel.context(tenant.id, actor_name=f"trader-{number}") as ctx:
                return book.confirm(ctx, fixture.id, 1).version
        except Conflict:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(confirm, range(THREADS)))

    assert sorted(found, key=str) == [2, None, None, None]


def test_a_team_that_two_add_in_one_moment_is_one(kernel, tenant):
    def add(_number):
        try:
            with kernel.context(tenant.id) as ctx:
                return teams.ensure(ctx, "football", "Leeds")
        except Conflict:
            return None

    with ThreadPoolExecutor(THREADS) as pool:
        found = set(pool.map(add, range(THREADS))) - {None}

    assert len(found) == 1
