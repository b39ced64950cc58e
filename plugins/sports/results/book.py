"""The book of results: versions that are recorded, confirmed and corrected, and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput, NotFound
from pitboss.plugins.sports.catalogue import sports
from pitboss.plugins.sports.fixtures import book as fixtures
from pitboss.plugins.sports.fixtures import changing, views
from pitboss.plugins.sports.fixtures.states import BEFORE, check_move
from pitboss.plugins.sports.results import outcome as outcomes
from pitboss.plugins.sports.results import scores
from pitboss.plugins.sports.results.judging import Version, judge, may_confirm
from pitboss.plugins.sports.results.tables import ResultRow

DESK = "desk"
"""The source of what a person entered."""
OVER = ("finished", "abandoned", "walkover", "official")

_RESULT = ResultRow.__table__


def record(
    ctx: Context, fixture_id: UUID, outcome: object, *, source: str = DESK, reason: str = ""
) -> Row[Any]:
    """Write down how a fixture ended, and return the version that holds now.

    The same again changes nothing; from a second source it confirms, where the tenant wants it so. What
    differs from an official result is a correction, which waits to be confirmed like the first one.
    """
    fixture = fixtures.find(ctx, fixture_id, is_locked=True)
    read = _read(ctx, fixture, outcome)
    _refuse_early(ctx, fixture, read)
    if fixture.official_version and source == DESK and not reason:
        raise InvalidInput(
            f"{fixture.name} has an official result: say why it is corrected", {"reason": ["Missing."]}
        )
    newest = _version(ctx, fixture_id, fixture.result_version)
    if newest is not None:
        read = scores.with_known_halves(read, newest.outcome, sports.find(ctx, fixture.sport))
    official = _version(ctx, fixture_id, fixture.official_version)
    told = Version("", read, source, ctx.actor.label)
    verdict = judge(
        told,
        None if newest is None else Version(newest.state, newest.outcome, newest.source, newest.recorded_by),
        None if official is None else official.outcome,
        ctx.settings("sports")["result"]["confirmation"],
    )
    if verdict == "known":
        assert newest is not None, "what is known has a version"
        return newest
    if verdict == "confirms":
        assert newest is not None, "a confirmation confirms a version"
        return _confirm(ctx, fixture, newest, by=source if source != DESK else ctx.actor.label, reason=reason)
    state = "provisional" if verdict == "provisional" else _final(fixture)
    values = {"outcome": read, "source": source, "recorded_by": ctx.actor.label, "reason": reason}
    return _write(ctx, fixture, state, values)


def confirm(ctx: Context, fixture_id: UUID, version: int, *, reason: str = "") -> Row[Any]:
    """Make a provisional result official; it takes somebody else than who recorded it."""
    fixture = fixtures.find(ctx, fixture_id, is_locked=True)
    found = find(ctx, fixture_id, version)
    if version != fixture.result_version:
        raise Conflict(
            f"version {version} of {fixture.name} is not the newest: look at version {fixture.result_version}"
        )
    if found.state != "provisional":
        raise Conflict(f"version {version} of {fixture.name} is {found.state} already")
    if not may_confirm(ctx.actor.label, found.recorded_by, ctx.settings("sports")["result"]["confirmation"]):
        raise Conflict(f"you recorded this result of {fixture.name} yourself: somebody else must confirm it")
    return _confirm(ctx, fixture, found, by=ctx.actor.label, reason=reason)


# -- reading ---------------------------------------------------------------------------------------


def find(ctx: Context, fixture_id: UUID, version: int) -> Row[Any]:
    """Return one version of a result."""
    row = _version(ctx, fixture_id, version)
    if row is None:
        raise NotFound(f"no version {version} of the result of fixture {fixture_id}")
    return row


def versions(ctx: Context, fixture_id: UUID) -> list[Row[Any]]:
    """Return all versions of a result, the newest first."""
    query = select(_RESULT).where(_RESULT.c.tenant_id == ctx.tenant.id, _RESULT.c.fixture_id == fixture_id)
    return list(ctx.connection.execute(query.order_by(_RESULT.c.version.desc())))


def of_fixtures(ctx: Context, rows: Sequence[Row[Any]]) -> dict[UUID, Row[Any]]:
    """Return the newest versions of some fixtures' results, by fixture."""
    wanted = [(row.id, row.result_version) for row in rows if row.result_version]
    if not wanted:
        return {}
    query = select(_RESULT).where(
        _RESULT.c.tenant_id == ctx.tenant.id, tuple_(_RESULT.c.fixture_id, _RESULT.c.version).in_(wanted)
    )
    return {row.fixture_id: row for row in ctx.connection.execute(query)}


def result(ctx: Context, fixture_id: str, version: int = 0) -> dict[str, Any] | None:
    """Return a version of a result as a mapping (0 is the newest), or None when there is none."""
    one = views.id_of(fixture_id)
    if one is None:
        return None
    query = select(_RESULT).where(_RESULT.c.tenant_id == ctx.tenant.id, _RESULT.c.fixture_id == one)
    if version:
        query = query.where(_RESULT.c.version == version)
    row = ctx.connection.execute(query.order_by(_RESULT.c.version.desc()).limit(1)).first()
    return None if row is None else view(row)


def view(row: Row[Any]) -> dict[str, Any]:
    """Return a version of a result as a mapping."""
    names = ("version", "state", "outcome", "source", "recorded_by", "confirmed_by", "confirms", "reason")
    values = {name: getattr(row, name) for name in names}
    return {"fixture_id": str(row.fixture_id), **values, "at": row.at.isoformat()}


# -- writing ---------------------------------------------------------------------------------------


def _read(ctx: Context, fixture: Row[Any], outcome: object) -> dict[str, Any]:
    participants = fixtures.participants_of(ctx, [fixture.id])[fixture.id]
    plain = [{"id": str(one.id), "name": one.name, "status": one.status} for one in participants]
    return outcomes.read(outcome, sports.find(ctx, fixture.sport), plain)


def _refuse_early(ctx: Context, fixture: Row[Any], outcome: Mapping[str, Any]) -> None:
    if fixture.status in BEFORE and "walkover" not in outcome and fixture.starts_at > ctx.clock.now():
        raise Conflict(f"{fixture.name} has not begun: it starts at {fixture.starts_at.isoformat()}")


def _confirm(ctx: Context, fixture: Row[Any], found: Row[Any], *, by: str, reason: str) -> Row[Any]:
    values = {
        "outcome": found.outcome,
        "source": found.source,
        "recorded_by": found.recorded_by,
        "confirmed_by": by,
        "confirms": found.version,
        "reason": reason or found.reason,
    }
    return _write(ctx, fixture, _final(fixture), values)


def _write(ctx: Context, fixture: Row[Any], state: str, values: Mapping[str, Any]) -> Row[Any]:
    version = fixture.result_version + 1
    new = {"fixture_id": fixture.id, "version": version, "state": state, "at": ctx.clock.now(), **values}
    row = ctx.connection.execute(
        insert(_RESULT).values(tenant_id=ctx.tenant.id, **new).returning(_RESULT)
    ).one()
    _move(ctx, fixture, row)
    told = {"fixture_id": fixture.id, "version": version, "state": state}
    ctx.emit("sports.result_recorded", {**told, "corrects": fixture.official_version or None})
    audit.record(
        ctx,
        "sports.result_recorded",
        f"fixture:{fixture.id}",
        new={**told, "fixture_id": str(fixture.id), "outcome": row.outcome, "source": row.source},
        reason=row.reason or None,
    )
    return row


def _move(ctx: Context, fixture: Row[Any], row: Row[Any]) -> None:
    """Let the fixture follow its result."""
    status = fixture.status
    over = outcomes.end_of(row.outcome)
    if status not in OVER:
        check_move(fixture.name, status, over)
        status = over
    values = {"result_version": row.version, "result_state": row.state}
    if row.state != "provisional":
        if status != "official":
            check_move(fixture.name, status, "official")
        status = "official"
        values["official_version"] = row.version
    ended_at = fixture.ended_at or ctx.clock.now()
    changing.write(ctx, fixture, {**values, "status": status, "ended_at": ended_at}, source=row.source)


def _final(fixture: Row[Any]) -> str:
    return "corrected" if fixture.official_version else "official"


def _version(ctx: Context, fixture_id: UUID, version: int) -> Row[Any] | None:
    query = select(_RESULT).where(
        _RESULT.c.tenant_id == ctx.tenant.id, _RESULT.c.fixture_id == fixture_id, _RESULT.c.version == version
    )
    return ctx.connection.execute(query).first()
