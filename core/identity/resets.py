"""Choosing a password: with the old one, or with a token that was sent to the account's address."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from pitboss.core import audit
from pitboss.core.errors import Conflict, InvalidInput, NotAuthenticated
from pitboss.core.identity import activity, attempts, passwords, proof, sessions, tokens
from pitboss.core.identity.credentials import Kind, new_credential, parse
from pitboss.core.identity.names import login_of
from pitboss.core.identity.proof import Account, AccountKind
from pitboss.core.identity.tables import PasswordReset, Status
from pitboss.core.identity.visitor import NOWHERE, Visitor, apart
from pitboss.core.notifications import queueing
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

RESET_HOURS = 1
INVITATION_HOURS = 72
OPERATOR_PAGE = "/admin/invitation"
USED = marked("this link was used or has expired: ask for a new one")

_ROW = PasswordReset.__table__


def request_reset(ctx: Context, kind: AccountKind, login: str, visitor: Visitor = NOWHERE) -> str | None:
    """Send an account the means to choose a new password; return the token, or None without such an account.

    The token is for tests and for other deliveries: whoever asked must not get it, nor learn whether
    there is one.
    """
    name = login_of(login)
    with apart(ctx) as own:
        attempts.count_reset(own, kind, name, visitor.address)
        account = proof.find_account(own.connection, own.tenant.id, kind, name)
        if account is None or account.status == Status.DEACTIVATED:
            return None
        token = new_token(own, kind, account.id, hours=RESET_HOURS)
        if kind == "player":
            activity.record(own, account.id, "password_reset_requested", visitor)
        deliver_reset(own, account, token)
        return token


def deliver_reset(ctx: Context, account: Account, token: str) -> None:
    """Mail the account's owner the token; the event says only that it was asked for."""
    link = f"{ctx.kernel.settings.site_url}{OPERATOR_PAGE}?token={token}"
    about = {"token": token, "link": link, "hours": RESET_HOURS}
    if account.kind == "operator":
        queueing.notify_operator(ctx, account.id, "core.operator_reset", about, "email", confidential=True)
        return
    ctx.emit("core.password_reset_requested", {"player_id": account.id}, player_id=account.id)
    # Where players choose a password is the brand's own page: its text makes a link of the token.
    queueing.notify(ctx, account.id, "core.password_reset", about, "email", confidential=True)


def deliver_invitation(ctx: Context, operator_id: UUID, token: str) -> None:
    """Mail a new operator the link with which they choose a password."""
    link = f"{ctx.kernel.settings.site_url}{OPERATOR_PAGE}?token={token}"
    about = {"inviter": ctx.actor.name or ctx.actor.kind, "link": link, "hours": INVITATION_HOURS}
    queueing.notify_operator(ctx, operator_id, "core.operator_invitation", about, "email", confidential=True)


def new_token(ctx: Context, kind: AccountKind, account_id: UUID, *, hours: int) -> str:
    """Return a token with which an account may choose a password, once; earlier ones are void."""
    _forget(ctx, kind, account_id)
    token, token_hash = new_credential(Kind.RESET, ctx.tenant.code)
    row = {
        "tenant_id": ctx.tenant.id,
        "token_hash": token_hash,
        "kind": kind,
        "account_id": account_id,
        "expires_at": ctx.clock.now() + timedelta(hours=hours),
    }
    ctx.connection.execute(insert(_ROW), row)
    return token


def reset_password(ctx: Context, token: str, password: str, visitor: Visitor = NOWHERE) -> AccountKind:
    """Choose a password with a token; every sign-in of the account ends."""
    token_hash = _hash_of(ctx, token)
    with ctx.kernel.database.transaction(ctx.tenant.id, read_only=True) as connection:
        row = connection.execute(select(_ROW).where(_is_good(ctx, token_hash))).first()
        account = proof.account_of(connection, ctx.tenant.id, row.kind, row.account_id) if row else None
    if account is None:
        raise InvalidInput(USED, {"token": [USED]})
    passwords.check_rules(password, kind=account.kind, own_words=proof.own_words(account.email))
    hashed = passwords.hash_password(password)
    if ctx.connection.execute(delete(_ROW).where(_is_good(ctx, token_hash))).rowcount == 0:
        raise InvalidInput(USED, {"token": [USED]})
    _store(ctx, account, hashed, visitor, kind="password_reset")
    attempts.clear(ctx, account.kind, account.email, visitor.address)
    return account.kind


def change_password(
    ctx: Context,
    kind: AccountKind,
    account_id: UUID,
    *,
    old: str,
    new: str,
    keep: UUID | None = None,
    visitor: Visitor = NOWHERE,
) -> None:
    """Choose a password with the old one; every other sign-in of the account ends."""
    with ctx.kernel.database.transaction(ctx.tenant.id, read_only=True) as connection:
        found = proof.account_of(connection, ctx.tenant.id, kind, account_id)
    if found is None:
        raise NotAuthenticated("sign in again")
    try:
        account = proof.prove(ctx, kind, found.email, old, visitor)
    except NotAuthenticated as error:
        message = marked("the old password is wrong")
        raise InvalidInput(message, {"old_password": [message]}) from error
    passwords.check_rules(new, kind=kind, own_words=proof.own_words(account.email))
    hashed = passwords.hash_password(new)
    _store(ctx, account, hashed, visitor, kind="password_changed", keep=keep)


def _store(
    ctx: Context, account: Account, hashed: str, visitor: Visitor, *, kind: str, keep: UUID | None = None
) -> None:
    table = proof.TABLES[account.kind]
    values: dict[str, Any] = {"password_hash": hashed}
    if account.status == Status.INVITED:
        values["status"] = Status.ACTIVE
    changed = update(table).where(
        table.c.tenant_id == ctx.tenant.id,
        table.c.id == account.id,
        table.c.password_hash.is_not_distinct_from(account.password_hash),
        table.c.status == account.status,
    )
    if ctx.connection.execute(changed.values(**values)).rowcount == 0:
        raise Conflict("the account was changed meanwhile: try again")
    _forget(ctx, account.kind, account.id)
    if account.kind == "player":
        tokens.sign_out_everywhere(ctx, account.id, because=kind, but=keep)
        activity.record(ctx, account.id, kind, visitor)
    else:
        sessions.revoke_sessions(ctx, account.id, but=keep)
        audit.record(ctx, f"core.{kind}", f"operator:{account.id}")


def _forget(ctx: Context, kind: AccountKind, account_id: UUID) -> None:
    of_account = (
        (_ROW.c.tenant_id == ctx.tenant.id) & (_ROW.c.kind == kind) & (_ROW.c.account_id == account_id)
    )
    ctx.connection.execute(delete(_ROW).where(of_account))


def _hash_of(ctx: Context, token: str) -> bytes:
    try:
        credential = parse(token)
    except NotAuthenticated:
        raise InvalidInput(USED, {"token": [USED]}) from None
    if credential.kind is not Kind.RESET or credential.tenant != ctx.tenant.code:
        raise InvalidInput(USED, {"token": [USED]})
    return credential.digest


def _is_good(ctx: Context, token_hash: bytes) -> Any:
    return (
        (_ROW.c.tenant_id == ctx.tenant.id)
        & (_ROW.c.token_hash == token_hash)
        & (_ROW.c.expires_at > ctx.clock.now())
    )
