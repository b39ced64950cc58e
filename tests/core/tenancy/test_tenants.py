"""Tenants: created, described, cached and switched off."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.tenancy import TenantFile


def test_a_tenant_is_found_by_its_code(kernel, make_tenant):
    tenant = make_tenant(currency="GBP", time_zone="Europe/London")

    assert kernel.tenants.by_code(tenant.code).currency == "GBP"


def test_an_unknown_tenant_is_not_found(kernel):
    with pytest.raises(NotFound, match="no tenant 'nobody'"):
        kernel.tenants.by_code("nobody")


def test_who_may_know_the_tenants_is_told_the_nearest(kernel, make_tenant):
    make_tenant(code="riverside")
    with pytest.raises(NotFound, match=r"no tenant 'riversid'; did you mean 'riverside'\?"):
        kernel.tenants.named("riversid")
    assert kernel.tenants.named("riverside").code == "riverside"


def test_two_tenants_never_share_a_code(kernel, make_tenant):
    tenant = make_tenant()

    with pytest.raises(Conflict, match="exists already"):
        kernel.tenants.create(TenantFile(code=tenant.code, name="Copy"))


def test_a_wrong_currency_names_the_nearest_one(kernel):
    with pytest.raises(InvalidInput, match="did you mean 'EUR'"):
        kernel.tenants.create(TenantFile(code="acme", name="Acme", currency="EURO"))


def test_work_that_fails_leaves_nothing(kernel, tenant):
    with pytest.raises(RuntimeError), kernel.context(tenant.id) as ctx:  # noqa: PT012 - work, then failure
        audit.record(ctx, "test.undone", "nothing")
        raise RuntimeError

    with kernel.context(tenant.id) as ctx:
        undone = select(audit.AuditEntry.id).where(audit.AuditEntry.action == "test.undone")
        assert ctx.session.scalars(undone).all() == []
