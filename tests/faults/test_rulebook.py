"""Whatever dies, races or comes twice on the way to a payout: nothing is paid twice, over budget or lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from pitboss.core.clock import SystemClock
from pitboss.core.errors import PitbossError
from pitboss.core.events import Event
from pitboss.core.jobs.leases import database_now, reap
from pitboss.core.jobs.run import Runner
from pitboss.core.registry import Candidate, installed
from pitboss.rules.runtime.judge import judge
from tests.faults.floor import PURSE, RULES, Floor, reward
from tests.faults.servers import faults_wanted, wait_until
from tests.faults.steps import Steps, every_crash_point
from tests.rules import casino
from tests.workers.place import Place

KILLS = faults_wanted(2)
KILLS_BETWEEN_RESTS = 3
"""Fewer in a row than a job may be begun without being finished, before it counts as deadly."""
ROUNDS_EACH = 60
"""So many events that a cashier who stops meets its point."""
DONE_SECONDS_MAX = 180
CRASH_POINTS_MAX = 90
AT_ONCE = 8
TRIES_MAX = 50


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), casino.CANDIDATE]


@pytest.fixture
def clock() -> SystemClock:
    """The real clock: other processes have no other."""
    return SystemClock()


# -- killed ----------------------------------------------------------------------------------------


@pytest.fixture
def place(backend: str, kernel: Any, tenant: Any, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Embedded jobs on SQLite; jobs through Redis on PostgreSQL."""
    redis = request.getfixturevalue("own_redis") if backend == "postgresql" else None
    made = Place(kernel, tenant, redis)
    yield made
    for child in made.children:
        child.kill()


@pytest.mark.slow
@pytest.mark.timeout(120 + 20 * KILLS)
def test_workers_killed_between_match_and_payout_pay_each_reward_once(place: Place) -> None:
    floor, chosen = Floor(place.kernel, place.tenant), random.Random(KILLS)
    players = floor.players(6)
    played: list[Event] = []

    for kill in range(1, KILLS + 1):
        stakes = [chosen.randrange(1_00, 20_00, 10) for _ in range(ROUNDS_EACH)]
        played += floor.lose((chosen.choice(players), stake) for stake in stakes)
        victim = place.spawn(plugin="tests.faults.doomed").begin()
        assert victim.says() == "stopped"
        victim.kill()
        floor.check()
        if kill % KILLS_BETWEEN_RESTS == 0 or kill == KILLS:
            _rest(place)
            floor.check_complete(played)

    assert place.states()["dead"] == 0
    assert floor.outcomes("purse")["out_of_budget"], "more was asked of the budget than there was"


def _rest(place: Place) -> None:
    """Let workers that nobody kills do what is left."""
    workers = [place.spawn(plugin="tests.rules.casino").begin() for _ in range(2)]

    def done() -> None:
        assert place.waiting() == 0

    wait_until(done, DONE_SECONDS_MAX)
    for worker in workers:
        worker.stop()


# -- every crash point -----------------------------------------------------------------------------


@pytest.fixture
def steps(kernel: Any) -> Iterator[Steps]:
    """Count steps on a kernel whose connections are opened anew."""
    kernel.database.dispose()
    watching = Steps(kernel.database)
    yield watching
    watching.close()


def test_a_judgement_that_dies_anywhere_is_made_once_when_it_is_delivered_again(
    kernel: Any,
    tenant: Any,
    steps: Steps,
    events: Callable[[str], list[Event]],
    record_property: Callable[[str, object], None],
) -> None:
    floor = Floor(kernel, tenant)
    played = floor.lose((player_id, 20_00) for player_id in floor.players(CRASH_POINTS_MAX))
    judged: list[Event] = []

    def work(run: int) -> None:
        with kernel.database.system() as connection:
            reap(connection, database_now(connection) + timedelta(minutes=1))
        waiting = floor.jobs().get(played[run].id)
        if waiting is not None:  # else it died when it was done
            ref, takes = waiting
            Runner(kernel).run([ref], takes)

    def check(run: int) -> None:
        judged.append(played[run])
        floor.check_complete([played[-1], *judged])
        assert not floor.jobs().keys() & {event.id for event in judged}

    points = every_crash_point(steps, work, check)

    record_property("crash_points", points)
    assert 15 < points < CRASH_POINTS_MAX
    for name in ("rules.segment_entered", "rules.alert_fired"):
        assert [e.player_id for e in events(name)] == [e.player_id for e in (played[-1], *judged)]
    assert floor.outcomes("purse")["out_of_budget"], "the points on that way were met too"


# -- twice, out of order, and at once ----------------------------------------------------------------


def insist(work: Callable[[], object]) -> None:
    """Do work until it is done, as a queue does: whoever loses a race is called again."""
    for _ in range(TRIES_MAX):
        try:
            work()
            return
        except (DBAPIError, PitbossError):
            continue
    raise AssertionError(f"not done in {TRIES_MAX} tries")


def deliver(floor: Floor, events: Sequence[Event]) -> None:
    """Judge events, each in a transaction of its own, in the order in which they come."""

    def one(event: Event) -> None:
        with floor.kernel.context(floor.tenant.id) as ctx:
            judge(ctx.of(event.player_id), event)

    for event in events:
        insist(lambda event=event: one(event))


def test_two_workers_with_every_event_twice_and_in_no_order_judge_each_once(kernel: Any, tenant: Any) -> None:
    floor, chosen = Floor(kernel, tenant), random.Random(4)
    played = floor.lose((player_id, 100 * n) for player_id in floor.players(2) for n in range(3, 15))
    orders = [chosen.sample(played * 2, 2 * len(played)) for _ in range(2)]

    with ThreadPoolExecutor(len(orders)) as pool:
        list(pool.map(lambda order: deliver(floor, order), orders))

    floor.check_complete(played)


def test_two_workers_at_one_player_give_one_turn(kernel: Any, tenant: Any) -> None:
    once = reward("turns", per_player={"count": 1, "period": "lifetime", "cool_down": "1h"})
    floor = Floor(kernel, tenant, [once])
    for player_id in floor.players(6):
        played = floor.lose([(player_id, 5_00)] * 2)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda event: deliver(floor, [event]), played))

    assert floor.outcomes("turns") == {"done": 6, "capped": 6}
    floor.check()


def test_64_racing_players_are_paid_what_a_budget_holds_and_no_more(
    kernel: Any, tenant: Any, events: Callable[[str], list[Event]]
) -> None:
    floor, chosen = Floor(kernel, tenant, RULES[:3]), random.Random(64)
    played = floor.lose((player_id, chosen.randrange(5_00, 20_00, 10)) for player_id in floor.players(64))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda event: deliver(floor, [event]), chosen.sample(played, len(played))))

    floor.check_complete(played)
    assert floor.outcomes("purse")["out_of_budget"] > 0
    (told,) = events("rules.budget_used_up")
    assert (told.payload["owner"], told.payload["total"]) == ("rule:purse", PURSE)
