"""What keeps the books without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from pitboss.core.database import Database
from pitboss.core.errors import Conflict
from pitboss.core.ledger import Leg, house, player, post, tasks
from pitboss.core.ledger.tables import AccountRow

CLEARING, WALLET = house("clearing", "EUR"), player("ann", "wallet", "EUR")


@pytest.fixture
def ctx(database: Database, tenant_id: int) -> Iterator[Any]:
    """As much of a context as a task of the ledger uses."""
    with database.transaction(tenant_id) as connection:
        post(connection, key="deposit:1", op="deposit", legs=[Leg(CLEARING, WALLET, 500)])
        yield SimpleNamespace(connection=connection, tenant=SimpleNamespace(code="acme"))


def test_sound_books_are_proved_in_silence(ctx: Any) -> None:
    tasks.verify_books(ctx)


def test_books_that_drift_fail_the_job_with_the_command_to_run(ctx: Any) -> None:
    ctx.connection.execute(
        update(AccountRow).where(AccountRow.owner == WALLET.owner).values(balance=AccountRow.balance + 1)
    )

    with pytest.raises(Conflict, match="pitboss ledger verify --tenant acme"):
        tasks.verify_books(ctx)
