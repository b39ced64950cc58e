"""A live feed is applied in order, each update once, and doubted from the second it is too long silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.live import book, watch
from pitboss.plugins.sports.live.feed import Standing, Update, apply
from pitboss.plugins.sports.live.freshness import Heard, Patience, cause_of_stall
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import match

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
PATIENCE = Patience(timedelta(seconds=30), timedelta(seconds=10), timedelta(seconds=60))


def update(sequence, home=0, away=0, **more):
    more.setdefault("happened_at", AT)
    return Update(sequence=sequence, score={"home": home, "away": away}, minute=sequence, **more)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_any_order_and_any_number_of_copies_stand_alike(sequences, random: Random):
    updates = [update(one, home=one) for one in range(1, max(sequences) + 1)]
    sent = [updates[one - 1] for one in sequences] + updates
    random.shuffle(sent)

    standing, waiting = Standing(), []
    while sent:
        waiting += [sent.pop() for _ in range(min(len(sent), 7))]
        done = apply(
            standing, {one.sequence: one for one in waiting if one.sequence > standing.sequence}.values()
        )
        standing = done.standing

    assert standing.sequence == len(updates)
    assert standing.score["home"] == len(updates)


def test_nothing_is_applied_past_a_gap_but_a_snapshot():
    stands = apply(Standing(), [update(1), update(2, 1), update(4, 2)])
    assert (stands.standing.sequence, stands.waiting) == (2, (4,))

    jumped = apply(stands.standing, [update(4, 2), update(5, 3, 1, is_snapshot=True), update(6, 4, 1)])
    assert (jumped.standing.sequence, jumped.applied, jumped.waiting) == (6, (5, 6), ())


@pytest.mark.parametrize(
    ("heard", "seconds", "cause"),
    [
        (Heard(AT, AT, AT, None), 29, ""),
        (Heard(AT, AT, AT, None), 30, "silence"),
        (Heard(AT, AT, AT, AT), 9, ""),
        (Heard(AT, AT, AT, AT), 10, "gap"),
        (Heard(AT, AT - timedelta(seconds=60), AT, None), 1, ""),
        (Heard(AT, AT - timedelta(seconds=61), AT, None), 1, "delay"),
    ],
)
def test_a_feed_is_doubted_from_that_second_on(heard, seconds, cause):
    assert cause_of_stall(heard, PATIENCE, AT + timedelta(seconds=seconds)) == cause


@pytest.fixture
def live(kernel, tenant, clock):
    """Send updates to a match that begins now: `live(1, 2, home=1)`."""
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=0)

    def send(*sequences, source="feed-a", **more):
        with kernel.context(tenant.id) as ctx:
            sent = [update(one, happened_at=clock.now(), **more) for one in sequences]
            return book.take(ctx, fixture.id, source, sent)

    send.id = fixture.id
    return send


def test_updates_are_taken_in_order_and_once(live, ctx, events):
    assert live(1)["applied"] == [1]
    assert live(3, home=1)["waiting"] == [3]
    assert live(2, 1) == {
        "sequence": 3,
        "applied": [2, 3],
        "duplicates": [1],
        "waiting": [],
        "is_stalled": False,
    }

    assert [event.payload["sequence"] for event in events("sports.live_updated")] == [1, 3]
    view = ctx.value("sports.live", str(live.id))
    assert (view["score"], view["minute"], view["sequence"]) == ({"home": 1, "away": 0}, 3, 3)
    assert fixtures.find(ctx, live.id).status == "live"


def test_a_silent_feed_is_told_of_and_resumes(live, ctx, clock, worker, events, operator_client):
    live(1)
    clock.advance(seconds=20)
    worker()
    live()
    clock.advance(seconds=20)
    worker()
    assert events("sports.feed_stalled") == []

    clock.advance(seconds=10)
    assert ctx.value("sports.live", str(live.id))["is_stalled"]
    ctx.rollback()
    worker()
    worker()

    (stalled,) = events("sports.feed_stalled")
    assert stalled.payload["cause"] == "silence"
    assert "1 live feed is stalled" in operator_client.get("/admin/").text
    assert live(2)["is_stalled"] is False
    assert len(events("sports.feed_resumed")) == 1
    clock.advance(seconds=31)
    worker()
    assert len(events("sports.feed_stalled")) == 2


def test_a_gap_stalls_until_it_is_filled(live, clock, worker, events):
    live(1)
    live(3)
    clock.advance(seconds=11)
    worker()

    assert [event.payload["cause"] for event in events("sports.feed_stalled")] == ["gap"]
    assert live(2)["is_stalled"] is False


def test_an_old_update_stalls_at_once(kernel, tenant, live, clock, events):
    live(1)
    late = update(2, happened_at=clock.now() - timedelta(seconds=61))
    with kernel.context(tenant.id) as ctx:
        assert book.take(ctx, live.id, "feed-a", [late])["is_stalled"]
    assert live(3)["is_stalled"] is False


def test_another_source_is_heard_when_the_first_has_stalled(live, clock, worker):
    live(7)
    with pytest.raises(Conflict, match="feed-a feeds this fixture"):
        live(40, source="feed-b")
    clock.advance(seconds=31)
    worker()

    assert live(40, home=2, source="feed-b")["applied"] == [40]
    with pytest.raises(Conflict, match="feed-b feeds"):
        live(8)


def test_the_periodic_check_finds_what_no_job_watched(live, ctx, clock):
    live(1)
    clock.advance(seconds=31)

    assert watch.check(ctx, {}) == 1
    assert watch.check(ctx, {}) == 0


def test_a_bad_source_stays_doubted_until_it_is_good_again(live, ctx, kernel, tenant):
    live(1)
    assert watch.stall_source(ctx, "feed-a") == 1
    ctx.commit()

    assert live(2)["is_stalled"] is True
    with kernel.context(tenant.id) as again:
        assert watch.resume_source(again, "feed-a") == 1
    assert live(3)["is_stalled"] is False


def test_the_state_of_the_fixture_follows_its_feed(live, ctx, clock, worker, events):
    live(1)
    live(2, status="suspended")
    assert fixtures.find(ctx, live.id).status == "suspended"
    ctx.rollback()
    live(3, status="live")
    live(4, status="finished")
    clock.advance(minutes=5)
    worker()

    assert events("sports.feed_stalled") == []
    with pytest.raises(Conflict, match="nothing is live about it"):
        live(5)
    assert fixtures.find(ctx, live.id).status == "finished"


def test_what_is_still_to_come_and_what_is_too_much_is_refused(ctx, live, clock):
    ahead = update(1, happened_at=clock.now() + timedelta(seconds=61))
    with pytest.raises(InvalidInput, match="set the clock"):
        book.take(ctx, live.id, "feed-a", [ahead])
    with pytest.raises(InvalidInput, match="at most 200"):
        book.take(ctx, live.id, "feed-a", [update(n) for n in range(1, 202)])


def test_old_updates_are_forgotten(live, ctx, clock):
    live(1, 2)
    clock.advance(days=91)

    assert watch.forget_updates(ctx, {}) == 2


def test_a_feed_speaks_over_http_and_everyone_sees_it(live, make_client, clock):
    feed, nobody = make_client("api_key", "sports.feed"), make_client()
    path = f"{ROOT}/fixtures/{live.id}/live"
    sent = {
        "sequence": 1,
        "happened_at": clock.now().isoformat(),
        "score": {"home": 0, "away": 1},
        "period": "1h",
        "statistics": {"corners": {"home": 1, "away": 2}},
    }

    assert nobody.get(path).status_code == 404
    assert feed.post(path, json={"source": "feed-a", "updates": [sent]}).json["applied"] == [1]
    seen = nobody.get(path).json
    assert (seen["score"], seen["period"], seen["is_stalled"]) == ({"home": 0, "away": 1}, "1h", False)
    assert nobody.post(path, json={"source": "a", "updates": []}).status_code == 401
    wrong = feed.post(path, json={"source": "feed-a", "updates": [{**sent, "sequence": 0}]})
    assert wrong.status_code == 422
