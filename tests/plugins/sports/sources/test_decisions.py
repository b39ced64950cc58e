"""What is decided on plain data: which fixture is meant, what a source is worth, what prices say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.sources import items, limits
from pitboss.plugins.sports.sources.imports import values
from pitboss.plugins.sports.sources.matching import Known, Matcher
from pitboss.plugins.sports.sources.prices import consensus
from pitboss.plugins.sports.sources.prices.consensus import Quote
from pitboss.plugins.sports.sources.quality import Record, score
from pitboss.plugins.sports.sources.records import Unreadable

START = datetime(2026, 3, 7, 15, tzinfo=UTC)
KEY, SWAPPED = ("cup", "ajax", "psv"), ("cup", "psv", "ajax")
HOURS = timedelta(hours=1)


def known(number=1, key=KEY, hours=0, external_id=""):
    return Known(UUID(int=number), key, START + hours * HOURS, external_id)


def matched(matcher, key=KEY, hours=0, external_id=""):
    found = matcher.match(key, START + hours * HOURS, external_id)
    return found and found.id.int


@pytest.mark.parametrize(
    ("hours", "external_id", "found"),
    [(0, "", 1), (36, "", 1), (37, "", None), (-30, "", 1), (500, "x1", 1), (0, "x2", None)],
)
def test_a_moved_kick_off_is_the_same_fixture_within_the_tolerance(hours, external_id, found):
    matcher = Matcher([known(external_id="x1")], 36 * HOURS)

    assert matched(matcher, hours=hours, external_id=external_id) == found


def test_another_senders_id_says_nothing_against_a_match():
    assert matched(Matcher([known()], 36 * HOURS), external_id="theirs") == 1


def test_two_meetings_of_the_same_sides_stay_two():
    matcher = Matcher([known(1)], 36 * HOURS)

    assert [matched(matcher), matched(matcher, hours=24), matched(matcher)] == [1, None, 1]


def test_the_nearest_of_two_meetings_is_meant():
    matcher = Matcher([known(1), known(2, hours=24)], 36 * HOURS)

    assert [matched(matcher, hours=23), matched(matcher, hours=1)] == [2, 1]


def test_a_match_the_other_way_round_is_refused_and_no_new_fixture():
    matcher = Matcher([known()], 36 * HOURS)

    with pytest.raises(Unreadable, match="the other way round"):
        matcher.check_sides(SWAPPED, KEY, START + HOURS)
    matcher.check_sides(SWAPPED, KEY, START + 24 * HOURS)


@pytest.mark.parametrize(
    ("record", "worth"),
    [
        (Record(calls=4, failures=4), 100),
        (Record(calls=10, items=10, seconds_since_heard=60), 100),
        (Record(calls=10, failures=10), 20),
        (Record(calls=10, failures=5, items=10, seconds_since_heard=0), 75),
        (Record(calls=10, items=10, seconds_since_heard=600), 70),
        (Record(calls=10, items=10, seconds_since_heard=330), 85),
        (Record(calls=10, items=5, problems=5, seconds_since_heard=0), 90),
        (Record(calls=10, items=10, corrections=2, seconds_since_heard=0), 80),
    ],
)
def test_a_source_is_scored_by_its_own_record(record, worth):
    assert score(record) == worth


def quotes(bookmaker="b", **prices):
    return [Quote(bookmaker, selection, Decimal(price), START) for selection, price in prices.items()]


def test_the_fair_chance_is_the_mean_of_bookmakers_without_their_margin():
    offered = quotes("one", home="2.00", draw="4.00", away="4.00") + quotes(
        "two", home="1.80", draw="3.60", away="3.60"
    )

    assert consensus.fair("match_result", offered) == {
        "home": Fraction(1, 2), "draw": Fraction(1, 4), "away": Fraction(1, 4)
    }  # fmt: skip


def test_a_bookmaker_that_prices_half_a_market_is_not_counted():
    assert consensus.fair("match_result", quotes(home="1.50", away="3.00")) == {}
    assert consensus.fair("match_result", []) == {}


def test_averages_of_others_serve_only_where_there_is_no_bookmaker():
    average = quotes("market_average", over="2.00", under="2.00")
    own = quotes("own", over="1.50", under="3.00")

    assert consensus.fair("over_under", average)["over"] == Fraction(1, 2)
    assert consensus.fair("over_under", average + own)["over"] == Fraction(2, 3)


def test_the_best_price_is_one_that_a_bookmaker_offers():
    found = consensus.best(
        quotes("market_best", home="3.0") + quotes("a", home="2.1") + quotes("b", home="2.2")
    )

    assert (found["home"].bookmaker, found["home"].price) == ("b", Decimal("2.2"))


CENTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(101, 100_000), min_size=2)


@given(CENTS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_chances_without_margin_add_up_to_one_and_follow_the_prices(cents):
    chances = consensus.without_margin({s: Decimal(price) / 100 for s, price in cents.items()})

    assert sum(chances.values()) == 1
    assert {s: chances[s] * price for s, price in cents.items()} == dict.fromkeys(
        cents, next(iter(chances.values())) * next(iter(cents.values()))
    )


ITEM = {"id": 7, "sport": "Football", "competition": {"name": "Cup", "country": "nl"}, "home": "Ajax",
        "away": {"id": "p", "name": "PSV"}, "starts_at": "2026-03-07T15:00:00Z"}  # fmt: skip


def test_an_item_is_read_into_a_fixture():
    (sent,), problems = items.read_items([ITEM], now=START)

    assert problems == []
    assert (sent.fixture.external_id, sent.fixture.sport, sent.fixture.competition.country) == (
        "7",
        "football",
        "NL",
    )
    assert [one.external_id for one in sent.fixture.participants] == ["", "p"]


def test_an_item_may_name_its_fixture_by_id_alone():
    price = {"bookmaker": "B", "market": "match_result", "selection": "home", "price": "1.90"}
    (sent,), _ = items.read_items([{"id": "7", "prices": [price, {**price, "price": None}]}], now=START)

    assert sent.fixture.is_bare
    assert [one.price for one in sent.prices] == [Decimal("1.90"), None]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"home": None}, "home"),
        ({"away": "ajax"}, "away"),
        ({"sport": None}, "sport"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"id": {"a": 1}}, "id"),
        ({"prices": {}}, "prices"),
        ({"prices": [{"bookmaker": "b", "market": "m", "selection": "s", "price": True}]}, "prices.price"),
        ({"result": 3}, "result"),
        ({"venue": "x" * 201}, "venue"),
    ],
)
def test_a_wrong_item_is_told_by_number_and_key(change, column):
    sent, problems = items.read_items([ITEM, {**ITEM, **change}, 5], now=START)

    assert [one.place for one in sent] == [1]
    assert [(p.place, p.column) for p in problems] == [(2, column), (3, "")]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"id": "x" * 129}, "id"),
        ({"season": "x" * 21}, "season"),
        ({"round": "x" * 65}, "round"),
        ({"country": "England", "competition": "Cup"}, "country"),
        ({"starts_at": "1799-01-01T00:00:00Z"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:00:00-05:00"}, "starts_at"),
        ({"prices": [{"bookmaker": "b", "market": "m" * 65, "selection": "s", "price": 2}]}, "market"),
    ],
)
def test_what_no_column_holds_is_refused_before_the_database(change, column):
    with pytest.raises(Unreadable) as refused:
        limits.check(items.read_item({**ITEM, **change}, 1, defaults={}, now=START))

    assert refused.value.column == column


@pytest.mark.parametrize("text", ['["\\u0000"]', '[{"\\ud800": 1}]', "[NaN]", "{}", '{"items": 3}'])
def test_a_document_that_cannot_be_stored_is_refused(text):
    with pytest.raises(InvalidInput, match="^file: "):
        items.read_document(text.encode())


@pytest.mark.parametrize("text", ["1E+999999", "-1E-999999", "sNaN", "Infinity", "0.1"])
def test_a_number_that_is_no_line_is_refused(text):
    with pytest.raises(Unreadable):
        values.read_line("line", text)
    with pytest.raises(Unreadable):
        values.read_whole("count", text)
