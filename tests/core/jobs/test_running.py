"""What becomes of jobs: done once, retried alone, skipped, dead."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from pitboss.core.errors import PitbossError
from pitboss.core.jobs import JobRow, job_counts, replay_job
from pitboss.core.jobs.leases import reap, start
from pitboss.core.jobs.run import TAKES_MAX, Runner
from tests.core.jobs import acme
from tests.core.jobs.acme import effects, write

JOB = JobRow.__table__


def test_each_listener_has_its_effect_once(knock, worker, seen):
    knock("a", "b")

    assert worker() == 4

    assert seen.effects() == {"a": 1, "b": 1, "also a": 1, "also b": 1}
    assert seen.jobs() == []


def test_a_job_of_a_rolled_back_transaction_never_runs(kernel, tenant, worker, seen):
    ctx = kernel.context(tenant.id)
    ctx.enqueue("acme.work")
    ctx.rollback()

    assert worker() == 0
    assert seen.jobs() == []


def test_a_failing_job_rolls_back_only_itself(knock, worker, seen):
    knock("a", "b")
    knock("c", does="fail")

    worker(may_fail=True)

    assert seen.effects() == {"a": 1, "b": 1, "also a": 1, "also b": 1, "also c": 1}
    (failed,) = seen.jobs("ready")
    assert failed.attempts == 1


def test_the_error_that_is_kept_shows_no_secret(knock, worker, seen):
    knock("c", does="fail")

    worker(may_fail=True)

    (failed,) = seen.jobs("ready")
    assert failed.error.startswith("RuntimeError: told to fail: password=***")


def test_a_failed_job_is_tried_again_later_and_later_and_then_dies(ask, worker, seen, clock, events):
    ask(payload={"does": "fail"})

    for pause in (4, 5, 10):
        worker(may_fail=True)
        clock.advance(seconds=pause)
    worker(may_fail=True)

    (dead,) = seen.jobs("dead")
    assert dead.attempts == dead.attempts_max == 3
    assert seen.effects() == {}
    (died,) = events("core.job_died")
    assert died.payload["name"] == "acme.work"


def test_a_job_is_not_tried_again_before_its_time(ask, worker, clock):
    ask(payload={"does": "fail"})
    worker(may_fail=True)

    clock.advance(seconds=4)

    assert worker(may_fail=True) == 0


def test_a_delayed_job_waits_for_its_time(ask, worker, clock, seen):
    ask(delay_seconds=60)
    assert worker() == 0

    clock.advance(seconds=61)

    assert worker() == 1
    assert [job.state for job in seen.jobs()] == ["done"]


def test_the_same_key_asks_for_one_job(ask, worker, seen):
    first, second = ask(key="order-1"), ask(key="order-1")

    worker()

    assert first is not None
    assert second is None
    assert seen.effects() == {"acme.work": 1}


def test_a_listener_may_not_end_the_transaction_that_it_shares(knock, worker, seen):
    knock("a", does="commit")

    with pytest.raises(PitbossError, match="may not end its transaction"):
        worker()

    assert seen.effects() == {"also a": 1}


def test_a_job_of_a_disabled_plugin_is_skipped_and_can_be_replayed(
    ask, worker, seen, enable, disable, kernel, tenant
):
    job_id = ask()
    disable("acme")

    worker()

    (skipped,) = seen.jobs("cancelled")
    assert "plugin 'acme' is switched off" in skipped.error
    assert seen.effects() == {}
    enable("acme")
    with kernel.context(tenant.id) as ctx:
        replay_job(ctx, job_id)
    worker()
    assert seen.effects() == {"acme.work": 1}


def test_a_job_goes_on_from_its_checkpoint(ask, worker, seen, clock):
    ask("acme.march", {"steps": 4, "fails_at": 2})
    worker(may_fail=True)
    assert seen.effects() == {"step 0": 1, "step 1": 1}

    clock.advance(seconds=10)
    worker()

    assert seen.effects() == {f"step {n}": 1 for n in range(4)}
    (done,) = seen.jobs("done")
    assert (done.progress_done, done.progress_total) == (4, 4)


def test_a_message_that_comes_twice_does_its_jobs_once(knock, ask, kernel, tenant, seen):
    knock("a")
    ask()
    refs = [(tenant.id, job.id) for job in seen.jobs()]
    runner = Runner(kernel, now=lambda _: kernel.clock.now())

    done = [runner.run(refs), runner.run(refs[::-1])]

    assert done == [3, 0]
    assert seen.effects() == {"a": 1, "also a": 1, "acme.work": 1}


def test_a_worker_that_lost_its_lease_keeps_no_effect(ask, kernel, tenant, seen, clock, monkeypatch):
    ref = (tenant.id, ask("acme.call"))

    def stall(ctx):
        with kernel.database.system() as connection:
            reap(connection, clock.advance(seconds=10))
            assert start(connection, [ref], 1, "another", clock.now())
        write(ctx, "too late")

    monkeypatch.setattr(acme, "on_call", stall)

    Runner(kernel, now=lambda _: clock.now()).run([ref])

    assert seen.effects() == {}
    assert [job.takes for job in seen.jobs("leased")] == [2]


def test_a_job_that_takes_its_worker_down_is_buried(ask, kernel, tenant, worker, seen, events):
    job_id = ask()
    with kernel.database.system() as connection:
        connection.execute(update(JOB).where(JOB.c.id == job_id).values(takes=TAKES_MAX))

    worker()

    (dead,) = seen.jobs("dead")
    assert "take its worker down" in dead.error
    assert seen.effects() == {}
    assert [event.name for event in events()] == ["core.job_died"]


def test_one_tenants_jobs_leave_the_other_alone(ask, kernel, worker, tenant, other_tenant):
    ask()

    worker()

    with kernel.context(other_tenant.id) as ctx:
        assert effects(ctx) == {}
        assert job_counts(ctx) == {}


def test_an_error_of_a_handler_is_an_error_of_the_test(ask, worker):
    ask(payload={"does": "fail"})

    with pytest.raises(PitbossError, match=r"acme\.work.*told to fail"):
        worker()


def test_a_job_that_asks_for_itself_without_end_is_noticed(ask, worker, monkeypatch):
    monkeypatch.setattr("pitboss.core.jobs.inline.DUE_MAX", 2)
    for _ in range(3):
        ask()

    with pytest.raises(PitbossError, match="more than 2 jobs"):
        worker()
