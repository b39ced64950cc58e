"""Players find matches by filters that combine; what the market says is said as such."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.plugins.sports.fixtures import changing
from pitboss.plugins.sports.live import book as lives
from pitboss.plugins.sports.live.feed import Update
from pitboss.plugins.sports.matches import book as matches
from pitboss.plugins.sports.matches.assessing import assess, band_of, confidence
from pitboss.plugins.sports.matches.filtering import Wanted, fits, span
from pitboss.plugins.sports.matches.keeping import KEPT_SECONDS
from pitboss.plugins.sports.sources.prices import recording
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import football, league, match

RATIO = Fraction(11, 10)


def prices(fair, best, market="match_result", line=""):
    quotes = {name: {"price": price, "bookmaker": "acme", "age_seconds": 5} for name, price in best.items()}
    return {"market": market, "line": line, "fair": fair, "best": quotes, "age_seconds": 5}


@given(st.fractions(0, 100))
@settings(max_examples=50)
def test_every_confidence_has_one_band(percent):
    assert band_of(percent) in ("low", "medium", "high")


@pytest.mark.parametrize(
    ("percent", "band"),
    [("0", "low"), ("59.9", "low"), ("60", "medium"), ("79.9", "medium"), ("80", "high"), ("100", "high")],
)
def test_nothing_falls_between_two_bands(percent, band):
    assert band_of(Fraction(percent)) == band


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=5))
@settings(max_examples=50)
def test_confidence_is_bounded(weights):
    chances = [Fraction(weight, sum(weights)) for weight in weights]

    assert 0 < confidence(chances) <= 100


def test_a_price_of_exactly_the_ratio_is_no_value():
    fair = {"home": "0.55", "away": "0.45"}
    exact = assess({"markets": [prices(fair, {"home": "2.00"})]}, RATIO)
    above = assess({"markets": [prices(fair, {"home": "2.01"})]}, RATIO)

    assert exact.value == []
    assert [(one["edge_percent"], one["strength"]) for one in above.value] == [("10.6", "moderate")]


def test_twenty_percent_is_moderate_and_more_is_strong():
    fair = {"home": "0.60", "away": "0.40"}

    found = [assess({"markets": [prices(fair, {"home": odds})]}, RATIO) for odds in ("2.00", "2.01")]

    assert [one.value[0]["strength"] for one in found] == ["moderate", "strong"]


def test_what_is_not_known_fits_no_filter_that_needs_it():
    unknown = assess({"markets": []}, RATIO)

    assert fits(unknown, Wanted())
    for wanted in (Wanted(confidence="low"), Wanted(value_bets=True), Wanted(high_scoring=True)):
        assert not fits(unknown, wanted)


@pytest.mark.parametrize(
    ("time_range", "zone", "end"),
    [
        ("2h", "Europe/London", "2026-03-28T14:00:00+00:00"),
        ("24h", "Europe/London", "2026-03-29T12:00:00+00:00"),
        ("today", "Europe/London", "2026-03-29T00:00:00+00:00"),
        ("today", "Asia/Tokyo", "2026-03-28T15:00:00+00:00"),
        ("today", "America/New_York", "2026-03-29T04:00:00+00:00"),
    ],
)
def test_a_day_is_the_viewers_own(time_range, zone, end):
    now = datetime(2026, 3, 28, 12, tzinfo=UTC)

    assert span(time_range, now, ZoneInfo(zone))[1] == datetime.fromisoformat(end)


def test_the_day_when_clocks_change_ends_at_its_own_midnight():
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    assert span("today", now, ZoneInfo("Europe/London"))[1] == datetime(2026, 3, 29, 23, tzinfo=UTC)


@pytest.fixture
def saturday(kernel, tenant, clock):
    """Two leagues; of the three matches one is sure, one open with many goals, one has no prices."""
    with kernel.context(tenant.id) as ctx:
        big = league(ctx, country="GB", rank=1)
        small = league(ctx, "National League", country="GB", rank=50)
        sure = match(ctx, "Arsenal", "Luton", hours=1, competition=big)
        open_ = match(ctx, "Leeds", "Hull", hours=5, competition=small)
        match(ctx, "York", "Bath", hours=11, competition=small)
        match(ctx, "Fulham", "Everton", hours=30, competition=big)
        one_x_two = ("match_result", "", {"home": "1.05", "draw": "15", "away": "40"})
        goals = ("over_under", "2.5", {"over": "1.40", "under": "2.90"})
        even = ("match_result", "", {"home": "2.60", "draw": "3.20", "away": "2.80"})
        higher = ("match_result", "", {"home": "4.20", "draw": "3.00", "away": "2.10"})
        for fixture, bookmaker, (market, line, odds) in (
            (sure, "acme", one_x_two),
            (open_, "acme", goals),
            (open_, "acme", even),
            (open_, "other", higher),
        ):
            record(recording, ctx, fixture.id, bookmaker, market, line, odds)
    return ROOT + "/matches/today"


def record(recording, ctx, fixture_id, bookmaker, market, line, odds):
    sent = [
        recording.SentPrice(
            market=market,
            line=line,
            selection=selection,
            bookmaker=bookmaker,
            price=Decimal(price),
            at=ctx.clock.now(),
        )
        for selection, price in odds.items()
    ]
    recording.record(ctx, [(fixture_id, one) for one in sent], source="test")


ASKED = [
    ({}, ["Arsenal", "Leeds", "York"]),
    ({"time_range": "2h"}, ["Arsenal"]),
    ({"time_range": "6h"}, ["Arsenal", "Leeds"]),
    ({"leagues": "National League"}, ["Leeds", "York"]),
    ({"leagues": "premier league,national league"}, ["Arsenal", "Leeds", "York"]),
    ({"leagues": "Serie A"}, []),
    ({"big_matches": "true"}, ["Arsenal"]),
    ({"confidence": "high"}, ["Arsenal"]),
    ({"confidence": "low"}, ["Leeds"]),
    ({"confidence": "medium"}, []),
    ({"high_scoring": "true"}, ["Leeds"]),
    ({"value_bets": "true"}, ["Leeds"]),
    ({"value_bets": "true", "confidence": "low", "leagues": "national league"}, ["Leeds"]),
    ({"value_bets": "true", "big_matches": "true"}, []),
]


def test_each_filter_works_and_they_combine(saturday, make_client):
    client = make_client()

    for asked, names in ASKED:
        answer = client.get(saturday, query_string=asked)
        assert answer.status_code == 200, answer.json
        assert [one["participants"][0]["name"] for one in answer.json["items"]] == names, asked


def test_the_answer_says_what_it_rests_on_and_is_not_sent_twice(saturday, make_client, clock):
    client = make_client()
    first = client.get(saturday, query_string={"zone": "Asia/Tokyo", "limit": 2})

    assert (first.json["basis"], first.json["time_zone"]) == ("market_consensus", "Asia/Tokyo")
    arsenal = first.json["items"][0]
    assert arsenal["starts_at_local"].endswith("+09:00")
    assert arsenal["market"]["confidence"]["band"] == "high"
    clock.advance(seconds=5)
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(saturday, query_string={"zone": "Asia/Tokyo", "limit": 2}, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    following = client.get(saturday, query_string={"cursor": first.json["next_cursor"], "limit": 2})
    assert [one["name"] for one in following.json["items"]] == ["York v Bath"]
    assert client.get(saturday, query_string={"zone": "Mars/Base"}).status_code == 422
    assert client.get(saturday, query_string={"confidence": "huge"}).status_code == 422


def test_live_matches_tell_score_minute_and_freshness(kernel, tenant, make_client, clock):
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=0)
        score = {"home": 1, "away": 0}
        update = Update(sequence=1, happened_at=clock.now(), score=score, minute=9, period="1h")
        lives.take(ctx, fixture.id, "feed", [update])
    clock.advance(seconds=12)

    (one,) = make_client().get(f"{ROOT}/matches/live").json["items"]

    assert (one["live"]["score"], one["live"]["minute"], one["live"]["age_seconds"]) == (score, 9, 12)


def test_one_match_shows_its_versions_and_is_of_one_tenant(
    saturday, make_client, operator_client, other_tenant, clock
):
    client = make_client()
    path = f"{ROOT}/matches/{client.get(saturday).json['items'][0]['id']}"
    clock.advance(hours=4)
    results = path.replace("matches", "fixtures") + "/results"
    told = operator_client.post(results, json={"outcome": football(2, 1, (1, 1))})
    assert told.status_code == 200, told.json

    whole = client.get(path).json

    assert (whole["score"]["home"], whole["score"]["winner"], whole["score"]["state"]) == (
        2,
        "home",
        "provisional",
    )
    assert [one["version"] for one in whole["results"]] == [1]
    assert whole["prices"][0]["market"] == "match_result"
    assert make_client(of=other_tenant).get(path).status_code == 404


def test_active_leagues_are_those_that_play_within_a_day(saturday, make_client, ctx, other_tenant):
    for _ in range(2):
        league(ctx, "Dormant")
    fixture = match(ctx, "A", "B", hours=3, competition=league(ctx, "Cup"))
    changing.move(ctx, fixture.id, "cancelled")
    ctx.commit()
    client, path = make_client(), f"{ROOT}/matches/leagues/active"

    found = client.get(path)

    assert [(one["name"], one["matches"]) for one in found.json] == [
        ("Premier League", 1),
        ("National League", 2),
    ]
    assert client.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    assert make_client(of=other_tenant).get(path).json == []


def test_a_cancelled_or_begun_match_is_not_coming(ctx, make_client):
    begun, gone = match(ctx, hours=1), match(ctx, "X", "Y", hours=1)
    changing.move(ctx, begun.id, "live")
    changing.move(ctx, gone.id, "cancelled")
    ctx.commit()

    assert make_client().get(f"{ROOT}/matches/today").json["items"] == []


@pytest.fixture
def counted(monkeypatch):
    """Count how often the live matches are looked for."""
    looked = []
    found = matches.live
    monkeypatch.setattr(matches, "live", lambda *asked: looked.append(1) or found(*asked))
    return looked


def test_an_answer_is_kept_for_a_moment_and_given_up_when_the_score_moves(
    kernel, tenant, make_client, clock, counted
):
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=0)

    def score(sequence, home):
        update = Update(
            sequence=sequence, happened_at=clock.now(), score={"home": home, "away": 0}, minute=9, period="1h"
        )
        with kernel.context(tenant.id) as ctx:
            lives.take(ctx, fixture.id, "feed", [update])

    client = make_client()

    def ask(**known):
        return client.get(f"{ROOT}/matches/live", headers=known)

    score(1, 0)
    first, again = ask(), ask()
    assert (first.json["items"], len(counted)) == (again.json["items"], 1)
    assert ask(**{"If-None-Match": first.headers["ETag"]}).status_code == 304

    score(2, 1)
    moved = ask(**{"If-None-Match": first.headers["ETag"]})
    assert (moved.json["items"][0]["live"]["score"]["home"], len(counted)) == (1, 2)

    clock.advance(seconds=KEPT_SECONDS)
    assert (ask().json["items"][0]["live"]["age_seconds"], len(counted)) == (KEPT_SECONDS, 3)


def test_a_price_that_moves_is_in_the_next_answer(saturday, kernel, tenant, make_client):
    client = make_client()

    def arsenal():
        items = client.get(saturday).json["items"]
        return next(one for one in items if one["participants"][0]["name"] == "Arsenal")

    before = arsenal()
    with kernel.context(tenant.id) as ctx:
        odds = {"home": "9.00", "draw": "9.00", "away": "99.00"}
        record(recording, ctx, UUID(before["id"]), "zeta", "match_result", "", odds)

    assert arsenal()["market"]["best"] != before["market"]["best"]
