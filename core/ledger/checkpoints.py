"""Move the checkpoints of derived accounts forward, so that their balances stay cheap to read."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select, update

from pitboss.core.ledger.balances import accounts, balance_now
from pitboss.core.ledger.directory import driver, tenant_of
from pitboss.core.ledger.tables import ACCOUNT, CHECKPOINT, JOURNAL


def roll_up(connection: Connection) -> int:
    """Move every checkpoint of the tenant forward; return how many moved.

    Run it every minute, in a transaction of its own. It waits for nobody: on PostgreSQL it moves to
    where the run before stood, once every transaction of that time has ended, because a journal may
    commit after one with a higher number.
    """
    if connection.dialect.name == "sqlite":
        return _roll_up_alone(connection)
    tenant_id = tenant_of(connection)
    with driver(connection) as raw:
        cursor = raw.cursor()
        cursor.execute("SELECT ledger_roll_up(%s)", (tenant_id,))
        (moved,) = cursor.fetchone() or (0,)
    return int(moved)


def _roll_up_alone(connection: Connection) -> int:
    tenant_id = tenant_of(connection)
    last = connection.execute(select(func.coalesce(func.max(JOURNAL.c.id), 0))).scalar_one()
    now = connection.execute(
        select(ACCOUNT.c.id, balance_now(), CHECKPOINT.c.account_id)
        .select_from(accounts())
        .where(ACCOUNT.c.is_derived)
    ).all()
    for number, held, has_checkpoint in now:
        moved = {"journal_id": last, "balance": int(held), "next_journal_id": last, "next_transaction": 0}
        if has_checkpoint:
            connection.execute(update(CHECKPOINT).where(CHECKPOINT.c.account_id == number).values(moved))
        else:
            row = {"tenant_id": tenant_id, "account_id": number} | moved
            connection.execute(insert(CHECKPOINT).values(row))
    return len(now)
