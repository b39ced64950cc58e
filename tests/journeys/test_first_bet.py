"""J1: an operator opens a brand and takes the first bet.

Who a player is says a doorkeeper of this test.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from pitboss.core import ledger
from pitboss.core.contracts import Guard, Manifest
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate, installed

API = "/api/v1"
SPORTS, BETTING = f"{API}/sports", f"{API}/betting"
VERIFIED: set[Any] = set()
"""The players whom the doorkeeper lets in."""


def _doorkeeper() -> Any:
    def check(_ctx: Any, payload: Any) -> str | None:
        return None if payload["player_id"] in VERIFIED else "identity not verified"

    @hookimpl
    def plugin_manifest() -> Manifest:
        return Manifest(name="doorkeeper", version="1", title="Doorkeeper")

    @hookimpl
    def register_listeners() -> list[Guard]:
        return [Guard("betting.place_bet", check)]

    return SimpleNamespace(plugin_manifest=plugin_manifest, register_listeners=register_listeners)


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    """What is installed, and somebody at the door."""
    return [*installed(), Candidate("doorkeeper", _doorkeeper)]


@pytest.fixture
def tenant(kernel, make_tenant) -> Iterator[Any]:
    """The empty tenant of the journey; at the end its books are whole."""
    VERIFIED.clear()
    made = make_tenant(country="GB", currency="GBP", locale="en")
    yield made
    with kernel.context(made.id) as ctx:
        assert {law: n for law, n in ledger.verify(ctx.connection).items() if n} == {}


def import_fixtures(client: Any, starts_at: str, *pairs: tuple[str, str]) -> dict[str, int]:
    """Import a CSV of fixtures, all rows or none; return what became of them."""
    rows = [f"football,Premier League,{starts_at},{home},{away}" for home, away in pairs]
    text = "\n".join(["sport,competition,starts_at,home,away", *rows])
    content = base64.b64encode(text.encode()).decode()
    body = {"kind": "fixtures", "filename": "fixtures.csv", "content": content}
    sent = client.post(f"{SPORTS}/imports", json=body)
    done = client.post(f"{SPORTS}/imports/{sent.json['id']}/confirm", json={"policy": "all"})
    assert done.json["state"] == "done", done.json
    counts: dict[str, int] = done.json["report"]["counts"]
    return counts


def test_an_operator_opens_a_brand_and_takes_the_first_bet(tenant, make_client, register, make_tenant, clock):
    trader = make_client("operator", "*", of=tenant)

    # 2: plugins are switched on, and what is off is not there.
    for plugin in ("sports", "betting", "doorkeeper"):
        assert trader.post(f"{API}/plugins/{plugin}/enable", json={}).status_code == 200
    assert trader.get("/admin/betting/bets/").status_code == 200
    assert trader.get(f"{API}/loyalty/missions").status_code == 404

    # 3: three matches of a file, which is sent twice.
    starts_at = (clock.now() + timedelta(hours=3)).isoformat()
    for _ in range(2):
        reported = import_fixtures(
            trader, starts_at, ("Leeds", "Hull"), ("Derby", "Stoke"), ("Bury", "Luton")
        )
    assert (reported["created"], reported["same"]) == (0, 3)
    matches = {one["name"]: one for one in trader.get(f"{SPORTS}/fixtures").json["items"]}
    assert sorted(matches) == ["Bury v Luton", "Derby v Stoke", "Leeds v Hull"]

    # 4: a market from probabilities and a book sum.
    body = {
        "fixture_id": matches["Leeds v Hull"]["id"],
        "template": "match_result",
        "probabilities": {"home": "0.50", "draw": "0.30", "away": "0.20"},
        "book_sum": "1.06",
    }
    market = trader.post(f"{BETTING}/trading/markets", json=body).json
    shown = trader.get(f"{BETTING}/markets/{market['id']}").json
    assert [selection["odds"] for selection in shown["selections"]] == ["1.88", "3.14", "4.71"]
    book_sum = sum(1 / float(selection["odds"]) for selection in shown["selections"])
    assert book_sum == pytest.approx(1.0627, abs=1e-4)

    # 5: nobody bets who is not known.
    bettor = register("Ann")
    home = shown["selections"][0]
    slip = {
        "legs": [{"selection_id": home["id"], "odds": "1.88", "odds_version": shown["odds_version"]}],
        "stake": {"amount": "10.00", "currency": "GBP"},
        "reference": "first",
    }
    refused = bettor.post(f"{BETTING}/bets", json=slip)
    assert (refused.status_code, refused.json["reasons"]) == (403, ["identity not verified"])
    record = bettor.get(f"{BETTING}/refusals/{refused.json['details']['refusal_id']}").json
    assert (record["code"], "doorkeeper" in record["decision"]["asked"]) == ("guard", True)

    # 6: the player is known, and pays in.
    VERIFIED.add(bettor.player_id)
    adjustment = {"amount": "100.00", "reason": "First deposit."}
    path = f"{API}/players/{bettor.player_id}/wallet/adjustments"
    paid = trader.post(path, json=adjustment, headers={"Idempotency-Key": str(uuid4())})
    assert paid.json["cash"] == "100.00"

    # 7 and 8: the bet stands, once.
    receipts = [bettor.post(f"{BETTING}/bets", json=slip) for _ in range(2)]
    assert [receipt.status_code for receipt in receipts] == [201, 201], receipts[0].json
    bet = receipts[0].json
    assert receipts[1].json["id"] == bet["id"]
    assert (bet["state"], bet["legs"][0]["odds_version"]) == ("accepted", shown["odds_version"])
    wallet = bettor.get(f"{API}/wallet").json
    assert (wallet["cash"], wallet["locked"]) == ("90.00", "10.00")
    assert len(bettor.get(f"{BETTING}/me/bets").json["items"]) == 1

    # 9: another brand knows nothing of it.
    other = make_tenant("sports", "betting", country="GB", currency="GBP")
    stranger = make_client("operator", "betting.*", of=other)
    assert stranger.get(f"{BETTING}/bets/{bet['id']}").status_code == 404
