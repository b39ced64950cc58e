"""A fixture moves as its table says, and tells whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.fixtures import book, changing
from pitboss.plugins.sports.fixtures.states import MOVES, STATUSES, check_move
from tests.plugins.sports.conftest import ROOT
from tests.plugins.sports.samples import league, match, race


@given(st.sampled_from(STATUSES), st.sampled_from(STATUSES))
@settings(max_examples=50)
def test_only_the_table_of_moves_is_lawful(before, after):
    if after in MOVES[before]:
        check_move("it", before, after)
    else:
        with pytest.raises(Conflict, match="lawful is"):
            check_move("it", before, after)


def test_every_state_can_be_reached_and_each_move_leads_somewhere():
    reached = {after for moves in MOVES.values() for after in moves}

    assert reached == set(STATUSES)


def test_a_moved_start_is_told_with_what_it_was(ctx, events, clock):
    fixture = match(ctx, hours=48)
    changing.change(ctx, fixture.id, {"starts_at": fixture.starts_at + timedelta(hours=3)}, reason="TV")
    changing.change(ctx, fixture.id, {"starts_at": fixture.starts_at + timedelta(hours=3)})
    ctx.commit()

    (told,) = events("sports.fixture_changed")
    assert told.payload["changed"] == ["starts_at"]
    assert told.payload["previous_starts_at"] == fixture.starts_at.isoformat()
    assert book.find(ctx, fixture.id).first_starts_at == fixture.starts_at
    (change,) = book.changes_of(ctx, fixture.id)
    assert (change.what, change.reason) == ("starts_at", "TV")


def test_a_postponed_fixture_is_scheduled_again_by_its_new_start(ctx):
    fixture = match(ctx)
    changing.move(ctx, fixture.id, "postponed", reason="Frost")
    moved = changing.change(ctx, fixture.id, {"starts_at": fixture.starts_at + timedelta(days=3)})

    assert moved.status == "scheduled"


def test_a_start_that_is_over_stays(ctx):
    fixture = match(ctx)
    changing.move(ctx, fixture.id, "live")

    with pytest.raises(Conflict, match="its start is over"):
        changing.change(ctx, fixture.id, {"starts_at": fixture.starts_at + timedelta(hours=1)})


def test_the_same_match_is_not_scheduled_twice(ctx):
    first = match(ctx, hours=2)

    with pytest.raises(Conflict, match=str(first.id)):
        match(ctx, "Arsenal FC", "CHELSEA", hours=4)
    match(ctx, hours=30)
    match(ctx, "Chelsea", "Arsenal", hours=2)


def test_a_runner_is_withdrawn_once_and_never_ahead_of_time(ctx, events, clock):
    fixture = race(ctx)
    runner = book.participants_of(ctx, [fixture.id])[fixture.id][1]

    with pytest.raises(InvalidInput, match="still to come"):
        changing.withdraw(ctx, fixture.id, runner.id, at=clock.now() + timedelta(seconds=1))
    changing.withdraw(ctx, fixture.id, runner.id, at=clock.now() - timedelta(minutes=5))
    changing.withdraw(ctx, fixture.id, runner.id)
    ctx.commit()

    (told,) = events("sports.participant_withdrawn")
    assert told.payload["participant_id"] == str(runner.id)
    assert told.payload["at"] == (clock.now() - timedelta(minutes=5)).isoformat()


def test_a_withdrawal_is_taken_back_and_a_reserve_joins(ctx):
    fixture = race(ctx)
    runner = book.participants_of(ctx, [fixture.id])[fixture.id][0]
    changing.withdraw(ctx, fixture.id, runner.id)
    changing.restore(ctx, fixture.id, runner.id, reason="Wrong horse")
    changing.add_runner(ctx, fixture.id, "Reserve", number=9)

    view = ctx.value("sports.fixture", str(fixture.id))
    assert [(one["name"], one["status"]) for one in view["participants"]] == [
        ("A", "active"),
        ("B", "active"),
        ("C", "active"),
        ("Reserve", "active"),
    ]


def test_a_side_of_a_match_is_not_withdrawn(ctx):
    fixture = match(ctx)
    side = book.participants_of(ctx, [fixture.id])[fixture.id][0]

    with pytest.raises(Conflict, match="make it a walkover"):
        changing.withdraw(ctx, fixture.id, side.id)


def test_other_plugins_see_a_fixture_as_plain_data(ctx, clock):
    fixture = match(ctx)

    view = ctx.value("sports.fixture", str(fixture.id))

    assert view["competition"] == "Premier League"
    assert view["starts_at"] == (clock.now() + timedelta(hours=2)).isoformat()
    assert [(one["role"], one["name"]) for one in view["participants"]] == [
        ("home", "Arsenal"),
        ("away", "Chelsea"),
    ]
    assert (view["status"], view["is_live"], view["result_version"]) == ("scheduled", False, 0)
    assert ctx.value("sports.fixtures", [str(fixture.id), "nonsense"]) == [view]
    assert ctx.value("sports.fixture", "nonsense") is None


def test_fixtures_are_scheduled_and_changed_over_http(operator_client, ctx, clock, other_tenant, make_client):
    competition = league(ctx, country="GB")
    ctx.commit()
    sent = {
        "sport": "football",
        "competition_id": str(competition),
        "starts_at": (clock.now() + timedelta(hours=5)).isoformat(),
        "participants": [{"name": "Leeds"}, {"name": "Everton"}],
    }

    made = operator_client.post(f"{ROOT}/fixtures", json=sent)
    assert made.status_code == 201, made.json
    one = f"{ROOT}/fixtures/{made.json['id']}"
    assert made.json["name"] == "Leeds v Everton"
    assert operator_client.post(f"{ROOT}/fixtures", json=sent).status_code == 409
    assert operator_client.patch(one, json={"venue": "Elland Road"}).status_code == 428
    changed = operator_client.patch(
        one, json={"venue": "Elland Road"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert changed.json["venue"] == "Elland Road"
    stale = operator_client.patch(one, json={"venue": "X"}, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    moved = operator_client.post(f"{one}/status", json={"status": "postponed", "reason": "Snow"})
    assert moved.json["status"] == "postponed"
    assert operator_client.post(f"{one}/status", json={"status": "live"}).status_code == 409
    assert [c["what"] for c in operator_client.get(f"{one}/changes").json] == ["status", "venue"]
    foreign = make_client("operator", "*", of=other_tenant)
    assert foreign.get(one).status_code == 404


def test_pages_of_fixtures_hold_each_once(operator_client, ctx):
    for number in range(5):
        match(ctx, f"Home {number}", f"Away {number}", hours=2)
    ctx.commit()

    names, cursor = [], None
    while True:
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        answer = operator_client.get(f"{ROOT}/fixtures", query_string=asked).json
        names += [one["name"] for one in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break

    assert sorted(names) == [f"Home {number} v Away {number}" for number in range(5)]
