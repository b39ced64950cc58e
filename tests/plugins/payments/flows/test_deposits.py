"""Deposits, from the player's request to the money in the wallet, and back."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from pitboss.core import facts, ledger, reports
from pitboss.core.errors import Conflict
from pitboss.core.identity.players import edit_player, lock_player
from pitboss.core.reports import Span
from pitboss.plugins.payments import book
from tests.plugins.payments.flows import house
from tests.plugins.payments.flows.conftest import ROOT, configure, euros


def test_a_deposit_is_in_the_wallet_at_once(pay_in, wallet, events, kernel, tenant, player) -> None:
    answer = pay_in("100.00")

    assert (answer.status_code, answer.json["state"]) == (201, "completed")
    assert answer.json["settled"] == euros("100.00")
    assert wallet() == (100_00, 0, 0)
    (told,) = events("payments.deposit_completed")
    assert {k: told.payload[k] for k in ("amount", "currency", "provider", "nth")} == {
        "amount": 100_00,
        "currency": "EUR",
        "provider": "cards",
        "nth": 1,
    }
    assert told.payload["deposit_id"] == answer.json["id"]
    with kernel.context(tenant.id) as ctx:
        assert ledger.balance(ctx.connection, book.clearing_of("cards", "EUR")) == -100_00
        known = facts.read(ctx, player)
    assert known["payments.deposited"] == known["payments.deposited_7d"] == 100_00
    assert known["payments.deposit_count_1d"] == known["payments.deposit_count"] == 1
    assert known["payments.net_deposited"] == known["payments.net_deposited_30d"] == 100_00


@pytest.mark.parametrize(
    ("token", "amount", "state"),
    [
        ("tok_fail", "100.00", "failed"),
        ("tok_ok", "100.01", "failed"),
        ("tok_pending", "100.00", "pending"),
        ("tok_ok", "100.02", "pending"),
        ("tok_action", "100.00", "action_required"),
        ("tok_lost", "100.00", "pending"),
        ("tok_down", "100.00", "created"),
    ],
)
def test_a_deposit_that_did_not_arrive_is_not_in_the_wallet(token, amount, state, pay_in, wallet) -> None:
    answer = pay_in(amount, token=token)

    assert (answer.status_code, answer.json["state"]) == (201, state)
    assert bool(answer.json["action"]) == (state == "action_required")
    assert wallet() == (0, 0, 0)


def test_what_is_pending_arrives_when_the_provider_says_so(pay_in, wallet, worker, clock, tenant) -> None:
    pay_in(token="tok_pending")

    worker.tick()
    clock.advance(minutes=5)
    worker.tick()

    assert wallet() == (100_00, 0, 0)


def test_a_deposit_is_made_once_by_its_key(me, add_method, wallet) -> None:
    method, key = add_method(), str(uuid4())
    sent = {"method_id": method, "amount": euros("100.00")}

    def send(body: dict[str, object]) -> object:
        me.environ_base["HTTP_IDEMPOTENCY_KEY"] = key
        return me.post(f"{ROOT}/deposits", json=body, headers={"Idempotency-Key": key})

    first, again = send(sent), send(sent)
    other = send(sent | {"amount": euros("50.00")})

    assert first.json["id"] == again.json["id"]
    assert other.status_code == 422
    assert wallet() == (100_00, 0, 0)


def test_a_deposit_whose_provider_did_not_answer_is_begun_by_a_job(
    pay_in, add_method, wallet, worker, clock
) -> None:
    method = add_method("good", provider="foreign")
    house.outages.append("the network is down")
    assert pay_in(method=method).json["state"] == "created"

    house.outages.clear()
    clock.advance(minutes=2)
    worker()

    assert wallet() == (100_00, 0, 0)


def test_a_provider_of_another_plugin_needs_nothing_but_the_port(pay_in, add_method, wallet) -> None:
    assert pay_in(method=add_method("good", provider="foreign")).json["state"] == "completed"
    assert wallet() == (100_00, 0, 0)


def test_a_provider_that_breaks_the_port_moves_nothing(pay_in, add_method, wallet) -> None:
    assert pay_in(method=add_method("bad", provider="foreign")).json["state"] == "created"
    assert wallet() == (0, 0, 0)


def test_what_does_not_come_in_time_expires_and_is_credited_when_it_comes_late(
    pay_in, wallet, worker, clock, events, staff, me
) -> None:
    answer = me.post(f"{ROOT}/methods", json={"provider": "bank", "token": "GB29NWBK60161331926819"})
    made = pay_in(method=answer.json["id"]).json
    assert made["action"]["type"] == "instructions"

    worker.tick()
    clock.advance(hours=73)
    worker.tick()
    (told,) = events("payments.deposit_failed")
    assert told.payload["deposit_id"] == made["id"]

    said = {"reference": "STMT-7", "evidence": "statement of 5 January", "amount": euros("90.00")}
    late = staff.post(f"{ROOT}/payments/{made['id']}/confirm", json=said)
    assert late.json["state"] == "completed"
    assert wallet() == (90_00, 0, 0)


def test_a_fee_is_kept_apart_and_goes_back_with_the_deposit(
    settle, pay_in, wallet, staff, kernel, tenant
) -> None:
    settle(test={"deposit_fee_percent": "2.5", "deposit_fee_fixed": 30})
    made = pay_in("100.00").json
    assert made["fee"] == euros("2.80")
    assert wallet() == (97_20, 0, 0)

    part = {"amount": euros("33.33"), "reason": "bought by mistake"}
    first = staff.post(f"{ROOT}/payments/{made['id']}/refund", json=part)
    assert first.json["state"] == "completed"
    rest = staff.post(f"{ROOT}/payments/{made['id']}/refund", json={"reason": "the rest as well"})

    assert rest.json["state"] == "reversed"
    assert wallet() == (0, 0, 0)
    with kernel.context(tenant.id) as ctx:
        held = ledger.balances(ctx.connection, "house")
    assert set(held.values()) == {0}


def test_a_refund_takes_only_what_the_player_still_has(pay_in, spend, staff, wallet) -> None:
    made = pay_in("100.00").json
    spend(80_00)

    refused = staff.post(f"{ROOT}/payments/{made['id']}/refund", json={"reason": "by request"})
    more = {"amount": euros("100.01"), "reason": "by request"}
    too_much = staff.post(f"{ROOT}/payments/{made['id']}/refund", json=more)

    assert (refused.status_code, too_much.status_code) == (409, 409)
    assert wallet() == (20_00, 0, 0)


def test_a_rule_refunds_once_and_the_provider_sends_it_once(
    pay_in, kernel, tenant, worker, wallet, events
) -> None:
    made = pay_in("100.00").json
    with kernel.context(tenant.id) as ctx:
        for _ in range(2):
            ctx.act(
                "payments.refund_deposit", deposit_id=UUID(made["id"]), reason="excluded already", key="x"
            )
        with pytest.raises(Conflict):
            ctx.act("payments.refund_deposit", deposit_id=UUID(made["id"]), reason="again", key="y")
    worker()
    worker()

    assert wallet() == (0, 0, 0)
    assert len(events("payments.deposit_reversed")) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [("4.99", "EUR", "the least"), ("500.01", "EUR", "the most"), ("50.00", "USD", "takes EUR")],
)
def test_an_amount_outside_the_limits_is_refused_by_name(
    amount, currency, said, settle, me, add_method
) -> None:
    settle(deposit_min=500, test={"deposit_max": 500_00})
    sent = {"method_id": add_method(), "amount": {"amount": amount, "currency": currency}}

    answer = me.post(f"{ROOT}/deposits", json=sent)

    assert answer.status_code == 422
    assert said in answer.json["detail"]
    assert answer.json["errors"][0]["pointer"] == "#/amount"


def test_nobody_known_to_be_too_young_pays_in(kernel, tenant, player, add_method, pay_in, clock) -> None:
    method = add_method()
    with kernel.context(tenant.id) as ctx:
        edit_player(ctx, player, {"birth_date": date(2008, 1, 6)})

    refused = pay_in(method=method)
    clock.advance(days=1)

    assert (refused.status_code, refused.json["title"]) == (403, "Refused")
    assert pay_in(method=method).status_code == 201


def test_an_unknown_age_is_refused_where_the_house_says_so(settle, pay_in) -> None:
    settle(is_birth_date_required=True)

    assert pay_in().status_code == 403


def test_a_locked_player_pays_nothing_in(kernel, tenant, player, add_method, pay_in) -> None:
    method = add_method()
    with kernel.context(tenant.id) as ctx:
        lock_player(ctx, player, "by request")

    assert pay_in(method=method).status_code == 403


def test_a_provider_that_is_switched_off_takes_nothing_new(kernel, tenant, add_method, pay_in, me) -> None:
    method = add_method()
    configure(kernel, tenant, test={"is_enabled": False})

    assert pay_in(method=method).status_code == 422
    assert me.post(f"{ROOT}/methods", json={"provider": "cards", "token": "tok_ok"}).status_code == 422
    assert [p["name"] for p in me.get(f"{ROOT}/limits").json["providers"]] == ["bank", "foreign"]


def test_the_report_of_the_flow_shows_what_came_in(pay_in, kernel, tenant, clock) -> None:
    pay_in("100.00"), pay_in("20.00")
    today = clock.now().astimezone(tenant.zone).date()
    with kernel.context(tenant.id) as ctx:
        [row] = reports.read(ctx, "payments.flow", Span(today, today)).rows
    assert row == (today, 2, 120_00, 0, 0, 0, 120_00)
