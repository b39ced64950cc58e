"""J4: betting in play: prices that move, a feed that goes silent, cash-out, exposure, limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from pitboss.core import ledger

API = "/api/v1"
SPORTS, BETTING = f"{API}/sports", f"{API}/betting"
PRICES = {"home": "2.00", "draw": "3.40", "away": "3.75"}


class Exchange:
    """A trader, a feed and a bettor, who do everything over HTTP."""

    def __init__(self, desk: Any, bettor: Any, clock: Any, worker: Any) -> None:
        self.desk, self.bettor, self.clock, self.worker = desk, bettor, clock, worker
        self.heard = 0

    def post(self, client: Any, path: str, body: Any) -> Any:
        answer = client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code < 300, f"{path}: {answer.json}"
        return answer.json

    def match(self) -> str:
        """Schedule a match that begins in a minute."""
        league = {"sport": "football", "name": f"League {uuid4()}", "country": "GB"}
        competition = self.post(self.desk, f"{SPORTS}/competitions", league)
        body = {
            "sport": "football",
            "competition_id": competition["id"],
            "starts_at": (self.clock.now() + timedelta(minutes=1)).isoformat(),
            "participants": [{"name": "Leeds"}, {"name": "Hull"}],
        }
        return str(self.post(self.desk, f"{SPORTS}/fixtures", body)["id"])

    def market(self, fixture_id: str, **odds: str) -> str:
        """Publish who wins."""
        body = {
            "fixture_id": fixture_id,
            "template": "match_result",
            "odds": PRICES | odds,
            "goes_in_play": True,
        }
        return str(self.post(self.desk, f"{BETTING}/trading/markets", body)["id"])

    def hear(self, fixture_id: str) -> None:
        """Let the live feed say that the match goes on."""
        self.heard += 1
        now = self.clock.now().isoformat()
        said = {"sequence": self.heard, "happened_at": now, "score": {"home": 0, "away": 0}}
        body = {"source": "feed", "updates": [said | {"minute": 1, "period": "1h", "status": "live"}]}
        self.post(self.desk, f"{SPORTS}/fixtures/{fixture_id}/live", body)
        self.worker()

    def move(self, market_id: str, **odds: str) -> None:
        """Set prices as a trader."""
        path = f"{BETTING}/trading/markets/{market_id}"
        etag = self.desk.get(path).headers["ETag"]
        answer = self.desk.patch(
            f"{path}/prices", json={"odds": odds, "is_held": False}, headers={"If-Match": etag}
        )
        assert answer.status_code == 200, answer.json
        self.worker()

    def shown(self, market_id: str) -> Any:
        """Look at a market as a player."""
        return self.bettor.get(f"{BETTING}/markets/{market_id}").json

    def leg(self, market_id: str, code: str, odds: str = "") -> dict[str, Any]:
        """Pick a selection at the price that is shown, or that was."""
        found = self.shown(market_id)
        one = next(s for s in found["selections"] if s["code"] == code)
        version = found["odds_version"]
        return {"selection_id": one["id"], "odds": odds or one["odds"], "odds_version": version}

    def bet(self, leg: dict[str, Any], stake: str, **more: Any) -> Any:
        """Place a bet; return the whole answer."""
        body = {"legs": [leg], "stake": {"amount": stake, "currency": "GBP"}, "reference": str(uuid4())}
        return self.bettor.post(f"{BETTING}/bets", json=body | more)

    def limit(self, measure: str, amount: str, scope: str = "platform", subject: str = "") -> None:
        """Set a limit."""
        money = {"amount": amount, "currency": "GBP"}
        body = {"scope": scope, "subject": subject, "measure": measure, "amount": money, "reason": "J4"}
        assert self.desk.put(f"{BETTING}/limits", json=body).status_code == 200


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A brand in Great Britain."""
    return make_tenant("sports", "betting", country="GB", currency="GBP")


@pytest.fixture
def exchange(kernel, tenant, make_client, client, clock, worker) -> Exchange:
    """A desk, and a bettor who has 10,000.00."""
    with kernel.context(tenant.id) as ctx:
        purse = ledger.player(client.player_id, "wallet", "GBP")
        leg = ledger.Leg(ledger.house("clearing", "GBP"), purse, 10_000_00)
        ledger.post(ctx.connection, key="deposit", op="test.deposit", legs=[leg])
    return Exchange(make_client("operator", "sports.*", "betting.*"), client, clock, worker)


def test_prices_move_while_a_slip_is_filled_in_and_a_silent_feed_stops_all(exchange, clock, kernel, tenant):
    match = exchange.match()
    market = exchange.market(match)
    clock.advance(minutes=2)
    exchange.hear(match)
    assert exchange.shown(market)["is_in_play"]

    # 1 and 2: shown 2.00; at 1.90 it is refused with the price of now, at 2.10 it is struck at that.
    slip = exchange.leg(market, "home", "2.00")
    exchange.move(market, home="1.90")
    refused = exchange.bet(slip, "10.00", price_policy="higher_only")
    assert refused.status_code == 409, refused.json
    assert refused.json["details"]["problems"][0]["odds"] == "1.90"
    exchange.move(market, home="2.10")
    struck = exchange.bet(slip, "10.00", price_policy="higher_only").json
    assert (struck["legs"][0]["odds"], struck["state"]) == ("2.10", "accepted")

    # 3: half a minute of silence.
    clock.advance(seconds=31)
    with kernel.context(tenant.id) as ctx:
        ctx.enqueue("sports.check_live")
    exchange.worker()
    seen = exchange.shown(market)
    assert (seen["status"], seen["is_open"]) == ("suspended", False)
    assert seen["notice"]
    silent = exchange.bet(exchange.leg(market, "home"), "10.00")
    assert (silent.status_code, silent.json["details"]["code"]) == (409, "market_suspended")


def test_a_part_of_a_bet_is_cashed_out(exchange, tenant, make_client):
    admin = make_client("operator", "*")
    path = f"{API}/plugins/betting"
    etag = {"If-Match": admin.get(path).headers["ETag"]}
    said = {"settings": {"cash_out_margin": "0.09", "jump_percent_max": 100}}
    assert admin.put(f"{path}/settings", json=said, headers=etag).status_code == 200
    market = exchange.market(exchange.match(), home="2.20")

    # 4: 100 at 2.20; the price is 1.50 now.
    bet = exchange.bet(exchange.leg(market, "home"), "100.00").json
    exchange.move(market, home="1.50")
    url = f"{BETTING}/bets/{bet['id']}"
    whole = exchange.bettor.get(f"{url}/cash-out-offer").json
    assert whole["amount"]["amount"] == "133.47"
    part = exchange.bettor.get(f"{url}/cash-out-offer", query_string={"part": "0.4"}).json
    taken = exchange.post(exchange.bettor, f"{url}/cash-outs", {"token": part["token"], "reference": "1"})
    assert (taken["amount"]["amount"], taken["running_stake"]["amount"]) == ("53.39", "60.00")


def test_the_book_is_kept_within_its_limits(exchange, client):
    market = exchange.market(exchange.match())

    # 5: the book.
    exchange.bet(exchange.leg(market, "home"), "100.00")
    exchange.move(market, home="2.10")
    exchange.bet(exchange.leg(market, "home"), "50.00")
    exchange.bet(exchange.leg(market, "draw"), "40.00")
    exchange.bet(exchange.leg(market, "away"), "80.00")
    book = exchange.desk.get(f"{BETTING}/trading/markets/{market}").json
    results = [one["result_if_right"]["amount"] for one in book["selections"]]
    assert results == ["-35.00", "134.00", "-30.00"]

    # 6: up to the last cent.
    exchange.limit("exposure_max", "400.00")
    exchange.move(market, home="1.95")
    refused = exchange.bet(exchange.leg(market, "home"), "384.22")
    assert refused.status_code == 403
    assert "stake at most 384.21 GBP" in refused.json["reasons"][0]
    assert exchange.bet(exchange.leg(market, "home"), "384.21").status_code == 201

    # 7: the lower of two limits binds.
    exchange.limit("stake_max", "50.00")
    exchange.limit("stake_max", "20.00", "player", str(client.player_id))
    over = exchange.bet(exchange.leg(market, "draw"), "20.01")
    assert "stake at most 20.00 GBP" in over.json["reasons"][0]
    assert exchange.bet(exchange.leg(market, "draw"), "20.00").status_code == 201
