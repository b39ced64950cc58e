"""Teams are found however they are spelt, and two that prove to be one become one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.sports.catalogue import aliases, athletes, merging, sports, teams
from pitboss.plugins.sports.catalogue.documents import SportDocument
from pitboss.plugins.sports.catalogue.names import key_of
from pitboss.plugins.sports.fixtures import book
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import match

SHIPPED = """football tennis basketball ice-hockey american-football baseball rugby cricket horse-racing
greyhounds motor-racing golf darts esports"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bayern München", "FC Bayern Munchen"),
        ("Malmö FF", "malmo ff"),
        ("Brighton & Hove Albion", "Brighton and Hove Albion"),
        ("Queen's Park", "Queens Park"),
        ("St. Mirren", "St Mirren"),
        ("Łódź", "Lodz"),
        ("FC", "fc"),
    ],
)
def test_two_spellings_of_one_name_are_one(one, other):
    assert key_of(one) == key_of(other)


@given(st.text(max_size=60))
@example("🄐")
@settings(max_examples=50)
def test_the_key_of_a_key_is_itself(name):
    assert key_of(key_of(name)) == key_of(name)


def test_every_sport_ships_whole():
    found = sports.shipped()

    assert set(SHIPPED.split()) <= set(found)
    for document in found.values():
        assert not SportDocument().validate(SportDocument().dump(document))


def test_a_tenant_writes_a_sport_anew_for_itself_alone(operator_client, make_client, other_tenant):
    before = operator_client.get(f"{ROOT}/sports/football")
    document = {k: v for k, v in before.json.items() if k not in ("code", "revision")}
    document["settlement"]["postponement_hours"] = 24

    path, match_it = f"{ROOT}/sports/football", {"If-Match": before.headers["ETag"]}
    changed = operator_client.put(path, json=document, headers=match_it)

    assert changed.json["settlement"]["postponement_hours"] == 24
    assert changed.json["revision"] == 1
    assert operator_client.put(path, json=document, headers=match_it).status_code == 412
    foreign = make_client("operator", "*", of=other_tenant)
    assert foreign.get(path).json["settlement"]["postponement_hours"] == 48
    wrong = {**document, "code": "padel", "periods": []}
    assert operator_client.post(f"{ROOT}/sports", json=wrong).status_code == 422


def test_a_name_of_two_countries_means_the_one_asked_for(ctx):
    english = teams.create(ctx, "football", {"name": "Arsenal", "country": "GB"}).id
    argentine = teams.create(ctx, "football", {"name": "Arsenal", "country": "AR"}).id

    assert aliases.look_up(ctx, "team", "football", ["Arsenal"]) == {}
    assert aliases.look_up(ctx, "team", "football", ["ARSENAL"], country="AR") == {"ARSENAL": argentine}
    assert teams.ensure(ctx, "football", "Arsenal", country="GB") == english


def test_a_source_names_a_team_by_its_own_id(ctx):
    one = teams.ensure(ctx, "football", "Leeds", source="acme", external_id="17")

    assert teams.ensure(ctx, "football", "Leeds United", source="acme", external_id="17") == one
    other = teams.ensure(ctx, "football", "Hull")
    with pytest.raises(Conflict, match="calls the team"):
        aliases.add_external(ctx, "team", "acme", "17", other)


def test_merged_teams_are_one_with_all_that_each_had(ctx, events):
    kept = teams.ensure(ctx, "football", "Manchester United", source="a", external_id="1")
    gone = teams.ensure(ctx, "football", "Man Utd", source="b", external_id="2")
    older = teams.ensure(ctx, "football", "Newton Heath")
    merging.merge(ctx, older, gone, reason="Renamed")
    fixture = match(ctx, "Man Utd", "Hull")

    merging.merge(ctx, gone, kept, reason="The same club")
    ctx.commit()

    assert len(events("sports.team_merged")) == 2
    names = ["Manchester United", "Man Utd", "Newton Heath"]
    assert set(aliases.look_up(ctx, "team", "football", names).values()) == {kept}
    assert aliases.externals_of(ctx, [kept])[kept] == {"a": "1", "b": "2"}
    assert book.participants_of(ctx, [fixture.id])[fixture.id][0].team_id == kept
    assert {teams.find(ctx, one).merged_into for one in (gone, older)} == {kept}
    with pytest.raises(Conflict, match="was merged into"):
        merging.merge(ctx, gone, kept, reason="Again")


def test_two_that_meet_are_two(ctx):
    match(ctx, "Milan", "Inter")
    pair = aliases.look_up(ctx, "team", "football", ["Milan", "Inter"])

    with pytest.raises(Conflict, match="they are two teams"):
        merging.merge(ctx, pair["Milan"], pair["Inter"], reason="One stadium")


def test_a_squad_is_who_is_in_it_on_the_day(ctx):
    team = teams.ensure(ctx, "football", "Leeds")
    player = athletes.create(ctx, "football", {"name": "Eric", "position": "forward", "born_on": None}).id
    athletes.join(ctx, team, player, from_on=date(2026, 1, 1), number=7)

    with pytest.raises(Conflict, match="since 2026-01-01"):
        athletes.join(ctx, team, player, from_on=date(2026, 3, 1))
    athletes.leave(ctx, team, player, until_on=date(2026, 2, 1))
    athletes.join(ctx, team, player, from_on=date(2026, 2, 2), number=9)

    assert [row.number for row in athletes.squad(ctx, team, date(2026, 2, 1))] == [7]
    assert [row.number for row in athletes.squad(ctx, team, date(2026, 2, 2))] == [9]
    assert athletes.squad(ctx, team, date(2025, 12, 31)) == []
    with pytest.raises(NotFound):
        athletes.leave(ctx, team, player, until_on=date(2025, 1, 1))


def test_appearances_tell_who_started_and_for_how_long(ctx):
    fixture = match(ctx)
    eric, roy = (athletes.create(ctx, "football", {"name": name}).id for name in ("Eric", "Roy"))
    told = [
        {"athlete_id": roy, "team_id": None, "is_starting": False, "minutes": 12, "statistics": {}},
        {"athlete_id": eric, "team_id": None, "is_starting": True, "minutes": 78, "statistics": {"goals": 1}},
    ]

    athletes.record_appearances(ctx, fixture.id, told)

    seen = ctx.value("sports.appearances", str(fixture.id))
    assert [(one["name"], one["is_starting"], one["minutes"]) for one in seen] == [
        ("Eric", True, 78),
        ("Roy", False, 12),
    ]
    with pytest.raises(InvalidInput, match="twice"):
        athletes.record_appearances(ctx, fixture.id, [told[0], told[0]])


def test_teams_are_edited_found_and_merged_over_http(operator_client):
    made = operator_client.post(f"{ROOT}/teams", json={"sport": "football", "name": "Spurs", "country": "GB"})
    other = operator_client.post(
        f"{ROOT}/teams", json={"sport": "football", "name": "Tottenham Hotspur"}
    ).json
    one = f"{ROOT}/teams/{made.json['id']}"

    named = operator_client.post(f"{one}/aliases", json={"name": "THFC"})
    noted = operator_client.put(f"{one}/external-ids", json={"source": "acme", "external_id": "6"})
    found = operator_client.get(f"{ROOT}/teams", query_string={"text": "thf"}).json["items"]
    own = operator_client.delete(f"{one}/aliases", query_string={"name": "Spurs"})
    bad = operator_client.put(
        one,
        json={"name": "Spurs", "crest_url": "http://x.test/c.png"},
        headers={"If-Match": noted.headers["ETag"]},
    )
    merged = operator_client.post(f"{one}/merge", json={"into": other["id"], "reason": "The same club"})

    assert set(named.json["aliases"]) == {"Spurs", "THFC"}
    assert noted.json["external_ids"] == {"acme": "6"}
    assert [row["id"] for row in found] == [made.json["id"]]
    assert own.status_code == 409
    assert bad.status_code == 422
    assert set(merged.json["aliases"]) == {"Spurs", "THFC", "Tottenham Hotspur"}
    assert operator_client.get(one).json["merged_into"] == other["id"]
