"""Limits: the tightest binds, exposure is checked under its lock, and racing placements never break one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from math import ceil
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitboss.core.errors import PitbossError
from pitboss.plugins.betting.slips import placing
from pitboss.plugins.betting.slips.asked import AskedBet
from pitboss.plugins.betting.slips.limiting import (
    Bound,
    applying,
    check_exposure,
    largest,
    problems_of,
    tightest,
)
from tests.plugins.betting.slips.conftest import BETS

LIMITS = "/api/v1/betting/limits"
BOOK = {"home": "2.00", "draw": "3.40", "away": "3.75"}


@pytest.fixture
def limit(trader):
    """Set a limit: `limit("stake_max", "5.00", scope="sport", subject="football")`."""

    def put(measure, amount, *, scope="platform", subject=""):
        money = {"amount": amount, "currency": "EUR"}
        body = {"scope": scope, "subject": subject, "measure": measure, "amount": money, "reason": "A test."}
        answer = trader.put(LIMITS, json=body)
        assert answer.status_code == 200, answer.json
        return answer.json

    return put


@pytest.fixture
def oracle_book(offer, place, pay_in, change_market):
    """The book of the exposure oracle: H 100 at 2.00 and 50 at 2.10, D 40 at 3.40, A 80 at 3.75."""
    match = offer(BOOK)
    pay_in(10_000_00)
    for code, stake, odds in (("home", "100", "2.00"), ("home", "50", "2.10"), ("draw", "40", "3.40")):
        change_market(match, odds={code: odds})
        assert place(match.leg(code, odds), stake=f"{stake}.00").status_code == 201
    assert place(match.leg("away"), stake="80.00").status_code == 201
    return match


def test_the_book_of_the_oracle(oracle_book, books):
    result = books(oracle_book)

    assert (result["home"], result["draw"], result["away"]) == (-35_00, 134_00, -30_00)


def test_exposure_takes_the_last_cent_and_refuses_the_next(oracle_book, place, change_market, limit, books):
    limit("exposure_max", "400.00", scope="market", subject=str(oracle_book.id))
    change_market(oracle_book, odds={"home": "1.95"})

    refused = place(oracle_book.leg("home", "1.95"), stake="384.22")
    taken = place(oracle_book.leg("home", "1.95"), stake="384.21")

    assert (refused.status_code, taken.status_code) == (403, 201)
    assert "stake at most 384.21 EUR" in refused.json["reasons"][0]
    assert refused.json["details"]["problems"][0]["stake_max"] == "384.21 EUR"
    assert books(oracle_book)["home"] == -400_00


def test_a_fixture_is_limited_over_all_its_markets(offer, place, pay_in, limit):
    match = offer(BOOK)
    goals = offer(
        {"over": "2.00", "under": "1.80"}, template="total_goals", line="2.5", fixture_id=match.fixture_id
    )
    pay_in(1_000_00)
    limit("exposure_max", "100.00", scope="fixture", subject=str(match.fixture_id))

    answers = [place(one, stake="60.00") for one in (match.leg("home"), goals.leg("over"))]

    assert [answer.status_code for answer in answers] == [201, 403]
    assert "stake at most 40.00 EUR" in answers[1].json["reasons"][0]
    assert place(goals.leg("over"), stake="40.00").status_code == 201


def test_the_limit_of_the_player_binds_below_that_of_the_platform(offer, place, pay_in, limit, player):
    match = offer(BOOK)
    pay_in(100_00)
    limit("stake_max", "50.00")
    limit("stake_max", "20.00", scope="player", subject=str(player))

    answer = place(match.leg("home"), stake="30.00")

    assert answer.status_code == 403
    assert (
        f"the highest stake (player {player}) of 20.00 EUR: stake at most 20.00 EUR"
        in answer.json["reasons"][0]
    )
    assert place(match.leg("home"), stake="20.00").status_code == 201


def test_the_stakes_of_a_day_are_limited_until_midnight(offer, place, pay_in, limit, player, clock):
    match = offer(BOOK, hours=60)
    pay_in(100_00)
    limit("day_stake_max", "25.00", scope="player", subject=str(player))

    answers = [place(match.leg("home"), stake=stake) for stake in ("20.00", "5.01", "5.00")]
    clock.advance(hours=24)
    tomorrow = [place(match.leg("home"), stake=stake) for stake in ("25.01", "25.00")]

    assert [answer.status_code for answer in answers] == [201, 403, 201]
    assert "of which 20.00 EUR is used: stake at most 5.00 EUR" in answers[1].json["reasons"][0]
    assert [answer.status_code for answer in tomorrow] == [403, 201]


def test_a_payout_above_the_maximum_is_refused_with_the_stake_that_fits(offer, place, pay_in, limit):
    match = offer(BOOK)
    pay_in(100_00)
    limit("payout_max", "150.00", scope="template", subject="match_result")

    answer = place(match.leg("away"), stake="40.01")

    assert "stake at most 40.00 EUR" in answer.json["reasons"][0]
    assert place(match.leg("away"), stake="40.00").status_code == 201


def test_an_allowed_bet_keeps_what_it_was_measured_against(offer, place, pay_in, trader):
    match = offer(BOOK)
    pay_in(100_00)
    bet = place(match.leg("home")).json

    decision = trader.get(f"{BETS}/{bet['id']}").json["decision"]

    limits = {limit["measure"]: limit for limit in decision["limits"]}
    assert limits["exposure_max"]["added"] == 10_00
    assert limits["stake_max"] | {"limit": 10_000_00, "used": 0, "fits": True} == limits["stake_max"]
    assert decision["payout_max"] == 1_000_000_00


def test_a_limit_is_set_with_a_reason_and_taken_away(limit, trader, events):
    made = limit("stake_max", "5.00", scope="sport", subject="football")

    listed = trader.get(LIMITS, query_string={"scope": "sport"}).json["items"]
    gone = trader.delete(f"{LIMITS}/{made['id']}", query_string={"reason": "Over."})

    assert [one["amount"]["amount"] for one in listed] == ["5.00"]
    assert (gone.status_code, trader.get(LIMITS).json["items"]) == (204, [])
    assert trader.delete(f"{LIMITS}/{made['id']}", query_string={"reason": "Over."}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scope": "market", "measure": "day_stake_max", "subject": "x"}, "#/scope"),
        ({"subject": "football"}, "#/subject"),
        ({"scope": "sport"}, "#/subject"),
        ({"amount": {"amount": "5.00", "currency": "GBP"}}, "#/amount/currency"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(trader, wrong, field):
    money = {"amount": "5.00", "currency": "EUR"}
    body = {"scope": "platform", "subject": "", "measure": "stake_max", "amount": money, "reason": "A test."}

    answer = trader.put(LIMITS, json=body | wrong)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, field)


@pytest.mark.parametrize("what", ["wallet", "exposure", "day"])
def test_racing_placements_never_break_a_limit(
    offer, pay_in, limit, player, kernel, tenant, cash, books, what
):
    match = offer(BOOK)
    pay_in(100_00 if what == "wallet" else 10_000_00)
    if what == "exposure":
        limit("exposure_max", "100.00", scope="market", subject=str(match.id))
    if what == "day":
        limit("day_stake_max", "100.00", scope="player", subject=str(player))

    def bet(_):
        leg = match.leg("home") | {"selection_id": str(match.selections["home"])}
        body = {"legs": [leg], "stake": {"amount": "10.00", "currency": "EUR"}, "reference": uuid4().hex}
        try:
            with kernel.context(tenant.id) as ctx:
                placing.take(ctx, msgspec.convert(body, AskedBet), player)
        except PitbossError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = sum(threads.map(bet, range(64)))

    assert (taken, cash("hold"), books(match)["staked"]) == (10, 100_00, 100_00)


def test_bets_on_the_same_markets_never_lock_crosswise(offer, pay_in, limit, player, kernel, tenant, books):
    one, two = offer(BOOK), offer(BOOK)
    pay_in(1_000_00)
    limit("exposure_max", "5000.00", scope="fixture", subject=str(two.fixture_id))

    def bet(number):
        legs = [one.leg("home"), two.leg("away")]
        slips = (legs, legs[::-1], [one.leg("draw")], [two.leg("draw")])
        body = {"legs": slips[number % 4], "stake": {"amount": "1.00", "currency": "EUR"}}
        with kernel.context(tenant.id) as ctx:
            placing.take(ctx, msgspec.convert(body | {"reference": uuid4().hex}, AskedBet), player)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bet, range(32)))

    assert (books(one)["staked"], books(two)["staked"]) == (24_00, 24_00)


def test_a_multiple_beyond_all_numbers_is_a_clear_problem(offer, place, pay_in):
    pay_in(100_00)
    legs = [offer({"home": "999.00", "draw": "1.02", "away": "1.02"}).leg("home") for _ in range(15)]

    answer = place(*legs)

    assert (answer.status_code, answer.json["details"]["code"]) == (403, "over_limit")
    assert "no further stake is taken now" in answer.json["detail"]


# -- the decision alone ----------------------------------------------------------------------------


def test_the_tightest_limit_binds():
    bounds = [Bound("stake_max", "platform", "", 50), Bound("stake_max", "sport", "football", 20)]
    least = [Bound("stake_min", "platform", "", 1), Bound("stake_min", "sport", "football", 5)]

    assert tightest(bounds, "stake_max") == bounds[1]
    assert tightest(least, "stake_min") == least[1]
    assert tightest(bounds, "payout_max") is None


def test_a_limit_of_the_platform_replaces_its_setting_and_others_do_not():
    rows = [Bound("stake_max", "platform", "", 50), Bound("payout_max", "sport", "golf", 9)]
    places = [("platform", ""), ("sport", "golf")]

    found = applying(rows, places, defaults={"stake_max": 10, "payout_max": 100})

    assert sorted((bound.measure, bound.amount) for bound in found) == [
        ("payout_max", 9),
        ("payout_max", 100),
        ("stake_max", 50),
    ]


@pytest.mark.parametrize(
    ("before", "stake", "fits", "stake_max"),
    [(35_00, 384_21, True, 384_21), (35_00, 384_22, False, 384_21), (400_00, 1, False, 0)],
)
def test_an_exposure_fits_up_to_its_limit(before, stake, fits, stake_max):
    bound = Bound("exposure_max", "market", "m", 400_00)

    check = check_exposure(bound, before=before, added=owed(stake), line_count=1, grows=owed)

    assert (check.fits, check.stake_max) == (fits, stake_max)


def test_a_bet_that_lowers_the_exposure_always_fits():
    bound = Bound("exposure_max", "market", "m", 400_00)

    check = check_exposure(bound, before=500_00, added=-5, line_count=1, grows=owed)

    assert (check.fits, check.stake_max) == (True, None)


@given(
    rate=st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=10_000),
    room=st.integers(0, 10**9),
    line_count=st.integers(1, 1_013),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_largest_stake_fits_and_the_next_one_does_not(rate, room, line_count):
    def grows(stake):
        return ceil(stake * rate)

    stake = largest(grows, room, line_count)

    assert stake % line_count == 0
    assert stake == 0 or grows(stake) <= room
    assert grows(stake + line_count) > room


def owed(stake):
    """What the house loses on a stake at 1.95."""
    return ceil(Fraction(95, 100) * stake)


def test_a_stake_that_would_gain_nothing_says_so():
    bound = Bound("exposure_max", "market", "m", 400_00)
    check = check_exposure(bound, before=400_00, added=1, line_count=1, grows=owed)

    (problem,) = problems_of([check], str)

    assert problem.message.endswith("no further stake is taken now")
