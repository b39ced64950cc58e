"""Merging: two teams proved to be one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, select, update

from pitboss.core import audit
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InvalidInput
from pitboss.plugins.sports.catalogue import aliases, teams
from pitboss.plugins.sports.catalogue.tables import AppearanceRow, SquadRow, TeamRow
from pitboss.plugins.sports.fixtures.tables import ParticipantRow

_TEAM, _SQUAD = TeamRow.__table__, SquadRow.__table__
_PARTICIPANT, _APPEARANCE = ParticipantRow.__table__, AppearanceRow.__table__


def merge(ctx: Context, team_id: UUID, into_id: UUID, *, reason: str) -> Row[Any]:
    """Let one team be another from now on: its names, ids, squad and fixtures go over."""
    gone, kept = _both(ctx, team_id, into_id)
    _refuse_opponents(ctx, gone, kept)
    aliases.move(ctx, gone.id, kept.id)
    _move_squad(ctx, gone.id, kept.id)
    for table in (_PARTICIPANT, _APPEARANCE):
        moved = update(table).where(table.c.tenant_id == ctx.tenant.id, table.c.team_id == gone.id)
        ctx.connection.execute(moved.values(team_id=kept.id))
    # Who was merged into the one that goes is told of the one that stays: no chains.
    earlier = (_TEAM.c.merged_into == gone.id) | (_TEAM.c.id == gone.id)
    merged = update(_TEAM).where(_TEAM.c.tenant_id == ctx.tenant.id, earlier)
    ctx.connection.execute(merged.values(merged_into=kept.id, revision=_TEAM.c.revision + 1))
    new = {"into": str(kept.id), "name": kept.name}
    audit.record(
        ctx, "sports.team_merged", f"team:{gone.id}", old={"name": gone.name}, new=new, reason=reason
    )
    ctx.emit("sports.team_merged", {"team_id": gone.id, "into_id": kept.id})
    return teams.find(ctx, kept.id)


def _both(ctx: Context, team_id: UUID, into_id: UUID) -> tuple[Row[Any], Row[Any]]:
    if team_id == into_id:
        raise InvalidInput("a team cannot be merged into itself", {"into": ["Choose another team."]})
    # Locked in one order, so that two merges never wait for each other.
    rows = {one: teams.find(ctx, one, is_locked=True) for one in sorted((team_id, into_id))}
    gone, kept = rows[team_id], rows[into_id]
    for row in (gone, kept):
        teams.refuse_merged(row)
    if gone.sport != kept.sport:
        raise InvalidInput(
            f"{gone.name} plays {gone.sport}, {kept.name} {kept.sport}", {"into": ["Is of another sport."]}
        )
    return gone, kept


def _refuse_opponents(ctx: Context, gone: Row[Any], kept: Row[Any]) -> None:
    other = _PARTICIPANT.alias()
    both = select(_PARTICIPANT.c.fixture_id).where(
        _PARTICIPANT.c.tenant_id == ctx.tenant.id,
        _PARTICIPANT.c.team_id == gone.id,
        exists().where(
            other.c.tenant_id == ctx.tenant.id,
            other.c.fixture_id == _PARTICIPANT.c.fixture_id,
            other.c.team_id == kept.id,
        ),
    )
    fixture = ctx.connection.execute(both.limit(1)).scalar()
    if fixture is not None:
        raise Conflict(f"{gone.name} and {kept.name} meet in the fixture {fixture}: they are two teams")


def _move_squad(ctx: Context, from_id: UUID, to_id: UUID) -> None:
    same = _SQUAD.alias()
    twice = delete(_SQUAD).where(
        _SQUAD.c.tenant_id == ctx.tenant.id,
        _SQUAD.c.team_id == from_id,
        exists().where(
            same.c.tenant_id == ctx.tenant.id,
            same.c.team_id == to_id,
            same.c.athlete_id == _SQUAD.c.athlete_id,
            same.c.from_on == _SQUAD.c.from_on,
        ),
    )
    ctx.connection.execute(twice)
    moved = update(_SQUAD).where(_SQUAD.c.tenant_id == ctx.tenant.id, _SQUAD.c.team_id == from_id)
    ctx.connection.execute(moved.values(team_id=to_id))
