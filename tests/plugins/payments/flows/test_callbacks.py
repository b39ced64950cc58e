"""What providers tell of by themselves: signed, once, in any order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from pitboss.core import facts
from pitboss.core.errors import PluginError
from pitboss.core.money import Money
from pitboss.plugins.payments import book, deposits, ports, receiving, rehearsal
from tests.plugins.payments.flows.conftest import ROOT


@pytest.fixture
def tell(kernel, tenant, app) -> Callable[..., Any]:
    """Call back as the test provider: without X-Tenant, signed."""

    def call(*news: dict[str, Any], code: str = "", provider: str = "cards", **headers: str) -> Any:
        with kernel.context(tenant.id) as ctx:
            body, signed = rehearsal.callback(ctx, [{"id": str(uuid4()), **one} for one in news])
        path = f"{ROOT}/callbacks/{code or tenant.code}/{provider}"
        return app.test_client().post(path, data=body, headers=signed | headers)

    return call


@pytest.fixture
def pending(pay_in) -> Any:
    """A deposit that waits for its provider."""
    return pay_in(token="tok_pending").json


def test_a_callback_completes_a_deposit_once(tell, pending, wallet) -> None:
    news = {"id": "evt-1", "kind": "completed", "payment_id": pending["id"]}

    first, again = tell(news), tell(news)
    other = tell({"id": "evt-2", "kind": "completed", "payment_id": pending["id"]})

    assert first.json == {"applied": 1, "late": 0, "unmatched": 0, "attention": 0}
    assert again.json["late"] == other.json["late"] == 1
    assert wallet() == (100_00, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"X-Test-Signature": "0" * 64},
        {"X-Test-Signature": ""},
        {"X-Test-Timestamp": "1"},
        {"X-Test-Timestamp": "x"},
    ],
)
def test_a_callback_with_a_wrong_signature_does_nothing(wrong, tell, pending, wallet) -> None:
    answer = tell({"kind": "completed", "payment_id": pending["id"]}, **wrong)

    assert answer.status_code == 401
    assert wallet() == (0, 0, 0)


def test_an_old_callback_is_refused_one_second_past_the_limit(
    kernel, tenant, app, pending, clock, wallet
) -> None:
    with kernel.context(tenant.id) as ctx:
        news = {"id": "e", "kind": "completed", "payment_id": pending["id"]}
        body, signed = rehearsal.callback(ctx, [news])
    path = f"{ROOT}/callbacks/{tenant.code}/cards"
    clock.advance(seconds=rehearsal.TOLERANCE_SECONDS + 1)

    assert app.test_client().post(path, data=body, headers=signed).status_code == 401
    assert wallet() == (0, 0, 0)


def test_a_callback_of_another_tenant_provider_or_body_is_refused(
    tell, pending, other_tenant, make_tenant
) -> None:
    news = {"kind": "completed", "payment_id": pending["id"]}

    assert tell(news, code="nowhere").status_code == 404
    assert tell(news, code=make_tenant().code).status_code == 404
    assert tell(news, provider="nobody").status_code == 404
    assert tell(news, provider="bank").status_code == 401
    assert tell({"kind": "gift", "payment_id": pending["id"]}).status_code == 500


def test_news_that_breaks_the_port_is_named_without_what_may_be_a_card_number() -> None:
    with pytest.raises(PluginError, match="answered no News") as broken:
        ports.check(ports.News, "cards", {"kind": "4111111111111111"})

    assert "4111" not in str(broken.value)


def test_one_provider_cannot_speak_for_another(tell, kernel, tenant, add_method, pay_in, wallet) -> None:
    other = pay_in(method=add_method("GB29NWBK60161331926819", provider="bank")).json

    assert tell({"kind": "completed", "payment_id": other["id"]}).json["unmatched"] == 1
    assert wallet() == (0, 0, 0)


def test_a_callback_has_a_limit_and_each_news_an_id(tell, pending, wallet) -> None:
    news = {"kind": "completed", "payment_id": pending["id"]}

    assert tell(*[news] * (ports.CALLBACK_NEWS_MAX + 1)).status_code == 422
    assert tell({**news, "id": ""}).status_code == 500
    assert wallet() == (0, 0, 0)
    assert tell(*[news] * ports.CALLBACK_NEWS_MAX).json["applied"] == 1


def test_what_arrives_is_what_is_credited(tell, pending, wallet) -> None:
    tell({"kind": "completed", "payment_id": pending["id"], "amount": 90_00, "currency": "EUR"})

    assert wallet() == (90_00, 0, 0)


def test_another_currency_is_looked_at_by_a_person(tell, pending, wallet, staff, events) -> None:
    answer = tell({"kind": "completed", "payment_id": pending["id"], "currency": "USD"})

    assert answer.json["attention"] == 1
    assert wallet() == (0, 0, 0)
    (flagged,) = staff.get(f"{ROOT}/payments?is_attention=true").json["items"]
    assert "USD" in flagged["attention"]
    settled = staff.post(
        f"{ROOT}/payments/{flagged['id']}/settle-attention", json={"reason": "their mistake"}
    )
    assert settled.json["attention"] is None
    assert len(events("payments.attention_needed")) == 1


def test_a_chargeback_takes_what_is_there_and_the_rest_is_owed(
    tell, pending, spend, wallet, events, kernel, tenant, player
) -> None:
    named = {"payment_id": pending["id"]}
    tell({"kind": "completed", **named})
    spend(70_00)
    lost = {"kind": "charged_back", "reversal": "dp-1", "amount": 100_00, "reason": "disputed", **named}

    tell(lost)
    tell(lost)

    assert wallet() == (0, 0, 70_00)
    (told,) = events("payments.deposit_reversed")
    assert (told.payload["amount"], told.payload["owed"], told.payload["kind"]) == (
        100_00,
        70_00,
        "charged_back",
    )
    with kernel.context(tenant.id) as ctx:
        known = facts.read(ctx, player)
    assert (known["payments.net_deposited"], known["payments.chargeback_count"]) == (0, 1)
    assert known["payments.reversed_30d"] == 100_00

    tell({"kind": "reinstated", "reversal": "dp-1", **named})
    assert wallet() == (30_00, 0, 0)
    with kernel.context(tenant.id) as ctx:
        assert book.find(ctx, UUID(pending["id"])).state == "completed"
        assert facts.read(ctx, player)["payments.net_deposited"] == 100_00


def test_a_part_that_is_refunded_reduces_the_deposit(tell, pending, wallet, events) -> None:
    named = {"payment_id": pending["id"], "kind": "refunded"}
    tell({"kind": "completed", "payment_id": pending["id"]})
    tell({"reversal": "re-1", "amount": 40_00, **named})

    assert wallet() == (60_00, 0, 0)
    assert len(events("payments.deposit_reduced")) == 1
    tell({"reversal": "re-2", "amount": 70_00, **named})
    assert wallet() == (0, 0, 0)
    assert len(events("payments.deposit_reversed")) == len(events("payments.attention_needed")) == 1


def test_news_that_is_faster_than_the_answer_is_applied_with_it(
    tell, kernel, tenant, add_method, player, wallet
) -> None:
    method = add_method("tok_pending")
    with kernel.context(tenant.id) as ctx:
        made = deposits.make(
            ctx, player, method_id=UUID(method), amount=Money(100_00, "EUR"), request_key="k"
        )
    fast = tell({"kind": "completed", "reference": f"test-{made.id}"})
    assert fast.json["unmatched"] == 1

    with kernel.context(tenant.id) as ctx:
        assert deposits.start(ctx, made.id).state == "completed"
        assert receiving.unmatched(ctx, 10) == []
    assert wallet() == (100_00, 0, 0)


def test_a_payment_that_contradicts_the_books_moves_nothing_and_calls_a_person(
    tell, pay_in, draw, staff, worker, wallet, events
) -> None:
    pay_in("100.00")
    payment = draw("60.00").json["items"][0]
    named = {"payment_id": payment["id"]}

    early = tell({"kind": "completed", **named})
    staff.post(f"{ROOT}/payments/{payment['id']}/approve", json={})
    worker()
    late = tell({"kind": "failed", **named})

    assert early.json["attention"] == late.json["attention"] == 1
    assert wallet() == (40_00, 0, 0)
    assert len(events("payments.attention_needed")) == 2


def test_a_reason_with_a_card_number_is_masked(tell, pending, staff) -> None:
    tell({"kind": "failed", "payment_id": pending["id"], "reason": "4111111111111111 declined"})

    shown = staff.get(f"{ROOT}/payments/{pending['id']}").text
    assert "4111" not in shown
    assert "[card number] declined" in shown
