"""Turn the names of accounts into their numbers: opened once, then remembered by the process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, PoolProxiedConnection, RootTransaction
from sqlalchemy.exc import DBAPIError

from pitboss.core.database.engine import kernel_sql
from pitboss.core.errors import TenantBreach
from pitboss.core.ledger.accounts import Account
from pitboss.core.ledger.tables import DERIVED_ID_MIN, HOUSE_ID_MIN

ACCOUNTS_REMEMBERED_MAX = 100_000
"""About 40 MB a process; beyond it the oldest are forgotten and looked up again."""

_OPEN_POSTGRES = (
    "SELECT place, account_id, is_new FROM ledger_open("
    "%s::int, %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])"
)
_FIND_SQLITE = "SELECT id FROM ledger_account WHERE tenant_id = ? AND owner = ? AND kind = ? AND currency = ?"


class Directory:
    """The numbers of committed accounts of one database; they never change, so they never expire."""

    def __init__(self, limit: int = ACCOUNTS_REMEMBERED_MAX) -> None:
        self.ids: dict[tuple[int, Account], int] = {}
        self._limit = limit
        self._lock = threading.Lock()
        self._uncommitted: WeakKeyDictionary[RootTransaction, set[Account]] = WeakKeyDictionary()

    def resolve(
        self, connection: Connection, tenant_id: int, accounts: Iterable[Account]
    ) -> dict[Account, int]:
        """Return the number of each account, opening those that do not exist yet."""
        found: dict[Account, int] = {}
        unknown: dict[Account, None] = {}
        for account in accounts:
            number = self.ids.get((tenant_id, account))
            if number is None:
                unknown[account] = None
            else:
                found[account] = number
        if unknown:
            found |= self._look_up(connection, tenant_id, list(unknown))
        return found

    def known(self, tenant_id: int, accounts: Iterable[Account]) -> dict[Account, int] | None:
        """Return the number of each account, or None when one of them must be looked up first."""
        found: dict[Account, int] = {}
        for account in accounts:
            number = self.ids.get((tenant_id, account))
            if number is None:
                return None
            found[account] = number
        return found

    def forget(self) -> None:
        """Start anew, as after the tables were made again."""
        with self._lock:
            self.ids.clear()

    def _look_up(
        self, connection: Connection, tenant_id: int, accounts: Sequence[Account]
    ) -> dict[Account, int]:
        opening = _open_sqlite if connection.dialect.name == "sqlite" else _open_postgres
        found: dict[Account, int] = {}
        opened: set[Account] = set()
        while missing := [account for account in accounts if account not in found]:
            for account, number, is_new in opening(connection, tenant_id, missing):
                found[account] = number
                if is_new:
                    opened.add(account)
        self._remember(connection, tenant_id, found, opened)
        return found

    def _remember(
        self, connection: Connection, tenant_id: int, found: dict[Account, int], opened: set[Account]
    ) -> None:
        # What this transaction opened may yet be rolled back: the next one will find it.
        transaction = connection.get_transaction()
        assert transaction is not None
        with self._lock:
            uncommitted = self._uncommitted.setdefault(transaction, set())
            uncommitted |= opened
            for account, number in found.items():
                if account not in uncommitted:
                    self.ids[tenant_id, account] = number
            while len(self.ids) > self._limit:
                del self.ids[next(iter(self.ids))]


# A database has one dialect, which all engines and connections made from it share.
_directories: WeakKeyDictionary[Dialect, Directory] = WeakKeyDictionary()


def directory_of(connection: Connection | Engine) -> Directory:
    """Return what this process knows of the accounts behind a connection."""
    known = _directories.get(connection.dialect)
    if known is None:
        known = _directories.setdefault(connection.dialect, Directory())
    return known


def tenant_of(connection: Connection) -> int:
    """Return the tenant whose open transaction this is."""
    tenant_id = connection.get_execution_options().get("pitboss_tenant")
    if tenant_id is None:
        raise TenantBreach("the ledger needs a tenant's connection: use Database.transaction(tenant_id)")
    if not connection.in_transaction():
        raise TenantBreach("the ledger needs an open transaction: call connection.begin() first")
    return int(tenant_id)


@contextmanager
def driver(connection: Connection) -> Iterator[PoolProxiedConnection]:
    """Yield the driver's own connection, for the few statements that must be fast.

    Its errors come out as SQLAlchemy's, like those of every other statement.
    """
    with kernel_sql(connection), translated(connection.dialect):
        yield connection.connection


@contextmanager
def translated(dialect: Dialect) -> Iterator[None]:
    """Raise a driver's errors as SQLAlchemy's."""
    root = dialect.loaded_dbapi.Error
    try:
        yield
    except root as error:
        raise DBAPIError.instance(None, None, error, root, dialect=dialect) from error


def _open_postgres(
    connection: Connection, tenant_id: int, accounts: Sequence[Account]
) -> Iterable[tuple[Account, int, bool]]:
    natures = [account.nature for account in accounts]
    asked = (
        tenant_id,
        [account.owner for account in accounts],
        [account.kind for account in accounts],
        [account.currency for account in accounts],
        [nature.floor for nature in natures],
        [nature.first_id for nature in natures],
    )
    with driver(connection) as raw:
        cursor: Any = raw.cursor()
        cursor.execute(_OPEN_POSTGRES, asked, prepare=True)
        return [(accounts[place - 1], number, is_new) for place, number, is_new in cursor.fetchall()]


def _open_sqlite(
    connection: Connection, tenant_id: int, accounts: Sequence[Account]
) -> Iterable[tuple[Account, int, bool]]:
    answers = []
    with driver(connection) as raw:
        cursor: Any = raw.cursor()
        for account in accounts:
            row = cursor.execute(
                _FIND_SQLITE, (tenant_id, account.owner, account.kind, account.currency)
            ).fetchone()
            number = row[0] if row else _insert_sqlite(cursor, tenant_id, account)
            answers.append((account, number, row is None))
    return answers


def _insert_sqlite(cursor: Any, tenant_id: int, account: Account) -> int:
    nature = account.nature
    first = nature.first_id
    end = next(start for start in (HOUSE_ID_MIN, DERIVED_ID_MIN, 2**63 - 1) if start > first)
    row = cursor.execute(
        "SELECT id FROM ledger_account WHERE tenant_id = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT 1",
        (tenant_id, first, end),
    ).fetchone()
    number = row[0] + 1 if row else first
    cursor.execute(
        "INSERT INTO ledger_account (tenant_id, id, owner, kind, currency, balance, floor, is_derived)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
        (tenant_id, number, account.owner, account.kind, account.currency, nature.floor, nature.is_derived),
    )
    return int(number)
