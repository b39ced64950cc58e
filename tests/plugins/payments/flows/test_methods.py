"""Payment methods: tokens alone, sealed, masked, verified, removed."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from pitboss.plugins.payments import methods
from pitboss.plugins.payments.fingerprints import fingerprint
from pitboss.plugins.payments.models import CallbackRow, LogRow, MethodRow, PaymentRow
from tests.plugins.payments.flows.conftest import ROOT, euros, registered, signed_in

PAN = "4111 1111 1111 1111"


def test_a_token_is_sealed_and_shown_masked(add_method, me, kernel, tenant) -> None:
    id_ = add_method("tok_ok_4242")

    (shown,) = me.get(f"{ROOT}/methods").json["items"]
    with kernel.context(tenant.id) as ctx:
        row = ctx.connection.execute(select(MethodRow.__table__)).one()
        assert methods.token_of(ctx, row) == "tok_ok_4242"

    assert (shown["id"], shown["masked"], shown["is_verified"]) == (id_, "Test •••• 4242", True)
    assert "token" not in shown
    assert "tok_ok_4242" not in str(row)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("methods", {"provider": "cards", "token": PAN}),
        ("methods", {"provider": "bank", "token": "4111111111111111"}),
        ("methods", {"provider": "cards", "token": "tok_ok", "details": {"note": f"my card {PAN}"}}),
        ("methods", {"provider": "cards", "token": "tok_ok", "details": {"4111111111111111": "x"}}),
        ("deposits", {"amount": euros("5.00"), "return_url": "https://shop.test/?c=4111111111111111"}),
        ("deposits", {"amount": euros("5.00"), "details": {"note": PAN}}),
        ("payments/{deposit}/notes", {"text": PAN}),
        ("payments/{deposit}/confirm", {"reference": PAN, "evidence": "seen"}),
        ("payments/{deposit}/confirm", {"reference": "B-1", "evidence": PAN}),
        ("payments/{deposit}/reject", {"reason": PAN}),
        ("players/{player}/hold", {"reason": PAN}),
        ("methods/{method}/verify", {"evidence": PAN}),
    ],
)
def test_what_looks_like_a_card_number_is_refused_and_never_repeated(
    path, sent, me, staff, add_method, pay_in, player, caplog, kernel, tenant
) -> None:
    method = add_method("tok_pending")
    deposit = pay_in("10.00", method).json["id"]
    sent = {"method_id": method, **sent} if path == "deposits" else sent
    by = me if path in ("methods", "deposits") else staff

    with caplog.at_level(logging.DEBUG):
        answer = by.post(f"{ROOT}/{path.format(deposit=deposit, player=player, method=method)}", json=sent)

    assert answer.status_code == 422
    assert "looks like a card number" in answer.text
    assert not holds_pan(answer.text + caplog.text)
    with kernel.context(tenant.id) as ctx:
        for table in (MethodRow, PaymentRow, LogRow, CallbackRow):
            assert not holds_pan(str(ctx.connection.execute(select(table.__table__)).all()))


def holds_pan(text: str) -> bool:
    return "41111111" in text.replace(" ", "")


def test_the_same_method_is_one_and_comes_back_when_it_was_removed(add_method, me, events) -> None:
    first, again = add_method(), add_method()
    removed = me.delete(f"{ROOT}/methods/{first}")
    gone = me.get(f"{ROOT}/methods").json["items"]
    back = add_method()

    assert removed.status_code == 204
    assert (first, first, []) == (again, back, gone)
    assert len(events("payments.method_added")) == 2


def test_a_method_with_a_payment_under_way_stays(add_method, pay_in, me) -> None:
    method = add_method("tok_pending")
    pay_in(method=method)

    assert me.delete(f"{ROOT}/methods/{method}").status_code == 409


def test_a_removed_method_takes_no_payment_and_its_token_is_gone(
    add_method, me, pay_in, kernel, tenant
) -> None:
    method = add_method()
    me.delete(f"{ROOT}/methods/{method}")

    assert pay_in(method=method).status_code == 422
    with kernel.context(tenant.id) as ctx:
        row = ctx.connection.execute(select(MethodRow.__table__)).one()
        assert methods.token_of(ctx, row) == "removed"


def test_a_player_has_a_limited_number_of_methods(settle, me) -> None:
    settle(methods_max=2)

    answers = [
        me.post(f"{ROOT}/methods", json={"provider": "cards", "token": f"tok_ok_{n}"}) for n in range(3)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 409]


@pytest.mark.parametrize(
    ("provider", "token"),
    [
        ("cards", "tok_gold"),
        ("cards", "visa"),
        ("bank", "??"),
        ("bank", "GB29NWBK60161331926818"),
        ("no", "tok_ok"),
    ],
)
def test_a_token_that_its_provider_does_not_know_is_refused(provider, token, me) -> None:
    assert me.post(f"{ROOT}/methods", json={"provider": provider, "token": token}).status_code == 422


def test_nobody_uses_the_method_of_another(add_method, app, make_client, kernel, tenant) -> None:
    method = add_method()
    other = signed_in(app, make_client("player"), registered(kernel, tenant))
    sent = {"method_id": method, "amount": euros("5.00")}

    answers = [other.post(f"{ROOT}/deposits", json=sent), other.delete(f"{ROOT}/methods/{method}")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_fingerprints_of_one_card_differ_between_tenants(kernel, tenant, make_tenant) -> None:
    other = make_tenant("payments")
    found = []
    for one in (tenant, tenant, other):
        with kernel.context(one.id) as ctx:
            found.append(fingerprint(ctx, "test:tok_ok"))

    assert found[0] == found[1] != found[2]
