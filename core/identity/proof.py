"""Prove by a password who someone is; from outside, a wrong password and no such account look alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, or_, select, update

from pitboss.core import audit
from pitboss.core.errors import NotAuthenticated
from pitboss.core.identity import activity, attempts, passwords
from pitboss.core.identity.names import login_of
from pitboss.core.identity.tables import Operator, Player
from pitboss.core.identity.visitor import Visitor, apart
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

AccountKind = Literal["player", "operator"]
WRONG = marked("the name or the password is wrong")

TABLES: dict[str, Table] = {"player": Player.__table__, "operator": Operator.__table__}


@dataclass(frozen=True, slots=True)
class Account:
    """Someone with a password."""

    kind: AccountKind
    id: UUID
    email: str
    password_hash: str | None
    status: str


def prove(ctx: Context, kind: AccountKind, login: str, password: str, visitor: Visitor) -> Account:
    """Return the account whose password this is, or raise NotAuthenticated or TooMany."""
    name = login_of(login)
    with apart(ctx) as own:
        used_up = attempts.count(own, kind, name, visitor.address)
    with ctx.kernel.database.transaction(ctx.tenant.id, read_only=True) as connection:
        account = find_account(connection, ctx.tenant.id, kind, name)
    is_right = passwords.verify(account.password_hash if account else None, password)
    with apart(ctx) as own:
        if account is not None and is_right:
            attempts.forgive(own, kind, name, visitor.address)
            return account
        _remember_failure(own, kind, account, used_up, visitor)
    raise NotAuthenticated(WRONG)


def find_account(connection: Connection, tenant_id: int, kind: AccountKind, login: str) -> Account | None:
    """Return the account with an email address or, for players, a user name."""
    table = TABLES[kind]
    is_named = table.c.email == login
    if kind == "player":
        is_named = or_(is_named, table.c.username == login)
    return _account(connection, tenant_id, kind, is_named)


def account_of(connection: Connection, tenant_id: int, kind: AccountKind, account_id: UUID) -> Account | None:
    """Return the account with an id."""
    return _account(connection, tenant_id, kind, TABLES[kind].c.id == account_id)


def own_words(email: str, username: str | None = None) -> list[str]:
    """Return what an account's password must not be."""
    return [email, email.partition("@")[0], *([username] if username else [])]


def refresh_hash(ctx: Context, account: Account, password: str) -> None:
    """Store a password anew that was hashed with weaker parameters than today's."""
    if account.password_hash is not None and passwords.is_outdated(account.password_hash):
        set_password_hash(ctx, account.kind, account.id, passwords.hash_password(password))


def set_password_hash(ctx: Context, kind: AccountKind, account_id: UUID, hashed: str, **more: Any) -> None:
    """Store a password's hash."""
    table = TABLES[kind]
    of_account = (table.c.tenant_id == ctx.tenant.id) & (table.c.id == account_id)
    ctx.connection.execute(update(table).where(of_account).values(password_hash=hashed, **more))


def _account(
    connection: Connection, tenant_id: int, kind: AccountKind, which: ColumnElement[bool]
) -> Account | None:
    c = TABLES[kind].c
    wanted = select(c.id, c.email, c.password_hash, c.status).where(c.tenant_id == tenant_id, which)
    row = connection.execute(wanted).first()
    return None if row is None else Account(kind, *row)


def _remember_failure(
    ctx: Context, kind: AccountKind, account: Account | None, used_up: list[str], visitor: Visitor
) -> None:
    # Also for an account that does not exist: a row less would be a difference that a clock can see.
    if kind == "operator":
        target = f"operator:{account.id if account else 'unknown'}"
        audit.record(ctx, "core.sign_in_failed", target, new=visitor.as_columns())
        return
    player_id = account.id if account else None
    activity.record(ctx, player_id, "sign_in_failed", visitor)
    if account is not None and "account" in used_up:
        payload = {"player_id": account.id, "because": "attempts"}
        ctx.emit("core.player_locked", payload, player_id=account.id)
