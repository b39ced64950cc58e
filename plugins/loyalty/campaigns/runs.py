"""A campaign at work: each member of its frozen segment is met once, within the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Task
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import giving, rulebook
from pitboss.plugins.loyalty.campaigns import book
from pitboss.plugins.loyalty.campaigns.tables import CampaignMemberRow, CampaignRow
from pitboss.plugins.loyalty.play.tables import Transaction

if TYPE_CHECKING:
    from pitboss.rules.replay.uplift import Uplift

PAGE_PLAYERS = 50
"""Players that one transaction meets: their rows are held for so long."""
RUN_SECONDS_MAX = 6 * 3600
DONE, HELD_OUT, REFUSED, FAILED, OUT_OF_BUDGET = "done", "held_out", "refused", "failed", "out_of_budget"

_CAMPAIGN, _MEMBER, _TX = CampaignRow.__table__, CampaignMemberRow.__table__, Transaction.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a campaign so far."""

    members: int
    outcomes: Mapping[str, int]
    spent: int
    budget: int | None
    uplift: Uplift | None
    """None while nobody, or everybody, is held out."""
    cost_per_gained: float | None
    """In minor units."""


def run(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Meet the members of a campaign, page by page, going on where the last run stopped."""
    key = payload["key"]
    after = UUID(ctx.job.saved["after"]) if ctx.job is not None and ctx.job.saved else None
    while True:
        # Whoever holds the campaign's row spends of its budget; players are locked after it, in their order.
        row = book.find(ctx, key, for_update=True)
        if row.state != "running":
            return
        is_over = row.ends_at is not None and ctx.clock.now() >= row.ends_at
        page = [] if is_over else rulebook.frozen_ids(ctx, row.frozen_id, after=after, limit=PAGE_PLAYERS)
        if not page:
            book.finish(ctx, key)
            return
        meet(ctx, row, page)
        after = page[-1]
        if ctx.job is not None:
            done = _count(ctx, key)
            ctx.job.progress(done, max(done, rulebook.frozen_size(ctx, row.frozen_id)))
            ctx.job.checkpoint({"after": str(after)})
        else:
            ctx.commit()


def meet(ctx: Context, campaign: Row[Any], players: Sequence[UUID]) -> None:
    """Give the offer to each of these players whom the campaign has not met."""
    for player_id in players:
        if _is_first(ctx, campaign.key, player_id):
            outcome = _offer(ctx, campaign, player_id)
            _write(ctx, campaign.key, player_id, outcome)


def result(ctx: Context, key: str, *, by: str = "wager", days: int = 7) -> Result:
    """Compare those who were given the offer with the holdout: who deposited, or bet, afterwards.

    What counts is done from when a player was met, until so many days after the last one was.
    """
    row = book.find(ctx, key)
    counts = _outcomes(ctx, key)
    last = ctx.connection.scalar(select(func.max(_MEMBER.c.at)).where(*_of(ctx, key)))
    until = last + timedelta(days=days) if last is not None else None
    treated, held_out = (_group(ctx, key, outcome, by=by, until=until) for outcome in (DONE, HELD_OUT))
    found = rulebook.compare(treated, held_out)
    return Result(
        members=sum(counts.values()),
        outcomes=counts,
        spent=row.spent,
        budget=row.budget,
        uplift=found,
        cost_per_gained=rulebook.cost_per_gained(row.spent, found) if found is not None else None,
    )


def spent_by(ctx: Context, key: str, moments: Sequence[datetime]) -> list[int]:
    """Return how much a campaign had spent by each of some moments, in minor units."""
    sums = [
        func.coalesce(func.sum(_MEMBER.c.amount).filter(_MEMBER.c.outcome == DONE, _MEMBER.c.at < at), 0)
        for at in moments
    ]
    return [int(spent) for spent in ctx.connection.execute(select(*sums).where(*_of(ctx, key))).one()]


def members(
    ctx: Context, key: str, *, outcome: str | None = None, after: UUID | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return whom a campaign met, by player."""
    book.find(ctx, key)
    query = select(_MEMBER).where(*_of(ctx, key), _MEMBER.c.player_id > (after or UUID(int=0)))
    if outcome is not None:
        query = query.where(_MEMBER.c.outcome == outcome)
    return list(ctx.connection.execute(query.order_by(_MEMBER.c.player_id).limit(limit)))


# -- one member ------------------------------------------------------------------------------------


def _offer(ctx: Context, campaign: Row[Any], player_id: UUID) -> dict[str, Any]:
    if rulebook.is_held_out(f"campaign:{campaign.key}", player_id, campaign.holdout_percent):
        return {"outcome": HELD_OUT}
    cost = giving.cost_of(ctx, campaign.offer)
    if not _reserve(ctx, campaign.key, cost):
        return {"outcome": OUT_OF_BUDGET, "reason": marked("too little of the budget is left")}
    source = f"campaign:{campaign.key}"
    cause = giving.cause_of(ctx, f"{source}:{player_id}", source=source, version=campaign.revision)
    given = giving.give(ctx, player_id, _named(ctx, campaign), cause)
    if given.refused:
        _reserve(ctx, campaign.key, -cost)
        return {"outcome": REFUSED if given.is_refusal else FAILED, "reason": given.refused}
    return {"outcome": DONE, "amount": cost, "reward_id": given.reward_id}


def _named(ctx: Context, campaign: Row[Any]) -> dict[str, Any]:
    """Return the offer with the campaign's name, where its action takes one."""
    takes_name = "campaign" in ctx.view.term(campaign.offer["action"], Action).schema().fields
    return {**campaign.offer, "campaign": campaign.key} if takes_name else dict(campaign.offer)


def _reserve(ctx: Context, key: str, amount: int) -> bool:
    """Take an amount of the budget in one statement, unless too little is left."""
    spent = _CAMPAIGN.c.spent + amount
    taken = (
        update(_CAMPAIGN)
        .where(
            _CAMPAIGN.c.tenant_id == ctx.tenant.id,
            _CAMPAIGN.c.key == key,
            _CAMPAIGN.c.budget.is_(None) | (spent <= _CAMPAIGN.c.budget),
        )
        .values(spent=spent)
    )
    return ctx.connection.execute(taken.returning(_CAMPAIGN.c.key)).first() is not None


def _is_first(ctx: Context, key: str, player_id: UUID) -> bool:
    """Claim a player for the campaign; False where it has met the player before."""
    dialect_insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    row = {
        "tenant_id": ctx.tenant.id,
        "campaign": key,
        "player_id": player_id,
        "outcome": "",
        "amount": 0,
        "reason": "",
        "at": ctx.clock.now(),
    }
    made = dialect_insert(_MEMBER).on_conflict_do_nothing().returning(_MEMBER.c.player_id)
    return ctx.connection.execute(made, row).first() is not None


def _write(ctx: Context, key: str, player_id: UUID, outcome: Mapping[str, Any]) -> None:
    ctx.connection.execute(
        update(_MEMBER).where(*_of(ctx, key), _MEMBER.c.player_id == player_id).values(**outcome)
    )


# -- counted ---------------------------------------------------------------------------------------


def _outcomes(ctx: Context, key: str) -> dict[str, int]:
    query = select(_MEMBER.c.outcome, func.count()).where(*_of(ctx, key)).group_by(_MEMBER.c.outcome)
    found = {outcome: int(count) for outcome, count in ctx.connection.execute(query)}
    return {name: found.get(name, 0) for name in (DONE, HELD_OUT, REFUSED, FAILED, OUT_OF_BUDGET)}


def _count(ctx: Context, key: str) -> int:
    return int(ctx.connection.scalar(select(func.count()).select_from(_MEMBER).where(*_of(ctx, key))) or 0)


def _group(ctx: Context, key: str, outcome: str, *, by: str, until: datetime | None) -> tuple[int, int]:
    """Return how many were met with an outcome, and how many of them did something from then on."""
    query = select(_MEMBER.c.player_id, _MEMBER.c.at).where(*_of(ctx, key), _MEMBER.c.outcome == outcome)
    met = query.subquery()
    players = int(ctx.connection.scalar(select(func.count()).select_from(met)) or 0)
    if until is None:
        return 0, 0
    did = exists().where(
        and_(
            _TX.c.tenant_id == ctx.tenant.id,
            _TX.c.player_id == met.c.player_id,
            _TX.c.kind == by,
            _TX.c.rolled_back_at.is_(None),
            _TX.c.at > met.c.at,
            _TX.c.at < until,
        )
    )
    converted = int(ctx.connection.scalar(select(func.count()).select_from(met).where(did)) or 0)
    return players, converted


def _of(ctx: Context, key: str) -> tuple[Any, ...]:
    return (_MEMBER.c.tenant_id == ctx.tenant.id, _MEMBER.c.campaign == key)


TASKS = (
    Task(
        name="loyalty.start_campaigns",
        title="Start campaigns whose time has come",
        run=book.start_due,
        cron="* * * * *",
    ),
    Task(name=book.RUN, title="Run a campaign", run=run, time_limit_seconds=RUN_SECONDS_MAX),
)
