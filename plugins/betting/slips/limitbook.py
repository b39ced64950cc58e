"""The limits of a tenant as they are kept: read for a slip, set and removed with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Text, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotFound, nearest
from pitboss.core.texts import marked
from pitboss.plugins.betting.markets.tables import Market
from pitboss.plugins.betting.slips.limiting import MEASURES, SCOPES, Bound, Place
from pitboss.plugins.betting.slips.settings import MONEY_MAX
from pitboss.plugins.betting.slips.tables import Bet, Limit

_LIMIT, _BET = Limit.__table__, Bet.__table__
_OF_SUBJECTS = select(_LIMIT.c.measure, _LIMIT.c.scope, _LIMIT.c.subject, _LIMIT.c.amount).where(
    _LIMIT.c.tenant_id == bindparam("tenant"),
    _LIMIT.c.subject.in_(bindparam("subjects", expanding=True)),
)
_MARKET = Market.__table__
# On PostgreSQL they come with the markets that they limit, which saves a round trip.
WITH_MARKET = (
    select(
        func.coalesce(
            func.jsonb_agg(
                func.jsonb_build_array(_LIMIT.c.measure, _LIMIT.c.scope, _LIMIT.c.subject, _LIMIT.c.amount)
            ),
            func.jsonb_build_array(),
        )
    )
    .where(
        _LIMIT.c.tenant_id == bindparam("tenant"),
        _LIMIT.c.subject.in_(
            (
                "",
                _MARKET.c.sport,
                _MARKET.c.competition,
                _MARKET.c.template,
                cast(_MARKET.c.fixture_id, Text),
                cast(_MARKET.c.id, Text),
                bindparam("limited_player", type_=Text),
            )
        ),
    )
    .correlate(_MARKET)
    .scalar_subquery()
)
"""The limits of a market's subjects and of a player, as JSON: measure, scope, subject, amount."""
_DAY = select(func.coalesce(func.sum(_BET.c.stake), 0)).where(
    _BET.c.tenant_id == bindparam("tenant"),
    _BET.c.player_id == bindparam("player"),
    _BET.c.placed_at >= bindparam("since"),
    _BET.c.state.not_in(("rejected", "voided")),
    _BET.c.free_bet_id.is_(None),
)


def read(connection: Connection, tenant_id: int, places: Iterable[Place]) -> list[Bound]:
    """Return the limits whose subjects a slip touches, in one query."""
    subjects = sorted({subject for _, subject in places})
    rows = connection.execute(_OF_SUBJECTS, {"tenant": tenant_id, "subjects": subjects})
    return [Bound(*row) for row in rows]


def staked_since(connection: Connection, tenant_id: int, player_id: UUID, since: datetime) -> int:
    """Return what a player staked of their own money since an instant."""
    at = {"tenant": tenant_id, "player": player_id, "since": since}
    return int(connection.scalar(_DAY, at) or 0)


def every(ctx: Context, *, scope: str | None = None, subject: str | None = None) -> list[Row[Any]]:
    """Return the limits of the tenant, or those of a scope or subject."""
    query = select(_LIMIT).where(_LIMIT.c.tenant_id == ctx.tenant.id)
    if scope is not None:
        query = query.where(_LIMIT.c.scope == scope)
    if subject is not None:
        query = query.where(_LIMIT.c.subject == subject)
    return list(ctx.connection.execute(query.order_by(_LIMIT.c.scope, _LIMIT.c.subject, _LIMIT.c.measure)))


def put(ctx: Context, *, scope: str, subject: str, measure: str, amount: int, reason: str) -> Row[Any]:
    """Set a limit; what there was before stays in the audit trail."""
    _check(scope, subject, measure, amount, reason)
    before = _find(ctx, scope, subject, measure)
    dialect = ctx.connection.dialect.name
    row = {
        **_key(ctx, scope, subject, measure),
        "id": uuid7(),
        "amount": amount,
        "reason": reason,
        "set_by": ctx.actor.label,
        "set_at": ctx.clock.now(),
    }
    statement = (sqlite_insert if dialect == "sqlite" else postgres_insert)(_LIMIT).values(row)
    changed = {name: statement.excluded[name] for name in ("amount", "reason", "set_by", "set_at")}
    upsert = statement.on_conflict_do_update(
        index_elements=("tenant_id", "subject", "scope", "measure"), set_=changed
    ).returning(_LIMIT)
    written = ctx.connection.execute(upsert).one()
    old = None if before is None else {"amount": before.amount}
    _note(ctx, "betting.limit_set", written, old=old, new={"amount": amount}, reason=reason)
    return written


def remove(ctx: Context, limit_id: UUID, *, reason: str) -> None:
    """Take a limit away; what binds then is the next one."""
    gone = (
        delete(_LIMIT).where(_LIMIT.c.tenant_id == ctx.tenant.id, _LIMIT.c.id == limit_id).returning(_LIMIT)
    )
    row = ctx.connection.execute(gone).first()
    if row is None:
        raise NotFound(f"no limit {limit_id}: see the list of limits")
    _note(ctx, "betting.limit_removed", row, old={"amount": row.amount}, new=None, reason=reason)


def _check(scope: str, subject: str, measure: str, amount: int, reason: str) -> None:
    if scope not in SCOPES:
        raise InvalidInput(f"unknown scope {scope!r}: {nearest(scope, SCOPES)}", {"scope": ["Not known."]})
    if measure not in MEASURES:
        raise InvalidInput(
            f"unknown measure {measure!r}: {nearest(measure, list(MEASURES))}", {"measure": ["Not known."]}
        )
    if scope not in MEASURES[measure]:
        known = ", ".join(sorted(MEASURES[measure]))
        raise InvalidInput(
            f"{measure} cannot be set for a {scope}: set it for one of {known}", {"scope": ["Does not fit."]}
        )
    if (scope == "platform") != (subject == ""):
        cure = marked("leave it empty") if scope == "platform" else marked(f"name the {scope}")
        raise InvalidInput(
            f"subject {subject!r} does not fit the scope {scope!r}: {cure}", {"subject": ["Does not fit."]}
        )
    if not 0 <= amount <= MONEY_MAX:
        raise InvalidInput(
            f"a limit is 0 to {MONEY_MAX} minor units, not {amount}", {"amount": ["Out of range."]}
        )
    if not reason.strip():
        raise InvalidInput(
            "a limit needs a reason: say why, for whoever reads it later", {"reason": ["Missing."]}
        )


def _key(ctx: Context, scope: str, subject: str, measure: str) -> dict[str, Any]:
    return {"tenant_id": ctx.tenant.id, "scope": scope, "subject": subject, "measure": measure}


def _find(ctx: Context, scope: str, subject: str, measure: str) -> Row[Any] | None:
    key = _key(ctx, scope, subject, measure)
    return ctx.connection.execute(select(_LIMIT).where(*(_LIMIT.c[n] == v for n, v in key.items()))).first()


def _note(ctx: Context, action: str, row: Row[Any], *, reason: str, **change: Any) -> None:
    audit.record(ctx, action, f"limit:{row.scope}:{row.subject}:{row.measure}", reason=reason, **change)
