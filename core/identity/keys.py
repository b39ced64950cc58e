"""API keys of integrations: shown once, kept as a hash, known by their prefix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.identity import roles
from pitboss.core.identity.credentials import Kind, new_credential, new_prefix
from pitboss.core.identity.tables import ApiKey
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from pitboss.core.context import Context

KEYS_MAX = 200
"""Keys of one tenant that are not revoked, and keys that a list shows."""
REQUESTS_PER_MINUTE_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its secret, which nobody sees again."""

    key: ApiKey
    secret: str


def create_key(
    ctx: Context,
    name: str,
    *,
    permissions: Iterable[str],
    requests_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Create a key; it can be given no more than its creator may do."""
    _check(ctx, requests_per_minute, expires_at)
    of_tenant = select(func.count()).select_from(ApiKey).where(ApiKey.tenant_id == ctx.tenant.id)
    if ctx.connection.execute(of_tenant.where(ApiKey.revoked_at.is_(None))).scalar_one() >= KEYS_MAX:
        raise Conflict(f"a tenant has at most {KEYS_MAX} API keys: revoke one first")
    prefix = new_prefix()
    secret, secret_hash = new_credential(Kind.API_KEY, ctx.tenant.code, prefix=prefix)
    key = ApiKey(
        tenant_id=ctx.tenant.id,
        id=uuid7(),
        prefix=prefix,
        secret_hash=secret_hash,
        name=name,
        permissions=roles.check_permissions(ctx, permissions),
        requests_per_minute=requests_per_minute,
        created_by=ctx.actor.label,
        created_at=ctx.clock.now(),
        expires_at=expires_at,
    )
    ctx.session.add(key)
    ctx.session.flush()
    new = {"name": name, "prefix": prefix, "permissions": key.permissions}
    audit.record(ctx, "core.create_api_key", _target(key.id), new=new)
    return NewKey(key, secret)


def list_keys(ctx: Context) -> Sequence[ApiKey]:
    """Return the tenant's keys, newest first, revoked ones included."""
    of_tenant = select(ApiKey).where(ApiKey.tenant_id == ctx.tenant.id)
    return ctx.session.scalars(of_tenant.order_by(ApiKey.id.desc()).limit(KEYS_MAX)).all()


def find_key(ctx: Context, key_id: UUID) -> ApiKey:
    """Return a key, or raise NotFound."""
    wanted = select(ApiKey).where(ApiKey.tenant_id == ctx.tenant.id, ApiKey.id == key_id)
    key = ctx.session.scalars(wanted.with_for_update()).first()
    if key is None:
        raise NotFound(f"no API key {key_id}")
    return key


def revoke_key(ctx: Context, key_id: UUID) -> ApiKey:
    """End a key, at once; revoking it twice changes nothing."""
    key = find_key(ctx, key_id)
    if key.revoked_at is None:
        key.revoked_at = ctx.clock.now()
        ctx.session.flush()
        ctx.kernel.trust.withdraw(key.id)
        audit.record(ctx, "core.revoke_api_key", _target(key.id), old={"prefix": key.prefix})
    return key


def _check(ctx: Context, requests_per_minute: int | None, expires_at: datetime | None) -> None:
    if requests_per_minute is not None and not 1 <= requests_per_minute <= REQUESTS_PER_MINUTE_MAX:
        rule = marked(f"Choose 1 to {REQUESTS_PER_MINUTE_MAX}.")
        raise InvalidInput(
            f"requests_per_minute: {requests_per_minute} does not fit", {"requests_per_minute": [rule]}
        )
    if expires_at is not None and expires_at <= ctx.clock.now():
        raise InvalidInput(f"expires_at: {expires_at} is over", {"expires_at": ["Choose a time to come."]})


def _target(key_id: UUID) -> str:
    return f"api_key:{key_id}"
