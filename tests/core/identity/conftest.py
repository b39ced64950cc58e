"""Players and operators of two tenants, under the same address in both."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from pitboss.core.identity import authenticate, ensure_first_operator, register_player, sessions
from pitboss.core.registry import Candidate, installed
from tests.core.identity.people import DOORMAN, EMAIL, OPERATOR_PASSWORD, PASSWORD


@pytest.fixture(scope="session")
def candidates() -> Sequence[Candidate]:
    return [*installed(safe_mode=True), DOORMAN]


@pytest.fixture
def do(kernel):
    """Call `function(ctx, ...)` in a unit of work of a tenant, and keep what it did."""

    def call(tenant, function, *args, actor=None, **options):
        with kernel.context(tenant.id, actor) as ctx:
            return function(ctx, *args, **options)

    return call


@pytest.fixture
def count(kernel):
    """Count the rows of a table of one tenant."""

    def rows(tenant, table, *conditions):
        with kernel.context(tenant.id) as ctx:
            return ctx.connection.scalar(select(func.count()).select_from(table).where(*conditions))

    return rows


@pytest.fixture
def player_id(do, tenant):
    """Ann, of the first tenant."""
    return do(tenant, register_player, email=EMAIL, password=PASSWORD, username="ann").id


@pytest.fixture
def namesake_id(do, other_tenant):
    """Ann, of the second tenant, with the same address and password."""
    return do(other_tenant, register_player, email=EMAIL, password=PASSWORD, username="ann").id


@pytest.fixture
def administrator(kernel, do, tenant):
    """The first operator of the first tenant, signed in: a principal."""
    ensure_first_operator(kernel, tenant.id, EMAIL, OPERATOR_PASSWORD)
    signed_in = do(tenant, sessions.sign_in_operator, EMAIL, OPERATOR_PASSWORD)
    return authenticate(kernel, signed_in.secret)
