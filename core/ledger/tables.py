"""The tables of the ledger: what must not happen cannot be written down in them.

A transfer moves one positive whole amount from one account to another of the same tenant and
currency, so nothing unbalanced, fractional or crossing exists to be checked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import (
    APPEND_ONLY,
    Base,
    BigId,
    Instant,
    JsonObject,
    MinorUnits,
    TenantRow,
    big_id,
)

OWNER_LENGTH_MAX = 80
KIND_LENGTH_MAX = 80
CURRENCY_LENGTH_MAX = 8
KEY_LENGTH_MAX = 200
OP_LENGTH_MAX = 80
ACTOR_LENGTH_MAX = 160

HOUSE_ID_MIN = 2**61
"""Players' accounts are numbered below, the house's from here: so the house is locked last."""
DERIVED_ID_MIN = 2**62
"""From here on accounts store no balance, and are never locked."""


def _whole(column: str, name: str) -> CheckConstraint:
    # SQLite stores 1.5 in a column declared BIGINT; PostgreSQL cannot.
    return CheckConstraint(f"typeof({column}) = 'integer'", name=name).ddl_if(dialect="sqlite")


class AccountRow(TenantRow, Base):
    """One purse of one owner in one currency."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("tenant_id", "owner", "kind", "currency"),
        UniqueConstraint("tenant_id", "id", "currency"),
        # One short condition, because PostgreSQL reads it anew at each posting: not below the floor (a
        # floor of NULL passes), and nothing stored on a derived account. The rest is checked when an
        # account opens, by a trigger.
        CheckConstraint(f"balance >= floor AND (balance = 0 OR id < {DERIVED_ID_MIN})", name="balance"),
        _whole("balance", "balance_is_whole"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[int] = big_id()
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH_MAX))
    """Who it belongs to: `player:<uuid>`, `house`, `jackpot:<id>`."""
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH_MAX))
    """What it is for: `wallet`, `hold`, `bonus:<id>`."""
    currency: Mapped[str] = mapped_column(String(CURRENCY_LENGTH_MAX))
    balance: Mapped[int] = mapped_column(MinorUnits, server_default=text("0"))
    """The sum of its transfers, kept current; always 0 where `is_derived`."""
    floor: Mapped[int | None] = mapped_column(MinorUnits)
    """The least balance that it may have; None sets no limit."""
    is_derived: Mapped[bool] = mapped_column(server_default=false())
    """Too busy to store a balance: a checkpoint and the transfers since give it."""


class JournalRow(TenantRow, Base):
    """One posting: its idempotency key, what was asked, and by whom."""

    __tablename__ = "ledger_journal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index(
            "uq_ledger_journal_reverses",
            "tenant_id",
            "reverses",
            unique=True,
            postgresql_where=text("reverses IS NOT NULL"),
            sqlite_where=text("reverses IS NOT NULL"),
        ),
        ForeignKeyConstraint(["tenant_id", "reverses"], ["ledger_journal.tenant_id", "ledger_journal.id"]),
        CheckConstraint("reverses < id", name="reverses_an_earlier_one"),
        {"info": APPEND_ONLY, "sqlite_with_rowid": False},
    )

    # Numbered while the accounts are locked, so that an account's journals sort as they happened.
    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True, sort_order=-90)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    op: Mapped[str] = mapped_column(String(OP_LENGTH_MAX))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of the request: the same key with another request is refused."""
    reverses: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str | None] = mapped_column(String(ACTOR_LENGTH_MAX))
    reason: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any] | None] = mapped_column("metadata", JsonObject)


# On PostgreSQL a trigger looks once at all rows of a statement (`procedures.py`), where foreign keys would
# send a query for each key of each row: that was most of the price of a batch.
_KEYS_OF_A_TRANSFER = [
    ForeignKeyConstraint(
        ["tenant_id", *columns],
        [f"{table}.{name}" for name in ("tenant_id", *targets)],
        info={"dialect": "sqlite"},
    ).ddl_if(dialect="sqlite")
    for columns, table, targets in (
        (["journal_id"], "ledger_journal", ["id"]),
        (["debit", "currency"], "ledger_account", ["id", "currency"]),
        (["credit", "currency"], "ledger_account", ["id", "currency"]),
    )
]


class TransferRow(TenantRow, Base):
    """One leg of a journal: from the debited account to the credited one."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        *_KEYS_OF_A_TRANSFER,
        Index("ix_ledger_transfer_debit", "tenant_id", "debit", "journal_id"),
        Index("ix_ledger_transfer_credit", "tenant_id", "credit", "journal_id"),
        CheckConstraint("amount > 0 AND debit <> credit", name="amount_moves"),
        _whole("amount", "amount_is_whole"),
        {"info": APPEND_ONLY, "sqlite_with_rowid": False},
    )

    journal_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    debit: Mapped[int] = mapped_column(BigId)
    credit: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(String(CURRENCY_LENGTH_MAX))
    amount: Mapped[int] = mapped_column(MinorUnits)


class CheckpointRow(TenantRow, Base):
    """The balance of a derived account through one journal, and how far the next one may go."""

    __tablename__ = "ledger_checkpoint"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["ledger_account.tenant_id", "ledger_account.id"]),
        _whole("balance", "balance_is_whole"),
    )

    account_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    journal_id: Mapped[int] = mapped_column(BigId)
    """The last journal that the balance contains."""
    balance: Mapped[int] = mapped_column(MinorUnits)
    next_journal_id: Mapped[int] = mapped_column(BigId)
    """Where the next roll-up may move to, once every writer of that moment has finished."""
    next_transaction: Mapped[int] = mapped_column(BigId)
    """PostgreSQL's number of a transaction that began after all of those writers."""


ACCOUNT = AccountRow.__table__
JOURNAL = JournalRow.__table__
TRANSFER = TransferRow.__table__
CHECKPOINT = CheckpointRow.__table__
TABLES = (ACCOUNT, JOURNAL, TRANSFER, CHECKPOINT)
