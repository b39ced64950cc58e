"""The core API: plugins, tenants, audit, events, jobs and wallets."""

from __future__ import annotations

import pytest

EVENTS = "/api/v1/events"


def sent(key, name="bells.rung", **payload):
    return {"id": key, "name": name, "payload": payload or {"times": 1}}


def test_a_plugin_is_switched_off_and_on(client, key):
    off = client.post("/api/v1/plugins/bells/disable", headers=key, json={"reason": "quiet"})
    assert off.json["is_enabled"] is False
    assert client.post("/api/v1/bells/ring", headers=key).status_code == 404

    on = client.post("/api/v1/plugins/bells/enable", headers=key, json={})
    assert on.json["is_enabled"] is True
    assert client.post("/api/v1/bells/ring", headers=key).status_code == 200


def test_settings_are_changed_only_by_who_saw_them(client, key):
    path, body = "/api/v1/plugins/bells/settings", {"settings": {}}
    etag = client.get("/api/v1/plugins/bells", headers=key).headers["ETag"]

    assert client.put(path, headers=key, json=body).status_code == 428
    assert client.put(path, headers=key | {"If-Match": '"old"'}, json=body).status_code == 412
    assert client.put(path, headers=key | {"If-Match": etag}, json=body).status_code == 200


def test_only_the_platform_makes_a_plugin_required(client, tenant, key, platform_key):
    path = "/api/v1/plugins/bells/required"

    assert client.put(path, headers=key, json={"is_required": True}).status_code == 403
    there = platform_key | {"X-Tenant": tenant.code}
    assert client.put(path, headers=there, json={"is_required": True}).json["is_required"] is True
    assert client.post("/api/v1/plugins/bells/disable", headers=key, json={}).status_code == 409


def test_only_the_platform_sees_tenants(client, key, platform_key):
    assert client.get("/api/v1/tenants", headers=key).status_code == 403
    assert client.get("/api/v1/tenants", headers=platform_key).status_code == 200


def test_a_tenant_is_created_and_changed(client, tenant, platform_key):
    code = f"{tenant.code}-new"
    made = client.post("/api/v1/tenants", headers=platform_key, json={"code": code, "name": "New"})
    assert made.status_code == 201

    etag = client.get(f"/api/v1/tenants/{code}", headers=platform_key).headers["ETag"]
    headers = platform_key | {"If-Match": etag}
    changed = client.patch(f"/api/v1/tenants/{code}", headers=headers, json={"name": "Newer"})

    assert changed.json["name"] == "Newer"
    wrong = client.post(
        "/api/v1/tenants", headers=platform_key, json={"code": "x-y", "name": "N", "currency": "QQQ"}
    )
    assert wrong.json["errors"][0]["pointer"] == "#/currency"


def test_pages_follow_a_signed_cursor(client, key):
    for _ in range(3):
        client.post("/api/v1/bells/ring", headers=key)
    first = client.get("/api/v1/audit?action=bells.rung&limit=2", headers=key)

    assert 'rel="next"' in first.headers["Link"]
    second = client.get(
        f"/api/v1/audit?action=bells.rung&limit=2&cursor={first.json['next_cursor']}", headers=key
    )
    assert len(first.json["items"]) == 2
    assert len(second.json["items"]) == 1
    assert second.json["next_cursor"] is None


def test_a_forged_or_foreign_cursor_is_refused(client, key, other_tenant, key_of):
    client.post("/api/v1/bells/ring", headers=key)
    client.post("/api/v1/bells/ring", headers=key)
    cursor = client.get("/api/v1/audit?limit=1", headers=key).json["next_cursor"]

    path = "/api/v1/audit?limit=1&cursor="
    assert client.get(path + cursor[:-2] + "AA", headers=key).status_code == 422
    assert client.get(path + cursor, headers=key_of(other_tenant)).status_code == 422
    assert client.get(f"/api/v1/jobs?cursor={cursor}", headers=key).status_code == 422


def test_an_event_is_taken_once_by_its_senders_id(client, key):
    first = client.post(EVENTS, headers=key, json=sent("a")).json
    again = client.post(EVENTS, headers=key, json=sent("a")).json

    assert (first["accepted"], again["accepted"], again["duplicates"]) == (1, 0, 1)
    assert first["results"][0]["event_id"] == again["results"][0]["event_id"]


def test_a_batch_answers_for_each_event(client, key):
    batch = [
        sent("a"),
        sent("b", times="x"),
        sent("c", name="bells.gone"),
        sent("a"),
        sent("d", name="core.x"),
    ]

    found = client.post(EVENTS, headers=key, json=batch).json

    assert [r["status"] for r in found["results"]] == [
        "accepted",
        "refused",
        "refused",
        "duplicate",
        "refused",
    ]
    assert found["results"][1]["errors"][0]["pointer"] == "#/payload/times"
    assert len(client.get(EVENTS, headers=key).json["items"]) == 1


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_a_limit(client, key, count):
    batch = [sent(str(n)) for n in range(count)]

    assert client.post(EVENTS, headers=key, json=batch).status_code == 422


def test_an_event_of_another_tenant_is_not_found(client, key, other_tenant, key_of):
    found = client.post(EVENTS, headers=key, json=sent("a")).json["results"][0]["event_id"]

    assert client.get(f"{EVENTS}/{found}", headers=key).status_code == 200
    assert client.get(f"{EVENTS}/{found}", headers=key_of(other_tenant)).status_code == 404


def test_a_wallet_is_corrected_once_with_a_reason(client, key, tenant, player_of):
    player_id, headers = player_of(tenant)
    path = f"/api/v1/players/{player_id}/wallet/adjustments"
    body = {"amount": "12.50", "reason": "goodwill"}

    for _ in range(2):
        answer = client.post(path, headers=key | {"Idempotency-Key": "g1"}, json=body)
    assert answer.json["cash"] == "12.50"

    assert client.get("/api/v1/wallet", headers=headers).json["withdrawable"] == "12.50"
    history = client.get("/api/v1/wallet/history", headers=headers).json["items"]
    assert [entry["amount"] for entry in history] == ["12.50"]
    assert (
        client.get("/api/v1/audit?action=wallet.adjusted", headers=key).json["items"][0]["reason"]
        == "goodwill"
    )


def test_a_wallet_never_falls_below_zero(client, key, tenant, player_of):
    player_id, _ = player_of(tenant)
    body = {"amount": "-1.00", "reason": "mistake"}

    path = f"/api/v1/players/{player_id}/wallet/adjustments"
    assert client.post(path, headers=key | {"Idempotency-Key": "x"}, json=body).status_code == 409


def test_a_player_of_another_tenant_has_no_wallet_here(client, key, other_tenant, player_of):
    player_id, _ = player_of(other_tenant)

    assert client.get(f"/api/v1/players/{player_id}/wallet", headers=key).status_code == 404


def test_jobs_are_listed_and_unknown_ones_not_found(client, key):
    assert client.get("/api/v1/jobs?state=dead", headers=key).json["items"] == []
    assert (
        client.post(f"/api/v1/jobs/{'0' * 8}-0000-0000-0000-{'0' * 12}/replay", headers=key).status_code
        == 404
    )


def test_the_vocabulary_shows_the_tenants_words(client, key, make_tenant, key_of):
    assert "bells.rung" in [term["name"] for term in client.get("/api/v1/vocabulary", headers=key).json]

    other = client.get("/api/v1/vocabulary", headers=key_of(make_tenant())).json
    assert "bells.rung" not in [term["name"] for term in other]
