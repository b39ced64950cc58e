"""Settle all bets that one answer touches: prepared once, then piece by piece, each in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Listener, Task
from pitboss.core.errors import NotFound, Refused
from pitboss.core.events import Event
from pitboss.plugins.betting.settling import answering
from pitboss.plugins.betting.settling.answering import Graded
from pitboss.plugins.betting.settling.comparing import added_only, merged
from pitboss.plugins.betting.settling.paying import write
from pitboss.plugins.betting.settling.planning import Ahead, Piece, reckon
from pitboss.plugins.betting.settling.reading import MARKET, count_touched
from pitboss.plugins.betting.settling.tables import SettlementRun

SETTLE = "betting.settle_run"
PIECE_BETS = 1_000
"""Bets of one transaction: their rows and accounts are locked until it ends, a third of a second later."""
PIECE_BETS_AGAIN = 100
"""The same where bets are settled again: each is taken back by itself."""
PROBLEMS_MAX = 50
"""Markets that a result did not answer, as many as a run tells of."""

RUN = SettlementRun.__table__
CAUSES: Mapping[str, str] = {"settle": "result", "correct": "correction", "void": "void"}


# -- how a run begins ----------------------------------------------------------------------------------


def hear_result(ctx: Context, event: Event) -> None:
    """Settle what a result decides; one that nobody confirmed waits, unless the tenant says otherwise."""
    said = event.payload
    if said["state"] == "provisional" and not ctx.settings("betting")["settles_on_provisional"]:
        return
    fixture_id, version = UUID(str(said["fixture_id"])), int(said["version"])
    if not has_markets(ctx, fixture_id):
        return
    begin(ctx, f"result:{fixture_id}:{version}", fixture_id, kind="settle", result_version=version)


def has_markets(ctx: Context, fixture_id: UUID) -> bool:
    """Tell whether anything was asked about a fixture here."""
    query = select(MARKET.c.id).where(MARKET.c.tenant_id == ctx.tenant.id, MARKET.c.fixture_id == fixture_id)
    return ctx.connection.scalar(query.limit(1)) is not None


def begin(
    ctx: Context,
    key: str,
    fixture_id: UUID,
    *,
    kind: str,
    result_version: int,
    market_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    state: str = "waiting",
) -> UUID | None:
    """Write a run down and ask for its work; None when that key was begun before."""
    insert_of = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "key": key,
        "fixture_id": fixture_id,
        "market_id": market_id,
        "result_version": result_version,
        "kind": kind,
        "state": state,
        "detail": dict(detail or {}),
        "started_by": ctx.actor.label,
        "started_at": ctx.clock.now(),
    }
    statement = insert_of(RUN).on_conflict_do_nothing(index_elements=["tenant_id", "key"])
    made: UUID | None = ctx.connection.scalar(statement.returning(RUN.c.id), row)
    # A correction waits for an operator.
    if made is not None and kind != "correct":
        ctx.enqueue(SETTLE, {"run_id": str(made)}, key=f"run:{made}")
    return made


def find(ctx: Context, run_id: UUID, *, is_locked: bool = False) -> Row[Any]:
    """Return a run."""
    query = select(RUN).where(*_one(ctx, run_id))
    row = ctx.connection.execute(query.with_for_update() if is_locked else query).first()
    if row is None:
        raise NotFound(f"no settlement run {run_id}")
    return row


def change(ctx: Context, run_id: UUID, **values: Any) -> None:
    """Write down how far a run is."""
    ctx.connection.execute(update(RUN).where(*_one(ctx, run_id)).values(**values))


# -- its work ------------------------------------------------------------------------------------------


def work(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Do a run from where it stands to its end, or until somebody stops it."""
    run_id = UUID(str(payload["run_id"]))
    run = find(ctx, run_id, is_locked=True)
    if run.state == "waiting" and run.kind != "correct":
        prepare(ctx, run)
        _keep(ctx, run_id)
    with Ahead(ctx) as ahead:
        while step(ctx, run_id, ahead):
            _keep(ctx, run_id)


def prepare(ctx: Context, run: Row[Any]) -> None:
    """Answer the markets, unless a guard holds the run; what would change waits as a correction."""
    count = count_touched(ctx, run.fixture_id, run.market_id)
    held = None if run.detail.get("released_by") else refusal(ctx, run, count)
    if held is not None:
        change(ctx, run.id, state="held", bet_count=count, detail={**run.detail, "held": held})
        return
    detail = dict(run.detail)
    if run.kind == "settle":
        detail |= _answer(ctx, run)
    change(ctx, run.id, state="running", bet_count=count, detail=detail)


def refusal(ctx: Context, run: Row[Any], bet_count: int) -> list[str] | None:
    """Return why a guard wants the run to be held."""
    asked = {
        "fixture_id": str(run.fixture_id),
        "market_id": None if run.market_id is None else str(run.market_id),
        "kind": run.kind,
        "result_version": run.result_version,
        "bet_count": bet_count,
    }
    try:
        ctx.guard("betting.settle", asked)
    except Refused as error:
        return list(error.reasons)
    return None


def step(ctx: Context, run_id: UUID, ahead: Ahead) -> bool:
    """Settle the next bets of a run; tell whether there may be more."""
    run = find(ctx, run_id, is_locked=True)
    if run.state != "running":
        return False
    piece = _next(run)
    plan = ahead.take(piece)
    ids = piece.ids(ctx) if plan is None else plan.ids
    if not ids:
        change(ctx, run_id, state="done", ended_at=ctx.clock.now())
        return False
    if len(ids) == piece.limit:
        ahead.begin(replace(piece, after=ids[-1]))
    is_planned = plan is not None and plan.holds(ctx)
    ready = plan.ready if plan is not None and is_planned else reckon(ctx, piece, ids, is_locked=True)
    tally = write(ctx, ready, run_id)
    change(
        ctx,
        run_id,
        after_bet_id=ids[-1],
        looked_count=run.looked_count + len(ids),
        settled_count=run.settled_count + tally.settled,
        paid=run.paid + tally.paid,
        taken_back=run.taken_back + tally.taken_back,
    )
    if ctx.job is not None:
        done = run.looked_count + len(ids)
        ctx.job.progress(done, max(done, run.bet_count))
    return True


def _next(run: Row[Any]) -> Piece:
    return Piece(
        run_id=run.id,
        fixture_id=run.fixture_id,
        market_id=run.market_id,
        cause=CAUSES[run.kind],
        after=run.after_bet_id,
        limit=PIECE_BETS if run.kind == "settle" else PIECE_BETS_AGAIN,
    )


# -- answers -------------------------------------------------------------------------------------------


def _answer(ctx: Context, run: Row[Any]) -> dict[str, Any]:
    """Answer what is open, and leave what would change to a correction; return what to tell of it."""
    _supersede(ctx, run)
    answering.close(ctx, run.fixture_id)
    result = result_of(ctx, run.fixture_id, run.result_version)
    graded = answering.grade(ctx, run.fixture_id, result["outcome"])
    write_answers(ctx, run, graded, result, is_correction=False)
    if any(one.difference.changed for one in graded):
        _leave_correction(ctx, run, graded)
    problems = {str(one.market.id): one.problem for one in graded if one.problem}
    return {"problems": dict(list(problems.items())[:PROBLEMS_MAX]), "problem_count": len(problems)}


def write_answers(
    ctx: Context,
    run: Row[Any],
    graded: Sequence[Graded],
    result: Mapping[str, Any],
    *,
    is_correction: bool,
) -> None:
    """Write the answers of a result that say something new."""
    source = provenance(result)
    for one in graded:
        gap = one.difference
        if gap.changed if is_correction else gap.added:
            outcomes = (merged if is_correction else added_only)(one.old, one.outcomes)
            answering.write(ctx, one.market.id, outcomes, result_version=run.result_version, source=source)
    decided = [one.market.id for one in graded if not one.problem]
    answering.mark(ctx, decided, status="settled", result_version=run.result_version)


def provenance(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a result came from, who confirmed it and when."""
    names = ("fixture_id", "version", "state", "source", "recorded_by", "confirmed_by", "at")
    return {name: result.get(name) for name in names}


def result_of(ctx: Context, fixture_id: UUID, version: int) -> Mapping[str, Any]:
    """Return one version of a fixture's result."""
    result: Mapping[str, Any] | None = ctx.value("sports.result", str(fixture_id), version)
    if result is None:
        raise NotFound(f"fixture {fixture_id} has no result of version {version}")
    return result


def _supersede(ctx: Context, run: Row[Any]) -> None:
    """Put away what waits by older versions of the result: it must not undo a newer one."""
    ctx.connection.execute(
        update(RUN)
        .where(
            RUN.c.tenant_id == ctx.tenant.id,
            RUN.c.fixture_id == run.fixture_id,
            RUN.c.kind.in_(("settle", "correct")),
            RUN.c.state.in_(("waiting", "held")),
            RUN.c.result_version < run.result_version,
        )
        .values(state="superseded", ended_at=ctx.clock.now())
    )


def _leave_correction(ctx: Context, run: Row[Any], graded: Sequence[Graded]) -> None:
    """Let a change of what was settled wait for an operator."""
    begin(
        ctx,
        f"correct:{run.fixture_id}:{run.result_version}",
        run.fixture_id,
        kind="correct",
        result_version=run.result_version,
        detail={"markets": [str(one.market.id) for one in graded if one.difference.changed]},
    )
    said = {"fixture_id": str(run.fixture_id), "result_version": run.result_version}
    ctx.emit("betting.correction_waiting", said)


def _keep(ctx: Context, run_id: UUID) -> None:
    """End the piece: what it did and where to go on are kept together."""
    if ctx.job is None:
        ctx.commit()
    else:
        ctx.job.checkpoint({"run_id": str(run_id)})


def _one(ctx: Context, run_id: UUID) -> tuple[Any, ...]:
    return (RUN.c.tenant_id == ctx.tenant.id, RUN.c.id == run_id)


TASKS: tuple[Task, ...] = (
    Task(name=SETTLE, title="Settle the bets that a result decides", run=work, time_limit_seconds=3_600),
)
LISTENERS: tuple[Listener, ...] = (Listener("sports.result_recorded", hear_result),)
