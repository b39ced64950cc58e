"""Segments as they were at one moment, for the runs of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, literal, select

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.core.texts import gettext as _
from pitboss.rules.segments.members import EXPORT_IDS_MAX
from pitboss.rules.segments.refresh import check_known
from pitboss.rules.segments.stays import is_open
from pitboss.rules.segments.tables import FrozenMemberRow, FrozenRow, MemberRow

REASON_LENGTH_MAX = 200

_MEMBER, _FROZEN, _PART = MemberRow.__table__, FrozenRow.__table__, FrozenMemberRow.__table__


@dataclass(frozen=True, slots=True)
class Frozen:
    """A segment as it was at one moment."""

    id: UUID
    segment: str
    reason: str
    size: int
    frozen_by: str
    at: datetime


_COLUMNS = [_FROZEN.c[name] for name in Frozen.__slots__]


def freeze(ctx: Context, key: str, reason: str) -> Frozen:
    """Keep who is in a segment now, whatever becomes of it."""
    if not 1 <= len(reason.strip()) <= REASON_LENGTH_MAX:
        said = _("1 to %(most)s characters that say what it is for", most=REASON_LENGTH_MAX)
        raise InvalidInput(f"reason: {said}", {"reason": [said]})
    check_known(ctx, key)
    frozen_id = uuid7()
    members = select(literal(ctx.tenant.id), literal(frozen_id, _PART.c.frozen_id.type), _MEMBER.c.player_id)
    copied = insert(_PART).from_select(
        ("tenant_id", "frozen_id", "player_id"), members.where(is_open(ctx, key))
    )
    size = ctx.connection.execute(copied, execution_options={"preserve_rowcount": True}).rowcount
    made = Frozen(frozen_id, key, reason.strip(), size, ctx.actor.label, ctx.clock.now())
    values = {name: getattr(made, name) for name in Frozen.__slots__}
    ctx.connection.execute(insert(_FROZEN).values(tenant_id=ctx.tenant.id, **values))
    new = {"frozen": str(frozen_id), "size": size}
    audit.record(ctx, "rules.segment_frozen", f"rule:{key}", new=new, reason=made.reason)
    return made


def list_frozen(
    ctx: Context, *, segment: str | None = None, before: UUID | None = None, limit: int = 50
) -> list[Frozen]:
    """Return what was frozen, the newest first."""
    query = select(*_COLUMNS).where(_FROZEN.c.tenant_id == ctx.tenant.id)
    if segment is not None:
        query = query.where(_FROZEN.c.segment == segment)
    if before is not None:
        query = query.where(_FROZEN.c.id < before)
    return [Frozen(*row) for row in ctx.connection.execute(query.order_by(_FROZEN.c.id.desc()).limit(limit))]


def find_frozen(ctx: Context, frozen_id: UUID) -> Frozen:
    """Return what was frozen once."""
    query = select(*_COLUMNS).where(_FROZEN.c.tenant_id == ctx.tenant.id, _FROZEN.c.id == frozen_id)
    row = ctx.connection.execute(query).first()
    if row is None:
        raise NotFound(_("no frozen segment %(frozen_id)s", frozen_id=frozen_id))
    return Frozen(*row)


def frozen_ids(
    ctx: Context, frozen_id: UUID, *, after: UUID | None = None, limit: int = EXPORT_IDS_MAX
) -> Sequence[UUID]:
    """Return a page of the players of a frozen segment, in the order of their ids."""
    query = select(_PART.c.player_id).where(
        _PART.c.tenant_id == ctx.tenant.id,
        _PART.c.frozen_id == frozen_id,
        _PART.c.player_id > (after or UUID(int=0)),
    )
    return ctx.connection.scalars(query.order_by(_PART.c.player_id).limit(limit)).all()
