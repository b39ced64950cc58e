"""Whatever dies, forgets or comes twice: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import random

import pytest
import redis as redis_client
from sqlalchemy import update

from pitboss.core.jobs.leases import database_now, hand_out
from pitboss.core.jobs.run import TAKES_MAX
from pitboss.workers.broker import TunedRedisBroker, messages_of
from tests.workers.place import JOB

pytestmark = pytest.mark.slow

REDONE_SECONDS_MAX = 10
HOUR = 3600


def names(prefix, count):
    return [f"{prefix} {number}" for number in range(count)]


@pytest.mark.slow
@pytest.mark.timeout(HOUR)
def test_killed_workers_lose_nothing_and_do_nothing_twice(place, until, faults):
    chance = random.Random(faults)
    expected = {}
    workers = [place.spawn().begin(), place.spawn().begin()]
    for fault in range(faults):
        rings = names(f"fault {fault} ring", 100)
        place.ring(*rings)
        for number in range(4):
            what = f"fault {fault} task {number}"
            place.ask("acme.work", {"what": what})
            expected[what] = 1
        expected |= dict.fromkeys(rings, 1)
        # At least half of this round is still to be done when the worker dies.
        wanted = len(expected) - chance.randrange(50, 100)
        until(lambda wanted=wanted: len(place.effects()) >= wanted)
        workers[fault % 2].kill()
        workers[fault % 2] = place.spawn().begin()

    until(place.is_done)

    assert place.effects() == expected


def test_a_killed_workers_task_is_redone_within_ten_seconds(place, until):
    victim, other = place.spawn(), place.spawn()
    place.ask("acme.march", {"steps": 3, "rest_seconds": 1})
    victim.begin()
    until(lambda: place.effects().get("step 0"))

    victim.kill()
    other.begin()

    assert until(lambda: place.effects().get("step 2")) < REDONE_SECONDS_MAX
    until(place.is_done)
    assert place.effects() == {"step 0": 1, "step 1": 1, "step 2": 1}


def test_a_job_that_kills_its_worker_is_buried(place, until):
    job_id = place.ask("acme.work", {"does": "die"})
    place.ring(*names("ring", 20))
    with place.kernel.database.system() as connection:
        connection.execute(update(JOB).where(JOB.c.id == job_id).values(takes=TAKES_MAX - 1))
    victim = place.spawn().begin()
    until(lambda: victim.has_ended)

    place.spawn().begin()

    until(place.is_done)
    assert [(job.id, job.state) for job in place.jobs()] == [(job_id, "dead")]
    assert place.effects() == dict.fromkeys(names("ring", 20), 1)


def test_a_listener_that_kills_its_worker_is_buried_and_takes_none_along(place, until):
    rings = names("ring", 60)
    place.ring(*rings[:30])
    place.ring("poison", does="die")
    place.ring(*rings[30:])

    for _ in range(TAKES_MAX):
        victim = place.spawn(threads=1).begin()
        until(lambda victim=victim: victim.has_ended)
    place.spawn(threads=1).begin()

    until(place.is_done)
    assert [(job.state, job.takes) for job in place.jobs()] == [("dead", TAKES_MAX + 1)]
    assert place.effects() == dict.fromkeys(rings, 1)


@pytest.mark.parametrize("seconds", [90, -90])
def test_a_worker_with_a_wrong_clock_takes_no_job_from_another(place, until, seconds):
    place.ask("acme.march", {"steps": 8, "rest_seconds": 0.3})
    place.spawn().begin()
    until(lambda: place.effects().get("step 0"))
    holders = {job.leased_by for job in place.jobs()}

    place.spawn(clock_off_seconds=seconds).begin()
    place.ring(*names("ring", 50))

    def is_done():
        holders.update(job.leased_by for job in place.jobs() if job.name == "acme.march" and job.leased_by)
        return place.is_done()

    until(is_done)
    assert len(holders) == 1
    assert place.effects() == dict.fromkeys([*names("step", 8), *names("ring", 50)], 1)


def test_a_graceful_stop_loses_nothing_and_leaves_the_rest_to_others(place, until):
    tasks = names("task", 40)
    place.ask("acme.march", {"steps": 50, "rest_seconds": 0.1})
    for what in tasks:
        place.ask("acme.work", {"what": what, "does": "nap"})
    first = place.spawn().begin()
    until(lambda: place.effects().get("step 1"))

    first.stop()

    assert first.process.exitcode == 0
    left = [job for job in place.jobs() if job.state != "done"]
    assert left  # the march needs five seconds
    assert {job.state for job in left} == {"ready"}
    # What was fetched and not begun is handed out again at once; in Redis it still waits there.
    assert place.redis or not any(job.handed_until for job in left)
    place.spawn().begin()
    until(place.is_done)
    assert place.effects() == dict.fromkeys([*names("step", 50), *tasks], 1)


def test_a_job_that_runs_over_its_time_is_stopped(place, until):
    place.ask("acme.hurry", {"does": "sleep"})
    place.spawn().begin()

    until(place.is_done)

    (job,) = place.jobs()
    assert job.state == "dead"
    assert job.error.startswith("TimedOut: ran longer than 1 s")
    assert place.effects() == {}


def test_emptying_redis_loses_nothing(redis_place, until, faults):
    redis_place.spawn().begin()
    expected = {}
    for fault in range(min(faults, 20)):
        rings = names(f"fault {fault}", 200)
        redis_place.ring(*rings)
        expected |= dict.fromkeys(rings, 1)
        until(lambda fault=fault: len(redis_place.effects()) > fault * 200)
        with redis_client.Redis.from_url(redis_place.redis.url) as client:
            client.flushall()

    until(redis_place.is_done)

    assert redis_place.effects() == expected


def test_killing_redis_loses_nothing(redis_place, until):
    redis_place.spawn().begin()
    rings = names("ring", 300)
    redis_place.ring(*rings)
    until(redis_place.effects)

    redis_place.redis.kill()
    redis_place.redis.start()

    until(redis_place.is_done)
    assert redis_place.effects() == dict.fromkeys(rings, 1)


def test_every_message_twice_and_out_of_order_does_each_job_once(redis_place, until):
    rings, chance = names("ring", 300), random.Random(2)
    redis_place.ring(*rings)
    for number in range(20):
        redis_place.ask("acme.work", {"what": f"task {number}"})
    with redis_place.kernel.database.system() as connection:
        rows = hand_out(connection, "acme", 500, database_now(connection))
    messages = messages_of("acme", rows) * 2
    chance.shuffle(messages)
    broker = TunedRedisBroker(redis_place.redis.url, namespace=redis_place.namespace)
    broker.declare_queue("acme")
    for message in messages:
        broker.enqueue(message)
    broker.client.close()

    for _ in range(2):
        redis_place.spawn().begin()

    until(redis_place.is_done)
    assert redis_place.effects() == dict.fromkeys([*rings, *names("task", 20)], 1)
