"""The payments themselves: found, locked, listed and changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import counting, ledger
from pitboss.core.context import Context
from pitboss.core.errors import KeyReused, NotFound
from pitboss.plugins.payments import logbook
from pitboss.plugins.payments.models import PaymentRow, PaymentsPlayer
from pitboss.plugins.payments.states import DEPOSIT, WITHDRAWAL

Payment = Row[Any]

_PAYMENT, _PLAYER = PaymentRow.__table__, PaymentsPlayer.__table__


def lock_player(ctx: Context, player_id: UUID) -> Row[Any]:
    """Lock what is known of a player, making the row when there is none: one payment at a time."""
    is_sqlite = ctx.connection.dialect.name == "sqlite"
    statement = (sqlite_insert if is_sqlite else postgres_insert)(_PLAYER).values(
        tenant_id=ctx.tenant.id, player_id=player_id
    )
    same = {"player_id": statement.excluded.player_id}
    locked = statement.on_conflict_do_update(index_elements=["tenant_id", "player_id"], set_=same)
    return ctx.connection.execute(locked.returning(*_PLAYER.c)).one()


def find(ctx: Context, payment_id: UUID, *, for_update: bool = False, kind: str | None = None) -> Payment:
    """Return a payment, or raise NotFound."""
    query = select(_PAYMENT).where(_PAYMENT.c.tenant_id == ctx.tenant.id, _PAYMENT.c.id == payment_id)
    found = ctx.connection.execute(query.with_for_update() if for_update else query).first()
    if found is None or kind not in (None, found.kind):
        kind = kind or "payment"
        raise NotFound(f"no {kind} {payment_id}")
    return found


def find_of(ctx: Context, payment_id: UUID, player_id: UUID) -> Payment:
    """Return a payment of a player, or raise NotFound."""
    found = find(ctx, payment_id)
    if found.player_id != player_id:
        raise NotFound(f"no payment {payment_id}")
    return found


def find_named(ctx: Context, provider: str, reference: str) -> UUID | None:
    """Return the payment that a provider calls so."""
    query = select(_PAYMENT.c.id).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.provider == provider,
        _PAYMENT.c.reference == reference,
    )
    found: UUID | None = ctx.connection.scalar(query.limit(1))
    return found


def of_request(ctx: Context, player_id: UUID, kind: str, key: str, hash_: str) -> list[Payment]:
    """Return what a request made when it was sent before; the same key with another body is refused."""
    query = select(_PAYMENT).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.player_id == player_id,
        _PAYMENT.c.kind == kind,
        _PAYMENT.c.request_key == key,
    )
    rows = list(ctx.connection.execute(query.order_by(_PAYMENT.c.line)))
    if rows and rows[0].request_hash != hash_:
        raise KeyReused(f"the Idempotency-Key belongs to another {kind}: send a new key with a new request")
    return rows


def hash_of(*parts: Any) -> str:
    """Return what tells requests apart."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def add(ctx: Context, **values: Any) -> Payment:
    """Write a new payment down, with its first line of history."""
    now = ctx.clock.now()
    row = {
        "tenant_id": ctx.tenant.id,
        "settled": 0,
        "taken_back": 0,
        "reference": None,
        "reason": "",
        "attention": None,
        "action": None,
        "details": {},
        "line": 0,
        "created_at": now,
        "changed_at": now,
        "completed_at": None,
        "expires_at": None,
    } | values
    ctx.connection.execute(insert(_PAYMENT), row)
    logbook.write(ctx, row["id"], row["state"], row["reason"], after=row["state"])
    return find(ctx, row["id"])


def change(ctx: Context, payment: Payment, *, why: str = "", **values: Any) -> Payment:
    """Change a locked payment; a new state goes into its history."""
    values["changed_at"] = ctx.clock.now()
    same = (_PAYMENT.c.tenant_id == ctx.tenant.id) & (_PAYMENT.c.id == payment.id)
    ctx.connection.execute(update(_PAYMENT).where(same).values(**values))
    state = values.get("state", payment.state)
    if state != payment.state:
        logbook.write(ctx, payment.id, state, why, before=payment.state, after=state)
    return find(ctx, payment.id)


def flag(ctx: Context, payment: Payment, why: str) -> Payment:
    """Ask a person to look at a payment."""
    logbook.write(ctx, payment.id, "attention", why)
    return change(ctx, payment, attention=why)


def clearing(payment: Payment) -> ledger.Account:
    """Return the account of what a provider holds for the house."""
    return clearing_of(payment.provider, payment.currency)


def clearing_of(provider: str, currency: str) -> ledger.Account:
    """Return the clearing account of a provider: negative while it holds money of ours."""
    return ledger.house(f"clearing:{provider}", currency)


def paid_in(ctx: Context, player_id: UUID, currency: str) -> dict[UUID, int]:
    """Return what each method paid in and did not get back, the one that paid first at the front."""
    mine = (_PAYMENT.c.tenant_id == ctx.tenant.id) & (_PAYMENT.c.player_id == player_id)
    query = select(_PAYMENT).where(mine, _PAYMENT.c.currency == currency).order_by(_PAYMENT.c.id)
    left: dict[UUID, int] = {}
    for row in ctx.connection.execute(query):
        if row.kind == DEPOSIT:
            left[row.method_id] = left.get(row.method_id, 0) + row.settled - row.taken_back
        elif row.state not in ("rejected", "failed", "cancelled"):
            left[row.method_id] = left.get(row.method_id, 0) - row.amount
    return {id_: max(0, amount) for id_, amount in left.items()}


def since(ctx: Context, player_id: UUID, currency: str, at: datetime) -> Sequence[Payment]:
    """Return a player's payments that began or ended after an instant."""
    recent = (_PAYMENT.c.created_at > at) | (_PAYMENT.c.completed_at > at)
    query = select(_PAYMENT).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.player_id == player_id,
        _PAYMENT.c.currency == currency,
        recent,
    )
    return ctx.connection.execute(query).all()


def listed(
    ctx: Context, *, before: UUID | None = None, limit: int, is_attention: bool | None = None, **equal: Any
) -> list[Payment]:
    """Return payments, the newest first; what is given must be so, a sequence lists what may be."""
    query = select(_PAYMENT).where(_PAYMENT.c.tenant_id == ctx.tenant.id)
    for name, value in equal.items():
        if isinstance(value, (tuple, list)):
            query = query.where(_PAYMENT.c[name].in_(value))
        elif value not in (None, ""):
            query = query.where(_PAYMENT.c[name] == value)
    if is_attention is not None:
        query = query.where(_PAYMENT.c.attention.is_not(None) == is_attention)
    if before is not None:
        query = query.where(_PAYMENT.c.id < before)
    return list(ctx.connection.execute(query.order_by(_PAYMENT.c.id.desc()).limit(limit)))


def attention_count(ctx: Context) -> int:
    """Return how many payments a person must look at."""
    return counting.some(ctx, _PAYMENT, _PAYMENT.c.attention.is_not(None))


def waiting_count(ctx: Context) -> int:
    """Return how many withdrawals wait for an operator."""
    query = select(func.count()).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.kind == WITHDRAWAL,
        _PAYMENT.c.state.in_(("requested", "reviewed")),
    )
    return int(ctx.connection.scalar(query) or 0)
