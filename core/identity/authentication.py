"""Recognise whoever shows a credential: one look-up by key, inside the tenant that the credential names."""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, Update, bindparam, select, update

from pitboss.core.errors import NotAuthenticated, NotFound
from pitboss.core.identity.credentials import NOT_VALID, Credential, Kind, parse
from pitboss.core.identity.principal import Principal
from pitboss.core.identity.sessions import IDLE_MINUTES_MAX, SEEN_EVERY_SECONDS
from pitboss.core.identity.tables import (
    AccessToken,
    ApiKey,
    Operator,
    OperatorRole,
    OperatorSession,
    Role,
    Status,
)

if TYPE_CHECKING:
    from pitboss.core.kernel import Kernel

_ACCESS = AccessToken.__table__.c
_KEY = ApiKey.__table__.c
_SESSION = OperatorSession.__table__.c
_OPERATOR = Operator.__table__.c
_HELD = OperatorRole.__table__.c
_ROLE = Role.__table__.c

Found = tuple[Principal, datetime | None, tuple[Update, UUID] | None]
"""Who it is, until when, and what to write down about when it was last used."""

# Built once: assembling a statement costs more than running it.
_FIND_ACCESS = select(_ACCESS.player_id, _ACCESS.family_id, _ACCESS.expires_at).where(
    _ACCESS.tenant_id == bindparam("tenant"), _ACCESS.token_hash == bindparam("hash")
)
_FIND_KEY = select(
    _KEY.id,
    _KEY.secret_hash,
    _KEY.name,
    _KEY.permissions,
    _KEY.requests_per_minute,
    _KEY.expires_at,
    _KEY.used_at,
).where(_KEY.tenant_id == bindparam("tenant"), _KEY.prefix == bindparam("prefix"), _KEY.revoked_at.is_(None))
_FIND_SESSION = (
    select(
        _SESSION.id,
        _SESSION.operator_id,
        _SESSION.seen_at,
        _SESSION.expires_at,
        _OPERATOR.email,
        _OPERATOR.language,
        _ROLE.permissions,
    )
    .select_from(OperatorSession.__table__)
    .join(
        Operator.__table__,
        (_OPERATOR.tenant_id == _SESSION.tenant_id) & (_OPERATOR.id == _SESSION.operator_id),
    )
    .outerjoin(
        OperatorRole.__table__, (_HELD.tenant_id == _OPERATOR.tenant_id) & (_HELD.operator_id == _OPERATOR.id)
    )
    .outerjoin(Role.__table__, (_ROLE.tenant_id == _HELD.tenant_id) & (_ROLE.name == _HELD.role))
    .where(_SESSION.tenant_id == bindparam("tenant"), _SESSION.secret_hash == bindparam("hash"))
    .where(_SESSION.revoked_at.is_(None), _OPERATOR.status == Status.ACTIVE)
)
_USE_KEY = (
    update(ApiKey.__table__)
    .where(_KEY.tenant_id == bindparam("of_tenant"), _KEY.id == bindparam("of_id"))
    .values(used_at=bindparam("now"))
)
_SEE_SESSION = (
    update(OperatorSession.__table__)
    .where(_SESSION.tenant_id == bindparam("of_tenant"), _SESSION.id == bindparam("of_id"))
    .values(seen_at=bindparam("now"))
)


def authenticate(kernel: Kernel, credential: str, address: str = "") -> Principal:  # noqa: ARG001 - asked with by the gate
    """Return whom a credential belongs to, or raise NotAuthenticated."""
    known = kernel.trust.recall(credential)
    if known is not None:
        return known
    shown = parse(credential)
    find = _FINDERS.get(shown.kind)
    if find is None:
        raise NotAuthenticated(NOT_VALID)
    try:
        tenant_id = kernel.tenants.by_code(shown.tenant).id
    except NotFound:
        raise NotAuthenticated(NOT_VALID) from None
    now = kernel.clock.now()
    with kernel.database.transaction(tenant_id, read_only=True) as connection:
        principal, ends_at, seen = find(connection, tenant_id, shown, now)
    if seen is not None:
        statement, row_id = seen
        with kernel.database.transaction(tenant_id) as connection:
            connection.execute(statement, {"of_tenant": tenant_id, "of_id": row_id, "now": now})
    if shown.kind is not Kind.SESSION:
        kernel.trust.remember(credential, principal, ends_at)
    return principal


def _by_access_token(connection: Connection, tenant_id: int, shown: Credential, now: datetime) -> Found:
    row = connection.execute(_FIND_ACCESS, {"tenant": tenant_id, "hash": shown.digest}).first()
    if row is None or row.expires_at <= now:
        raise NotAuthenticated("this access token is not valid or has expired: refresh it, or sign in again")
    return (
        Principal(kind="player", tenant_id=tenant_id, id=row.player_id, session_id=row.family_id),
        row.expires_at,
        None,
    )


def _by_key(connection: Connection, tenant_id: int, shown: Credential, now: datetime) -> Found:
    row = connection.execute(_FIND_KEY, {"tenant": tenant_id, "prefix": shown.prefix}).first()
    if row is None or not compare_digest(row.secret_hash, shown.digest):
        raise NotAuthenticated("this API key is not valid: ask an administrator for one")
    if row.expires_at is not None and row.expires_at <= now:
        raise NotAuthenticated("this API key has expired: ask an administrator for a new one")
    principal = Principal(
        kind="api_key",
        tenant_id=tenant_id,
        id=row.id,
        name=row.name,
        permissions=frozenset(row.permissions),
        requests_per_minute=row.requests_per_minute,
    )
    return principal, row.expires_at, (_USE_KEY, row.id) if _is_due(row.used_at, now) else None


def _by_session(connection: Connection, tenant_id: int, shown: Credential, now: datetime) -> Found:
    rows = connection.execute(_FIND_SESSION, {"tenant": tenant_id, "hash": shown.digest}).all()
    if not rows:
        raise NotAuthenticated(NOT_VALID)
    session = rows[0]
    if min(session.expires_at, session.seen_at + timedelta(minutes=IDLE_MINUTES_MAX)) <= now:
        raise NotAuthenticated("your session has expired: sign in again")
    principal = Principal(
        kind="operator",
        tenant_id=tenant_id,
        id=session.operator_id,
        name=session.email,
        permissions=frozenset(name for row in rows for name in row.permissions or ()),
        session_id=session.id,
        language=session.language,
    )
    return (
        principal,
        session.expires_at,
        (_SEE_SESSION, session.id) if _is_due(session.seen_at, now) else None,
    )


def _is_due(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= timedelta(seconds=SEEN_EVERY_SECONDS)


_FINDERS = {Kind.ACCESS: _by_access_token, Kind.API_KEY: _by_key, Kind.SESSION: _by_session}
