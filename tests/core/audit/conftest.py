"""Ways to tamper that only the owner of the database has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from pitboss.core import audit

TABLES = ("audit_entry", "audit_seal")


@pytest.fixture
def write(kernel, tenant) -> Callable[[int], None]:
    """Write entries, each in a transaction of its own."""

    def write(count: int) -> None:
        for n in range(count):
            with kernel.context(tenant.id) as ctx:
                audit.record(ctx, "player.locked", f"player:{n}", old={"n": n}, new={"n": 1.5})

    return write


@pytest.fixture
def seal(kernel, tenant) -> Callable[[], int]:
    """Seal what waits."""

    def seal() -> int:
        with kernel.context(tenant.id) as ctx:
            return audit.seal(ctx)

    return seal


@pytest.fixture
def verify(kernel, tenant):
    """Verify the tenant's chain."""

    def verify(**more):
        with kernel.context(tenant.id) as ctx:
            return audit.verify(ctx, **more)

    return verify


@pytest.fixture
def tamper(kernel, tenant, backend):
    """Run statements as the owner of the tables, with every trigger out of the way."""

    @contextmanager
    def unlocked():
        with kernel.database.owner() as connection:
            if backend == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                yield connection
                return
            rows = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'")
            ).all()
            for name, _ in rows:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _, sql in rows:
                connection.execute(text(sql))

    def tamper(*statements: str) -> None:
        with unlocked() as connection:
            for statement in statements:
                connection.execute(text(statement), {"tenant": tenant.id} if ":tenant" in statement else {})

    return tamper
