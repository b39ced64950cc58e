"""What operators and integrations do over HTTP with players, operators, roles and keys."""

from __future__ import annotations

from uuid import uuid4

import pytest

from pitboss.core.identity import ensure_first_operator, register_player

API = "/api/v1"
REASON = {"reason": "documents do not match"}


@pytest.fixture
def ann(player_of, tenant):
    """Ann's id and headers."""
    return player_of(tenant)


# -- players ---------------------------------------------------------------------------------------


def test_players_are_found_in_their_own_tenant(client, key, ann, player_of, other_tenant):
    player_of(other_tenant)

    found = client.get(f"{API}/players?text=ann@", headers=key).json

    assert [player["id"] for player in found["items"]] == [str(ann[0])]


def test_players_come_in_pages(client, kernel, tenant, key):
    with kernel.context(tenant.id) as ctx:
        for n in range(3):
            register_player(ctx, email=f"p{n}@acme.test", password=None)

    first = client.get(f"{API}/players?limit=2", headers=key).json
    second = client.get(f"{API}/players", query_string={"cursor": first["next_cursor"]}, headers=key).json

    emails = [player["email"] for page in (first, second) for player in page["items"]]
    assert emails == ["p0@acme.test", "p1@acme.test", "p2@acme.test"]


def test_a_player_of_another_tenant_is_not_found(client, key, player_of, other_tenant):
    player_id, _ = player_of(other_tenant)

    for method, path in (("get", ""), ("get", "/activity"), ("post", "/lock"), ("post", "/deactivate")):
        body = REASON if method == "post" else None
        answer = client.open(f"{API}/players/{player_id}{path}", method=method, headers=key, json=body)
        assert answer.status_code == 404


def test_a_locked_player_is_out_at_once_and_comes_back(client, key, ann):
    player_id, headers = ann
    assert client.post(f"{API}/players/{player_id}/lock", headers=key, json=REASON).json["status"] == "locked"

    assert client.get(f"{API}/me", headers=headers).status_code == 401

    unlocked = client.post(f"{API}/players/{player_id}/unlock", headers=key, json=REASON).json
    assert unlocked["status"] == "active"


def test_a_lock_needs_a_reason(client, key, ann):
    assert client.post(f"{API}/players/{ann[0]}/lock", headers=key, json={}).status_code == 422


def test_seeing_players_is_not_changing_them(client, key_of, tenant, ann):
    reader = key_of(tenant, "core.players")

    assert client.get(f"{API}/players/{ann[0]}", headers=reader).status_code == 200
    assert client.post(f"{API}/players/{ann[0]}/lock", headers=reader, json=REASON).status_code == 403
    assert client.patch(f"{API}/players/{ann[0]}", headers=reader, json={}).status_code == 403


def test_an_operator_corrects_what_was_read(client, key, ann):
    path = f"{API}/players/{ann[0]}"
    etag = client.get(path, headers=key).headers["ETag"]

    answer = client.patch(path, headers=key | {"If-Match": etag}, json={"country": "GB"})

    assert answer.json["country"] == "GB"
    assert client.patch(path, headers=key | {"If-Match": etag}, json={"country": "FR"}).status_code == 412


def test_support_reads_what_was_done_in_an_account(client, key, ann):
    client.post(f"{API}/players/{ann[0]}/lock", headers=key, json=REASON)

    found = client.get(f"{API}/players/{ann[0]}/activity", headers=key).json

    assert [entry["kind"] for entry in found["items"]] == ["locked", "registered"]


# -- operators and roles ---------------------------------------------------------------------------


@pytest.fixture
def invited(client, key):
    """Bob of support."""
    body = {"email": "bob@acme.test", "name": "Bob", "roles": ["support"]}
    return client.post(f"{API}/operators", headers=key, json=body).json


def test_an_invited_operator_chooses_a_password_and_works(client, tenant, invited):
    where = {"X-Tenant": tenant.code}
    chosen = {"token": invited["token"], "password": "eleven green doors"}
    client.post(f"{API}/auth/password-reset/confirm", headers=where, json=chosen)
    body = {"email": "bob@acme.test", "password": "eleven green doors"}
    signed_in = client.post(f"{API}/auth/operator-session", headers=where, json=body).json

    headers = {"Authorization": f"Bearer {signed_in['secret']}"}

    assert client.get(f"{API}/players", headers=headers).status_code == 200
    assert client.get(f"{API}/operators", headers=headers).status_code == 403


def test_an_invitation_to_a_known_address_is_a_conflict(client, key, invited):
    assert client.post(f"{API}/operators", headers=key, json={"email": "BOB@acme.test"}).status_code == 409


def test_an_invitation_to_an_unknown_role_is_refused(client, key):
    body = {"email": "bob@acme.test", "roles": ["emperor"]}

    assert client.post(f"{API}/operators", headers=key, json=body).status_code == 404
    assert client.get(f"{API}/operators", headers=key).json == []


def test_roles_are_given_to_what_was_read(client, key, invited):
    path = f"{API}/operators/{invited['operator']['id']}"
    etag = client.get(path, headers=key).headers["ETag"]

    given = client.put(f"{path}/roles", headers=key | {"If-Match": etag}, json={"roles": ["viewer"]})

    assert given.json["roles"] == ["viewer"]
    stale = client.put(f"{path}/roles", headers=key | {"If-Match": etag}, json={"roles": []})
    assert stale.status_code == 412


def test_nobody_gives_more_than_they_hold(client, key_of, tenant, invited):
    weak = key_of(tenant, "core.operators", "core.players") | {"If-Match": "*"}
    path = f"{API}/operators/{invited['operator']['id']}/roles"

    answer = client.put(path, headers=weak, json={"roles": ["administrator"]})

    assert answer.status_code == 403


def test_an_operator_is_locked_and_unlocked(client, key, invited):
    path = f"{API}/operators/{invited['operator']['id']}"

    assert client.post(f"{path}/lock", headers=key, json=REASON).json["status"] == "locked"
    assert client.post(f"{path}/unlock", headers=key, json=REASON).json["status"] == "invited"


def test_the_last_administrator_is_not_locked(client, kernel, tenant, key):
    ensure_first_operator(kernel, tenant.id, "ann@acme.test", "eleven green doors")
    (ann,) = client.get(f"{API}/operators", headers=key).json

    answer = client.post(f"{API}/operators/{ann['id']}/lock", headers=key, json=REASON)

    assert answer.status_code == 409


def test_an_operator_of_another_tenant_is_not_found(client, key_of, other_tenant, invited):
    stranger = key_of(other_tenant)

    assert client.get(f"{API}/operators", headers=stranger).json == []
    path = f"{API}/operators/{invited['operator']['id']}"
    assert client.get(path, headers=stranger).status_code == 404
    assert client.post(f"{path}/lock", headers=stranger, json=REASON).status_code == 404


def test_a_role_is_made_changed_and_removed(client, key):
    path = f"{API}/roles/trader"
    body = {"title": "Trader", "permissions": ["core.jobs"]}
    made = client.put(path, headers=key, json=body)

    assert client.put(path, headers=key, json=body).status_code == 428
    changed = client.put(
        path, headers=key | {"If-Match": made.headers["ETag"]}, json=body | {"title": "Odds trader"}
    )

    assert changed.json["title"] == "Odds trader"
    assert client.delete(path, headers=key).status_code == 204
    assert client.get(path, headers=key).status_code == 404


def test_a_role_grants_only_what_exists(client, key):
    body = {"title": "Trader", "permissions": ["core.plyers"]}

    answer = client.put(f"{API}/roles/trader", headers=key, json=body)

    assert answer.status_code == 422
    assert "did you mean 'core.players'" in answer.json["detail"]


def test_what_roles_may_grant_is_listed(client, key):
    found = client.get(f"{API}/permissions", headers=key).json

    assert {"name": "core.operators", "title": "Invite operators and give them roles"} in found


# -- keys ------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works(client, key):
    body = {"name": "shop", "permissions": ["core.players"]}
    made = client.post(f"{API}/api-keys", headers=key, json=body).json

    listed = client.get(f"{API}/api-keys", headers=key)

    assert client.get(f"{API}/players", headers={"X-Api-Key": made["secret"]}).status_code == 200
    assert client.get(f"{API}/roles", headers={"X-Api-Key": made["secret"]}).status_code == 403
    assert made["secret"] not in listed.text
    assert made["key"]["prefix"] in listed.text


def test_a_revoked_key_is_refused_at_once(client, key):
    body = {"name": "shop", "permissions": ["core.players"]}
    made = client.post(f"{API}/api-keys", headers=key, json=body).json
    assert client.get(f"{API}/players", headers={"X-Api-Key": made["secret"]}).status_code == 200

    revoked = client.delete(f"{API}/api-keys/{made['key']['id']}", headers=key)

    assert revoked.json["revoked_at"] is not None
    assert client.get(f"{API}/players", headers={"X-Api-Key": made["secret"]}).status_code == 401


def test_a_key_may_do_no_more_than_its_maker(client, key_of, tenant):
    body = {"name": "shop", "permissions": ["core.players"]}

    answer = client.post(f"{API}/api-keys", headers=key_of(tenant, "core.api_keys"), json=body)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"permissions": ["core.nothing"]}, "#/permissions"),
        ({"requests_per_minute": 0}, "#/requests_per_minute"),
        ({"requests_per_minute": 1.5}, "#/requests_per_minute"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "#/expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "#/expires_at"),
    ],
)
def test_a_key_that_does_not_fit_names_the_field(client, key, change, pointer):
    body = {"name": "shop", "permissions": []} | change

    answer = client.post(f"{API}/api-keys", headers=key, json=body)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_key_of_another_tenant_is_not_found(client, key, key_of, other_tenant):
    made = client.post(f"{API}/api-keys", headers=key, json={"name": "shop", "permissions": []}).json

    answer = client.delete(f"{API}/api-keys/{made['key']['id']}", headers=key_of(other_tenant))

    assert answer.status_code == 404


def test_an_unknown_key_is_not_found(client, key):
    assert client.delete(f"{API}/api-keys/{uuid4()}", headers=key).status_code == 404
