"""A stream is shown inside its window, its countries and its terms, and taken off when it is dead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pitboss.core import ledger
from pitboss.core.clock import uuid7
from pitboss.core.identity import register_player
from pitboss.plugins.sports.streams.access import Terms, Viewer, is_of_age, why_not
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import match

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
TERMS = Terms(
    is_active=True,
    opens_at=NOW - timedelta(minutes=15),
    closes_at=NOW + timedelta(hours=3),
    territories=("GB", "IE"),
    age_min=18,
    needs_funds=True,
)
VIEWER = Viewer(country="GB", born_on=date(2008, 1, 5), has_funds=True)


def test_who_fits_every_term_watches():
    assert why_not(TERMS, VIEWER, NOW) is None
    assert why_not(replace(TERMS, territories=()), replace(VIEWER, country=None), NOW) is None


@pytest.mark.parametrize(
    ("terms", "viewer", "reason"),
    [
        ({"is_active": False}, {}, "is off"),
        ({"opens_at": NOW + timedelta(seconds=1)}, {}, "opens at"),
        ({"closes_at": NOW}, {}, "is over"),
        ({}, {"country": "FR"}, "not shown in FR"),
        ({}, {"country": None}, "a country that we do not know"),
        ({}, {"born_on": date(2008, 1, 6)}, "18 and older"),
        ({}, {"born_on": None}, "18 and older"),
        ({}, {"has_funds": False}, "money in the wallet"),
    ],
)
def test_what_is_missing_or_not_known_refuses(terms, viewer, reason):
    assert reason in (why_not(replace(TERMS, **terms), replace(VIEWER, **viewer), NOW) or "")


def test_who_was_born_on_a_leap_day_is_of_age_in_march():
    assert not is_of_age(date(2008, 2, 29), 18, date(2026, 2, 28))
    assert is_of_age(date(2008, 2, 29), 18, date(2026, 3, 1))


@pytest.fixture
def viewer(kernel, tenant, make_client):
    """Make a client of a player of a country, with money or without."""

    def make(country="GB", cents=100):
        with kernel.context(tenant.id) as ctx:
            born = date(1990, 1, 1)
            player = register_player(
                ctx, email=f"{uuid7()}@players.test", password=None, country=country, birth_date=born
            ).id
            if cents:
                wallet = ledger.player(player, "wallet", "GBP")
                leg = ledger.Leg(ledger.house("clearing", "GBP"), wallet, cents)
                ledger.post(ctx.connection, key=f"cash:{player}", op="test.deposit", legs=[leg])
        client = make_client("player")
        token = client.environ_base["HTTP_X_SIGNED_IN"]
        client.principal = replace(client.principal, id=player)
        client.application.extensions["signing_in"][token] = client.principal
        return client

    return make


def test_a_link_is_shown_to_whom_it_may_be(viewer, operator_client, ctx, clock):
    fixture = match(ctx, hours=1)
    ctx.commit()
    stream = {"title": "Main", "url": "https://streams.test/1", "territories": ["GB"]}
    made = operator_client.post(f"{ROOT}/fixtures/{fixture.id}/streams", json=stream)
    assert made.status_code == 201, made.json
    mine = f"{ROOT}/me/fixtures/{fixture.id}/streams"
    funded, poor, abroad = viewer(), viewer(cents=0), viewer("FR")

    (early,) = funded.get(mine).json
    assert (early["url"], early["why_not"][:20]) == (None, "this stream opens at")
    clock.advance(minutes=45)
    assert funded.get(mine).json[0]["url"] == "https://streams.test/1"
    assert poor.get(mine).json[0]["url"] is None
    assert abroad.get(mine).json[0]["url"] is None
    insecure = {**stream, "url": "http://streams.test/1"}
    assert operator_client.post(f"{ROOT}/fixtures/{fixture.id}/streams", json=insecure).status_code == 422


def test_a_stream_that_enough_players_call_dead_is_off(viewer, operator_client, ctx, clock, events):
    fixture = match(ctx, hours=0)
    ctx.commit()
    stream = {"title": "Main", "url": "https://streams.test/1"}
    made = operator_client.post(f"{ROOT}/fixtures/{fixture.id}/streams", json=stream)
    dead = f"{ROOT}/me/streams/{made.json['id']}/dead"
    first, second, third, poor = viewer(), viewer(), viewer(), viewer(cents=0)

    assert poor.post(dead, json={}).status_code == 403
    assert [client.post(dead, json={}).json["reports"] for client in (first, first, second)] == [1, 1, 2]
    assert third.post(dead, json={}).json["is_off"] is True
    assert first.get(f"{ROOT}/me/fixtures/{fixture.id}/streams").json[0]["why_not"] == "this stream is off"
    assert len(events("sports.stream_reported")) == 3
    again = operator_client.get(f"{ROOT}/streams/{made.json['id']}")
    mended = operator_client.put(
        f"{ROOT}/streams/{made.json['id']}",
        json={**stream, "url": "https://streams.test/2"},
        headers={"If-Match": again.headers["ETag"]},
    )
    assert mended.json["is_active"] is True
    assert first.post(dead, json={}).json["reports"] == 1
