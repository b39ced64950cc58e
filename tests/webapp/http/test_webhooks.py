"""Operators manage endpoints over HTTP, see each delivery, and a secret is shown once."""

from __future__ import annotations

import pytest

from pitboss.core import webhooks

ROOT = "/api/v1/webhooks"


@pytest.fixture
def made(client, key):
    body = {"url": "https://example.org/hook", "events": ["core.*"]}
    answer = client.post(ROOT, json=body, headers=key)
    assert answer.status_code == 201, answer.json
    return answer.json


def test_an_endpoint_is_made_listed_changed_and_removed(client, key, made):
    path = f"{ROOT}/{made['endpoint']['id']}"

    assert made["secret"].startswith("whsec_")
    assert [e["url"] for e in client.get(ROOT, headers=key).json] == ["https://example.org/hook"]
    changed = client.patch(path, json={"is_enabled": False}, headers=key).json
    assert (changed["is_enabled"], changed["disabled_reason"][:12]) == (False, "switched off")
    assert client.delete(path, headers=key).status_code == 204
    assert client.get(path, headers=key).status_code == 404


def test_a_secret_is_shown_once_and_can_be_rotated(client, key, made):
    path = f"{ROOT}/{made['endpoint']['id']}"

    new = client.post(f"{path}/secret", headers=key).json["secret"]

    assert new != made["secret"]
    shown = client.get(path, headers=key)
    assert shown.json["is_rotating"]
    assert "whsec_" not in shown.text


def test_a_ping_shows_up_and_can_be_replayed(client, key, made):
    ping = client.post(f"{ROOT}/{made['endpoint']['id']}/ping", headers=key)
    assert ping.status_code == 202, ping.json

    replay = client.post(f"{ROOT}/deliveries/{ping.json['id']}/replay", headers=key)
    listed = client.get(f"{ROOT}/deliveries?state=pending", headers=key).json

    assert (replay.status_code, replay.json["replays"]) == (202, 1)
    assert [d["event"] for d in listed["items"]] == ["core.webhook_ping"]


def test_deliveries_come_in_pages(client, key, made):
    for _ in range(3):
        client.post(f"{ROOT}/{made['endpoint']['id']}/ping", headers=key)

    first = client.get(f"{ROOT}/deliveries?limit=2", headers=key).json
    rest = client.get(f"{ROOT}/deliveries?limit=2&cursor={first['next_cursor']}", headers=key).json

    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.0.0.1/", "https://10.0.0.1/", "x", "https://u:p@e.org/"]
)
def test_an_address_that_will_not_do_is_refused(client, key, url):
    answer = client.post(ROOT, json={"url": url, "events": ["*"]}, headers=key)

    assert answer.status_code == 422
    assert "url" in answer.json["detail"]


def test_the_permission_is_needed(client, key_of, tenant):
    headers = key_of(tenant, "core.audit")

    assert client.get(ROOT, headers=headers).status_code == 403
    assert client.get(ROOT, headers={"X-Tenant": tenant.code}).status_code == 401


def test_another_tenants_endpoint_is_not_there(client, key_of, made, other_tenant, kernel):
    headers = key_of(other_tenant)
    path = f"{ROOT}/{made['endpoint']['id']}"

    assert client.get(path, headers=headers).status_code == 404
    assert client.delete(path, headers=headers).status_code == 404
    assert client.post(f"{path}/secret", headers=headers).status_code == 404
    with kernel.context(other_tenant.id) as ctx:
        assert webhooks.list_endpoints(ctx) == []
