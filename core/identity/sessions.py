"""Operators' sessions: a secret in a cookie that can be revoked, and the tenant that it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert, select, update

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import NotAuthenticated, NotFound
from pitboss.core.identity import proof
from pitboss.core.identity.credentials import Kind, new_credential
from pitboss.core.identity.principal import Principal
from pitboss.core.identity.tables import Operator, OperatorSession
from pitboss.core.identity.tokens import refuse_unless_active
from pitboss.core.identity.visitor import NOWHERE, Visitor, apart

if TYPE_CHECKING:
    from pitboss.core.context import Context

SESSION_HOURS_MAX = 12
"""After which an operator signs in again."""
IDLE_MINUTES_MAX = 120
SEEN_EVERY_SECONDS = 60
"""How exactly it is known when a session was last used: a write at each request would cost too much."""

_SESSION = OperatorSession.__table__
_OPERATOR = Operator.__table__


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What goes into an operator's cookie; shown once."""

    secret: str
    session_id: UUID
    operator_id: UUID
    expires_at: datetime


def sign_in_operator(ctx: Context, email: str, password: str, visitor: Visitor = NOWHERE) -> SignedIn:
    """Sign an operator in; keeps what it finds, also when it refuses."""
    proven = proof.prove(ctx, "operator", email, password, visitor)
    with apart(ctx) as own:
        of_operator = (_OPERATOR.c.tenant_id == own.tenant.id) & (_OPERATOR.c.id == proven.id)
        operator = own.connection.execute(select(_OPERATOR).where(of_operator).with_for_update()).one()
        if operator.password_hash != proven.password_hash:
            raise NotAuthenticated(proof.WRONG)
        refuse_unless_active(operator.status)
        proof.refresh_hash(own, proven, password)
        own.connection.execute(update(_OPERATOR).where(of_operator).values(signed_in_at=own.clock.now()))
        signed_in = _open(own, proven.id, visitor)
        new = {"session_id": str(signed_in.session_id), **visitor.as_columns()}
        own.actor = Principal(kind="operator", tenant_id=own.tenant.id, id=proven.id, name=proven.email)
        audit.record(own, "core.sign_in", f"operator:{proven.id}", new=new)
    return signed_in


def list_operator_sessions(ctx: Context, operator_id: UUID) -> Sequence[Any]:
    """Return an operator's sessions that are still good, newest first."""
    c = _SESSION.c
    found = (
        select(c.id, c.address, c.device, c.created_at, c.seen_at, c.expires_at)
        .where(_alive(ctx), c.operator_id == operator_id)
        .where(c.seen_at > ctx.clock.now() - timedelta(minutes=IDLE_MINUTES_MAX))
        .order_by(c.id.desc())
    )
    return ctx.connection.execute(found).all()


def sign_out_operator(ctx: Context, operator_id: UUID, session_id: UUID) -> None:
    """End one session, at once."""
    if revoke_sessions(ctx, operator_id, only=session_id) == 0:
        raise NotFound(f"no session {session_id}: list them anew")


def revoke_sessions(
    ctx: Context, operator_id: UUID, *, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End an operator's sessions: all, one, or all but one; return how many there were."""
    which = _alive(ctx) & (_SESSION.c.operator_id == operator_id)
    if only is not None:
        which = which & (_SESSION.c.id == only)
    if but is not None:
        which = which & (_SESSION.c.id != but)
    ended = update(_SESSION).where(which).values(revoked_at=ctx.clock.now())
    return ctx.connection.execute(ended).rowcount


def _open(ctx: Context, operator_id: UUID, visitor: Visitor) -> SignedIn:
    now = ctx.clock.now()
    secret, secret_hash = new_credential(Kind.SESSION, ctx.tenant.code)
    signed_in = SignedIn(secret, uuid7(), operator_id, now + timedelta(hours=SESSION_HOURS_MAX))
    ctx.connection.execute(
        insert(_SESSION),
        {
            "tenant_id": ctx.tenant.id,
            "id": signed_in.session_id,
            "secret_hash": secret_hash,
            "operator_id": operator_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": signed_in.expires_at,
            **visitor.as_columns(),
        },
    )
    return signed_in


def _alive(ctx: Context) -> Any:
    return (
        (_SESSION.c.tenant_id == ctx.tenant.id)
        & _SESSION.c.revoked_at.is_(None)
        & (_SESSION.c.expires_at > ctx.clock.now())
    )
