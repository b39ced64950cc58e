"""Payment methods: added by a token, verified, shown masked, removed; shared ones are told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import audit, facts
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.core.identity import find_player
from pitboss.core.secretbox import Cell, box_of
from pitboss.core.texts import marked
from pitboss.plugins.payments import book, ports
from pitboss.plugins.payments.cards import refuse_card_in
from pitboss.plugins.payments.fingerprints import fingerprint, fingerprints
from pitboss.plugins.payments.models import MethodRow, PaymentRow, PaymentsPlayer
from pitboss.plugins.payments.states import OPEN

Method = Row[Any]
OPERATION = "payments.add_method"
SHARED_TOLD_MAX = 50
"""Other players that one event of a shared method names."""

_METHOD, _PAYMENT = MethodRow.__table__, PaymentRow.__table__


def add(
    ctx: Context,
    player_id: UUID,
    *,
    provider: str,
    token: str,
    kind: str = "other",
    details: Mapping[str, Any] | None = None,
) -> Method:
    """Add a method of a player; one that is there already is returned, one that was removed comes back."""
    for name, value in (("token", token), ("kind", kind), ("details", details)):
        refuse_card_in(name, value)
    ports.configured(ctx, provider, for_new=True)
    find_player(ctx, player_id)
    # Asked before the player is locked: a slow provider holds nobody up.
    asked = ports.MethodAsked(provider=provider, player_id=player_id, kind=kind, token=token)
    answer = ports.provider_of(ctx, provider).describe(ctx, asked)
    described = ports.check(ports.Described, provider, answer)
    refuse_card_in("masked", described.masked)
    book.lock_player(ctx, player_id)
    prints = fingerprints(ctx, described.identity)
    others = _others(ctx, player_id, prints)
    known = _known(ctx, player_id, provider, prints)
    if known is not None and known.state == "active":
        return known
    _check_room(ctx, player_id)
    _ask(ctx, player_id, provider, described, others)
    row = _written(ctx, player_id, provider, token, described, dict(details or {}), known)
    facts.add(ctx, player_id, PaymentsPlayer, method_count=1)
    _tell_added(ctx, row, others)
    return row


def of_player(ctx: Context, player_id: UUID, *, with_removed: bool = False) -> Sequence[Method]:
    """Return the methods of a player, the oldest first."""
    query = select(_METHOD).where(_METHOD.c.tenant_id == ctx.tenant.id, _METHOD.c.player_id == player_id)
    if not with_removed:
        query = query.where(_METHOD.c.state == "active")
    return ctx.connection.execute(query.order_by(_METHOD.c.created_at, _METHOD.c.id)).all()


def find(ctx: Context, method_id: UUID, *, player_id: UUID | None = None, for_update: bool = False) -> Method:
    """Return a method (of a player), or raise NotFound."""
    query = select(_METHOD).where(_METHOD.c.tenant_id == ctx.tenant.id, _METHOD.c.id == method_id)
    found = ctx.connection.execute(query.with_for_update() if for_update else query).first()
    if found is None or player_id not in (None, found.player_id):
        raise NotFound(f"no payment method {method_id}")
    return found


def usable(ctx: Context, method_id: UUID, player_id: UUID) -> Method:
    """Return a method that a payment may use now."""
    found = find(ctx, method_id, player_id=player_id)
    if found.state != "active":
        message = marked(f"{found.masked} was removed: add it again, or choose another")
        raise InvalidInput(f"method_id: {message}", {"method_id": [message]})
    return found


def listed(
    ctx: Context, *, player_id: UUID | None = None, is_verified: bool | None = None, limit: int
) -> Sequence[Method]:
    """Return methods, the newest first."""
    query = select(_METHOD).where(_METHOD.c.tenant_id == ctx.tenant.id)
    if player_id is not None:
        query = query.where(_METHOD.c.player_id == player_id)
    if is_verified is not None:
        query = query.where(_METHOD.c.verified_at.is_not(None) == is_verified)
    return ctx.connection.execute(query.order_by(_METHOD.c.id.desc()).limit(limit)).all()


def token_of(ctx: Context, method: Method) -> str:
    """Open the token of a method, for its provider alone."""
    return box_of(ctx.kernel.settings).open(method.token, _cell(ctx, method.id))


def verify(ctx: Context, method_id: UUID, *, evidence: str) -> Method:
    """Note that an operator saw proof that a method belongs to its player."""
    refuse_card_in("evidence", evidence)
    method = find(ctx, method_id, for_update=True)
    if method.state != "active":
        raise Conflict(f"{method.masked} was removed: it cannot be verified")
    seen = {"verified_at": ctx.clock.now(), "verified_by": ctx.actor.label, "evidence": evidence}
    changed = _change(ctx, method_id, **seen)
    audit.record(ctx, "payments.method_verified", f"payments_method:{method_id}", new={"evidence": evidence})
    return changed


def remove(ctx: Context, method_id: UUID, *, player_id: UUID | None = None) -> Method:
    """Remove a method; not while a payment of it is under way. Its token is destroyed."""
    book.lock_player(ctx, find(ctx, method_id, player_id=player_id).player_id)
    method = find(ctx, method_id, for_update=True)
    if method.state == "removed":
        return method
    open_payments = select(_PAYMENT.c.id).where(
        _PAYMENT.c.tenant_id == ctx.tenant.id,
        _PAYMENT.c.method_id == method_id,
        _PAYMENT.c.state.in_(OPEN),
    )
    if ctx.connection.scalar(open_payments.limit(1)) is not None:
        raise Conflict(f"a payment with {method.masked} is under way: remove it when that is over")
    sealed = box_of(ctx.kernel.settings).seal("removed", _cell(ctx, method_id))
    gone = {"state": "removed", "removed_at": ctx.clock.now(), "token": sealed, "verified_at": None}
    changed = _change(ctx, method_id, **gone, verified_by=None, evidence=None)
    facts.add(ctx, method.player_id, PaymentsPlayer, method_count=-1)
    if ctx.actor.kind != "player":
        audit.record(ctx, "payments.method_removed", f"payments_method:{method_id}")
    ctx.emit("payments.method_removed", _said(changed), player_id=method.player_id)
    return changed


def shown(method: Method) -> dict[str, Any]:
    """Return a method as guards and other plugins see it."""
    return {
        "id": method.id,
        "kind": method.kind,
        "provider": method.provider,
        "masked": method.masked,
        "is_verified": method.verified_at is not None,
        "fingerprint": method.fingerprint,
    }


def _ask(
    ctx: Context, player_id: UUID, provider: str, described: ports.Described, others: Sequence[UUID]
) -> None:
    asked = {
        "player_id": player_id,
        "provider": provider,
        "kind": described.kind,
        "is_verified": described.is_verified,
        "fingerprint": fingerprint(ctx, described.identity),
        "shared_with": list(others),
    }
    ctx.guard(OPERATION, asked)


def _written(
    ctx: Context,
    player_id: UUID,
    provider: str,
    token: str,
    described: ports.Described,
    details: dict[str, Any],
    known: Method | None,
) -> Method:
    id_, now = uuid7() if known is None else known.id, ctx.clock.now()
    values: dict[str, Any] = {
        "kind": described.kind,
        "token": box_of(ctx.kernel.settings).seal(token, _cell(ctx, id_)),
        "masked": described.masked,
        "fingerprint": fingerprint(ctx, described.identity),
        "can_receive": described.can_receive,
        "state": "active",
        "verified_at": now if described.is_verified else None,
        "verified_by": f"provider:{provider}" if described.is_verified else None,
        "evidence": None,
        "details": details,
        "removed_at": None,
    }
    if known is not None:
        return _change(ctx, id_, **values)
    new = {"tenant_id": ctx.tenant.id, "id": id_, "player_id": player_id, "provider": provider}
    ctx.connection.execute(insert(_METHOD), new | values | {"created_at": now})
    return find(ctx, id_)


def _tell_added(ctx: Context, row: Method, others: Sequence[UUID]) -> None:
    ctx.emit("payments.method_added", _said(row), player_id=row.player_id)
    if others:
        said = _said(row) | {"player_ids": [str(id_) for id_ in others], "fingerprint": row.fingerprint}
        ctx.emit("payments.method_shared", said, player_id=row.player_id)


def _said(row: Method) -> dict[str, Any]:
    return {
        "method_id": str(row.id),
        "provider": row.provider,
        "kind": row.kind,
        "is_verified": row.verified_at is not None,
    }


def _check_room(ctx: Context, player_id: UUID) -> None:
    most = ctx.settings(ports.NAME)["methods_max"]
    if len(of_player(ctx, player_id)) >= most:
        raise Conflict(f"a player has at most {most} payment methods: remove one first")


def _known(ctx: Context, player_id: UUID, provider: str, prints: Sequence[str]) -> Method | None:
    query = select(_METHOD).where(
        _METHOD.c.tenant_id == ctx.tenant.id,
        _METHOD.c.player_id == player_id,
        _METHOD.c.provider == provider,
        _METHOD.c.fingerprint.in_(prints),
    )
    return ctx.connection.execute(query).first()


def _others(ctx: Context, player_id: UUID, prints: Sequence[str]) -> Sequence[UUID]:
    """Return the other players who have, or had, the same card or account."""
    query = (
        select(_METHOD.c.player_id)
        .where(
            _METHOD.c.tenant_id == ctx.tenant.id,
            _METHOD.c.fingerprint.in_(prints),
            _METHOD.c.player_id != player_id,
        )
        .distinct()
        .order_by(_METHOD.c.player_id)
        .limit(SHARED_TOLD_MAX)
    )
    return ctx.connection.scalars(query).all()


def _change(ctx: Context, method_id: UUID, **values: Any) -> Method:
    same = (_METHOD.c.tenant_id == ctx.tenant.id) & (_METHOD.c.id == method_id)
    ctx.connection.execute(update(_METHOD).where(same).values(**values))
    return find(ctx, method_id)


def _cell(ctx: Context, method_id: UUID) -> Cell:
    return Cell(ctx.tenant.id, _METHOD.name, "token", str(method_id))
