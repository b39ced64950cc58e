"""Idempotency-Key: done once, answered the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pitboss.core.idempotency import KEPT_HOURS, KEY_CHARACTERS_MAX, purge

RING = "/api/v1/bells/ring"


def once(headers, key="order-1"):
    return headers | {"Idempotency-Key": key}


def test_a_repeated_request_is_done_once(client, key):
    first = client.post(RING, headers=once(key))
    second = client.post(RING, headers=once(key))

    assert first.json == second.json == {"entries": 1}
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_hot_endpoint_replays_alike(client, key):
    first = client.post("/api/v1/bells/bets", headers=once(key), json={"stake": 5})
    second = client.post("/api/v1/bells/bets", headers=once(key), json={"stake": 5})

    assert (first.status_code, first.data) == (second.status_code, second.data)
    assert second.headers["Idempotency-Replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(client, key):
    client.post("/api/v1/bells/bets", headers=once(key), json={"stake": 5})

    assert client.post("/api/v1/bells/bets", headers=once(key), json={"stake": 6}).status_code == 422


def test_another_path_under_the_same_key_is_refused(client, key):
    client.post(RING, headers=once(key))

    assert client.post("/api/v1/bells/ring-for-money", headers=once(key)).status_code == 422


def test_a_failed_request_may_be_tried_again(client, key):
    assert client.post("/api/v1/bells/break", headers=once(key)).status_code == 500

    assert client.post(RING, headers=once(key)).json == {"entries": 1}


def test_keys_are_claimed_after_any_rollback(client, key):
    for number in range(12):
        client.post("/api/v1/bells/break", headers=once(key, f"bad-{number}"))

    assert client.post(RING, headers=once(key)).json == {"entries": 1}


def test_two_callers_never_share_a_key(client, tenant, key, key_of):
    client.post(RING, headers=once(key))

    assert client.post(RING, headers=once(key_of(tenant))).json == {"entries": 2}


def test_two_tenants_never_share_a_key(client, other_tenant, key, key_of):
    client.post(RING, headers=once(key))

    assert client.post(RING, headers=once(key_of(other_tenant))).json == {"entries": 1}


def test_what_moves_money_needs_a_key(client, key):
    assert client.post("/api/v1/bells/ring-for-money", headers=key).status_code == 422


@pytest.mark.parametrize("bad", ["x" * (KEY_CHARACTERS_MAX + 1), "ü", " "])
def test_a_key_that_cannot_be_kept_is_refused(client, key, bad):
    answer = client.post(RING, headers=once(key, bad))

    assert answer.status_code == 422


def test_twins_at_the_same_moment_are_done_once(app, key):
    def ring(_):
        return app.test_client().post(RING, headers=once(key)).json

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ring, range(4)))

    assert answers == [{"entries": 1}] * 4


def test_an_answer_is_forgotten_after_a_day(client, kernel, tenant, key, clock):
    client.post(RING, headers=once(key))
    clock.advance(hours=KEPT_HOURS, seconds=1)

    assert client.post(RING, headers=once(key)).json == {"entries": 2}


def test_the_purge_removes_old_answers_only(client, kernel, tenant, key, clock):
    client.post(RING, headers=once(key, "old"))
    clock.advance(hours=KEPT_HOURS - 1)
    client.post(RING, headers=once(key, "new"))
    clock.advance(hours=2)

    with kernel.context(tenant.id) as ctx:
        assert purge(ctx, {}) == 1
    assert client.post(RING, headers=once(key, "new")).headers["Idempotency-Replayed"] == "true"
