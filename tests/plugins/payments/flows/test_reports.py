"""Reconciliation: the provider's statement against our records and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from pitboss.core import ledger
from pitboss.core.ledger import Leg
from pitboss.plugins.payments import book, receiving, reports
from pitboss.plugins.payments.ports import News
from tests.plugins.payments.flows.conftest import ROOT


@pytest.fixture
def busy(pay_in, draw, staff, worker, clock) -> dict[str, Any]:
    """A day with a deposit, a pay-out, a part that was refunded, and one that nobody told of."""
    worker.tick()
    made = pay_in("100.00", token="tok_ok_1").json
    drawn = draw("60.00").json["items"][0]
    staff.post(f"{ROOT}/payments/{drawn['id']}/approve", json={})
    worker()
    refund = {"amount": {"amount": "15.00", "currency": "EUR"}, "reason": "by request"}
    staff.post(f"{ROOT}/payments/{made['id']}/refund", json=refund)
    worker()
    lost = pay_in("50.00", token="tok_lost").json
    clock.advance(hours=1)
    return {"made": made, "drawn": drawn, "lost": lost}


@pytest.fixture
def reconcile(staff, clock) -> Any:
    """Reconcile the last day; returns the report and its rows."""

    def run(statement: str | None = None, provider: str = "cards") -> tuple[Any, list[Any]]:
        until = clock.now()
        sent = {
            "provider": provider,
            "since": (until - timedelta(days=1)).isoformat(),
            "until": until.isoformat(),
            "statement": statement,
        }
        answer = staff.post(f"{ROOT}/reports", json=sent)
        assert answer.status_code == 201, answer.json
        lines = staff.get(f"{ROOT}/reports/{answer.json['id']}/lines?limit=200").json["items"]
        return answer.json, lines

    return run


def test_the_providers_own_statement_finds_what_nobody_told(busy, reconcile) -> None:
    report, lines = reconcile()

    assert report["counts"] == {
        "matched": 3,
        "missing_there": 0,
        "missing_here": 0,
        "amount_differs": 0,
        "late": 1,
    }
    assert (lines[0]["status"], lines[0]["payment_id"]) == ("late", busy["lost"]["id"])
    assert "pending" in lines[0]["cure"]
    # 100.00 in, 60.00 and 15.00 out; and the 50.00 that only the provider knows.
    assert {name: total["amount"] for name, total in report["totals"].items()} == {
        "ours": "25.00",
        "theirs": "75.00",
        "ledger": "25.00",
        "ledger_difference": "0.00",
        "provider_difference": "50.00",
    }
    assert not report["is_clean"]


def test_an_uploaded_statement_is_held_against_each_payment(busy, reconcile) -> None:
    made, drawn = f"test-{busy['made']['id']}", f"test-{busy['drawn']['id']}"
    rows = [f"{made},deposit,99.00,EUR,", f"{drawn},withdrawal,60.00,EUR,", "who-knows,deposit,5.00,EUR,"]

    report, lines = reconcile("reference,kind,amount,currency,at\n" + "\n".join(rows))

    found = {line["status"]: line["reference"] for line in lines}
    assert found["amount_differs"] == made
    assert found["missing_here"] == "who-knows"
    assert found["matched"] == drawn
    # The refund is younger than what the statement surely holds.
    assert found["late"].startswith("refund:")
    assert report["totals"]["ledger_difference"]["amount"] == "0.00"


def test_a_movement_that_no_payment_explains_does_not_tie(busy, reconcile, kernel, tenant, clock) -> None:
    with kernel.context(tenant.id) as ctx:
        leg = Leg(book.clearing_of("cards", "EUR"), ledger.house("house", "EUR"), 7_00)
        at = clock.now() - timedelta(minutes=1)
        ledger.post(ctx.connection, key="by hand", op="x", legs=[leg], at=at)

    report, _ = reconcile()

    assert report["totals"]["ledger_difference"] == {"amount": "-7.00", "currency": "EUR"}


def test_a_dispute_that_was_won_in_part_ties_too(pay_in, reconcile, kernel, tenant, clock) -> None:
    made = pay_in("100.00").json
    with kernel.context(tenant.id) as ctx:
        payment = book.find(ctx, UUID(made["id"]), for_update=True)
        for news in (
            News(kind="charged_back", reversal="d-1", amount=60_00),
            News(kind="charged_back", reversal="d-2", amount=70_00),
            News(kind="reinstated", reversal="d-1"),
        ):
            receiving.apply(ctx, payment, news)
            payment = book.find(ctx, payment.id, for_update=True)
        assert (payment.settled, payment.taken_back) == (100_00, 40_00)
    clock.advance(minutes=1)

    report, _ = reconcile()

    totals = report["totals"]
    assert (totals["ours"]["amount"], totals["ledger_difference"]["amount"]) == ("60.00", "0.00")


def test_yesterday_is_reconciled_once_a_day(busy, clock, worker, kernel, tenant) -> None:
    clock.advance(days=1)
    worker.tick()
    worker.tick()

    with kernel.context(tenant.id) as ctx:
        made = reports.listed(ctx, limit=10)
    assert [(report.provider, report.source, report.currency) for report in made] == [
        ("cards", "provider", "EUR")
    ]
    assert made[0].counts["matched"] == 3


def test_days_without_a_scheduler_are_reconciled_each(busy, clock, worker, kernel, tenant) -> None:
    clock.advance(days=3)
    worker.tick()

    with kernel.context(tenant.id) as ctx:
        made = reports.listed(ctx, limit=10)
    assert len({report.since for report in made}) == 3
    assert [report.counts["matched"] for report in sorted(made, key=lambda report: report.since)] == [3, 0, 0]


@pytest.mark.parametrize("days", [0, -1, 101])
def test_a_period_has_an_end_and_a_limit(days, staff, clock) -> None:
    since = clock.now()
    sent = {
        "provider": "cards",
        "since": since.isoformat(),
        "until": (since + timedelta(days=days)).isoformat(),
    }

    assert staff.post(f"{ROOT}/reports", json=sent).status_code == 422


def test_a_provider_without_statements_needs_one(staff, clock) -> None:
    since = clock.now() - timedelta(days=1)
    sent = {"provider": "bank", "since": since.isoformat(), "until": clock.now().isoformat()}

    answer = staff.post(f"{ROOT}/reports", json=sent)

    assert (answer.status_code, "send one" in answer.json["detail"]) == (422, True)
