"""How jobs change hands."""

from __future__ import annotations

import pytest

from pitboss.core.clock import uuid7
from pitboss.core.jobs.leases import (
    HANDED_SECONDS,
    LEASE_SECONDS,
    give_back,
    hand_out,
    is_any_expired,
    is_waiting,
    reap,
    start,
)
from pitboss.core.jobs.run import TAKES_MAX
from pitboss.workers.broker import messages_of


@pytest.fixture
def system(kernel):
    """Do something through the system's door, in a transaction of its own."""

    def run(function, *arguments):
        with kernel.database.system() as connection:
            return function(connection, *arguments)

    return run


def refs_of(rows):
    return [(row.tenant_id, row.id) for row in rows]


def test_a_job_that_is_handed_out_is_not_handed_to_another(ask, system, clock):
    ask()
    assert len(system(hand_out, "acme", 10, clock.now())) == 1

    assert not system(is_waiting, "acme", clock.now())
    assert system(hand_out, "acme", 10, clock.now()) == []


def test_a_job_that_was_handed_out_and_not_started_is_handed_out_again(ask, system, clock):
    ask()
    system(hand_out, "acme", 10, clock.now())
    clock.advance(seconds=HANDED_SECONDS + 1)

    assert len(system(hand_out, "acme", 10, clock.now())) == 1


def test_what_is_given_back_is_handed_out_at_once(ask, system, clock):
    ask()
    refs = refs_of(system(hand_out, "acme", 10, clock.now()))

    system(give_back, refs)

    assert refs_of(system(hand_out, "acme", 10, clock.now())) == refs


def test_the_oldest_jobs_are_handed_out_first_and_no_more_than_asked_for(ask, system, clock):
    ids = [ask() for _ in range(5)]

    rows = system(hand_out, "acme", 3, clock.now())

    assert [row.id for row in rows] == ids[:3]


def test_a_started_job_is_nobody_elses_until_its_lease_runs_out(ask, system, clock, tenant):
    ref = (tenant.id, ask())
    assert len(system(start, [ref], 0, "first", clock.now())) == 1
    clock.advance(seconds=LEASE_SECONDS - 1)
    assert (system(reap, clock.now()), system(start, [ref], 1, "second", clock.now())) == (0, [])
    assert not system(is_any_expired, clock.now())

    clock.advance(seconds=2)

    assert system(is_any_expired, clock.now())
    assert system(reap, clock.now()) == 1
    (row,) = system(start, [ref], 1, "second", clock.now())
    assert (row.leased_by, row.takes) == ("second", 2)


def test_a_reference_of_another_tenant_starts_nothing(ask, system, clock, other_tenant):
    job_id = ask()

    assert system(start, [(other_tenant.id, job_id)], 0, "first", clock.now()) == []


def test_listeners_travel_together_and_tasks_alone(ask, knock, system, clock):
    ask()
    knock(*(str(number) for number in range(30)))

    rows = system(hand_out, "acme", 100, clock.now())

    assert sizes_of(rows) == [1, 10, 50]


def test_workers_meet_players_in_one_order_and_what_happened_to_each_in_its_own(
    kernel, tenant, system, clock
):
    """Two that each lock many players' rows in one transaction would else wait for each other."""
    ann, bob = sorted(uuid7() for _ in range(2))
    with kernel.context(tenant.id) as ctx:
        for player_id in (bob, ann, None, bob, ann):
            ctx.emit("acme.rang", {"what": "a bell"}, player_id=player_id)

    handed = system(hand_out, "acme", 100, clock.now())
    started = system(start, reversed(refs_of(handed)), 0, "a worker", clock.now())

    assert [row.player_id for row in handed] == [None, ann, ann, bob, bob]
    assert [row.id for row in started] == [row.id for row in handed]
    for first, second in (handed[1:3], handed[3:5]):
        assert first.id < second.id


@pytest.mark.parametrize(("deaths", "size"), [(1, 50), (2, 7), (3, 1), (TAKES_MAX, 1)])
def test_listeners_whose_worker_died_travel_in_ever_smaller_packs(knock, system, clock, tenant, deaths, size):
    """A batch costs one commit; done one by one, what one kill left behind would cost hundreds."""
    knock(*(str(number) for number in range(25)))
    refs = refs_of(system(hand_out, "acme", 50, clock.now()))
    for takes in range(deaths):
        assert len(system(start, refs, takes, "a worker that dies", clock.now())) == 50
        clock.advance(seconds=LEASE_SECONDS + 1)
        system(reap, clock.now())
    knock("fresh")

    rows = system(hand_out, "acme", 100, clock.now())

    suspects = [size] * (50 // size) + [50 % size] * (50 % size > 0)
    assert sizes_of(rows) == sorted([*suspects, 2])


def test_a_message_that_was_overtaken_brings_no_pack_together_again(knock, system, clock):
    """Redis gives a dead worker's message to others, perhaps after its jobs were handed out anew."""
    knock(*(str(number) for number in range(5)))
    old = refs_of(system(hand_out, "acme", 50, clock.now()))
    system(start, old, 0, "a worker that dies", clock.now())
    clock.advance(seconds=LEASE_SECONDS + 1)
    system(reap, clock.now())

    assert system(start, old, 0, "who got the message again", clock.now()) == []
    assert len(system(start, old, 1, "who got the new one", clock.now())) == 10


def sizes_of(rows):
    return sorted(len(message.args[0]) for message in messages_of("acme", rows))
