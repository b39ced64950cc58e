"""A unit of work that fails says why."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from pitboss.core.identity.tables import Operator


def test_a_row_that_does_not_fit_is_the_error_that_is_seen(kernel, tenant):
    with pytest.raises(IntegrityError), kernel.context(tenant.id) as ctx:  # noqa: PT012 - leaving counts
        ctx.session.add(Operator(tenant_id=tenant.id, email="a@b.test", name="Ann"))
        ctx.session.flush()
