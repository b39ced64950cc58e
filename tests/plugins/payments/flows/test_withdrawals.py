"""Withdrawals: set aside at once, divided, decided on by people, paid or returned."""

from __future__ import annotations

from typing import Any

import pytest

from pitboss.core import audit, facts, ledger
from pitboss.plugins.payments import book
from tests.plugins.payments.flows.conftest import ROOT, euros, registered, signed_in


def decide(staff: Any, payment: Any, what: str, **sent: Any) -> Any:
    return staff.post(f"{ROOT}/payments/{payment['id']}/{what}", json=sent)


@pytest.fixture
def drawn(pay_in, draw) -> Any:
    """A withdrawal of 60.00 out of 100.00 that were paid in."""
    pay_in("100.00")
    return draw("60.00").json["items"][0]


def test_what_is_asked_for_is_set_aside_at_once(drawn, wallet, events) -> None:
    assert (drawn["state"], drawn["amount"]) == ("requested", euros("60.00"))
    assert wallet() == (40_00, 60_00, 0)
    assert len(events("payments.withdrawal_requested")) == 1


def test_what_is_approved_is_paid(drawn, staff, worker, wallet, events, kernel, tenant, player, me) -> None:
    approved = decide(staff, drawn, "approve", note="known player").json
    assert approved["state"] == "approved"
    worker()

    assert wallet() == (40_00, 0, 0)
    shown = me.get(f"{ROOT}/history/{drawn['id']}").json
    assert (shown["state"], shown["settled"]) == ("completed", euros("60.00"))
    assert len(events("payments.withdrawal_completed")) == 1
    with kernel.context(tenant.id) as ctx:
        assert ledger.balance(ctx.connection, book.clearing_of("cards", "EUR")) == -40_00
        known = facts.read(ctx, player)
        trail = audit.search(ctx, audit.Filter(target=f"payment:{drawn['id']}"))
    assert known["payments.withdrawn"] == known["payments.withdrawn_1d"] == 60_00
    assert known["payments.net_deposited"] == 40_00
    assert [entry["action"] for entry in trail.entries] == ["payments.withdrawal_approved"]


def test_what_is_rejected_comes_back_with_its_reason(drawn, staff, wallet, me, events) -> None:
    assert decide(staff, drawn, "reject", reason=" ").status_code == 422
    decide(staff, drawn, "reject", reason="send proof of your address")
    again = decide(staff, drawn, "approve")

    assert wallet() == (100_00, 0, 0)
    assert me.get(f"{ROOT}/history/{drawn['id']}").json["reason"] == "send proof of your address"
    assert again.status_code == 409
    assert "send proof" in again.json["detail"]
    assert len(events("payments.withdrawal_rejected")) == 1


def test_what_cannot_be_paid_comes_back(add_method, pay_in, draw, staff, worker, wallet, events) -> None:
    # The last two digits say that the provider declines it.
    pay_in("100.00")
    payment = draw("60.01").json["items"][0]
    decide(staff, payment, "approve")
    worker()

    assert wallet() == (100_00, 0, 0)
    assert events("payments.withdrawal_failed")[0].payload["reason"].startswith("the bank declined")


@pytest.mark.parametrize("amount", ["100.01", "1000.00"])
def test_no_more_than_the_cash_can_be_withdrawn(amount, pay_in, draw, wallet) -> None:
    pay_in("100.00")

    answer = draw(amount)

    assert answer.status_code == 409
    assert "100.00 EUR can be withdrawn" in answer.json["detail"]
    assert wallet() == (100_00, 0, 0)


def test_a_player_cannot_take_a_withdrawal_back_unless_the_house_allows_it(drawn, me, settle, wallet) -> None:
    path = f"{ROOT}/withdrawals/{drawn['id']}/cancel"
    assert me.post(path).status_code == 403
    assert wallet() == (40_00, 60_00, 0)

    settle(has_player_cancel=True)
    assert [me.post(path).json["state"] for _ in range(2)] == ["cancelled", "cancelled"]
    assert wallet() == (100_00, 0, 0)


def test_nobody_takes_back_what_was_approved(drawn, me, staff, settle) -> None:
    settle(has_player_cancel=True)
    decide(staff, drawn, "approve")

    assert me.post(f"{ROOT}/withdrawals/{drawn['id']}/cancel").status_code == 409


def test_much_money_needs_two_persons(settle, drawn, staff, make_client, worker, wallet) -> None:
    settle(two_person_from=60_00)

    first = decide(staff, drawn, "approve").json
    same = decide(staff, drawn, "approve")
    worker()
    assert (first["state"], same.status_code) == ("reviewed", 409)
    assert wallet() == (40_00, 60_00, 0)

    second = decide(make_client("operator", "payments.approve"), drawn, "approve").json
    assert second["state"] == "approved"
    assert len(second["approvals"]) == 2


def test_little_money_needs_nobody(settle, pay_in, draw, worker, wallet) -> None:
    settle(auto_approve_max=60_00)
    pay_in("100.00")

    assert draw("60.00").json["items"][0]["state"] == "approved"
    worker()
    assert wallet() == (40_00, 0, 0)


def test_held_withdrawals_wait_until_they_are_released(
    drawn, staff, worker, wallet, kernel, tenant, player
) -> None:
    decide(staff, drawn, "approve")
    with kernel.context(tenant.id) as ctx:
        ctx.of(player).act("payments.hold_withdrawals", reason="source of funds")
        assert ctx.value("payments.has_withdrawals_held") is True
    worker()
    assert wallet() == (40_00, 60_00, 0)

    staff.post(f"{ROOT}/players/{player}/release", json={"reason": "the proof is here"})
    worker()
    assert wallet() == (40_00, 0, 0)


def test_what_is_held_cannot_be_approved_but_asked_for(drawn, draw, staff, player) -> None:
    staff.post(f"{ROOT}/players/{player}/hold", json={"reason": "source of funds"})

    refused = decide(staff, drawn, "approve")

    assert (refused.status_code, "source of funds" in refused.json["detail"]) == (409, True)
    assert draw("10.00").status_code == 201


def test_money_goes_back_to_where_it_came_from_and_the_rest_to_a_verified_method(
    me, add_method, pay_in, draw, kernel, tenant, player, staff, wallet
) -> None:
    bank = add_method("GB29 NWBK 6016 1331 9268 19", provider="bank")
    old, new = add_method("tok_ok_1111"), add_method("tok_ok_2222")
    pay_in("30.00", old)
    pay_in("50.00", new)
    with kernel.context(tenant.id) as ctx:
        cash, won = ledger.purse(player, "cash", "EUR"), ledger.house("house", "EUR")
        ledger.post(ctx.connection, key="won", op="won", legs=[ledger.Leg(won, cash, 40_00)])
    me.delete(f"{ROOT}/methods/{new}")

    staff.post(f"{ROOT}/methods/{bank}/verify", json={"evidence": "a statement in the player's name"})
    answer = draw("100.00", bank).json

    items = [(item["method_id"], item["amount"]["amount"]) for item in answer["items"]]
    assert items == [(old, "30.00"), (bank, "70.00")]
    assert answer["passed_over"] == ["Test •••• 2222 paid in, but was removed"]
    assert wallet() == (20_00, 100_00, 0)


def test_what_nobody_paid_in_waits_for_a_verified_method(
    me, add_method, kernel, tenant, player, draw
) -> None:
    add_method("GB29NWBK60161331926819", provider="bank")
    with kernel.context(tenant.id) as ctx:
        cash, won = ledger.purse(player, "cash", "EUR"), ledger.house("house", "EUR")
        ledger.post(ctx.connection, key="won", op="won", legs=[ledger.Leg(won, cash, 40_00)])

    answer = draw("10.00")

    assert answer.status_code == 422
    assert "verified" in answer.json["detail"]


def test_a_fee_is_taken_from_what_is_paid_out(
    settle, pay_in, draw, staff, worker, wallet, kernel, tenant
) -> None:
    settle(test={"withdrawal_fee_fixed": 1_50})
    pay_in("100.00")
    payment = draw("60.00").json["items"][0]
    decide(staff, payment, "approve")
    worker()

    assert wallet() == (40_00, 0, 0)
    with kernel.context(tenant.id) as ctx:
        held = {a.kind: b for a, b in ledger.balances(ctx.connection, "house").items()}
    assert held == {"clearing:cards": -100_00 + 58_50, "payment_fees": 1_50}


def test_a_manual_pay_out_is_confirmed_with_a_reference_and_evidence(
    settle, add_method, staff, make_client, pay_in, draw, worker, wallet
) -> None:
    settle(two_person_from=50_00)
    bank = add_method("GB29NWBK60161331926819", provider="bank")
    made = pay_in("60.00", bank).json
    second = make_client("operator", "payments.*")
    said = {"reference": "B-1", "evidence": "statement, page 2"}
    assert decide(staff, made, "confirm", **said).json["state"] == "pending"
    assert decide(staff, made, "confirm", **said).status_code == 409
    differing = {**said, "amount": euros("59.00")}
    assert decide(second, made, "confirm", **differing).json["state"] == "pending"
    assert wallet() == (0, 0, 0)
    assert decide(second, made, "confirm", **said).json["state"] == "completed"

    payment = draw("60.00").json["items"][0]
    for person in (staff, second):
        decide(person, payment, "approve")
    worker()
    assert decide(staff, payment, "reject", reason="too late").status_code == 409
    for person in (staff, second):
        done = decide(person, payment, "confirm", reference="OUT-1", evidence="order 7").json
    assert (done["state"], done["reference"]) == ("completed", "OUT-1")
    assert wallet() == (0, 0, 0)


def test_a_pay_out_that_sticks_is_flagged_when_its_time_is_over(
    add_method, pay_in, draw, staff, worker, clock, settle
) -> None:
    settle(sent_hours_max=1)
    made = pay_in("60.00", add_method("GB29NWBK60161331926819", provider="bank")).json
    decide(staff, made, "confirm", reference="B-1", evidence="statement")
    worker.tick()
    decide(staff, draw("60.00").json["items"][0], "approve")
    worker()

    clock.advance(minutes=59)
    worker.tick()
    early = staff.get(f"{ROOT}/payments?is_attention=true").json["items"]
    clock.advance(hours=1)
    worker.tick()

    assert early == []
    (flagged,) = staff.get(f"{ROOT}/payments?is_attention=true").json["items"]
    assert "does not say how it ended" in flagged["attention"]


def test_only_a_manual_provider_is_confirmed_by_hand(pay_in, staff) -> None:
    made = pay_in(token="tok_pending").json

    answer = decide(staff, made, "confirm", reference="B-1", evidence="I saw it")

    assert answer.status_code == 409


def test_a_chargeback_stops_what_was_not_sent(pay_in, draw, spend, staff, wallet, worker, clock) -> None:
    pay_in("100.00", token="tok_reverse")
    payment = draw("60.00").json["items"][0]
    worker.tick()
    clock.advance(minutes=11)
    worker.tick()
    assert wallet() == (0, 60_00, 60_00)

    refused = decide(staff, payment, "approve")

    assert refused.status_code == 409
    assert "owes 60.00 EUR" in refused.json["detail"]


def test_a_withdrawal_is_asked_for_once_by_its_key(pay_in, me, wallet) -> None:
    pay_in("100.00")
    headers = {"Idempotency-Key": "the-same-key"}

    def ask(amount: str) -> Any:
        me.environ_base["HTTP_IDEMPOTENCY_KEY"] = "x"
        return me.post(f"{ROOT}/withdrawals", json={"amount": euros(amount)}, headers=headers)

    answers = [ask("60.00"), ask("60.00"), ask("50.00")]

    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert wallet() == (40_00, 60_00, 0)


def test_nobody_sees_or_touches_payments_of_others(
    drawn, app, make_client, kernel, tenant, other_tenant
) -> None:
    stranger = signed_in(app, make_client("player"), registered(kernel, tenant))
    elsewhere = make_client("operator", "*", of=other_tenant)

    answers = [
        stranger.get(f"{ROOT}/history/{drawn['id']}"),
        stranger.post(f"{ROOT}/withdrawals/{drawn['id']}/cancel"),
        elsewhere.get(f"{ROOT}/payments/{drawn['id']}"),
        decide(elsewhere, drawn, "approve"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert stranger.get(f"{ROOT}/history").json["items"] == []


def test_the_history_is_read_page_by_page_and_the_queue_by_state(pay_in, draw, me, staff) -> None:
    pay_in("100.00")
    ids = [draw("10.00").json["items"][0]["id"] for _ in range(3)]

    first = me.get(f"{ROOT}/history?limit=2&kind=withdrawal").json
    rest = me.get(f"{ROOT}/history?limit=2&kind=withdrawal&cursor={first['next_cursor']}").json
    queue = staff.get(f"{ROOT}/payments?state=requested").json["items"]

    assert [item["id"] for item in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None
    assert [item["id"] for item in queue] == ids[::-1]


def test_notes_and_decisions_stand_in_the_history(drawn, staff) -> None:
    decide(staff, drawn, "notes", text="called the player")
    shown = decide(staff, drawn, "approve", note="fine").json

    assert [(line["what"], line["text"]) for line in shown["history"]][1:] == [
        ("note", "called the player"),
        ("approve agreed", "fine"),
        ("approved", "fine"),
    ]
