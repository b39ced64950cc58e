"""Kinds of slips: systems with bankers, each way, bet builders, and what each adds to the books."""

from __future__ import annotations

from itertools import product

import pytest

from pitboss.plugins.betting.markets import rulebook
from tests.plugins.betting.slips.conftest import BETS

THREE = {"home": "2.00", "draw": "3.00", "away": "4.00"}
GRID = [["0.10", "0.10", "0.05"], ["0.15", "0.10", "0.10"], ["0.15", "0.15", "0.10"]]
"""Probabilities of scores up to 2-2."""


def said(answer):
    assert answer.status_code == 422, answer.json
    return answer.json["detail"]


def test_a_trixie_is_four_lines(offer, place, pay_in, cash):
    pay_in(100_00)
    odds = ("2.00", "1.50", "3.00")
    legs = [offer(THREE | {"home": each}).leg("home") for each in odds]

    bet = place(*legs, system="trixie", stake="1.00").json

    assert (bet["kind"], bet["line_count"], bet["stake"]["amount"]) == ("system", 4, "4.00")
    assert bet["system"] == {"name": "trixie", "sizes": [2, 3]}
    assert (bet["potential"]["amount"], bet["odds"], cash()) == ("22.50", None, 96_00)


def test_a_banker_stands_in_every_line(offer, place, pay_in):
    pay_in(100_00)
    legs = [offer(THREE).leg("home", is_banker=number == 0) for number in range(4)]

    bet = place(*legs, system="2/3", stake="6.00", stake_of="bet").json

    assert (bet["line_count"], bet["unit_stake"]["amount"], bet["potential"]["amount"]) == (
        3,
        "2.00",
        "48.00",
    )
    assert [leg["is_banker"] for leg in bet["legs"]] == [True, False, False, False]


@pytest.mark.parametrize(
    ("more", "count", "message"),
    [
        ({"system": "trixie"}, 2, "'trixie' is of 3 legs and the slip has 2 that are not bankers"),
        ({"system": "trixi"}, 3, "did you mean 'trixie'?"),
        ({"system": "9/3"}, 3, "the sizes are [9]: give 1 to 3"),
        ({"system": "x-y/3"}, 3, "name one, such as 'trixie', or write its sizes"),
        ({"system": "2/3", "stake_of": "bet", "stake": "10.00"}, 3, "over 3 lines is not whole"),
        ({"kind": "system"}, 3, "a system needs its name or sizes"),
        ({"kind": "single"}, 2, "a single has one leg, not 2"),
        ({"kind": "multiple"}, 1, "a multiple has at least 2 legs, not 1"),
        ({"kind": "multiple", "system": "trixie"}, 3, "leave one of them out"),
        ({"is_each_way": True}, 1, "has no places: each way is for the winner of a race"),
    ],
)
def test_a_slip_that_makes_no_sense_says_how_it_would(offer, place, more, count, message):
    legs = [offer(THREE).leg("home") for _ in range(count)]

    assert message in said(place(*legs, **more))


def test_each_way_is_two_bets_at_the_terms_of_the_field(race, place, pay_in, cash, books):
    pay_in(100_00)
    field = race({"A": "9.00"} | dict.fromkeys("BCDEFGHIJ", "10.00"))

    bet = place(field.leg("A"), is_each_way=True).json

    assert (bet["line_count"], bet["stake"]["amount"], cash()) == (2, "20.00", 80_00)
    assert bet["legs"][0]["place_terms"] == {"fraction": "0.2", "places": 3}
    assert bet["potential"]["amount"] == "116.00"
    result = books(field)
    assert result["A"] == 20_00 - 116_00
    assert result["B"] == 20_00 - 26_00, "its place may still be paid"


def test_where_runners_are_counted_at_the_off_the_book_reckons_with_any_terms(
    kernel, tenant, race, place, pay_in, books
):
    pay_in(100_00)
    with kernel.context(tenant.id) as ctx:
        rulebook.ensure_shipped(ctx)
        now = rulebook.binding(ctx, "horse-racing", "winner")
        terms = {**now.terms, "place_terms_at": "off"}
        rulebook.save(ctx, now.key, terms, reason="for a test", version=now.version)
    field = race({"A": "9.00"} | dict.fromkeys("BCDEFGHIJ", "10.00"))

    bet = place(field.leg("A"), is_each_way=True).json

    assert bet["legs"][0]["place_terms"] == {"fraction": "0.2", "places": 3, "at": "off"}
    assert bet["potential"]["amount"] == "116.00"
    result = books(field)
    assert result["A"] == 20_00 - 180_00, "with less than five runners its place half is on the win"
    assert result["B"] <= 20_00 - 30_00, "with seven runners a place pays a quarter"


def test_a_field_that_pays_no_place_takes_no_each_way_bet(race, place):
    field = race(dict.fromkeys("ABCD", "3.80"))

    assert "this race pays no places: bet to win" in said(place(field.leg("A"), is_each_way=True))


def test_a_multiple_stands_in_each_book_as_if_the_rest_won(offer, place, pay_in, books):
    pay_in(100_00)
    one, two = offer(THREE), offer(THREE)

    place(one.leg("home"), two.leg("away"))

    assert books(one) == {"home": -70_00, "draw": 10_00, "away": 10_00, "staked": 10_00}
    assert books(two) == {"home": 10_00, "draw": 10_00, "away": -70_00, "staked": 10_00}


def test_a_system_owes_its_other_lines_when_a_leg_loses(offer, place, pay_in, books):
    pay_in(100_00)
    matches = [offer(THREE) for _ in range(3)]

    place(*(match.leg("home") for match in matches), system="2/3")

    assert books(matches[0]) == {"home": -90_00, "draw": -10_00, "away": -10_00, "staked": -10_00}


def test_a_double_chance_book_reckons_with_two_right_answers(offer, place, pay_in, trader):
    pay_in(1_000_00)
    odds = {"home_or_draw": "1.50", "home_or_away": "1.50", "draw_or_away": "1.50"}
    match = offer(odds, template="double_chance")
    limit = {"amount": "50.00", "currency": "EUR"}
    body = {"scope": "market", "subject": str(match.id), "measure": "exposure_max", "amount": limit}
    trader.put("/api/v1/betting/limits", json=body | {"reason": "A test."})

    first = place(match.leg("home_or_draw"), stake="100.00")
    second = place(match.leg("home_or_away"), stake="100.01")

    assert first.status_code == 201
    assert "of which" not in second.json["reasons"][0] or "50.00 EUR is used" in second.json["reasons"][0]
    assert second.status_code == 403


@pytest.fixture
def builder(offer, kernel, tenant):
    """A match with a joint model and two markets."""
    match = offer(THREE)
    odds, fixture_id = {"over": "2.00", "under": "1.80"}, match.fixture_id
    goals = offer(odds, template="total_goals", line="2.5", fixture_id=fixture_id)
    with kernel.context(tenant.id) as ctx:
        ctx.act(
            "betting.set_joint_model",
            fixture_id=str(match.fixture_id),
            grid=GRID,
            book_sum="1.25",
            source="a test",
        )
    return match, goals


def test_a_builder_is_priced_by_the_joint_model(builder, place, pay_in, me, books):
    match, goals = builder
    pay_in(100_00)
    together = sum(
        float(GRID[home][away])
        for home, away in product(range(3), range(3))
        if home > away and home + away > 2.5
    )

    bet = place(match.leg("home"), goals.leg("over"), kind="builder").json

    assert together == pytest.approx(0.15)
    assert (bet["kind"], bet["odds"], bet["potential"]["amount"]) == ("builder", "5.33", "53.30")
    assert me.get(f"{BETS}/{bet['id']}").json["odds"] == "5.33"
    assert books(match)["home"] + books(goals)["over"] <= -43_30 * 2


def test_a_builder_without_a_model_or_of_two_matches_is_refused(builder, offer, place):
    match, goals = builder
    bare = offer(THREE)

    assert "are of 2: make it a multiple" in said(place(match.leg("home"), bare.leg("home"), kind="builder"))
    odds = {"over": "2.00", "under": "1.80"}
    more = offer(odds, template="total_goals", line="2.5", fixture_id=bare.fixture_id)
    assert "has no joint model" in said(place(bare.leg("home"), more.leg("over"), kind="builder"))
    two = offer(odds, template="total_goals", line="1.5", fixture_id=match.fixture_id)
    assert "follows from the other picks" in said(place(goals.leg("over"), two.leg("over"), kind="builder"))
