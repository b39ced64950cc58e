"""The admin pages of payments keep the laws of every page, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from pitboss.core.tenancy import toggle
from pitboss.plugins.payments import demo, reports
from pitboss.plugins.payments.models import PaymentRow
from pitboss.plugins.payments.states import OPEN
from tests.e2e.browser import faults
from tests.e2e.conftest import chrome, cookies, open_page, site
from tests.e2e.scene import ADMIN

__all__ = ["chrome", "cookies", "open_page", "site"]
pytestmark = pytest.mark.browser

ROOT = "/admin/payments"
PAYMENTS_LOOKED_AT = 4


def pages_of(site: Any) -> list[str]:
    """Let the demo pay, and return a page of each sort."""
    kernel, tenant = site.kernel, site.scene.tenant
    said = [
        {"name": "cards", "term": "payments.test_provider"},
        {"name": "bank", "term": "payments.manual_provider"},
    ]
    with kernel.context(tenant.id) as ctx:
        toggle.enable(ctx, "payments")
        toggle.configure(ctx, "payments", {"providers": said})
    kernel.tenants.forget()
    with kernel.context(tenant.id) as ctx:
        demo.load_demo(ctx)
        until = ctx.clock.now()
        (report,) = reports.of_provider(ctx, "cards", since=until - timedelta(days=1), until=until)
        payments = _of_each_sort(ctx)
    shown = [f"{ROOT}/payments/{id_}" for id_ in payments]
    lists = [f"{ROOT}/", f"{ROOT}/?show=all", f"{ROOT}/?show=rejected", f"{ROOT}/methods"]
    return [*lists, *shown, f"{ROOT}/reconciliation", f"{ROOT}/reconciliation/{report.id}"]


def _of_each_sort(ctx: Any) -> list[UUID]:
    table = PaymentRow.__table__
    rows = ctx.connection.execute(select(table.c.id, table.c.kind, table.c.state, table.c.provider))
    by_kind = {(row.state in OPEN, row.kind, row.provider): row.id for row in rows}
    return list(by_kind.values())[:PAYMENTS_LOOKED_AT]


def test_axe_finds_nothing_and_no_page_is_too_wide(open_page, site) -> None:
    window, found = open_page(ADMIN, site.scene.tenant.code), []
    for path in pages_of(site):
        window.goto(path)
        found += faults(window)
    assert found == []
