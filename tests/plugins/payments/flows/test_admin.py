"""The admin pages: what an operator sees and does."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.plugins.payments.flows.conftest import ROOT

PAGES = "/admin/payments"
UNKNOWN = "0195f2d0-0000-7000-8000-000000000001"


@pytest.fixture
def admin(make_client):
    """An operator with every permission."""
    return make_client("operator", "*")


@pytest.fixture
def drawn(pay_in, draw):
    """A withdrawal that waits."""
    pay_in("100.00")
    return draw("60.00").json["items"][0]["id"]


def test_one_click_approves_from_the_queue(drawn, admin, worker, wallet) -> None:
    queue = admin.get(f"{PAGES}/").text
    assert "1 withdrawal waits" in queue
    assert f"{PAGES}/payments/{drawn}/approve" in queue

    answer = admin.post(f"{PAGES}/payments/{drawn}/approve", follow_redirects=True)
    worker()

    assert "Withdrawal: approved." in answer.text
    assert "0 withdrawals wait" in admin.get(f"{PAGES}/").text
    assert wallet() == (40_00, 0, 0)


def test_the_dashboard_tells_what_came_in_and_what_waits(drawn, admin) -> None:
    page = admin.get("/admin/").text

    assert "1 withdrawal to decide on" in page
    assert "Paid in today" in page
    assert "100.00" in page

    admin.post(f"{PAGES}/payments/{drawn}/approve")

    assert "withdrawal to decide on" not in admin.get("/admin/").text


def test_a_players_page_leads_to_their_payments(drawn, admin, player) -> None:
    address = f"{PAGES}/?player={player}&show=all"

    assert address.replace("&", "&amp;") in admin.get(f"/admin/players/{player}").text
    assert drawn in admin.get(address).text


def test_a_payments_page_shows_history_ledger_and_provider(drawn, admin, worker) -> None:
    admin.post(f"{PAGES}/payments/{drawn}/note", data={"text": "called the player"})
    admin.post(f"{PAGES}/payments/{drawn}/approve")
    worker()

    page = admin.get(f"{PAGES}/payments/{drawn}").text

    for said in ("called the player", "Set aside", "Taken from what", f"test-{drawn}", "Payment provider"):
        assert said in page


def test_what_is_refused_is_said_on_the_page(drawn, admin, wallet) -> None:
    refused = admin.post(f"{PAGES}/payments/{drawn}/reject", data={"reason": ""}, follow_redirects=True)
    confirmed = admin.post(
        f"{PAGES}/payments/{drawn}/confirm", data={"reference": "x", "evidence": "y"}, follow_redirects=True
    )

    assert "say why" in refused.text
    assert "only it can say how this ended" in confirmed.text
    assert wallet() == (40_00, 60_00, 0)


def test_a_refusal_is_said_in_spanish_and_kept_in_english(pay_in, me, admin, drawn) -> None:
    spanish = {"Accept-Language": "es"}
    refused = me.post(f"{ROOT}/withdrawals/{UNKNOWN}/cancel", headers=spanish | {"Idempotency-Key": "k-1"})
    page = admin.post(
        f"{PAGES}/payments/{drawn}/reject", data={"reason": ""}, headers=spanish, follow_redirects=True
    )

    assert refused.json["detail"] == f"no hay ninguna retirada {UNKNOWN}"
    assert "diga por qué" in page.text


def test_a_receipt_is_confirmed_refunded_and_withdrawals_held_by_forms(
    add_method, pay_in, admin, wallet
) -> None:
    method = add_method("GB29NWBK60161331926819", provider="bank")
    made = pay_in("50.00", method).json["id"]
    path = f"{PAGES}/payments/{made}"

    admin.post(f"{path}/confirm", data={"reference": "B-1", "evidence": "statement", "amount": "45.00"})
    assert wallet() == (45_00, 0, 0)
    admin.post(f"{path}/refund", data={"amount": "5.00", "reason": "by request", "key": "0"})
    admin.post(f"{path}/refund", data={"amount": "5.00", "reason": "by request", "key": "0"})
    assert wallet() == (40_00, 0, 0)
    held = admin.post(f"{path}/hold", data={"reason": "source of funds"}, follow_redirects=True)
    assert "withdrawals are held" in held.text
    released = admin.post(f"{path}/hold", data={"reason": "seen"}, follow_redirects=True)
    assert "withdrawals go on" in released.text


def test_methods_are_verified_and_removed(add_method, admin, me) -> None:
    method = add_method("GB29NWBK60161331926819", provider="bank")
    assert "Bank •••• 6819" in admin.get(f"{PAGES}/methods?verified=no").text

    admin.post(f"{PAGES}/methods/{method}/verify", data={"evidence": "a statement"})
    assert me.get(f"{ROOT}/methods").json["items"][0]["is_verified"]
    admin.post(f"{PAGES}/methods/{method}/remove")
    assert me.get(f"{ROOT}/methods").json["items"] == []


def test_a_statement_is_uploaded_and_its_report_read(drawn, admin, clock) -> None:
    rows = b"reference,kind,amount,currency,at\nwho-knows,deposit,5.00,EUR,\n"
    day = clock.now().date().isoformat()
    sent = {"provider": "cards", "since": day, "until": "2026-01-06", "file": (BytesIO(rows), "cards.csv")}

    answer = admin.post(f"{PAGES}/reconciliation", data=sent, follow_redirects=True)
    link = answer.text.split(f'href="{PAGES}/reconciliation/')[1].split('"')[0]
    report = admin.get(f"{PAGES}/reconciliation/{link}?status=missing_here").text

    assert "Some rows do not match" in answer.text
    assert "who-knows" in report
    assert "find the player" in report
    wrong = {**sent, "file": (BytesIO(b"\xff\xfe"), "cards.xls")}
    again = admin.post(f"{PAGES}/reconciliation", data=wrong, follow_redirects=True)
    assert "not text in UTF-8" in again.text


@pytest.mark.parametrize("show", ["by_hand", "attention", "all", "deposits", "completed", "nonsense"])
def test_every_filter_of_the_queue_answers(show, drawn, admin, player) -> None:
    assert admin.get(f"{PAGES}/?show={show}&provider=cards&player={player}").status_code == 200
