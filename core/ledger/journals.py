"""Find a journal that was posted, with its legs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from pitboss.core.errors import NotFound
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.posting import Leg
from pitboss.core.ledger.tables import ACCOUNT, JOURNAL, TRANSFER


@dataclass(frozen=True, slots=True)
class Journal:
    """What was posted under one key."""

    id: int
    key: str
    op: str
    reverses: int | None
    legs: tuple[Leg, ...]


def find_journal(connection: Connection, key: str) -> Journal:
    """Return the journal of a key, or raise NotFound."""
    debit, credit = ACCOUNT.alias("debit"), ACCOUNT.alias("credit")
    rows = connection.execute(
        select(JOURNAL.c.id, JOURNAL.c.op, JOURNAL.c.reverses, TRANSFER.c.amount, TRANSFER.c.currency)
        .add_columns(debit.c.owner, debit.c.kind, credit.c.owner, credit.c.kind)
        .join(
            TRANSFER, and_(TRANSFER.c.tenant_id == JOURNAL.c.tenant_id, TRANSFER.c.journal_id == JOURNAL.c.id)
        )
        .join(debit, and_(debit.c.tenant_id == TRANSFER.c.tenant_id, debit.c.id == TRANSFER.c.debit))
        .join(credit, and_(credit.c.tenant_id == TRANSFER.c.tenant_id, credit.c.id == TRANSFER.c.credit))
        .where(JOURNAL.c.key == key)
        .order_by(TRANSFER.c.line)
    ).all()
    if not rows:
        raise NotFound(f"no journal has the key {key!r}: post it first")
    number, op, reverses = rows[0][:3]
    return Journal(number, key, op, reverses, tuple(_leg(*row[3:]) for row in rows))


def _leg(amount: int, currency: str, payer: str, from_kind: str, payee: str, to_kind: str) -> Leg:
    return Leg(Account(payer, from_kind, currency), Account(payee, to_kind, currency), amount)
