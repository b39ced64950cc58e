"""What was placed, found again: filters, pages, a statement for spreadsheets, odds as one likes them."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest

from pitboss.core.identity.preferences import change_preferences
from pitboss.plugins.betting.slips import history
from tests.plugins.betting.slips.conftest import BETS

MATCH = {"home": "2.00", "draw": "3.40", "away": "3.75"}
MY_BETS, STATEMENT = "/api/v1/betting/me/bets", "/api/v1/betting/me/statement"


@pytest.fixture
def bets(offer, race, place, pay_in, clock):
    """Three bets on three days: a single, a double, and one on a race."""
    pay_in(100_00)
    match, other, field = offer(MATCH, hours=99), offer(MATCH, hours=99), race({"A": "3.00", "B": "1.50"})
    answers = [place(field.leg("A"))]
    clock.advance(hours=12)
    answers.append(place(match.leg("home"), stake="20.00"))
    answers.append(place(match.leg("home"), other.leg("away"), stake="5.00"))
    return [answer.json["id"] for answer in answers]


def test_my_bets_are_listed_page_by_page_the_newest_first(bets, me):
    first = me.get(MY_BETS, query_string={"limit": 2}).json
    second = me.get(MY_BETS, query_string={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [bet["id"] for bet in first["items"] + second["items"]] == bets[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"kind": "multiple"}, [2]),
        ({"sport": "horse-racing"}, [0]),
        ({"product": "in_play"}, []),
        ({"product": "pre_match"}, [2, 1, 0]),
        ({"product": "free_bet"}, []),
        ({"product": "each_way"}, []),
        ({"state": "settled"}, []),
        ({"state": "accepted", "since": "2026-01-05T13:00:00Z"}, [2, 1]),
        ({"until": "2026-01-05T13:00:00Z"}, [0]),
    ],
)
def test_bets_are_found_by_date_state_and_product(bets, me, wanted, found):
    items = me.get(MY_BETS, query_string=wanted).json["items"]

    assert [bet["id"] for bet in items] == [bets[number] for number in found]


def test_operators_search_all_bets(bets, trader, player, make_client, me):
    found = trader.get(BETS, query_string={"player_id": str(player), "stake_min": 20_00}).json["items"]

    assert [bet["id"] for bet in found] == [bets[1]]
    assert make_client("operator", "betting.trade").get(BETS).status_code == 403
    assert me.get(BETS).status_code == 403


def test_a_player_sees_no_bet_of_another(bets, make_client):
    assert make_client("player").get(f"{BETS}/{bets[0]}").status_code == 404


def test_a_summary_adds_up_what_is_open_and_what_is_over(bets, me):
    period = {"since": "2026-01-05T00:00:00Z", "until": "2026-01-07T00:00:00Z"}

    sums = me.get(f"{MY_BETS}/summary", query_string=period).json

    amounts = {name: sums[name]["amount"] for name in ("staked", "returned", "open_stake", "profit")}
    assert amounts == {"staked": "35.00", "returned": "0.00", "open_stake": "35.00", "profit": "0.00"}
    assert sums["bet_count"] == 3


def test_a_statement_is_a_table_of_all_bets(bets, me):
    period = {"since": "2026-01-05T00:00:00Z", "until": "2026-01-07T00:00:00Z"}

    answer = me.get(STATEMENT, query_string=period)

    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True))))
    assert answer.headers["Content-Disposition"].endswith('bets-2026-01-05-2026-01-07.csv"')
    assert [row["bet_id"] for row in rows] == bets[::-1]
    newest = {name: rows[0][name] for name in ("odds", "stake", "profit", "state")}
    assert newest == {"odds": "7.50", "stake": "5.00", "profit": "", "state": "accepted"}


def test_a_statement_of_too_long_a_period_is_refused(me):
    period = {"since": "2024-01-01T00:00:00Z", "until": "2026-01-07T00:00:00Z"}

    answer = me.get(STATEMENT, query_string=period)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/until")


def test_no_cell_of_a_statement_starts_a_formula(kernel, tenant, player, offer, place, pay_in, world, clock):
    pay_in(10_00)
    fixture_id = world.match("=HYPERLINK(1)", "Away", at=clock.now() + timedelta(hours=5))
    place(offer(MATCH, fixture_id=fixture_id).leg("home"))

    with kernel.context(tenant.id) as ctx:
        now = ctx.clock.now()
        lines = list(history.statement(ctx, player, since=now, until=now + timedelta(seconds=1)))

    assert ",'=HYPERLINK" in lines[1]


def test_odds_are_shown_as_the_player_likes_them_for_the_same_money(bets, me, kernel, tenant, player):
    def shown():
        bet = me.get(f"{BETS}/{bets[1]}").json
        return bet["legs"][0]["odds_text"], bet["potential"]["amount"]

    seen = [shown()]
    for odds_format in ("fractional", "american"):
        with kernel.context(tenant.id) as ctx:
            change_preferences(ctx, player, {"odds_format": odds_format})
        seen.append(shown())

    assert seen == [("2.00", "40.00"), ("1/1", "40.00"), ("+100", "40.00")]
