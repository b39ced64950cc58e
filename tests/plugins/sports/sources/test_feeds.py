"""A source is asked in its turn, believed once, and judged by its record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.core.jobs import JobRow
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.live import book as live
from pitboss.plugins.sports.results import book as results
from pitboss.plugins.sports.sources import checks
from pitboss.plugins.sports.sources.feeds import book, polling
from pitboss.plugins.sports.sources.feeds.order import Standing, asked
from pitboss.plugins.sports.sources.prices import reading
from tests.plugins.sports.sources.server import Page

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def item(number=1, **said):
    return {
        "id": f"f{number}", "competition": "Cup", "starts_at": f"2026-02-{number:02}T15:00:00Z",
        "home": f"Home {number}", "away": f"Away {number}", **said
    }  # fmt: skip


def page(*items, **said):
    return {"items": list(items), **said}


def all_fixtures(ctx):
    return fixtures.list_fixtures(ctx, limit=100)


def last_call(ctx, key="acme"):
    return book.calls_of(ctx, key, limit=1)[0]


@pytest.mark.parametrize(
    ("changes", "turn"),
    [
        ({}, ["a"]),
        ({"failures": 1}, ["a"]),
        ({"failures": 2}, ["a", "b"]),
        ({"is_suspended": True}, ["a", "b"]),
        ({"next_at": NOW + timedelta(hours=1)}, ["b"]),
        ({"next_at": NOW + timedelta(minutes=1)}, []),
        ({"kind": "results"}, ["a"]),
        ({"failures": 2, "sport": "tennis"}, ["a"]),
        ({"failures": 2, "priority": 101}, ["a"]),
    ],
)
def test_a_source_on_standby_is_asked_when_those_before_it_fail(changes, turn):
    first = Standing(**{"key": "a", "kind": "fixtures", "sport": "football", "priority": 1, **changes})
    second = Standing(key="b", kind="fixtures", sport="football", is_standby=True)

    assert asked([second, first], NOW) == turn


def test_pages_are_read_to_the_end_and_the_next_poll_goes_on_there(ctx, feed, register, poll):
    register()
    feed.answer(
        page(item(1), next_cursor="a", has_more=True), page(item(2), next_cursor="b"), page(next_cursor="b")
    )

    assert [poll(), poll()] == [2, 0]

    assert [row.name for row in all_fixtures(ctx)] == ["Home 1 v Away 1", "Home 2 v Away 2"]
    assert [query.get("cursor") for query, _ in feed.requests] == [None, ["a"], ["b"]]


def test_a_crash_between_two_pages_repeats_none_that_was_taken(ctx, feed, register, poll):
    register()
    feed.pages = [Page(page(item(1), next_cursor="a", has_more=True)), Page(status=500)]
    poll()

    row = book.find(ctx, "acme")

    assert (row.cursor, row.failures, len(all_fixtures(ctx))) == ("a", 1, 1)


def test_a_cursor_that_stands_still_is_not_asked_for_ever(feed, register, poll):
    register()
    feed.answer(page(item(1), next_cursor="a", has_more=True), page(item(2), next_cursor="a", has_more=True))

    assert poll() == 2


def test_what_is_the_same_or_older_changes_nothing(ctx, feed, register, poll, events):
    register()
    early, late = "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z"
    new = item(1, venue="New", updated_at=late)
    old = item(1, venue="Old", updated_at=early)
    feed.answer(page(new, new, old), page(new), page(old))

    for _ in range(3):
        poll()

    assert [row.venue for row in all_fixtures(ctx)] == ["New"]
    ctx.commit()
    assert events("sports.fixture_changed") == [], "of one page the last word counts"


def test_an_answer_out_of_order_is_left_out(ctx, feed, register, poll):
    register()
    feed.answer(page(item(1), as_of="2026-01-05T11:00:00Z"), page(item(2), as_of="2026-01-05T10:00:00Z"))

    assert [poll(), poll()] == [1, 0]

    assert (len(all_fixtures(ctx)), last_call(ctx).outcome) == (1, "stale")


def test_an_item_that_cannot_be_read_is_counted_and_tried_again(ctx, feed, register, poll):
    register()
    feed.answer(page(item(1, home=""), item(2)), page(item(1), item(2)))
    poll()
    call = last_call(ctx)
    poll()

    assert (call.items, call.problems) == (2, 1)
    assert call.error.startswith("item 1: Give a name")
    assert len(all_fixtures(ctx)) == 2


def test_a_source_that_has_nothing_new_is_asked_with_its_etag(ctx, feed, register, poll):
    register()
    feed.pages = [Page(page(item(1)), headers={"etag": '"v1"'}), Page(status=304)]

    assert [poll(), poll()] == [1, 0]

    assert feed.requests[1][1]["if-none-match"] == '"v1"'
    assert (last_call(ctx).outcome, book.find(ctx, "acme").failures) == ("unchanged", 0)


def test_a_failure_is_tried_again_ever_later_as_a_job(ctx, feed, register, poll, clock):
    register()
    feed.answer(None, status=503)
    waits = []
    for _ in range(3):
        poll()
        row = book.find(ctx, "acme")
        waits.append((row.next_at - clock.now()).total_seconds())
        ctx.commit()
        clock.set(row.next_at)

    retries = select(JobRow.run_at).where(JobRow.name == polling.POLL).order_by(JobRow.id)
    assert waits == [5, 10, 20]
    assert ctx.connection.scalars(retries).all()[-1] == clock.now()


def test_a_source_is_not_asked_before_it_wants_to_be(ctx, feed, register, poll, clock):
    register()
    feed.answer(None, status=429, headers={"retry-after": "300"})

    poll()
    poll()
    clock.advance(seconds=299)
    poll()

    assert (len(feed.requests), last_call(ctx).outcome) == (1, "limited")
    clock.advance(seconds=1)
    poll()
    assert len(feed.requests) == 2


def test_a_quota_is_kept_to_until_the_next_day(ctx, feed, register, poll, clock):
    register(quota_per_day=2)
    feed.answer(page())

    for _ in range(4):
        poll()

    assert (len(feed.requests), last_call(ctx).outcome) == (2, "quota")
    ctx.commit()
    clock.advance(hours=12)
    poll()
    assert len(feed.requests) == 3


def test_the_key_of_a_source_is_sealed_and_sent_and_nowhere_shown(ctx, feed, register, poll):
    register()
    book.set_secret(ctx, "acme", "s3cret")
    feed.answer(None, status=401)

    poll()

    assert feed.requests[0][1]["authorization"] == "Bearer s3cret"
    row, call = book.find(ctx, "acme"), last_call(ctx)
    assert "s3cret" not in f"{row} {call}"


def test_a_source_that_fails_is_suspended_and_resumed(ctx, feed, register, poll, clock, events):
    register()
    feed.answer(None, status=500)
    for _ in range(5):
        poll()
        clock.advance(hours=1)
    suspended = book.find(ctx, "acme")
    feed.answer(page(item(1)))
    taken = [poll() for _ in range(12)]

    assert (suspended.is_suspended, suspended.score) == (True, 20)
    assert checks.check_sources(ctx.kernel) is None
    ctx.commit()
    assert [e.payload["score"] < 50 for e in events("sports.source_suspended")] == [True]
    assert [e.payload["score"] >= 60 for e in events("sports.source_resumed")] == [True]
    assert (taken[0], taken[-1]) == (0, 1), "while it is suspended nothing of it is believed"


def test_a_source_that_is_out_is_named_by_the_health_check(ctx, feed, register, poll, clock):
    register()
    feed.answer(None, status=500)
    for _ in range(2):
        poll()
        clock.advance(hours=1)

    assert "/acme: answered 500" in checks.check_sources(ctx.kernel)


def test_results_of_a_source_carry_its_name(ctx, feed, register, poll, clock):
    register("results", sport="")
    clock.set(datetime(2026, 2, 2, tzinfo=UTC))
    feed.answer(page(item(1, result={"home": 2, "away": 1, "half_time": [1, 0]})))

    poll()

    (fixture,) = all_fixtures(ctx)
    assert results.result(ctx, fixture.id)["source"] == "acme"


def test_prices_of_a_source_are_kept_with_their_history(ctx, feed, register, poll, events):
    register()
    register("prices", "odds", provider="acme")

    def offer(price, at):
        price = {"bookmaker": "x", "market": "match_result", "selection": "home", "price": price, "at": at}
        return page({"id": "f1", "prices": [price]})

    feed.answer(
        page(item(1)),
        offer("1.90", "2026-01-05T10:00:00Z"),
        offer("1.92", "2026-01-05T10:10:00Z"),
        offer("1.80", "2026-01-05T11:00:00Z"),
        offer("1.95", "2026-01-05T10:30:00Z"),
    )
    poll()
    for _ in range(4):
        poll("odds")

    (fixture,) = all_fixtures(ctx)
    assert [row.price for row in reading.history(ctx, fixture.id)] == ["1.9", "1.92", "1.95", "1.8"]
    newest = ctx.value("sports.prices", str(fixture.id))["markets"][0]["prices"][0]
    assert (newest["price"], newest["age_seconds"], newest["source"]) == ("1.8", 3600, "odds")
    then = ctx.value("sports.prices_at", str(fixture.id), "2026-01-05T10:10:00+00:00")
    assert then["markets"][0]["prices"][0]["price"] == "1.92"
    ctx.commit()
    moves = [event.payload["moves"][0] for event in events("sports.prices_moved")]
    assert [(move["before"], move["after"]) for move in moves] == [(None, "1.9"), ("1.92", "1.8")]


def update(sequence, **said):
    at = f"2026-01-05T12:00:{sequence:02}Z"
    return {"id": "f5", "sequence": sequence, "at": at, **said}


def test_live_updates_come_in_any_order_and_more_than_once(ctx, feed, register, poll):
    register()
    register("live", "live", provider="acme")
    one, two = update(1, status="live", period="1h"), update(2, score={"home": 1, "away": 0}, minute=3)
    feed.answer(page(item(5)), page(two, one, one), page(two), page({**one, "sequence": "x"}))
    poll()

    for _ in range(3):
        poll("live")

    (fixture,) = all_fixtures(ctx)
    row = live.find(ctx, fixture.id)
    assert (row.sequence, row.score, row.minute) == (2, {"home": 1, "away": 0}, 3)
    assert last_call(ctx, "live").problems == 1


def test_an_answer_without_news_is_a_sign_of_life(ctx, feed, register, poll, clock):
    register()
    register("live", "live", provider="acme")
    feed.pages = [Page(page(item(5))), Page(page(update(1, status="live"))), Page(status=304)]
    poll()
    poll("live")
    clock.advance(seconds=20)

    poll("live")

    (fixture,) = all_fixtures(ctx)
    assert live.find(ctx, fixture.id).heard_at == clock.now()


def test_a_bad_live_source_stalls_what_it_feeds(ctx, feed, register, poll, clock, events):
    register()
    register("live", "live", provider="acme", poll_seconds=5)
    feed.answer(page(item(5)), page(update(1, status="live")))
    poll()
    poll("live")
    feed.answer(None, status=500)

    for _ in range(6):
        clock.advance(hours=1)
        poll("live")

    assert [event.payload["cause"] for event in events("sports.feed_stalled")] == ["quality"]


def test_due_sources_are_asked_by_jobs_quick_ones_several_times_a_minute(ctx, feed, register, worker, clock):
    register(poll_seconds=20)
    register(key="slow", poll_seconds=3600)
    register(key="off", is_active=False)
    feed.answer(page(item(1)))

    first = polling.poll_due(ctx, {})
    ctx.commit()
    worker()
    clock.advance(seconds=60)
    second = polling.poll_due(ctx, {})

    assert (first, second) == (4, 3)
    assert len(feed.requests) == 2


def test_a_source_is_registered_once_under_a_name_of_its_own(ctx, register):
    register()

    with pytest.raises(Conflict, match="there is a source 'acme' already"):
        register()
    with pytest.raises(InvalidInput, match="'desk' means people"):
        register(key="desk")
    with pytest.raises(InvalidInput, match="must name a host"):
        register(key="new", url="https://user:pass@example.org/")


def test_another_address_is_read_from_its_beginning(ctx, feed, register, poll):
    before = register()
    feed.answer(page(item(1), next_cursor="a"))
    poll()

    values = {name: getattr(before, name) for name in book.EDITED} | {"url": feed.url + "?v=2"}
    after = book.save(ctx, book.find(ctx, "acme"), values)

    assert (after.cursor, after.revision) == (None, 2)
