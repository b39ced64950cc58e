"""Where players stand on the ladder: up as soon as points come, down at the instant that was due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, literal_column, select, update

from pitboss.core.context import Context
from pitboss.core.ledger.wallet import POINTS
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.players.tables import LoyaltyPlayer
from pitboss.plugins.loyalty.points.tables import LotRow, MovementRow
from pitboss.plugins.loyalty.tiers import ladder as ladders
from pitboss.plugins.loyalty.tiers import messages
from pitboss.plugins.loyalty.tiers.ladder import Saved
from pitboss.plugins.loyalty.tiers.law import (
    Change,
    Course,
    Ladder,
    Movement,
    Standing,
    advance,
    downgrade_due,
    join,
    tier_of,
    warns_at,
)
from pitboss.plugins.loyalty.tiers.tables import StandingRow

WHAT, VOIDED = "tier", "tier_voided"
"""What the history of players calls a change of tier, and one that a rollback brought."""
WARNED_AGAIN = timedelta(days=7)
"""A downgrade that moved by less is not told of twice."""
EARNED, SHORT, LADDER, ROLLED_BACK, FIXED, FIX_ENDED = (
    "earned",
    "short",
    "ladder_changed",
    "rolled_back",
    "fixed",
    "fix_ended",
)
"""Why a tier changes, as the event says it."""

FAR = datetime(9000, 1, 1, tzinfo=UTC)
"""When someone who can lose nothing is looked at again, unless something moves."""

STANDING, _MOVEMENT, _LOT = StandingRow.__table__, MovementRow.__table__, LotRow.__table__
_PLAYER = LoyaltyPlayer.__table__


@dataclass(frozen=True, slots=True)
class Step:
    """A change of tier, and why."""

    change: Change
    cause: str


@dataclass(frozen=True, slots=True)
class Track:
    """A player followed up to an instant: where they stand, how they came there, and what will be."""

    saved: Saved
    standing: Standing
    steps: tuple[Step, ...]
    course: Course
    due: Change | None
    """The downgrade that comes if nothing more is earned."""
    at: datetime

    @property
    def score(self) -> int:
        """Return the score as of the instant."""
        return self.course.score(self.at)


# -- when points move ------------------------------------------------------------------------------


def follow(ctx: Context, player_id: UUID, points: int, *, counts: bool) -> None:
    """Judge a player after points came or went, where that can change anything.

    Between judgements only an upper bound of the score is kept: so a stake costs one statement,
    however long the history is.
    """
    row = _bump(ctx, player_id, max(points, 0))
    if row is None:
        judge(ctx, player_id)
        return
    saved = ladders.of_version(ctx, row.ladder)
    if saved.ladder.mode == "window" and not counts:
        return
    if points < 0 or _may_change(row, saved, ctx.clock.now()):
        judge(ctx, player_id)


def _bump(ctx: Context, player_id: UUID, points: int) -> Row[Any] | None:
    """Raise the bound of a player's score; return the row, and the version of the ladder that holds."""
    return ctx.connection.execute(
        update(STANDING)
        .where(*_of(ctx, player_id))
        .values(score_max=STANDING.c.score_max + points)
        .returning(STANDING, ladders.newest(ctx).label("ladder"))
    ).first()


def _may_change(row: Row[Any], saved: Saved, now: datetime) -> bool:
    if row.judged_at <= saved.saved_at or not saved.has(row.tier) or row.due_at is None:
        return True
    above = saved.after(row.tier)
    return row.due_at <= now or (above is not None and row.score_max >= above.entry)


def judge(ctx: Context, player_id: UUID) -> Track:
    """Bring a player's standing up to now, with everything that follows from it."""
    row = find(ctx, player_id) or begin(ctx, player_id)
    track = track_of(ctx, row)
    fixed = fixed_tier(row, track.at)
    warned_at = row.warned_at if fixed else _warn(ctx, row, track)
    _store(ctx, row, track, warned_at)
    show(ctx, player_id, track.saved, fixed or track.standing.tier)
    # What happens under an override counts from when it ends.
    if row.fixed_tier is None:
        for step in track.steps:
            _change_tier(ctx, player_id, track.saved, step)
    elif fixed is None:
        _end_fix(ctx, row, track)
    return track


def join_ladder(ctx: Context, player_id: UUID) -> Row[Any]:
    """Put a player into the lowest tier, before the first points come; return their row."""
    judge(ctx, player_id)
    found = players.find(ctx, player_id)
    assert found is not None, "the caller holds the row"
    return found


def void(ctx: Context, player_id: UUID, *, since: datetime) -> None:
    """Take back a tier that was entered by points which a rollback took away again.

    Else a large wager that does not stand would leave its tier behind, for as long as term and grace
    last.
    """
    row, saved = find(ctx, player_id), ladders.current(ctx)
    first = _first_change(ctx, player_id, since)
    if row is None or first is None or not (saved.has(row.tier) and saved.has(first.before)):
        return
    course = Course(saved.ladder, _movements(ctx, player_id, saved.ladder, first.at))
    now = ctx.clock.now()
    reached = max(course.score(at) for at in (first.at, now, *course.instants) if first.at <= at <= now)
    entered = saved.ladder.place(tier_of(saved.ladder, reached).code)
    place = max(saved.ladder.place(first.before), entered)
    if place < saved.ladder.place(row.tier):
        _fall_to(ctx, row, saved, place, course)


def _first_change(ctx: Context, player_id: UUID, since: datetime) -> Row[Any] | None:
    table = players.CHANGE
    of_tier = (table.c.tenant_id == ctx.tenant.id, table.c.player_id == player_id, table.c.what == WHAT)
    query = select(table).where(*of_tier, table.c.at >= since, table.c.before.is_not(None))
    return ctx.connection.execute(query.order_by(table.c.id).limit(1)).first()


def _fall_to(ctx: Context, row: Row[Any], saved: Saved, place: int, course: Course) -> None:
    now, tier = ctx.clock.now(), saved.ladder.tiers[place]
    change = Change(at=now, before=row.tier, after=tier.code, score=course.score(now), is_upgrade=False)
    fallen = replace(join(saved.ladder, at=now), tier=tier.code)
    write(ctx, row.player_id, **columns(fallen), warned_at=None)
    if fixed_tier(row, now) is None:
        _change_tier(ctx, row.player_id, saved, Step(change, ROLLED_BACK))
    judge(ctx, row.player_id)


# -- overrides -------------------------------------------------------------------------------------


NOT_FIXED: dict[str, Any] = {
    "fixed_tier": None,
    "fixed_until": None,
    "fixed_reason": "",
    "fixed_by": None,
}


def _end_fix(ctx: Context, row: Row[Any], track: Track) -> None:
    write(ctx, row.player_id, **NOT_FIXED)
    if row.fixed_tier != track.standing.tier:
        step = Step(moved(track, row.fixed_tier, track.standing.tier, at=row.fixed_until), FIX_ENDED)
        tell(ctx, row.player_id, track.saved, step, reason=marked("the override ended"))


def fixed_tier(row: Row[Any], at: datetime) -> str | None:
    """Return the tier that an override puts a player in at an instant."""
    is_over = row.fixed_until is not None and row.fixed_until <= at
    return None if row.fixed_tier is None or is_over else str(row.fixed_tier)


def moved(track: Track, before: str, after: str, at: datetime | None = None) -> Change:
    """Return the change from one tier to another that no points brought."""
    ladder = track.saved.ladder
    known = [tier.code for tier in ladder.tiers]
    is_up = before not in known or ladder.place(after) > ladder.place(before)
    return Change(at=at or track.at, before=before, after=after, score=track.score, is_upgrade=is_up)


# -- following -------------------------------------------------------------------------------------


def find(ctx: Context, player_id: UUID) -> Row[Any] | None:
    """Return what is kept of a player's standing."""
    return ctx.connection.execute(select(STANDING).where(*_of(ctx, player_id))).first()


def track_of(ctx: Context, row: Row[Any]) -> Track:
    """Follow a player from the last judgement until now; nothing is written."""
    standing, steps = standing_of(row), list[Step]()
    for saved, until in ladders.since(ctx, row.judged_at):
        movements = _movements(ctx, row.player_id, saved.ladder, standing.at)
        standing, fitted = _fit(saved.ladder, standing, Course(saved.ladder, movements))
        standing, changes = advance(saved.ladder, standing, movements, until=max(until, standing.at))
        steps += [*fitted, *(_step(saved, change) for change in changes)]
    course = Course(saved.ladder, movements)
    due = downgrade_due(saved.ladder, standing, movements)
    return Track(saved, standing, tuple(steps), course, due, max(ctx.clock.now(), standing.at))


def _step(saved: Saved, change: Change) -> Step:
    if change.at == saved.saved_at:
        return Step(change, LADDER)
    return Step(change, EARNED if change.is_upgrade else SHORT)


def _fit(ladder: Ladder, standing: Standing, course: Course) -> tuple[Standing, list[Step]]:
    """Give a player whose tier is no more the one that the score enters."""
    if any(tier.code == standing.tier for tier in ladder.tiers):
        return standing, []
    score = course.score(standing.at)
    tier = tier_of(ladder, score).code
    change = Change(at=standing.at, before=standing.tier, after=tier, score=score, is_upgrade=False)
    return replace(join(ladder, at=standing.at), tier=tier), [Step(change, LADDER)]


def _movements(ctx: Context, player_id: UUID, ladder: Ladder, at: datetime) -> list[Movement]:
    """Return all that still matters after an instant; in mode balance also what is known to expire."""
    mine = (_MOVEMENT.c.tenant_id == ctx.tenant.id, _MOVEMENT.c.player_id == player_id)
    query = select(_MOVEMENT.c.at, _MOVEMENT.c.points).where(*mine).order_by(_MOVEMENT.c.at)
    if ladder.window is not None:
        windowed = query.where(_MOVEMENT.c.is_earning, _MOVEMENT.c.at > at - ladder.window)
        return [Movement(row.at, row.points) for row in ctx.connection.execute(windowed)]
    old = select(func.coalesce(func.sum(_MOVEMENT.c.points), 0)).where(*mine, _MOVEMENT.c.at <= at)
    later = ctx.connection.execute(query.where(_MOVEMENT.c.at > at))
    return [
        Movement(at, int(ctx.connection.scalar(old) or 0)),
        *(Movement(row.at, row.points) for row in later),
        *_expiries(ctx, player_id),
    ]


def _expiries(ctx: Context, player_id: UUID) -> list[Movement]:
    free = (_LOT.c.left - _LOT.c.held).label("free")
    rows = ctx.connection.execute(
        select(_LOT.c.expires_at, free).where(
            _LOT.c.tenant_id == ctx.tenant.id,
            _LOT.c.player_id == player_id,
            _LOT.c.unit == POINTS,
            _LOT.c.left > literal_column("0"),
            _LOT.c.left > _LOT.c.held,
            _LOT.c.expires_at.is_not(None),
        )
    )
    return [Movement(row.expires_at, -row.free) for row in rows]


# -- what follows from it --------------------------------------------------------------------------


def _change_tier(ctx: Context, player_id: UUID, saved: Saved, step: Step) -> None:
    change = step.change
    said = {
        EARNED: marked(f"{change.score} points reach {change.after}"),
        SHORT: marked(f"{change.score} points do not keep {change.before}"),
        LADDER: marked(f"the tiers were changed; {change.score} points are {change.after}"),
        ROLLED_BACK: marked(f"what reached {change.before} was rolled back; {change.score} points remain"),
    }
    tell(ctx, player_id, saved, step, reason=said[step.cause])


def tell(ctx: Context, player_id: UUID, saved: Saved, step: Step, *, reason: str) -> None:
    """Write a change of tier down, and tell the world."""
    change = step.change
    what = VOIDED if step.cause == ROLLED_BACK else WHAT
    players.note(ctx, player_id, what, change.before, change.after, reason=reason, at=change.at)
    payload = {
        "before": change.before,
        "after": change.after,
        "is_upgrade": change.is_upgrade,
        "score": change.score,
        "cause": step.cause,
        "ladder": saved.version,
        "changed_at": change.at.isoformat(),
    }
    ctx.emit("loyalty.tier_changed", payload, player_id=player_id)


def _warn(ctx: Context, row: Row[Any], track: Track) -> datetime | None:
    """Tell a player of a downgrade that is near; return when they were last told."""
    due = track.due
    told: datetime | None = None if track.steps else row.warned_at
    if due is None or not warns_at(due) <= track.at < due.at:
        return told
    if told is not None and told + WARNED_AGAIN > warns_at(due):
        return told
    messages.tell_warning(ctx, row.player_id, track.saved, due)
    return track.at


def show(ctx: Context, player_id: UUID, saved: Saved, code: str) -> None:
    """Let rules and earnings see a tier and its multiplier."""
    multiplier = Decimal(1)
    if saved.has(code):
        multiplier = saved.ladder.tiers[saved.ladder.place(code)].benefits["multiplier"]
    ctx.connection.execute(
        update(_PLAYER)
        .where(_PLAYER.c.tenant_id == ctx.tenant.id, _PLAYER.c.player_id == player_id)
        .values(tier=code, tier_multiplier=float(multiplier))
    )


# -- keeping ---------------------------------------------------------------------------------------


def standing_of(row: Row[Any]) -> Standing:
    """Return a standing as the arithmetic knows it."""
    return Standing(
        tier=row.tier,
        since=row.since,
        at=row.judged_at,
        term_ends_at=row.term_ends_at,
        short_since=row.short_since,
    )


def begin(ctx: Context, player_id: UUID) -> Row[Any]:
    """Write down that a player stands in the lowest tier from now on."""
    saved = ladders.current(ctx)
    begun = join(saved.ladder, at=ctx.clock.now())
    keys = {"tenant_id": ctx.tenant.id, "player_id": player_id}
    ctx.connection.execute(insert(STANDING).values(**keys, **columns(begun)))
    players.note(ctx, player_id, WHAT, None, begun.tier, reason="joined", at=begun.at)
    row = find(ctx, player_id)
    assert row is not None, "it was just written"
    return row


def _store(ctx: Context, row: Row[Any], track: Track, warned_at: datetime | None) -> None:
    due_at = due_at_of(track)
    if fixed_tier(row, track.at) is not None:
        due_at = earliest(row.fixed_until, due_at)
    write(
        ctx,
        row.player_id,
        **columns(track.standing),
        score_max=track.score,
        due_at=due_at or FAR,
        warned_at=warned_at,
    )


def due_at_of(track: Track) -> datetime | None:
    """Return when a player is to be looked at again: for a warning, or for a downgrade."""
    if track.due is None:
        return None
    warning = warns_at(track.due)
    return warning if warning > track.at else track.due.at


def columns(standing: Standing) -> dict[str, Any]:
    """Return a standing as its row keeps it."""
    return {
        "tier": standing.tier,
        "since": standing.since,
        "judged_at": standing.at,
        "term_ends_at": standing.term_ends_at,
        "short_since": standing.short_since,
    }


def write(ctx: Context, player_id: UUID, **values: Any) -> None:
    """Set columns of a player's standing."""
    ctx.connection.execute(update(STANDING).where(*_of(ctx, player_id)).values(**values))


def earliest(*instants: datetime | None) -> datetime | None:
    """Return the first of the instants that there are."""
    return min((at for at in instants if at is not None), default=None)


def _of(ctx: Context, player_id: UUID) -> Sequence[Any]:
    return STANDING.c.tenant_id == ctx.tenant.id, STANDING.c.player_id == player_id
