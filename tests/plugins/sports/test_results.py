"""Results: versions that never change, which somebody else confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures import changing
from pitboss.plugins.sports.results import book
from pitboss.plugins.sports.results.judging import Version, judge
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import football, match, race

ONE, OTHER = football(1, 0), football(2, 0)


def told(outcome=ONE, source="a", by="system:pitboss", state=""):
    return Version(state, outcome, source, by)


PROVISIONAL = told(state="provisional")
OFFICIAL = told(state="official")


@pytest.mark.parametrize(
    ("new", "newest", "official", "confirmation", "verdict"),
    [
        (told(), None, None, "none", "official"),
        (told(), None, None, "person", "provisional"),
        (told(), PROVISIONAL, None, "person", "known"),
        (told(source="b"), PROVISIONAL, None, "person", "known"),
        (told(source="b"), PROVISIONAL, None, "second_source", "confirms"),
        (told(source="a"), PROVISIONAL, None, "second_source", "known"),
        (told(), PROVISIONAL, None, "none", "confirms"),
        (told(OTHER, "b"), PROVISIONAL, None, "second_source", "provisional"),
        (told(), OFFICIAL, ONE, "person", "known"),
        (told(OTHER), OFFICIAL, ONE, "person", "provisional"),
        (told(OTHER), OFFICIAL, ONE, "none", "official"),
        (told(), told(OTHER, state="provisional"), ONE, "person", "provisional"),
    ],
)
def test_what_becomes_of_a_told_result(new, newest, official, confirmation, verdict):
    assert judge(new, newest, official, confirmation) == verdict


def test_a_key_that_names_two_sources_is_one_witness():
    first = told(source="a", by="api_key:feeds", state="provisional")

    assert judge(told(source="b", by="api_key:feeds"), first, None, "second_source") == "known"
    assert judge(told(source="b", by="api_key:other"), first, None, "second_source") == "confirms"


@pytest.fixture
def played(kernel, tenant, clock):
    """A match that began an hour ago."""
    with kernel.context(tenant.id) as ctx:
        fixture = match(ctx, hours=1)
    clock.advance(hours=2)
    return fixture.id


def test_a_result_is_official_when_somebody_else_confirms_it(acting, played, events, operator_client):
    with acting("ann") as ctx:
        assert book.record(ctx, played, ONE).state == "provisional"
    assert "1 result to confirm" in operator_client.get("/admin/").text
    with acting("ann") as ctx:
        assert fixtures.find(ctx, played).status == "finished"
        with pytest.raises(Conflict, match="somebody else must confirm"):
            book.confirm(ctx, played, 1)
    with acting("bob") as ctx:
        row = book.confirm(ctx, played, 1)
        assert (row.version, row.state, row.confirms) == (2, "official", 1)
        assert (row.recorded_by, row.confirmed_by) == ("system:ann", "system:bob")
        view = ctx.value("sports.fixture", str(played))
        assert (view["status"], view["result_version"], view["result_state"]) == ("official", 2, "official")
    recorded = [event.payload for event in events("sports.result_recorded")]
    assert [(one["version"], one["state"]) for one in recorded] == [(1, "provisional"), (2, "official")]


def test_a_correction_is_a_version_of_its_own(acting, played):
    with acting("ann") as ctx:
        book.record(ctx, played, ONE)
    with acting("bob") as ctx:
        book.confirm(ctx, played, 1)
        with pytest.raises(InvalidInput, match="say why"):
            book.record(ctx, played, OTHER)
        waiting = book.record(ctx, played, OTHER, reason="Own goal given")
        assert (waiting.version, waiting.state) == (3, "provisional")
        assert fixtures.find(ctx, played).official_version == 2
    with acting("ann") as ctx:
        assert book.confirm(ctx, played, 3).state == "corrected"
        assert [row.state for row in book.versions(ctx, played)] == [
            "corrected",
            "provisional",
            "official",
            "provisional",
        ]
        old = ctx.value("sports.result", str(played), 2)
        assert old["outcome"]["periods"][1]["home"] == 1
        assert ctx.value("sports.result", str(played))["version"] == 4


def test_a_second_source_confirms_where_the_tenant_says_so(configure, kernel, tenant, played):
    configure(result={"confirmation": "second_source"})
    with kernel.context(tenant.id) as ctx:
        book.record(ctx, played, ONE, source="feed-a")
        book.record(ctx, played, ONE, source="feed-a")
        row = book.record(ctx, played, ONE, source="feed-b")

        assert (row.version, row.state, row.source, row.confirmed_by) == (2, "official", "feed-a", "feed-b")


def test_without_confirmation_a_result_is_official_at_once(configure, kernel, tenant, played):
    configure(result={"confirmation": "none"})
    with kernel.context(tenant.id) as ctx:
        assert book.record(ctx, played, ONE, source="feed").state == "official"
        assert book.record(ctx, played, ONE, source="feed").version == 1
        assert book.record(ctx, played, OTHER, source="feed").state == "corrected"


def test_nothing_has_ended_before_it_began(ctx):
    fixture = match(ctx, hours=1)

    with pytest.raises(Conflict, match="has not begun"):
        book.record(ctx, fixture.id, ONE)
    assert book.record(ctx, fixture.id, {"walkover": "home"}).state == "provisional"
    assert fixtures.find(ctx, fixture.id).status == "walkover"


def test_a_cancelled_fixture_has_no_result(ctx, clock):
    fixture = match(ctx, hours=1)
    changing.move(ctx, fixture.id, "cancelled")
    clock.advance(hours=3)

    with pytest.raises(Conflict, match="is cancelled and cannot become finished"):
        book.record(ctx, fixture.id, ONE)


def test_a_dead_heat_of_a_race_is_recorded_over_http(operator_client, make_client, ctx, clock):
    fixture = race(ctx, hours=1)
    ids = [str(one.id) for one in fixtures.participants_of(ctx, [fixture.id])[fixture.id]]
    ctx.commit()
    clock.advance(hours=2)
    path = f"{ROOT}/fixtures/{fixture.id}/results"
    heat = {
        "positions": [
            {"participant": ids[0], "position": 1, "starting_price": "9.0"},
            {"participant": ids[1], "position": 1},
        ],
        "unplaced": [ids[2]],
    }

    refused = operator_client.post(path, json={"outcome": {**heat, "unplaced": []}})
    recorded = operator_client.post(path, json={"outcome": heat, "source": "feed-x"})

    assert refused.status_code == 422
    assert "C is missing" in refused.json["detail"]
    assert (recorded.json["version"], recorded.json["source"]) == (1, "desk")
    assert operator_client.post(f"{path}/confirm", json={"version": 1}).status_code == 409
    assert make_client("operator", "sports.read").post(path, json={"outcome": heat}).status_code == 403


def test_two_of_a_tenant_never_see_the_other_ones_result(kernel, other_tenant, played):
    with kernel.context(other_tenant.id) as ctx:
        assert ctx.value("sports.result", str(played)) is None


def test_a_result_of_the_past_makes_a_fixture_official_without_ever_being_live(
    configure, kernel, tenant, played, clock
):
    configure(result={"confirmation": "none"})
    clock.advance(days=3)
    with kernel.context(tenant.id) as ctx:
        book.record(ctx, played, ONE, source="file")

        found = fixtures.find(ctx, played)
        assert found.status == "official"
        assert found.starts_at + timedelta(days=2) < found.ended_at


def test_a_score_alone_takes_back_no_halves_and_halves_that_come_later_are_kept(acting, played):
    alone = {"periods": [{"code": "regular", "home": 2, "away": 1}]}
    with acting("ann") as ctx:
        assert book.record(ctx, played, alone, source="a").version == 1
        assert book.record(ctx, played, football(2, 1, (1, 0)), source="b").version == 2
        again = book.record(ctx, played, alone, source="a")
        assert (again.version, again.outcome["periods"][0]["code"]) == (2, "1h")
        other = {"periods": [{"code": "regular", "home": 2, "away": 2}]}
        assert book.record(ctx, played, other, source="a").outcome["periods"] == other["periods"]
