"""Segments over HTTP."""

from __future__ import annotations

import pytest

from pitboss.core.clock import uuid7
from tests.rules.segments.conftest import segment

ROOT = "/api/v1/rules"
LOSING = segment("losing", {"net_loss_min": 100}, priority=1, name="Losing")


@pytest.fixture
def staff(make_client):
    """An operator who may do all that is asked here."""
    return make_client("operator", "rules.read", "rules.members")


def test_segments_are_listed_with_their_sizes(live, player, lose, staff) -> None:
    live(LOSING, segment("vip", {"net_loss_min": 1000}))
    lose(player(), 100_00)
    found = staff.get(f"{ROOT}/segments").json["items"]
    assert [(one["key"], one["size"], one["live"], one["priority"]) for one in found] == [
        ("losing", 1, 1, 1),
        ("vip", 0, 1, 0),
    ]


def test_members_come_in_pages(live, player, lose, staff) -> None:
    live(LOSING)
    players = sorted(player() for _ in range(3))
    for someone in players:
        lose(someone, 100_00)
    first = staff.get(f"{ROOT}/segments/losing/members?limit=2").json
    cursor = first["next_cursor"]
    second = staff.get(f"{ROOT}/segments/losing/members?limit=2&cursor={cursor}").json
    ids = [one["player_id"] for one in first["items"] + second["items"]]
    assert ids == [str(someone) for someone in players]
    assert second["next_cursor"] is None
    exported = staff.get(f"{ROOT}/segments/losing/ids").json
    assert exported == {"items": ids, "next_cursor": None}


PREVIEWS = {
    "in sql": {"net_loss_min": 50},
    "in pages": "luck(net_loss) >= 100",
}


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_preview_counts_before_anything_is_saved(name, live, player, lose, staff, known) -> None:
    live(LOSING)
    first, second, third = player(), player(), player()
    lose(first, 100_00)
    known(first, net_loss=10_00)
    known(second, net_loss=50_00)
    known(third, net_loss=60_00)
    sent = {"document": segment("losing", PREVIEWS[name]), "sample": 1}
    found = staff.post(f"{ROOT}/segments/losing/preview", json=sent).json
    sample = found.pop("sample")
    assert found == {"size": 2, "size_now": 1, "entering": 2, "leaving": 1}
    assert sample == [str(min(second, third))]


def test_a_preview_of_what_is_saved_needs_no_document(live, player, known, staff, make_client) -> None:
    live(LOSING)
    known(player(), net_loss=100_00)
    found = staff.post(f"{ROOT}/segments/losing/preview", json={}).json
    assert (found["size"], len(found["sample"])) == (1, 1)
    reader = make_client("operator", "rules.read")
    assert reader.post(f"{ROOT}/segments/losing/preview", json={}).json["sample"] == []


def test_a_preview_of_what_is_wrong_says_where(live, staff) -> None:
    sent = {"document": segment("losing", {"net_los_min": 1})}
    answer = staff.post(f"{ROOT}/segments/losing/preview", json=sent)
    assert answer.status_code == 422
    assert "when" in str(answer.json)


def test_a_segment_is_explained_for_a_player_now(live, player, lose, staff) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 99_99)
    found = staff.get(f"{ROOT}/segments/losing/explain?player_id={someone}").json
    assert (found["stay"], found["version"], found["is_live"]) == (None, 1, True)
    assert not found["explanation"]["matched"]
    assert "0.01" in found["explanation"]["sentence"]


def test_a_stay_of_the_past_is_explained_by_what_was_recorded(live, player, lose, staff, clock) -> None:
    live(LOSING)
    someone, during = player(), clock.now()
    lose(someone, 100_00)
    clock.advance(hours=1)
    lose(someone, 0, won=5_00)
    at = during.isoformat().replace("+00:00", "Z")
    found = staff.get(f"{ROOT}/segments/losing/explain?player_id={someone}&at={at}").json
    assert found["entered"]["explanation"]["matched"]
    assert not found["left"]["explanation"]["matched"]
    assert found["stay"]["left_at"] is not None


def test_what_a_refresh_did_says_so(live, player, known, refreshed, staff, clock) -> None:
    live(LOSING)
    someone = player()
    known(someone, net_loss=100_00)
    refreshed("losing")
    at = clock.now().isoformat().replace("+00:00", "Z")
    found = staff.get(f"{ROOT}/segments/losing/explain?player_id={someone}&at={at}").json
    assert "refresh" in found["entered"]["missing"]


def test_a_frozen_segment_stays_as_it_was(live, player, lose, staff) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 100_00)
    made = staff.post(f"{ROOT}/segments/losing/freeze", json={"reason": "spring"})
    assert (made.status_code, made.json["size"]) == (201, 1)
    lose(someone, 0, won=5_00)
    lose(player(), 100_00)
    at = f"{ROOT}/segments/frozen/{made.json['id']}"
    assert staff.get(at).json == made.json
    assert staff.get(f"{at}/members").json["items"] == [str(someone)]
    assert staff.get(f"{ROOT}/segments/frozen?segment=losing").json["items"] == [made.json]


def test_a_refresh_is_asked_for_and_done_in_the_background(
    live, player, known, staff, worker, standing
) -> None:
    live(LOSING)
    someone = player()
    known(someone, net_loss=100_00)
    assert staff.post(f"{ROOT}/segments/losing/refresh").status_code == 202
    worker()
    assert standing(someone) == (["LOSING"], "LOSING")


def test_the_history_of_a_player_is_the_newest_first(live, player, lose, staff, clock) -> None:
    live(LOSING, segment("vip", {"net_loss_min": 1000}))
    someone = player()
    lose(someone, 100_00)
    clock.advance(hours=1)
    lose(someone, 900_00)
    first = staff.get(f"{ROOT}/players/{someone}/segments?limit=1").json
    second = staff.get(f"{ROOT}/players/{someone}/segments?limit=1&cursor={first['next_cursor']}").json
    assert [one["segment"] for one in first["items"] + second["items"]] == ["vip", "losing"]
    assert second["next_cursor"] is None


def test_what_there_is_not_is_not_found(live, player, staff) -> None:
    live(LOSING)
    for path in (
        "segments/none/members",
        "segments/none/ids",
        f"segments/none/explain?player_id={player()}",
        f"segments/losing/explain?player_id={uuid7()}",
        f"segments/frozen/{uuid7()}",
        f"segments/frozen/{uuid7()}/members",
        f"players/{uuid7()}/segments",
    ):
        assert staff.get(f"{ROOT}/{path}").status_code == 404, path
    for path in ("freeze", "refresh"):
        sent = {"reason": "x"} if path == "freeze" else None
        assert staff.post(f"{ROOT}/segments/none/{path}", json=sent).status_code == 404


def test_who_is_in_a_segment_is_for_those_who_may_see_it(live, make_client, client) -> None:
    live(LOSING)
    reader = make_client("operator", "rules.read")
    assert reader.get(f"{ROOT}/segments/losing/members").status_code == 403
    assert client.get(f"{ROOT}/segments").status_code == 403
    assert make_client().get(f"{ROOT}/segments").status_code == 401


def test_segments_of_another_tenant_are_not_there(
    live, player, lose, make_client, other_tenant, staff
) -> None:
    live(LOSING)
    someone = player()
    lose(someone, 100_00)
    made = staff.post(f"{ROOT}/segments/losing/freeze", json={"reason": "spring"}).json
    foreign = make_client("operator", "*", of=other_tenant)
    assert foreign.get(f"{ROOT}/segments").json["items"] == []
    assert foreign.get(f"{ROOT}/segments/losing/members").status_code == 404
    assert foreign.get(f"{ROOT}/segments/frozen/{made['id']}/members").status_code == 404
    assert foreign.get(f"{ROOT}/players/{someone}/segments").status_code == 404
