"""What operators do with jobs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pitboss.core.audit import AuditEntry
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.health import examine
from pitboss.core.jobs import (
    all_job_counts,
    cancel_job,
    find_job,
    job_counts,
    list_jobs,
    oldest_ready_seconds,
    replay_dead,
    replay_job,
)
from pitboss.core.jobs.leases import LEASE_SECONDS, start
from pitboss.core.jobs.operate import OLDEST_READY_SECONDS_MAX, PAGE_MAX, RETENTION_DAYS, check_queues
from tests.core.jobs import acme


@pytest.fixture
def act(kernel, tenant):
    """Do something in a transaction of its own."""

    def run(function, *arguments, **options):
        with kernel.context(tenant.id) as ctx:
            return function(ctx, *arguments, **options)

    return run


@pytest.fixture
def dead(ask, worker, clock):
    """Make dead jobs of acme.work; return their ids."""

    def make(count):
        ids = [ask(payload={"does": "fail"}) for _ in range(count)]
        for _ in range(3):
            worker(may_fail=True)
            clock.advance(hours=1)
        return ids

    return make


def audited(ctx):
    query = select(AuditEntry.action).where(AuditEntry.action.startswith("core.job"))
    return list(ctx.session.scalars(query))


def test_jobs_are_listed_newest_first_by_pages(ask, act):
    ids = [ask() for _ in range(5)]

    first = act(list_jobs, limit=3)
    rest = act(list_jobs, limit=3, after=first.next)

    assert [job.id for job in (*first.jobs, *rest.jobs)] == ids[::-1]
    assert rest.next is None


@pytest.mark.parametrize("filters", [{"queue": "acme"}, {"name": "acme.work"}, {"state": "ready"}])
def test_jobs_are_filtered(ask, act, filters):
    ask("acme.work")

    assert len(act(list_jobs, **filters).jobs) == 1
    assert act(list_jobs, **dict.fromkeys(filters, "dead")).jobs == []


def test_a_misspelt_state_and_too_large_a_page_are_refused(act):
    with pytest.raises(InvalidInput, match="did you mean 'ready'"):
        act(list_jobs, state="redy")
    with pytest.raises(InvalidInput, match="limit"):
        act(list_jobs, limit=PAGE_MAX + 1)


def test_a_waiting_job_is_cancelled_at_once(ask, act, worker, seen):
    job_id = ask()

    assert act(cancel_job, job_id).state == "cancelled"

    assert worker() == 0
    assert seen.effects() == {}
    assert act(audited) == ["core.job_cancel"]


def test_a_running_job_leaves_at_its_next_checkpoint(ask, act, worker, seen, monkeypatch):
    job_id = ask("acme.call")

    def march(ctx):
        acme.write(ctx, "before")
        ctx.job.checkpoint({})
        assert not ctx.job.is_cancelled
        assert act(cancel_job, job_id).is_cancel_requested
        assert ctx.job.is_cancelled
        acme.write(ctx, "after")
        ctx.job.raise_if_cancelled()

    monkeypatch.setattr(acme, "on_call", march)

    worker()

    assert act(find_job, job_id).state == "cancelled"
    assert seen.effects() == {"before": 1}


def test_a_finished_job_cannot_be_cancelled_nor_replayed(ask, act, worker):
    job_id = ask()
    worker()

    for change in (cancel_job, replay_job):
        with pytest.raises(Conflict, match="is done"):
            act(change, job_id)


def test_a_dead_job_that_is_replayed_has_all_its_attempts_again(dead, act, worker, seen):
    (job_id,) = dead(1)

    replayed = act(replay_job, job_id)

    assert (replayed.state, replayed.attempts, replayed.error) == ("ready", 0, None)
    assert act(audited) == ["core.job_replay"]


def test_all_dead_jobs_of_a_name_are_replayed_together(dead, act):
    dead(3)

    assert act(replay_dead, "acme.other") == 0
    assert act(replay_dead, "acme.work") == 3

    assert act(job_counts) == {("acme", "ready"): 3}
    assert act(audited) == ["core.jobs_replay"]


def test_the_jobs_of_another_tenant_cannot_be_reached(ask, kernel, other_tenant):
    job_id = ask()

    with kernel.context(other_tenant.id) as ctx:
        assert list_jobs(ctx).jobs == []
        for reach in (find_job, cancel_job, replay_job):
            with pytest.raises(NotFound):
                reach(ctx, job_id)


def test_finished_jobs_are_purged_after_their_retention_and_dead_ones_stay(
    dead, ask, worker, clock, seen, kernel
):
    (dead_id,) = dead(1)
    ask()
    worker()
    clock.advance(days=RETENTION_DAYS, seconds=1)
    ask("core.purge_jobs")

    worker()

    assert [(job.name, job.state) for job in seen.jobs()] == [
        ("core.purge_jobs", "done"),
        ("acme.work", "dead"),
    ]


def test_a_queue_that_nobody_serves_is_noticed(ask, kernel, clock):
    ask()
    assert check_queues(kernel) is None

    clock.advance(seconds=OLDEST_READY_SECONDS_MAX + 1)

    assert oldest_ready_seconds(kernel) == {"acme": OLDEST_READY_SECONDS_MAX + 1}
    assert all_job_counts(kernel) == {("acme", "ready"): 1}
    assert check_queues(kernel).startswith("queue 'acme': its oldest job has waited 301 s")
    [finding] = [one for one in examine(kernel) if one.name == "core: queues"]
    assert finding.problem
    assert not finding.is_fatal, "work that waits must not take the web out of service"


def test_progress_is_never_more_than_all(ask, worker, monkeypatch):
    monkeypatch.setattr(acme, "on_call", lambda ctx: ctx.job.progress(3, 2))
    ask("acme.call")

    with pytest.raises(Exception, match="progress 3 of 2"):
        worker()


def test_a_checkpoint_is_no_place_for_results(ask, worker, monkeypatch):
    monkeypatch.setattr(acme, "on_call", lambda ctx: ctx.job.checkpoint({"all": "x" * 100_000}))
    ask("acme.call")

    with pytest.raises(Exception, match="keep results in a table"):
        worker()


def test_a_job_whose_worker_died_after_the_cancel_is_not_started_again(
    ask, act, kernel, clock, worker, tenant
):
    job_id = ask()
    with kernel.database.system() as connection:
        assert start(connection, [(tenant.id, job_id)], 0, "a worker", clock.now())
    assert act(cancel_job, job_id).state == "leased"
    clock.advance(seconds=LEASE_SECONDS + 1)

    worker()

    assert act(find_job, job_id).state == "cancelled"
    assert act(acme.effects) == {}
