"""Markets through HTTP: published, priced, suspended; each trader on the version that was seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from threading import Barrier
from typing import Any

import pytest

from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import SOON

THIRDS = {"home": "0.5", "draw": "0.3", "away": "0.2"}
TRADING = f"{BETTING}/trading"
WAIT_SECONDS = 30


@pytest.fixture
def match(world, clock) -> Any:
    """A match in two hours."""
    return world.match("Leeds", "Hull", at=clock.now() + SOON)


@pytest.fixture
def market(trader, match) -> dict[str, Any]:
    """A priced market about it, as its trader sees it."""
    return publish(trader, match)


def publish(trader: Any, match: Any, **more: Any) -> dict[str, Any]:
    """Publish the result of a match."""
    body = {"fixture_id": str(match), "template": "match_result", "probabilities": THIRDS, **more}
    answer = trader.post(f"{TRADING}/markets", json=body)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def prices(market: dict[str, Any], shown: str = "odds") -> list[str]:
    """Return what a market offers."""
    return [one[shown] for one in market["selections"]]


def etag(trader: Any, market: dict[str, Any]) -> dict[str, str]:
    """Read a market, and return the header of a change to what was read."""
    return {"If-Match": trader.get(f"{TRADING}/markets/{market['id']}").headers["ETag"]}


def test_probabilities_become_prices_that_keep_the_margin(market):
    assert prices(market) == ["1.88", "3.14", "4.71"]
    assert (market["status"], market["is_open"], market["margin_percent"]) == ("open", True, "6.27")


@pytest.mark.parametrize(
    ("odds_format", "shown"),
    [
        ("fractional", ["22/25", "107/50", "371/100"]),
        ("american", ["-114", "+214", "+371"]),
        ("indonesian", ["-1.14", "2.14", "3.71"]),
        ("", ["1.88", "3.14", "4.71"]),
    ],
)
def test_prices_are_shown_in_the_format_that_was_asked_for(client, market, odds_format, shown):
    found = client.get(f"{BETTING}/markets/{market['id']}", query_string={"odds_format": odds_format})

    assert prices(found.json, "odds_shown") == shown


def test_a_player_sees_prices_in_the_preferred_format(me, market):
    saved = me.patch("/api/v1/me/preferences", json={"odds_format": "malay"})

    assert saved.status_code == 200, saved.json
    assert prices(me.get(f"{BETTING}/markets/{market['id']}").json, "odds_shown") == [
        "0.88",
        "-0.47",
        "-0.27",
    ]


def test_two_traders_do_not_overwrite_each_other(trader, market):
    seen = etag(trader, market)
    path = f"{TRADING}/markets/{market['id']}/prices"
    first = trader.patch(path, json={"odds": {"home": "1.90"}}, headers=seen)

    second = trader.patch(path, json={"odds": {"home": "1.95"}}, headers=seen)

    assert (first.status_code, second.status_code) == (200, 412)
    details = second.json["details"]
    assert prices(details["current"])[0] == "1.90"
    assert details["sent"]["odds"] == {"home": "1.95"}


def test_every_move_is_kept_with_its_cause_and_who_made_it(trader, market, events):
    odds = {"home": "2.00", "draw": "3.14", "away": "4.20"}
    path = f"{TRADING}/markets/{market['id']}"
    trader.put(f"{path}/prices", json={"odds": odds}, headers=etag(trader, market))

    moves = trader.get(f"{path}/moves").json["items"]

    assert [(m["before"], m["odds"], m["cause"]) for m in moves[:2]] == [
        ("4.71", "4.20", "trader"),
        ("1.88", "2.00", "trader"),
    ]
    assert moves[0]["actor"].startswith("operator:")
    told = events("betting.price_moved")[-1].payload
    assert (told["odds_version"], [p["odds"] for p in told["prices"]]) == (2, ["2", "4.2"])


def test_a_player_follows_prices_as_they_move(client, trader, market, events):
    first = events("betting.market_opened")[0].id
    trader.put(
        f"{TRADING}/markets/{market['id']}/prices",
        json={"odds": {"home": "2.00", "draw": "3.14", "away": "4.20"}},
        headers=etag(trader, market),
    )

    answer = client.get(
        "/api/v1/events/stream?name=betting.price_moved", headers={"Last-Event-ID": str(first)}
    )
    lines = [line.decode() for line in islice(answer.response, 3)]
    answer.close()

    assert [line.split("\n")[1] for line in lines[1:]] == ["event: betting.price_moved"] * 2
    assert '"cause":"trader"' in lines[2]


def test_the_same_prices_again_confirm_them_and_move_nothing(trader, market, clock, events):
    clock.advance(hours=1)
    path = f"{TRADING}/markets/{market['id']}/prices"

    again = trader.put(path, json={"probabilities": THIRDS}, headers=etag(trader, market)).json

    assert again["odds_version"] == market["odds_version"]
    assert again["priced_at"] > market["priced_at"]
    assert len(events("betting.price_moved")) == 1


def test_a_suspended_market_says_so_until_it_is_resumed(trader, client, market, events):
    path = f"{TRADING}/markets/{market['id']}"
    trader.post(f"{path}/suspend", json={"reason": "team news"})

    seen = client.get(f"{BETTING}/markets/{market['id']}").json
    resumed = trader.post(f"{path}/resume", json={}).json

    assert (seen["status"], seen["is_open"]) == ("suspended", False)
    assert (resumed["status"], resumed["is_open"]) == ("open", True)
    assert events("betting.market_suspended")[0].payload["cause"] == "trader"
    assert events("betting.market_resumed")[0].payload["causes"] == ["trader"]


def test_a_trader_does_not_overrule_a_silent_feed(ctx, trader, market, world, worker, match):
    world.stall(ctx, match)
    ctx.commit()
    worker()
    trader.post(f"{TRADING}/markets/{market['id']}/suspend", json={})

    refused = trader.post(f"{TRADING}/markets/{market['id']}/resume", json={})

    assert refused.status_code == 409
    assert refused.json["details"] == {"suspensions": ["feed"]}


def test_what_waits_for_a_trader_stands_in_the_queue_with_why(trader, match, configure, clock):
    draft = publish(trader, match, template="both_score", probabilities={})
    stale = publish(trader, match)
    configure(price_age_seconds_max=60)
    clock.advance(seconds=61)

    waiting = {one["market"]["id"]: one["why"] for one in trader.get(f"{TRADING}/queue").json}

    assert waiting == {draft["id"]: ["unpriced"], stale["id"]: ["stale"]}


def test_prices_of_a_market_without_margin_target_follow_the_held_one(trader, match):
    market = publish(trader, match, moves_by="margin")
    path = f"{TRADING}/markets/{market['id']}/prices"

    held = trader.patch(path, json={"odds": {"home": "2.50"}}, headers=etag(trader, market)).json

    # 1.06 - 0.4 is left for draw and away, three to two.
    assert prices(held) == ["2.50", "2.52", "3.78"]
    assert [one["is_overridden"] for one in held["selections"]] == [True, False, False]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"template": "match_results"}, "match_result"),
        ({"template": "winner"}, "Not for football"),
        ({"template": "total_goals", "line": "2.6"}, "multiple of 0.25"),
        ({"template": "match_result", "line": "2.5"}, "takes none"),
        ({"probabilities": {"home": "0.5", "draw": "0.3"}}, "away: missing"),
        ({"probabilities": {**THIRDS, "away": "0.3"}}, "add up to 1.1"),
        ({"odds": {"home": "1.00", "draw": "3", "away": "3"}, "probabilities": {}}, "not odds from 1.01"),
        ({"odds": {"home": "2", "draw": "3", "away": "4"}}, "one of them"),
        ({"source": "feed", "probabilities": {}}, "no bookmaker"),
        ({"moves_by": "lmsr"}, "liquidity"),
        ({"fixture_id": "0195f2d0-0000-7000-8000-000000000001"}, "no fixture"),
    ],
)
def test_a_market_that_cannot_be_is_refused_with_what_is_wrong(trader, match, body, field):
    asked = {"fixture_id": str(match), "template": "match_result", "probabilities": THIRDS, **body}

    refused = trader.post(f"{TRADING}/markets", json=asked)

    assert refused.status_code in (404, 422)
    assert field in str(refused.json)


def test_a_market_is_published_once(trader, match, market):
    refused = trader.post(f"{TRADING}/markets", json={"fixture_id": str(match), "template": "match_result"})

    assert refused.status_code == 409
    assert "already" in refused.json["detail"]


def test_the_default_set_is_priced_by_the_feeds_where_they_price_it(ctx, trader, match, world):
    world.quote(ctx, match, "1x2", acme={"home": "1.90", "draw": "3.50", "away": "4.20"})
    ctx.commit()

    made = trader.post(f"{TRADING}/fixtures/{match}/markets", json={}).json
    again = trader.post(f"{TRADING}/fixtures/{match}/markets", json={}).json

    statuses = {one["template"]: one["status"] for one in made}
    assert statuses["match_result"] == "open"
    assert statuses["total_goals"] == "draft"
    assert again == []


def test_the_board_lists_what_can_be_bet_on_page_by_page(client, trader, world, clock, make_client):
    later, sooner = (world.match("A", "B", at=clock.now() + timedelta(hours=h)) for h in (5, 3))
    for match in (later, sooner):
        publish(trader, match)
    publish(trader, world.match("C", "D", at=clock.now() + timedelta(hours=1)), is_draft=True)

    first = client.get(f"{BETTING}/fixtures?limit=1").json
    second = client.get(f"{BETTING}/fixtures?limit=1&cursor={first['next_cursor']}").json

    found = [*first["items"], *second["items"]]
    assert [one["fixture_id"] for one in found] == [str(sooner), str(later)]
    assert second["next_cursor"] is None
    assert prices(found[0]["main"]) == ["1.88", "3.14", "4.71"]
    assert make_client().get(f"{BETTING}/fixtures").status_code == 200


def test_the_board_shows_the_main_market_of_a_fixture(client, trader, match):
    publish(trader, match, template="both_score", probabilities={"yes": "0.5", "no": "0.5"})
    publish(trader, match)

    (found,) = client.get(f"{BETTING}/fixtures").json["items"]

    assert (found["main"]["template"], found["market_count"]) == ("match_result", 2)


def test_a_draft_is_nothing_for_players(client, trader, match):
    draft = publish(trader, match, is_draft=True)

    assert client.get(f"{BETTING}/markets/{draft['id']}").status_code == 404
    assert client.get(f"{BETTING}/fixtures/{match}/markets").json == []


def test_no_market_is_seen_by_another_tenant(make_client, market, other_tenant):
    foreign = make_client("operator", "betting.*", of=other_tenant)

    assert foreign.get(f"{TRADING}/markets/{market['id']}").status_code == 404
    assert foreign.get(f"{BETTING}/markets/{market['id']}").status_code == 404


def test_a_runner_of_a_race_is_a_selection(ctx, world, clock):
    race = world.race("Arkle", "Desert Orchid", "Red Rum", at=clock.now() + SOON)

    book = books.race(ctx, race, world, **{"Arkle": "3", "Desert Orchid": "4", "Red Rum": "6"})

    assert [one.name for one in book.selections] == ["Arkle", "Desert Orchid", "Red Rum"]
    assert book.selections[0].participant_id is not None


def test_of_traders_who_race_on_one_version_one_wins(make_client, trader, market):
    seen, path = etag(trader, market), f"{TRADING}/markets/{market['id']}/prices"
    racers = [make_client("operator", "betting.trade") for _ in range(6)]
    ready = Barrier(len(racers))

    def move(number: int) -> int:
        ready.wait(WAIT_SECONDS)
        body = {"odds": {"home": f"1.{number + 20}"}}
        return int(racers[number].patch(path, json=body, headers=seen).status_code)

    with ThreadPoolExecutor(len(racers)) as pool:
        answers = sorted(pool.map(move, range(len(racers))))

    assert answers == [200, *[412] * (len(racers) - 1)]
