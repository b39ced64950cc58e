"""Operators: invited, found, locked out and let in again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.identity import passwords, proof, resets, roles, sessions
from pitboss.core.identity.names import email_of
from pitboss.core.identity.tables import Operator, Status
from pitboss.core.texts import LANGUAGES, marked

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

OPERATORS_MAX = 1000
"""Of one tenant; the list is one page."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new operator, and the secret with which they choose a password; shown once."""

    operator: Operator
    token: str


def invite_operator(
    ctx: Context, email: str, *, name: str = "", role_names: Iterable[str] = ()
) -> Invitation:
    """Add an operator, who chooses a password with the token of the invitation."""
    operator = _add(ctx, email, name, Status.INVITED)
    roles.assign_roles(ctx, operator.id, role_names)
    audit.record(ctx, "core.invite_operator", _target(operator.id), new={"email": operator.email})
    token = resets.new_token(ctx, "operator", operator.id, hours=resets.INVITATION_HOURS)
    resets.deliver_invitation(ctx, operator.id, token)
    return Invitation(operator, token)


def list_operators(ctx: Context) -> Sequence[Operator]:
    """Return the tenant's operators by address."""
    of_tenant = select(Operator).where(Operator.tenant_id == ctx.tenant.id)
    return ctx.session.scalars(of_tenant.order_by(Operator.email).limit(OPERATORS_MAX)).all()


def find_operator(ctx: Context, operator_id: UUID, *, for_update: bool = False) -> Operator:
    """Return an operator, or raise NotFound."""
    wanted = select(Operator).where(Operator.tenant_id == ctx.tenant.id, Operator.id == operator_id)
    if for_update:
        wanted = wanted.with_for_update()
    operator = ctx.session.scalars(wanted.execution_options(populate_existing=True)).first()
    if operator is None:
        raise NotFound(f"no operator {operator_id}")
    return operator


def set_roles(ctx: Context, operator_id: UUID, role_names: Iterable[str]) -> list[str]:
    """Give an operator exactly these roles; they hold from the next request on."""
    find_operator(ctx, operator_id, for_update=True)
    return roles.assign_roles(ctx, operator_id, role_names)


def choose_language(ctx: Context, operator_id: UUID, language: str) -> None:
    """Let the admin speak a language to an operator; empty means what their browser asks for."""
    if language and language not in LANGUAGES:
        cure = marked(f"choose one of: {', '.join(LANGUAGES)}")
        raise InvalidInput(f"language: there is no {language!r} here; {cure}", {"language": [cure]})
    find_operator(ctx, operator_id, for_update=True).language = language or None
    ctx.session.flush()


def lock_operator(ctx: Context, operator_id: UUID, reason: str) -> Operator:
    """Keep an operator out, and end every session at once."""
    operator = find_operator(ctx, operator_id, for_update=True)
    roles.refuse_more_than_own(ctx, operator_id)
    if roles.ADMINISTRATOR in roles.roles_of(ctx, operator_id):
        roles.refuse_last_administrator(ctx, operator_id)
    before, operator.status = operator.status, Status.LOCKED
    ctx.session.flush()
    sessions.revoke_sessions(ctx, operator_id)
    _audit_status(ctx, operator, before, reason)
    return operator


def unlock_operator(ctx: Context, operator_id: UUID, reason: str = "") -> Operator:
    """Let an operator in again."""
    operator = find_operator(ctx, operator_id, for_update=True)
    roles.refuse_more_than_own(ctx, operator_id)
    before = operator.status
    operator.status = Status.ACTIVE if operator.password_hash else Status.INVITED
    ctx.session.flush()
    _audit_status(ctx, operator, before, reason)
    return operator


def ensure_first_operator(kernel: Kernel, tenant_id: int, email: str, password: str) -> bool:
    """Make an administrator for a tenant that has no operator yet; tell whether one was made."""
    with kernel.context(tenant_id, actor_name="set-up") as ctx:
        anyone = select(Operator.id).where(Operator.tenant_id == tenant_id).limit(1)
        if ctx.connection.scalar(anyone) is not None:
            return False
        passwords.check_rules(password, kind="operator", own_words=proof.own_words(email_of(email)))
        operator = _add(ctx, email, "Administrator", Status.ACTIVE, passwords.hash_password(password))
        roles.give_default_roles(ctx.connection, tenant_id)
        roles.assign_roles(ctx, operator.id, [roles.ADMINISTRATOR])
        audit.record(ctx, "core.first_operator", _target(operator.id), new={"email": operator.email})
        return True


def _add(ctx: Context, email: str, name: str, status: Status, password_hash: str | None = None) -> Operator:
    operator = Operator(
        tenant_id=ctx.tenant.id,
        id=uuid7(),
        email=email_of(email),
        name=name,
        status=status,
        password_hash=password_hash,
        created_at=ctx.clock.now(),
    )
    ctx.session.add(operator)
    try:
        ctx.session.flush()
    except IntegrityError as error:
        raise Conflict(f"operator {operator.email!r} exists already") from error
    return operator


def _audit_status(ctx: Context, operator: Operator, before: str, reason: str) -> None:
    action = "core.lock_operator" if operator.status == Status.LOCKED else "core.unlock_operator"
    old, new = {"status": before}, {"status": operator.status}
    audit.record(ctx, action, _target(operator.id), old=old, new=new, reason=reason or None)


def _target(operator_id: UUID) -> str:
    return f"operator:{operator_id}"
