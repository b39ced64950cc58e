"""Pools over HTTP, from being opened to an empty account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.betting.pools import book, demo
from tests.plugins.betting import books
from tests.plugins.betting.conftest import BETTING
from tests.plugins.betting.fixtures import score


def key():
    return {"Idempotency-Key": str(uuid7())}


@pytest.fixture
def race(world, clock):
    """A race of three, in two hours."""
    return world.race("A", "B", "C", at=clock.now() + timedelta(hours=2))


@pytest.fixture
def code(world, race):
    """Name a runner as pools do: `code("A")`."""
    return lambda name: world.participant(race, name)["id"]


@pytest.fixture
def pool(trader, race):
    """Open a pool of the house: `pool(no_winner="refund")`."""

    def make(*, series="", **terms):
        body = {"fixture_id": str(race), "template": "winner", "series": series, "terms": terms}
        answer = trader.post(f"{BETTING}/pools", json=body, headers=key())
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    return make


@pytest.fixture
def stake(me, tenant):
    """Stake in a pool as the player: `stake(pool, runner, "10.00")`."""

    def enter(pool, selection, amount, *, reference=None, **more):
        body = {"selection": selection, "reference": reference or str(uuid7()), **more}
        body["stake"] = {"amount": amount, "currency": tenant.currency}
        return me.post(f"{BETTING}/pools/{pool}/entries", json=body, headers=key())

    return enter


@pytest.fixture
def left(kernel, tenant):
    """Read what is left in a pool, or in an account of the house."""

    def read(what):
        account = ledger.house(what, tenant.currency)
        if what not in ("betting_pools", "breakage"):
            account = book.account(what, tenant.currency)
        with kernel.context(tenant.id) as ctx:
            return int(ledger.balance(ctx.connection, account))

    return read


@pytest.fixture
def ran(kernel, tenant, world, worker, race):
    """Let the race be won: `ran("A", "B")` names the order."""

    def record(*order, **more):
        positions = [
            {"participant": world.participant(race, name)["id"], "position": place}
            for place, name in enumerate(order, 1)
        ]
        with kernel.context(tenant.id) as ctx:
            world.result(ctx, race, {"positions": positions}, **more)
        worker()

    return record


def test_a_tote_takes_its_part_breaks_the_dividend_and_ends_empty(
    pool, stake, pay_in, cash, left, ran, code, me, trader
):
    """J5.1: 192,913.00 with 23,872.00 on the winner pays 6.60 for 1; breakage is 633.46."""
    pay_in(192_913_00)
    tote = pool(takeout="0.18", break_to="0.10")
    stake(tote, code("A"), "23872.00")
    stake(tote, code("B"), "100000.00")
    last = stake(tote, code("C"), "69041.00", reference="same")
    again = stake(tote, code("C"), "69041.00", reference="same")
    assert again.json["id"] == last.json["id"]
    before = me.get(f"{BETTING}/pools/{tote}").json
    assert before["answers"][0]["would_pay"] == "6.6265"

    ran("A", "B", "C")

    after = me.get(f"{BETTING}/pools/{tote}").json
    told = after["outcome"]
    assert told["dividends"][code("A")]["per_unit"] == "6.6"
    assert told["dividends"][code("A")]["staked"]["amount"] == "23872.00"
    assert (told["takeout"]["amount"], told["breakage"]["amount"]) == ("34724.34", "633.46")
    assert (cash(), left(tote)) == (15_755_520, 0)
    assert (left("betting_pools"), left("breakage")) == (3_472_434, 63_346)
    entries = me.get(f"{BETTING}/me/pool-entries").json["items"]
    assert [one["state"] for one in entries] == ["lost", "lost", "won"]


def test_a_minus_pool_is_filled_by_the_house(pool, stake, pay_in, cash, left, ran, code):
    pay_in(10_000_00)
    tote = pool(takeout="0.15", minimum="1.05")
    stake(tote, code("A"), "9000.00"), stake(tote, code("B"), "1000.00")
    ran("A", "B", "C")
    assert (cash(), left(tote), left("betting_pools")) == (9_450_00, 0, -950_00 + 1500_00)


def test_nobody_is_taken_after_the_start_nor_with_a_wrong_stake(pool, stake, pay_in, code, clock, tenant, me):
    pay_in(100_00)
    least = {"amount": "2.00", "currency": tenant.currency}
    tote = pool(stake_min=least)
    assert me.get(f"{BETTING}/pools/{tote}").json["terms"]["stake_min"] == least
    assert (
        f"the stake is 1.99 {tenant.currency}: give from 2.00"
        in stake(tote, code("A"), "1.99").json["detail"]
    )
    assert "no answer 'Z'" in stake(tote, "Z", "2.00").json["detail"]
    assert stake(tote, code("A"), "200.00").status_code == 409
    clock.advance(hours=2)
    assert "is closed" in stake(tote, code("A"), "2.00").json["detail"]


def test_who_takes_no_part_is_refunded_at_once(
    pool, stake, pay_in, cash, ran, code, kernel, tenant, world, race, worker, left
):
    pay_in(100_00)
    tote = pool(takeout="0.10")
    stake(tote, code("A"), "30.00"), stake(tote, code("B"), "70.00")
    with kernel.context(tenant.id) as ctx:
        world.withdraw(ctx, race, "B")
    worker()
    assert cash() == 70_00
    assert stake(tote, code("B"), "1.00").status_code == 422
    ran("A", "C")
    assert (cash(), left(tote)) == (100_00, 0)


def test_a_pool_that_nobody_won_is_carried_to_the_next_of_its_series(
    pool, stake, pay_in, cash, left, ran, code, me
):
    pay_in(100_00)
    first = pool(takeout="0.10", no_winner="carry", series="saturday")
    stake(first, code("A"), "100.00")
    ran("B", "A", "C")
    assert (cash(), left(first)) == (0, 0)


def test_a_correction_takes_back_what_was_paid_and_pays_anew(
    pool, stake, pay_in, cash, left, ran, code, trader
):
    pay_in(100_00)
    tote = pool(takeout="0.10")
    stake(tote, code("A"), "40.00"), stake(tote, code("B"), "60.00")
    ran("A", "B", "C")
    assert cash() == 88_00
    ran("B", "A", "C", state="corrected")
    assert trader.get(f"{BETTING}/pools/{tote}").json["outcome"]["waiting_version"] == 2
    done = trader.post(f"{BETTING}/pools/{tote}/settle-again", json={"reason": "photo finish"}).json
    assert (done["version"], cash(), left(tote), left("betting_pools")) == (2, 90_00, 0, 10_00)


def test_a_cancelled_pool_gives_all_stakes_back(pool, stake, pay_in, cash, left, code, trader):
    pay_in(100_00)
    tote = pool()
    stake(tote, code("A"), "40.00")
    done = trader.post(f"{BETTING}/pools/{tote}/cancel", json={"reason": "abandoned"}).json
    assert (done["state"], cash(), left(tote)) == ("refunded", 100_00, 0)


def test_friends_share_a_private_pool_by_places_to_the_last_cent(
    world, clock, me, stake, pay_in, cash, left, kernel, tenant, worker, player
):
    match = world.match("Leeds", "Hull", at=clock.now() + timedelta(hours=2))
    body = {
        "fixture_id": str(match),
        "template": "match_result",
        "invite": "office-2026",
        "fee": {"amount": "10.01", "currency": tenant.currency},
        "rules": "Loser buys the cake.",
    }
    made = me.post(f"{BETTING}/private-pools", json=body, headers=key()).json
    assert made["split"] == "All of the pot is paid: 100% to place 1; those of a tie add up and divide."
    assert me.get(f"{BETTING}/pools").json["items"] == []
    pay_in(10_01)
    fee = {"selection": "home", "amount": "10.01"}
    assert made["terms"]["fee"]["amount"] == "10.01"
    assert made["outcome"] is None
    assert stake(made["id"], **fee).status_code == 403
    cheap = stake(made["id"], "home", "10.00", invite="office-2026").json
    assert f"the stake is 10.00 {tenant.currency}, and the fee of this pool 10.01" in cheap["detail"]
    assert stake(made["id"], **fee, invite="office-2026").status_code == 201
    pay_in(10_01)
    assert stake(made["id"], **fee, invite="office-2026").status_code == 409
    with kernel.context(tenant.id) as ctx:
        friends = [register_player(ctx, email=f"{uuid7()}@players.test", password=None).id for _ in range(2)]
    for friend, selection in zip(friends, ("home", "away"), strict=True):
        pay_in(10_01, to=friend)
        with kernel.context(tenant.id) as ctx:
            book.enter(
                ctx,
                UUID(made["id"]),
                friend,
                selection=selection,
                stake=1001,
                reference="r",
                invite="office-2026",
            )
    with kernel.context(tenant.id) as ctx:
        world.result(ctx, match, score(1, 0))
    worker()
    assert sorted((cash() - 1001, cash(of=friends[0]))) == [1501, 1502]
    assert left(made["id"]) == 0
    with kernel.context(tenant.id) as ctx:
        assert not any(ledger.verify(ctx.connection).values())


# -- on the pages of the admin -------------------------------------------------------------------------

PAGES = "/admin/betting/pools"
FORM = {
    "template": "winner",
    "places": "1",
    "name": "The big one",
    "takeout": "18",
    "break_to": "0.10",
    "minimum": "1",
    "no_winner": "refund",
    "series": "",
}


def test_a_trader_opens_a_pool_from_its_fixture_and_sees_what_it_would_pay(trader, race, stake, pay_in, code):
    assert "New pool" in trader.get(f"{PAGES}/fixtures/{race}").text

    opened = trader.post(f"{PAGES}/fixtures/{race}", data=FORM)
    assert opened.status_code == 303, opened.text
    pay_in(100_00)
    stake(opened.location.rpartition("/")[2], code("A"), "40.00")

    page = trader.get(opened.location).text
    assert "The house keeps 18% of the stakes" in page
    assert ">0.82</span>" in page
    assert page.count("nobody backs it") == 2
    assert "The big one" in trader.get(f"{PAGES}/?state=open").text
    assert "No pool here" in trader.get(f"{PAGES}/?state=paid").text


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"takeout": "much"}, "takeout: &#39;much&#39; is no number"),
        ({"takeout": "180"}, "takeout"),
        ({"places": "x"}, "places: &#39;x&#39; is no whole number"),
        ({"no_winner": "carry"}, "series: a pool that is carried over needs one"),
        ({"template": "no_such"}, "no_such"),
    ],
)
def test_what_was_typed_stays_when_a_pool_cannot_be_opened(trader, race, said, problem):
    answer = trader.post(f"{PAGES}/fixtures/{race}", data={**FORM, **said})

    assert answer.status_code in (404, 422)
    assert problem in answer.text
    assert 'value="The big one"' in answer.text
    assert "No pool here" in trader.get(f"{PAGES}/").text


def test_a_paid_pool_says_why_and_an_open_one_is_cancelled_by_those_who_may(
    pool, stake, pay_in, cash, ran, code, trader, make_client
):
    pay_in(100_00)
    tote = pool()
    stake(tote, code("A"), "40.00"), stake(tote, code("B"), "60.00")
    clerk = make_client("operator", "betting.read")
    assert "Cancel pool" not in clerk.get(f"{PAGES}/{tote}").text
    assert clerk.post(f"{PAGES}/{tote}/cancel").status_code == 403
    ran("A", "B", "C")

    page = trader.get(f"{PAGES}/{tote}").text
    assert "Why it paid what it paid" in page
    assert "1. A; 2. B; 3. C" in page
    trader.post(f"{PAGES}/{tote}/cancel", data={"reason": "too late"})
    assert "only an open one can be cancelled" in trader.get(f"{PAGES}/{tote}").text
    assert cash() == 80_00


def test_a_pool_is_cancelled_on_its_page_with_a_reason(pool, stake, pay_in, cash, code, trader):
    pay_in(100_00)
    tote = pool()
    stake(tote, code("A"), "40.00")

    trader.post(f"{PAGES}/{tote}/cancel", data={"reason": "the track is flooded"})

    page = trader.get(f"{PAGES}/{tote}").text
    assert "the track is flooded" in page
    assert cash() == 100_00


def test_the_demo_has_a_pool_that_is_loaded_once(kernel, tenant, world, clock, player, pay_in):
    pay_in(100_00)
    match = world.match("Leeds", "Hull", at=clock.now() + timedelta(hours=2))
    with kernel.context(tenant.id) as ctx:
        books.publish(ctx, match, home="1.88", draw="3.14", away="4.71")
        for _ in range(2):
            demo.load_demo(ctx, [player])

        [made] = book.listed(ctx)
        assert (made.state, made.entry_count, made.gross) == ("open", 1, 20_00)
