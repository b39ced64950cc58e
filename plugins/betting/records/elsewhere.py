"""Bets that players placed elsewhere: written down, graded by results, and measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.errors import Conflict, InvalidInput, NotFound, nearest
from pitboss.core.events import Event
from pitboss.plugins.betting.markets import catalogue, rulebook, templates
from pitboss.plugins.betting.measuring import Graded, Measures, measure
from pitboss.plugins.betting.pools.ranking import Answer
from pitboss.plugins.betting.records.tables import ExternalBet
from pitboss.plugins.betting.settling import payout
from pitboss.plugins.betting.settling.asking import ask
from pitboss.plugins.betting.settling.outcomes import outcome_from_json
from pitboss.plugins.betting.settling.slip import Leg, Slip

RECORD = ExternalBet.__table__
GRADE = "betting.grade_records"
PIECE_RECORDS = 500
RECORDS_MEASURED_MAX = 20_000
ENDED = ("won", "lost", "void", "part")


def write_down(ctx: Context, player_id: UUID, said: Mapping[str, Any]) -> Row[Any]:
    """Write a bet down, once for each reference; a fixture that is over grades it at once."""
    fixture = ctx.value("sports.fixture", str(said["fixture_id"]))
    if fixture is None:
        raise NotFound(f"no fixture {said['fixture_id']}")
    template = catalogue.template_of(ctx, said["template"])
    templates.check_fits(template, fixture["sport"])
    line = templates.read_line(template, said["line"])
    codes = [one.code for one in templates.answers(template, fixture, line)]
    if said["selection"] not in codes:
        cure = nearest(said["selection"], codes)
        raise InvalidInput(f"no selection {said['selection']!r}: {cure}", {"selection": [cure]})
    row = {
        **said,
        "line": line,
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "player_id": player_id,
        "fixture_name": fixture["name"],
        "sport": fixture["sport"],
        "currency": ctx.tenant.currency,
        "state": "open",
        "explanation": {},
    }
    insert_of = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert_of(RECORD).on_conflict_do_nothing().returning(RECORD.c.id)
    if ctx.connection.scalar(statement, row) is None:
        raise Conflict(f"you wrote down a bet with the reference {said['reference']!r} already")
    if fixture["result_version"]:
        ctx.enqueue(GRADE, {"fixture_id": fixture["id"], "version": fixture["result_version"]})
    return find(ctx, row["id"], player_id=player_id)


def find(ctx: Context, record_id: UUID, *, player_id: UUID) -> Row[Any]:
    """Return one of a player's records."""
    row = ctx.connection.execute(_of(ctx, player_id).where(RECORD.c.id == record_id)).first()
    if row is None:
        raise NotFound(f"no record {record_id}")
    return row


def strike_out(ctx: Context, record_id: UUID, *, player_id: UUID) -> None:
    """Remove a record that is still open; what is graded stays, so that nobody polishes figures."""
    row = find(ctx, record_id, player_id=player_id)
    if row.state in ENDED:
        raise Conflict(f"record {record_id} is graded and stays: figures count every bet")
    ctx.connection.execute(
        delete(RECORD).where(RECORD.c.tenant_id == ctx.tenant.id, RECORD.c.id == record_id)
    )


def listed(ctx: Context, player_id: UUID, *, before: UUID | None = None, limit: int = 50) -> list[Row[Any]]:
    """Return a player's records, the newest first."""
    query = _of(ctx, player_id).order_by(RECORD.c.id.desc()).limit(limit)
    return list(ctx.connection.execute(query if before is None else query.where(RECORD.c.id < before)))


def figures(ctx: Context, player_id: UUID) -> Measures:
    """Return what a player's graded records came to."""
    query = _of(ctx, player_id).where(RECORD.c.state.in_(ENDED)).order_by(RECORD.c.graded_at, RECORD.c.id)
    rows = ctx.connection.execute(query.limit(RECORDS_MEASURED_MAX))
    return measure([Graded(stake=row.stake, returned=row.payout, odds=row.odds) for row in rows])


# -- grading -------------------------------------------------------------------------------------------


def hear_result(ctx: Context, event: Event) -> None:
    """Grade the records of a fixture that has a result, and again when it is corrected."""
    said = event.payload
    if said["state"] == "provisional":
        return
    work = {"fixture_id": str(said["fixture_id"]), "version": int(said["version"])}
    ctx.enqueue(GRADE, work, key=f"records:{said['fixture_id']}:{said['version']}")


def grade(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Grade the records of one fixture, piece by piece."""
    fixture_id, version = UUID(payload["fixture_id"]), payload["version"]
    result = ctx.value("sports.result", str(fixture_id), version)
    after = UUID(ctx.job.saved["after"]) if ctx.job is not None and ctx.job.saved else UUID(int=0)
    while rows := _piece(ctx, fixture_id, version, after):
        for row in rows:
            _grade(ctx, row, result)
        after = rows[-1].id
        if ctx.job is not None:
            ctx.job.checkpoint({"after": str(after)})


def graded(ctx: Context, row: Row[Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record comes to by a result."""
    template = catalogue.template_of(ctx, row.template)
    rules = rulebook.binding(ctx, row.sport, row.template).rules
    answer = Answer(row.selection, "active")
    try:
        said = ask(template, [answer], result["outcome"], rules, line=row.line)[row.selection]
    except InvalidInput as error:
        return {"state": "ungraded", "payout": 0, "explanation": {"problem": str(error)}}
    slip = Slip(legs=(Leg(odds=row.odds, name=row.fixture_name),), stake=row.stake)
    settled = payout.settle(slip, [outcome_from_json(said)], rules)
    state = _state(said["state"], settled.payout_minor, row.stake)
    return {"state": state, "payout": settled.payout_minor, "explanation": settled.explanation}


def _grade(ctx: Context, row: Row[Any], result: Mapping[str, Any]) -> None:
    values = graded(ctx, row, result) | {
        "result_version": result["version"],
        "graded_at": row.graded_at or ctx.clock.now(),
    }
    mine = (RECORD.c.tenant_id == ctx.tenant.id, RECORD.c.id == row.id)
    ctx.connection.execute(update(RECORD).where(*mine).values(**values))


def _state(outcome: str, paid: int, stake: int) -> str:
    if outcome in ("void", "push"):
        return "void"
    if not paid:
        return "lost"
    return "won" if paid > stake else "part"


def _piece(ctx: Context, fixture_id: UUID, version: int, after: UUID) -> list[Row[Any]]:
    query = (
        select(RECORD)
        .where(
            RECORD.c.tenant_id == ctx.tenant.id,
            RECORD.c.fixture_id == fixture_id,
            RECORD.c.result_version < version,
            RECORD.c.id > after,
        )
        .order_by(RECORD.c.id)
        .limit(PIECE_RECORDS)
    )
    return list(ctx.connection.execute(query))


def _of(ctx: Context, player_id: UUID) -> Any:
    return select(RECORD).where(RECORD.c.tenant_id == ctx.tenant.id, RECORD.c.player_id == player_id)


LISTENERS: tuple[Listener, ...] = (Listener("sports.result_recorded", hear_result, name="records_result"),)
TASKS: tuple[Task, ...] = (Task(name=GRADE, title="Grade bets that players placed elsewhere", run=grade),)
