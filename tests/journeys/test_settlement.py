"""J2 and J3: multiples, an abandoned match, a correction; a race with a non-runner and a dead heat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.testing.web import PART

SPORTS, BETTING = "/api/v1/sports", "/api/v1/betting"


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def ended(home: int, away: int) -> dict[str, Any]:
    """Return the result of a football match that ended so."""
    return {
        "periods": [
            {"code": "1h", "home": 0, "away": 0},
            {"code": "2h", "home": home, "away": away},
        ]
    }


class Bookmaker:
    """The people of a brand, who do everything over HTTP."""

    def __init__(self, desk: Any, referee: Any, bettor: Any, clock: Any, worker: Any) -> None:
        self.desk, self.referee, self.bettor = desk, referee, bettor
        self.clock, self.worker = clock, worker

    def ask(self, client: Any, how: str, path: str, body: Any = None, **more: Any) -> Any:
        """Call the API, and return what it answers."""
        headers = key() if how == "post" else {}
        answer = getattr(client, how)(path, json=body, headers={**headers, **more.pop("headers", {})}, **more)
        assert answer.status_code < 300, f"{path}: {answer.json}"
        return answer.json

    def fixture(self, sport: str, *names: str, **more: Any) -> dict[str, Any]:
        """Schedule a fixture in two hours."""
        competition = {"sport": sport, "name": f"Cup {uuid7().hex[-8:]}", "country": "GB"}
        made = self.ask(self.desk, "post", f"{SPORTS}/competitions", competition)
        body = {
            "sport": sport,
            "competition_id": made["id"],
            "starts_at": (self.clock.now() + timedelta(hours=2)).isoformat(),
            "participants": [{"name": name} for name in names],
            **more,
        }
        return self.ask(self.desk, "post", f"{SPORTS}/fixtures", body)

    def market(self, fixture: dict[str, Any], template: str, **odds: str) -> dict[str, Any]:
        """Publish a market at prices, by code or by name of a participant."""
        ids = {one["name"]: one["id"] for one in fixture["participants"]}
        by_code = {ids.get(name, name): price for name, price in odds.items()}
        body = {"fixture_id": fixture["id"], "template": template, "odds": by_code}
        return self.ask(self.desk, "post", f"{BETTING}/trading/markets", body)

    def leg(self, market: dict[str, Any], code: str) -> dict[str, Any]:
        """Pick a selection as it is shown now."""
        shown = self.ask(self.bettor, "get", f"{BETTING}/markets/{market['id']}")
        one = next(s for s in shown["selections"] if code in (s["code"], s["name"]))
        return {
            "selection_id": one["id"],
            "odds": one["odds"],
            "odds_version": shown["odds_version"],
        }

    def bet(self, legs: list[dict[str, Any]], stake: str, **more: Any) -> dict[str, Any]:
        """Place a bet."""
        body = {"legs": legs, "stake": {"amount": stake, "currency": "GBP"}, "reference": str(uuid4())}
        return self.ask(self.bettor, "post", f"{BETTING}/bets", {**body, **more})

    def result(self, fixture: dict[str, Any], outcome: dict[str, Any]) -> None:
        """Record a result, have it confirmed by somebody else, and let the workers do what follows."""
        begins = datetime.fromisoformat(fixture["starts_at"])
        if self.clock.now() < begins:
            self.clock.advance(seconds=(begins - self.clock.now()).total_seconds() + 6_000)
        path = f"{SPORTS}/fixtures/{fixture['id']}/results"
        made = self.ask(self.desk, "post", path, {"outcome": outcome, "reason": "as seen"})
        if made["state"] == "provisional":
            body = {"version": made["version"], "reason": "seen too"}
            self.ask(self.referee, "post", f"{path}/confirm", body)
        self.worker()

    def correct(self) -> dict[str, Any]:
        """Look at the correction that waits, confirm it, and return its preview."""
        [run] = self.ask(self.desk, "get", f"{BETTING}/settlement-runs?state=waiting")["items"]
        path = f"{BETTING}/settlement-runs/{run['id']}"
        preview = self.ask(self.desk, "get", f"{path}/preview")
        self.ask(self.desk, "post", f"{path}/confirm", {"reason": "the league says so"})
        self.worker()
        return preview

    def paid(self, bet: dict[str, Any]) -> str:
        """Return what a bet has paid."""
        said = self.ask(self.bettor, "get", f"{BETTING}/bets/{bet['id']}")["payout"]
        return str(said["amount"])

    def explain(self, bet: dict[str, Any]) -> dict[str, Any]:
        """Read why a bet paid what it paid."""
        return self.ask(self.bettor, "get", f"{BETTING}/bets/{bet['id']}/explanation")


@pytest.fixture
def tenant(make_tenant) -> Any:
    """A brand in Great Britain."""
    return make_tenant("sports", "betting", country="GB", currency="GBP")


@pytest.fixture
def house(kernel, tenant, make_client, client, clock, worker) -> Bookmaker:
    """A bookmaker with a bettor who has 100.00."""
    desk = make_client("operator", "sports.*", "betting.*")
    with kernel.context(tenant.id) as ctx:
        purse = ledger.player(client.player_id, "wallet", "GBP")
        leg = ledger.Leg(ledger.house("clearing", "GBP"), purse, 100_00)
        ledger.post(ctx.connection, key="deposit", op="test.deposit", legs=[leg])
    referee = make_client("operator", "sports.*")
    # Somebody else: who records a result may not confirm it.
    referee.principal = replace(referee.principal, id=uuid4(), name="Rita")
    referee.application.extensions[PART][referee.environ_base["HTTP_X_SIGNED_IN"]] = referee.principal
    return Bookmaker(desk, referee, client, clock, worker)


@pytest.fixture
def purses(kernel, tenant, client) -> Callable[[], tuple[int, int]]:
    """Read the bettor's cash and open stakes, and check the books."""

    def read() -> tuple[int, int]:
        with kernel.context(tenant.id) as ctx:
            assert not any(ledger.verify(ctx.connection).values())
            held = ledger.read_wallet(ctx.connection, client.player_id, "GBP")
        return held.cash, held.locked

    return read


def test_multiples_settle_explain_themselves_and_settle_again(house, purses):
    """J2."""
    matches = [house.fixture("football", home, away) for home, away in ("AB", "CD", "EF")]
    markets = [
        house.market(match, "match_result", home=price, draw="4", away="5")
        for match, price in zip(matches, ("2.00", "1.50", "3.00"), strict=True)
    ]
    legs = [house.leg(market, "home") for market in markets]

    treble = house.bet(legs, "10.00")
    trixie = house.bet(legs, "1.00", system="trixie")
    assert (treble["potential"]["amount"], trixie["stake"]["amount"]) == ("90.00", "4.00")
    assert (trixie["line_count"], purses()) == (4, (86_00, 14_00))

    house.result(matches[0], ended(1, 0))
    house.result(matches[1], {"periods": [{"code": "1h", "home": 0, "away": 0}], "abandoned_at": 30})
    house.result(matches[2], ended(2, 0))
    assert (house.paid(treble), house.paid(trixie), purses()) == ("60.00", "17.00", (163_00, 0))

    said = house.explain(treble)["settlements"][0]
    assert [leg["multiplier"] for leg in said["sum"]["parts"][0]["legs"]] == ["2", "1", "3"]
    assert [leg["rules"]["key"] for leg in said["legs"]] == ["football"] * 3
    assert all(leg["source"]["confirmed_by"] for leg in said["legs"])
    assert house.explain(treble)["balance"]["sum"]["amount"] == "0.00"

    house.result(matches[0], ended(0, 1))
    preview = house.correct()
    assert preview["summary"] == "re-settles 2 bets, net 74.00 GBP"
    assert (house.paid(treble), house.paid(trixie), purses()) == ("0.00", "3.00", (89_00, 0))
    assert all(one["replay"]["is_same"] for one in house.explain(trixie)["settlements"])


def test_a_race_with_a_non_runner_and_a_dead_heat(house, purses):
    """J3."""
    names = "ABCDEFGHIJ"
    race = house.fixture("horse-racing", *names, name="14:30 Ascot")
    ids = {one["name"]: one["id"] for one in race["participants"]}
    market = house.market(race, "winner", **{"A": "9", "B": "4", **dict.fromkeys(names[2:], "12")})

    each_way = house.bet([house.leg(market, "A")], "10.00", is_each_way=True)
    backer = house.bet([house.leg(market, "B")], "5.00")
    assert (each_way["stake"]["amount"], purses()) == ("20.00", (75_00, 25_00))

    house.clock.advance(minutes=1)
    path = f"{SPORTS}/fixtures/{race['id']}/participants/{ids['B']}/withdraw"
    house.ask(house.desk, "post", path, {"reason": "lame"})
    house.worker()
    assert (house.paid(backer), purses()) == ("5.00", (80_00, 20_00))

    def ran(*tiers: str) -> dict[str, Any]:
        place, positions = 1, []
        for tier in tiers:
            positions += [{"participant": ids[name], "position": place} for name in tier]
            place += len(tier)
        placed = {name for tier in tiers for name in tier}
        return {"positions": positions, "unplaced": [ids[n] for n in names if n not in placed | {"B"}]}

    house.result(race, ran("A", "C", "D", "E"))
    assert (house.paid(each_way), purses()) == ("92.00", (172_00, 0))
    first = house.explain(each_way)["settlements"][0]
    assert [part["name"] for part in first["sum"]["parts"]] == ["win", "place"]

    house.result(race, ran("AC", "D", "E"))
    house.correct()
    assert (house.paid(each_way), purses()) == ("57.00", (137_00, 0))

    rules = house.ask(house.desk, "get", f"{BETTING}/settlement-rules/of/horse-racing")
    assert rules["version"] == 1
    said = house.explain(each_way)["settlements"]
    assert [one["legs"][0]["rules"]["version"] for one in said] == [1, 1]
    assert all(one["replay"]["is_same"] for one in said)
