"""Players read their own inbox over HTTP; operators see what was sent, and write the texts."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core import notifications
from pitboss.core.jobs import JobRow
from pitboss.core.notifications.sending import send

ROOT = "/api/v1/notifications"
RESET = f"{ROOT}/templates/core.password_reset/email/en"


@pytest.fixture
def player(kernel, tenant, player_of):
    """A signed-in player with two messages: the id, and the headers."""
    player_id, headers = player_of(tenant)
    with kernel.context(tenant.id) as ctx:
        hello = {"subject": "Hello {n}", "body": "Hi {name}"}
        notifications.save_template(ctx, "brand.hello", "in_app", "en", **hello)
        for n in range(2):
            notifications.notify(ctx, player_id, "brand.hello", {"n": n})
    with kernel.context(tenant.id) as ctx:
        query = select(JobRow.payload).where(JobRow.name == "core.send_notification")
        payloads = ctx.connection.scalars(query).all()
    for payload in payloads:
        send(kernel.context(tenant.id), payload)
    return player_id, headers


def test_a_player_reads_the_inbox(client, player):
    _, headers = player
    first = client.get(f"{ROOT}/inbox?limit=1", headers=headers).json
    [message] = first["items"]
    assert (message["subject"], message["is_read"]) == ("Hello 1", False)

    answer = client.post(f"{ROOT}/inbox/{message['id']}/read", headers=headers)

    assert answer.json == {"unread": 1}
    rest = client.get(f"{ROOT}/inbox?unread=true&cursor={first['next_cursor']}", headers=headers)
    assert [m["subject"] for m in rest.json["items"]] == ["Hello 0"]
    assert client.post(f"{ROOT}/inbox/read", headers=headers).json == {"unread": 0}
    assert client.get(f"{ROOT}/inbox/unread", headers=headers).json == {"unread": 0}


def test_a_player_of_another_tenant_reads_nothing_of_it(client, player, player_of, other_tenant, key):
    _, stranger = player_of(other_tenant)
    message = client.get(f"{ROOT}/inbox", headers=player[1]).json["items"][0]

    assert client.get(f"{ROOT}/inbox", headers=stranger).json["items"] == []
    assert client.post(f"{ROOT}/inbox/{message['id']}/read", headers=stranger).status_code == 404


def test_a_key_has_no_inbox_and_a_player_no_log(client, key, player):
    assert client.get(f"{ROOT}/inbox", headers=key).status_code == 403
    assert client.get(ROOT, headers=player[1]).status_code == 403


def test_operators_see_what_was_sent(client, key, player):
    player_id, _ = player

    page = client.get(f"{ROOT}?target_id={player_id}&state=delivered&limit=1", headers=key).json
    detail = client.get(f"{ROOT}/{page['items'][0]['id']}", headers=key).json

    assert page["next_cursor"]
    assert [step["state"] for step in detail["history"]] == ["queued", "sent", "delivered"]


def test_a_provider_reports(client, key, player):
    item = client.get(ROOT, headers=key).json["items"][0]

    answer = client.post(f"{ROOT}/{item['id']}/report", json={"state": "read"}, headers=key)

    assert answer.json["state"] == "read"
    again = client.post(f"{ROOT}/{item['id']}/report", json={"state": "failed"}, headers=key)
    assert again.status_code == 409


def test_a_text_is_written_listed_and_removed(client, key):
    text = {"subject": "New password", "body": "{link}"}
    assert client.put(RESET, json=text, headers=key).json["body"] == "{link}"

    own = [t for t in client.get(f"{ROOT}/templates", headers=key).json if not t["is_built_in"]]

    assert ("core.password_reset", "email", "en") in {(t["key"], t["channel"], t["locale"]) for t in own}
    assert client.delete(RESET, headers=key).status_code == 204
    assert client.delete(RESET, headers=key).status_code == 404


@pytest.mark.parametrize("body", ["{link", "{link.__class__}", "{lnk}"])
def test_a_text_that_cannot_be_filled_in_is_refused(client, key, body):
    answer = client.put(RESET, json={"subject": "s", "body": body}, headers=key)

    assert answer.status_code == 422


def test_what_is_not_there_is_404(client, key):
    assert client.get(f"{ROOT}/{UUID(int=1)}", headers=key).status_code == 404
