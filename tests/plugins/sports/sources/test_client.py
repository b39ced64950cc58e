"""A feed may do what it likes: the client tells what came of it, and is held up by nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pitboss.plugins.sports.sources.feeds import client, shapes
from pitboss.plugins.sports.sources.feeds.client import HttpClient, Question, address
from tests.plugins.sports.sources.server import Page

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def fetch(feed, *, allow_private=True, **asked):
    return HttpClient(allow_private=allow_private).fetch(Question(url=feed.url, **asked), NOW)


def test_a_page_is_read_with_what_follows_it(feed):
    feed.answer(
        {"items": [{"odds": 1.85}], "next_cursor": "p2", "has_more": True, "as_of": "2026-01-05T11:00:00Z"},
        headers={"etag": '"v1"'},
    )

    answer = fetch(feed, parameters={"cursor": "p1"}, headers={"x-key": "k"}, etag='"v0"')

    assert (answer.outcome, answer.items, answer.next_cursor, answer.has_more) == (
        "ok", [{"odds": "1.85"}], "p2", True
    )  # fmt: skip
    assert (answer.etag, answer.as_of) == ('"v1"', datetime(2026, 1, 5, 11, tzinfo=UTC))
    query, headers = feed.requests[0]
    assert (query, headers["x-key"], headers["if-none-match"]) == ({"cursor": ["p1"]}, "k", '"v0"')


@pytest.mark.parametrize(
    ("page", "outcome", "said"),
    [
        (Page(status=304), "unchanged", ""),
        (Page(status=500), "failed", "answered 500"),
        (Page(status=429), "limited", "answered 429"),
        (Page(status=302, headers={"location": "/"}), "failed", "redirects are not followed"),
        (Page(body=b"<html>", headers={"content-type": "text/html"}), "failed", "answered text/html"),
        (Page(body=b'{"items": ['), "failed", "not what was agreed"),
        (Page(body=b'{"items": [', missing_bytes=20), "failed", "ended before"),
        (Page({"items": []}, headers={"content-encoding": "gzip"}), "failed", "packed as gzip"),
        (Page({"rows": []}), "failed", "an object with `items`"),
        (Page({"items": [1] * (client.PAGE_ITEMS_MAX + 1)}), "failed", "5001 items in one page"),
        (Page(body=b'["\\u0000"]'), "failed", "the character NUL"),
        (Page({"items": [], "as_of": "0001-01-01T00:00+10:00"}), "failed", "not what was agreed"),
        (Page({"items": [], "next_cursor": 5}), "failed", "`next_cursor` is text"),
        (Page({"items": [], "as_of": "2026-01-01T00:00"}), "failed", "has no offset"),
    ],
)
def test_a_bad_answer_is_told_as_what_it_is(feed, page, outcome, said):
    feed.pages = [page]

    answer = fetch(feed)

    assert (answer.outcome, answer.items) == (outcome, ())
    assert said in answer.error


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Mon, 05 Jan 2026 12:05:00 GMT", 300),
        ("soon", 60),
        ("0", 1),
        ("9999999", 86_400),
        ("\xb2", 60),
        ("9" * 5000, 60),
    ],
)
def test_a_feed_says_when_it_may_be_asked_again(feed, header, seconds):
    feed.answer(None, status=429, headers={"retry-after": header})

    answer = fetch(feed)

    assert (answer.outcome, answer.retry_after_seconds) == ("limited", seconds)


def test_a_feed_that_says_nothing_is_given_up(feed, monkeypatch):
    monkeypatch.setattr(client, "STEP_SECONDS_MAX", 0.05)
    feed.pages = [Page(is_silent=True)]

    assert fetch(feed).error == "TimeoutError: timed out"


def test_more_than_a_page_may_hold_is_not_read(feed, monkeypatch):
    monkeypatch.setattr(client, "PAGE_BYTES_MAX", 100)
    feed.pages = [Page(body=b"x" * 101)]

    answer = fetch(feed)

    assert (answer.size_bytes, answer.outcome) == (100, "failed")
    assert "longer than 100 bytes" in answer.error


def test_a_private_address_is_refused_unless_it_is_allowed(feed):
    answer = fetch(feed, allow_private=False)

    assert "must begin with https" in answer.error
    assert feed.requests == []


def test_the_key_stands_in_no_error():
    asked = Question(url="https://127.0.0.1/x", parameters={"apiKey": "s3cret"}, secret="s3cret")

    assert address(asked) == "https://127.0.0.1/x?apiKey=s3cret"
    assert client.redacted("GET /x?apiKey=s3cret failed", "s3cret") == "GET /x?apiKey=*** failed"


def test_prices_of_the_odds_api_become_ours():
    outcomes = [{"name": "Ajax", "price": 1.9, "point": -0.5}, {"name": "PSV", "price": 1.95, "point": 0.5}]
    markets = [
        {"key": "spreads", "last_update": "2026-01-05T11:59:00Z", "outcomes": outcomes},
        {"key": "h2h", "outcomes": [{"name": "Draw", "price": 3.5}]},
        {"key": "lay", "outcomes": [{"name": "Draw", "price": 3.5}]},
    ]
    event = {
        "id": "e1", "sport_title": "Eredivisie", "commence_time": "2026-01-06T20:00:00Z",
        "home_team": "Ajax", "away_team": "PSV",
        "bookmakers": [{"key": "unibet", "last_update": "2026-01-05T11:58:00Z", "markets": markets}],
    }  # fmt: skip

    (item,) = shapes.odds_api([event])["items"]

    assert [(p["market"], p["selection"], p["line"]) for p in item["prices"]] == [
        ("asian_handicap", "home", "-0.5"),
        ("asian_handicap", "away", "-0.5"),
        ("match_result", "draw", ""),
    ]
