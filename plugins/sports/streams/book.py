"""The book of streams: as operators edit them, as a player may see them, and those said to be dead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import NotFound, Refused
from pitboss.core.identity.players import find_player
from pitboss.core.ledger.wallet import read_wallet
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.streams.access import Terms, Viewer, why_not, window
from pitboss.plugins.sports.streams.tables import StreamReportRow, StreamRow

EDITED = (
    "title",
    "url",
    "opens_minutes",
    "closes_minutes",
    "territories",
    "age_min",
    "needs_funds",
    "is_active",
)
OPERATION = "sports.watch_stream"
"""What guards are asked about before a link is shown."""

_STREAM, _REPORT = StreamRow.__table__, StreamReportRow.__table__


def find(ctx: Context, stream_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return one stream."""
    query = select(_STREAM).where(_STREAM.c.tenant_id == ctx.tenant.id, _STREAM.c.id == stream_id)
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no stream {stream_id}")
    return row


def of_fixture(ctx: Context, fixture_id: UUID) -> list[Row[Any]]:
    """Return the streams of a fixture."""
    query = select(_STREAM).where(_STREAM.c.tenant_id == ctx.tenant.id, _STREAM.c.fixture_id == fixture_id)
    return list(ctx.connection.execute(query.order_by(_STREAM.c.id)))


def create(ctx: Context, fixture_id: UUID, values: Mapping[str, Any]) -> Row[Any]:
    """Add a stream to a fixture."""
    fixtures.find(ctx, fixture_id)
    new = insert(_STREAM).values(tenant_id=ctx.tenant.id, id=uuid7(), fixture_id=fixture_id, **values)
    row = ctx.connection.execute(new.returning(_STREAM)).one()
    audit.record(ctx, "sports.stream_created", f"fixture:{fixture_id}", new=values)
    return row


def save(ctx: Context, before: Row[Any], values: Mapping[str, Any]) -> Row[Any]:
    """Write a stream anew; what was said of the old one is forgotten. The caller holds the row."""
    changed = update(_STREAM).where(_STREAM.c.tenant_id == ctx.tenant.id, _STREAM.c.id == before.id)
    ctx.connection.execute(changed.values(**values, revision=before.revision + 1))
    _forget_reports(ctx, before.id)
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.stream_changed", f"fixture:{before.fixture_id}", old=old, new=values)
    return find(ctx, before.id)


def remove(ctx: Context, before: Row[Any]) -> None:
    """Remove a stream."""
    _forget_reports(ctx, before.id)
    ctx.connection.execute(
        delete(_STREAM).where(_STREAM.c.tenant_id == ctx.tenant.id, _STREAM.c.id == before.id)
    )
    old = {name: getattr(before, name) for name in EDITED}
    audit.record(ctx, "sports.stream_removed", f"fixture:{before.fixture_id}", old=old)


# -- players ---------------------------------------------------------------------------------------


def shown_to(ctx: Context, fixture_id: UUID, player_id: UUID) -> list[dict[str, Any]]:
    """Return the streams of a fixture for a player: the link where it may be watched, else why not."""
    fixture, viewer = fixtures.find(ctx, fixture_id), _viewer(ctx, player_id)
    return [_shown(ctx, row, fixture, viewer, player_id) for row in of_fixture(ctx, fixture_id)]


def report_dead(ctx: Context, stream_id: UUID, player_id: UUID, note: str = "") -> dict[str, Any]:
    """Note that a player says that a stream is dead; when enough say so it is taken off."""
    stream = find(ctx, stream_id, is_locked=True)
    shown = _shown(ctx, stream, fixtures.find(ctx, stream.fixture_id), _viewer(ctx, player_id), player_id)
    if shown["url"] is None:
        raise Refused("sports.report_stream", [shown["why_not"]])
    is_new = _keep_report(ctx, stream_id, player_id, note)
    mine = _REPORT.c.tenant_id == ctx.tenant.id, _REPORT.c.stream_id == stream_id
    count = int(ctx.connection.scalar(select(func.count()).where(*mine)) or 0)
    is_off = count >= ctx.settings("sports")["stream_reports_max"]
    if is_off:
        off = update(_STREAM).where(_STREAM.c.tenant_id == ctx.tenant.id, _STREAM.c.id == stream_id)
        ctx.connection.execute(off.values(is_active=False, revision=stream.revision + 1))
    told = {"stream_id": stream_id, "fixture_id": stream.fixture_id, "reports": count, "is_off": is_off}
    if is_new:
        ctx.emit("sports.stream_reported", told, player_id=player_id)
    return told


def _shown(ctx: Context, row: Row[Any], fixture: Row[Any], viewer: Viewer, player_id: UUID) -> dict[str, Any]:
    terms = _terms(row, fixture)
    reason = why_not(terms, viewer, ctx.clock.now())
    if reason is None:
        reason = _refused(ctx, row, player_id)
    return {
        "id": row.id,
        "title": row.title,
        "opens_at": terms.opens_at,
        "closes_at": terms.closes_at,
        "url": None if reason else row.url,
        "why_not": reason,
    }


def _refused(ctx: Context, row: Row[Any], player_id: UUID) -> str | None:
    asked = {"stream_id": str(row.id), "fixture_id": str(row.fixture_id), "player_id": str(player_id)}
    try:
        ctx.guard(OPERATION, asked)
    except Refused as error:
        return "; ".join(error.reasons)
    return None


def _terms(row: Row[Any], fixture: Row[Any]) -> Terms:
    opens_at, closes_at = window(
        fixture.starts_at, opens_minutes=row.opens_minutes, closes_minutes=row.closes_minutes
    )
    return Terms(
        is_active=row.is_active and fixture.status not in ("cancelled", "postponed"),
        opens_at=opens_at,
        closes_at=closes_at,
        territories=row.territories,
        age_min=row.age_min,
        needs_funds=row.needs_funds,
    )


def _viewer(ctx: Context, player_id: UUID) -> Viewer:
    player = find_player(ctx, player_id)
    wallet = read_wallet(ctx.connection, player_id, ctx.tenant.currency)
    has_funds = wallet.cash > 0 or wallet.locked > 0
    return Viewer(country=player.country, born_on=player.birth_date, has_funds=has_funds)


def _keep_report(ctx: Context, stream_id: UUID, player_id: UUID, note: str) -> bool:
    kind = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    values = {"stream_id": stream_id, "player_id": player_id, "note": note, "at": ctx.clock.now()}
    new = kind(_REPORT).values(tenant_id=ctx.tenant.id, **values).on_conflict_do_nothing()
    return ctx.connection.execute(new.returning(_REPORT.c.player_id)).first() is not None


def _forget_reports(ctx: Context, stream_id: UUID) -> None:
    gone = delete(_REPORT).where(_REPORT.c.tenant_id == ctx.tenant.id, _REPORT.c.stream_id == stream_id)
    ctx.connection.execute(gone)
