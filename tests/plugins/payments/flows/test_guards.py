"""Guards see what a player paid in, and can refuse a deposit, a withdrawal or a method."""

from __future__ import annotations

from typing import Any

from pitboss.rules.book import drafts, life
from tests.plugins.payments.flows import house
from tests.plugins.payments.flows.conftest import ROOT, euros, registered, signed_in

LIMIT = 100_00


def gross_limit(operation: str, payload: Any) -> str | None:
    """Refuse deposits above 100.00 in 24 hours, whatever was paid out."""
    if operation != "payments.deposit":
        return None
    total = payload["gross_deposits"]["24h"] + payload["amount"]
    return f"{total} of {LIMIT} in 24 hours" if total > LIMIT else None


def test_deposit_60_withdraw_60_deposit_50_is_refused_by_a_gross_limit(
    pay_in, draw, staff, worker, add_method, wallet
) -> None:
    house.refusing.append(gross_limit)
    method = add_method()
    pay_in("60.00", method)
    drawn = draw("60.00").json["items"][0]
    staff.post(f"{ROOT}/payments/{drawn['id']}/approve", json={})
    worker()

    refused = pay_in("50.00", method)

    assert refused.status_code == 403
    assert refused.json["reasons"] == ["11000 of 10000 in 24 hours"]
    last = [payload for operation, payload in house.asked if operation == "payments.deposit"][-1]
    assert last["gross_deposits"] == dict.fromkeys(("24h", "7d", "month", "30d"), 60_00)
    assert last["net_deposits"] == dict.fromkeys(("24h", "7d", "month", "30d"), 0)
    assert last["method"]["provider"] == "cards"
    assert pay_in("40.00", method).status_code == 201


def test_what_is_on_its_way_counts_so_that_two_deposits_cannot_pass_a_limit_together(pay_in) -> None:
    house.refusing.append(gross_limit)
    pay_in("60.00", token="tok_pending_1")

    assert pay_in("60.00", token="tok_pending_2").status_code == 403


def test_a_guard_that_fails_refuses(pay_in, draw, add_method, me) -> None:
    method = add_method()
    pay_in("60.00", method)
    house.refusing.append(lambda _operation, payload: payload["no such thing"])

    answers = [
        pay_in("10.00", method),
        draw("10.00"),
        me.post(f"{ROOT}/methods", json={"provider": "cards", "token": "tok_ok_1"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_a_method_may_be_refused_by_whom_it_is_shared_with(
    me, app, make_client, kernel, tenant, events
) -> None:
    other = signed_in(app, make_client("player"), registered(kernel, tenant))
    token = {"provider": "cards", "token": "tok_ok_4242"}
    first = me.post(f"{ROOT}/methods", json=token).json["id"]

    shared = other.post(f"{ROOT}/methods", json=token)
    house.refusing.append(lambda _o, payload: "shared" if payload.get("shared_with") else None)
    third = signed_in(app, make_client("player"), registered(kernel, tenant))

    assert shared.status_code == 201
    assert shared.json["id"] != first
    assert third.post(f"{ROOT}/methods", json=token).status_code == 403
    (told,) = events("payments.method_shared")
    assert told.payload["player_ids"] == [str(me.player_id)]
    assert "4242" not in told.payload["fingerprint"]


def test_the_limits_show_what_a_guard_sees(pay_in, me) -> None:
    pay_in("60.00")

    shown = me.get(f"{ROOT}/limits").json

    assert shown["withdrawable"] == euros("60.00")
    assert shown["gross_deposits"]["24h"] == shown["net_deposits"]["month"] == euros("60.00")
    assert shown["providers"][0]["deposit_min"] == euros("0.01")
    assert shown["providers"][0]["deposit_max"] is None


def test_a_rule_of_the_house_limits_deposits_by_their_facts(pay_in, add_method, kernel, tenant) -> None:
    rule = {
        "kind": "limit",
        "key": "one-a-day",
        "name": "One deposit a day",
        "operation": "payments.deposit",
        "when": "payments.deposit_count_1d >= 1",
        "message": "one deposit a day is enough",
    }
    _publish(kernel, tenant, rule)
    method = add_method()

    answers = [pay_in("10.00", method), pay_in("10.00", method)]

    assert [answer.status_code for answer in answers] == [201, 403]
    assert answers[1].json["reasons"] == ["one deposit a day is enough"]


def _publish(kernel: Any, tenant: Any, rule: dict[str, Any]) -> None:
    for step in ("create", "submit", "approve", "publish"):
        with kernel.context(tenant.id, actor_name=f"{step} {rule['key']}") as ctx:
            if step == "create":
                drafts.create(ctx, rule)
            else:
                getattr(life, step)(ctx, rule["key"])
