"""What a player sees and changes of the own account."""

from __future__ import annotations

import pytest

ME = "/api/v1/me"


@pytest.fixture
def ann(player_of, tenant):
    """Ann's headers."""
    return player_of(tenant)[1]


def test_a_player_sees_the_own_profile(client, player_of, tenant):
    player_id, headers = player_of(tenant)

    answer = client.get(ME, headers=headers)

    assert answer.json["id"] == str(player_id)
    assert "status_reason" not in answer.json


def test_a_key_has_no_profile(client, key):
    assert client.get(ME, headers=key).status_code == 401


def test_a_player_changes_what_was_read(client, ann):
    etag = client.get(ME, headers=ann).headers["ETag"]

    answer = client.patch(ME, headers=ann | {"If-Match": etag}, json={"display_name": "Ann", "country": "FR"})

    assert (answer.json["display_name"], answer.json["country"]) == ("Ann", "FR")
    assert client.get(ME, headers=ann).headers["ETag"] == answer.headers["ETag"] != etag


def test_a_change_of_an_older_version_is_refused(client, ann):
    etag = client.get(ME, headers=ann).headers["ETag"]
    client.patch(ME, headers=ann | {"If-Match": etag}, json={"country": "FR"})

    answer = client.patch(ME, headers=ann | {"If-Match": etag}, json={"country": "GB"})

    assert answer.status_code == 412
    assert client.get(ME, headers=ann).json["country"] == "FR"


def test_a_change_without_a_version_is_refused(client, ann):
    assert client.patch(ME, headers=ann, json={"country": "FR"}).status_code == 428


@pytest.mark.parametrize("field", ["id", "email", "status", "version", "password_hash", "tenant_id"])
def test_what_is_not_the_players_to_change_is_refused(client, ann, field):
    answer = client.patch(ME, headers=ann | {"If-Match": "*"}, json={field: "x"})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"#/{field}"


def test_preferences_have_defaults(client, ann):
    found = client.get(f"{ME}/preferences", headers=ann).json

    assert found["odds_format"] == "decimal"
    assert found["marketing_email"] is False
    assert found["quiet_hours"] is None


def test_a_preference_holds_at_the_next_request(client, ann):
    chosen = {"odds_format": "american", "quiet_hours": {"from": "22:00", "until": "08:00"}}

    assert client.patch(f"{ME}/preferences", headers=ann, json=chosen).status_code == 200

    assert client.get(f"{ME}/preferences", headers=ann).json.items() >= chosen.items()


@pytest.mark.parametrize(
    ("chosen", "pointer"),
    [
        ({"odds_format": "roman"}, "#/odds_format"),
        ({"marketing_sms": "perhaps"}, "#/marketing_sms"),
        ({"quiet_hours": {"from": "22:00"}}, "#/quiet_hours/until"),
        ({"quiet_hours": {"from": "10 pm", "until": "8 am"}}, "#/quiet_hours"),
        ({"colour": "red"}, "#/colour"),
    ],
)
def test_a_preference_that_does_not_fit_names_the_field(client, ann, chosen, pointer):
    answer = client.patch(f"{ME}/preferences", headers=ann, json=chosen)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_activity_comes_in_pages_newest_first(client, ann):
    for odds_format in ("american", "fractional", "decimal"):
        client.patch(f"{ME}/preferences", headers=ann, json={"odds_format": odds_format})

    first = client.get(f"{ME}/activity?limit=3", headers=ann).json
    second = client.get(f"{ME}/activity", query_string={"cursor": first["next_cursor"]}, headers=ann).json

    assert [entry["details"]["new"] for entry in first["items"]] == ["decimal", "fractional", "american"]
    assert [entry["kind"] for entry in second["items"]] == ["registered"]
    assert second["next_cursor"] is None


def test_a_cursor_of_a_stranger_opens_nothing(client, ann, player_of, other_tenant):
    _, stranger = player_of(other_tenant)
    client.patch(f"{ME}/preferences", headers=ann, json={"odds_format": "american"})
    cursor = client.get(f"{ME}/activity?limit=1", headers=ann).json["next_cursor"]

    answer = client.get(f"{ME}/activity", query_string={"cursor": cursor}, headers=stranger)

    assert answer.status_code == 422


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "days=0", "days=367", "cursor=x", "colour=red"])
def test_a_page_has_its_limits(client, ann, query):
    assert client.get(f"{ME}/activity?{query}", headers=ann).status_code == 422
