"""The fixtures that plugin authors get, seen as an author would use them."""

from __future__ import annotations

from pitboss.core.clock import uuid7

CARDS = "/api/v1/acme_sample/cards"


def test_client_is_signed_in_as_a_player(client):
    assert client.get(CARDS).json == {"items": []}


def test_operator_client_opens_the_admin(operator_client):
    assert operator_client.get("/admin/acme_sample/").status_code == 200


def test_an_operator_has_the_permissions_that_the_test_gave(make_client):
    assert make_client("operator").get("/admin/acme_sample/").status_code == 403


def test_nobody_is_signed_in_without_a_kind(make_client):
    assert make_client().get(CARDS).status_code == 401


def test_key_client_is_no_player(key_client):
    assert key_client.get(CARDS).status_code == 401


def test_enable_and_disable_are_seen_at_once(client, enable, disable):
    disable("acme_sample")
    gone = client.get(CARDS).status_code
    enable("acme_sample")

    assert (gone, client.get(CARDS).status_code) == (404, 200)


def test_events_are_those_of_the_tenant(ctx, events, kernel, other_tenant):
    payload = {"card_id": uuid7(), "points": 1, "nth": 1}
    ctx.emit("acme_sample.card_scratched", payload)
    ctx.commit()
    with kernel.context(other_tenant.id) as other:
        other.emit("acme_sample.card_scratched", payload)

    assert [event.name for event in events()] == ["acme_sample.card_scratched"]
