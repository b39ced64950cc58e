"""What a live rule came to: what it cost, day by day, and what it gained against those held out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.events import EventRow
from pitboss.rules.book import store
from pitboss.rules.replay.decided import amount_text
from pitboss.rules.replay.limits import days_of
from pitboss.rules.replay.uplift import Group, Hoped, Uplift, cost_per_gained, uplift
from pitboss.rules.runtime.tables import BudgetRow, DecisionRow, JudgementRow, Outcome

DECISIONS_MAX = 500_000
"""How many decisions one report looks at: the newest, and `is_complete` tells whether those are all."""
BUDGETS_MAX = 100

_DECISION, _BUDGET, _LOG = DecisionRow.__table__, BudgetRow.__table__, EventRow.__table__
_JUDGEMENT = JudgementRow.__table__


def measure(
    ctx: Context, key: str, *, from_: datetime, until: datetime, hoped: Hoped | None = None
) -> dict[str, Any]:
    """Return the report of a rule over some time."""
    store.find(ctx, key)
    rows = _decisions(ctx, key, from_, until)
    return {
        "rule": key,
        "from": from_,
        "until": until,
        "is_complete": rows.height < DECISIONS_MAX,
        "outcomes": dict(_counts(rows, "outcome").rows()),
        "players": rows["player"].drop_nulls().n_unique(),
        "costs": _costs(ctx, rows),
        "days": _days(ctx, rows),
        "budgets": _budgets(ctx, key),
        "uplift": None if hoped is None else _uplift(ctx, rows, hoped),
    }


def _decisions(ctx: Context, key: str, from_: datetime, until: datetime) -> pl.DataFrame:
    names = ("event_id", "player_id", "outcome", "amount", "unit", "at")
    query = (
        select(*(_DECISION.c[name] for name in names))
        .where(
            _DECISION.c.tenant_id == ctx.tenant.id,
            _DECISION.c.rule == key,
            _DECISION.c.at >= from_,
            _DECISION.c.at < until,
        )
        .order_by(_DECISION.c.id.desc())
        .limit(DECISIONS_MAX)
    )
    rows = ctx.connection.execute(query).all()[::-1]
    return pl.DataFrame(
        {
            "event_id": [str(row.event_id) for row in rows],
            "player": [None if row.player_id is None else str(row.player_id) for row in rows],
            "outcome": [row.outcome for row in rows],
            "amount": [row.amount or 0 for row in rows],
            "unit": [row.unit for row in rows],
            "at": [row.at.timestamp() for row in rows],
        },
        schema={
            "event_id": pl.String,
            "player": pl.String,
            "outcome": pl.String,
            "amount": pl.Int64,
            "unit": pl.String,
            "at": pl.Float64,
        },
    )


def _counts(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    return rows.group_by(*by).agg(pl.len().alias("count")).sort(*by)


def _costs(ctx: Context, rows: pl.DataFrame) -> dict[str, Any]:
    paid = rows.filter(pl.col("outcome") == Outcome.DONE, pl.col("unit").is_not_null())
    totals = paid.group_by("unit").agg(pl.col("amount").sum()).sort("unit")
    return {unit: amount_text(ctx, amount, unit) for unit, amount in totals.rows()}


def _days(ctx: Context, rows: pl.DataFrame) -> list[dict[str, Any]]:
    if not rows.height:
        return []
    days = days_of(rows["at"].to_numpy(), ctx.tenant.zone)
    dated = rows.with_columns(day=pl.Series([datetime.fromordinal(int(day)).date() for day in days]))
    found = []
    for (day,), part in sorted(dated.partition_by("day", as_dict=True).items()):
        outcomes = dict(_counts(part, "outcome").rows())
        found.append({"day": day.isoformat(), "outcomes": outcomes, "costs": _costs(ctx, part)})
    return found


def _budgets(ctx: Context, key: str) -> list[dict[str, Any]]:
    query = (
        select(_BUDGET.c.period_start, _BUDGET.c.total, _BUDGET.c.spent, _BUDGET.c.is_told)
        .where(_BUDGET.c.tenant_id == ctx.tenant.id, _BUDGET.c.owner == f"rule:{key}")
        .order_by(_BUDGET.c.period_start.desc())
        .limit(BUDGETS_MAX)
    )
    unit = _unit_of(ctx, key)
    return [
        {
            "since": row.period_start,
            "total": amount_text(ctx, row.total, unit),
            "spent": amount_text(ctx, row.spent, unit),
            "unit": unit,
            "was_used_up": row.is_told,
        }
        for row in ctx.connection.execute(query)
    ]


def _unit_of(ctx: Context, key: str) -> str:
    query = select(_DECISION.c.unit).where(
        _DECISION.c.tenant_id == ctx.tenant.id, _DECISION.c.rule == key, _DECISION.c.unit.is_not(None)
    )
    found: str | None = ctx.connection.scalar(query.order_by(_DECISION.c.id.desc()).limit(1))
    return found or ctx.tenant.currency


# -- uplift --------------------------------------------------------------------------------------


def _uplift(ctx: Context, rows: pl.DataFrame, hoped: Hoped) -> dict[str, Any]:
    """Compare those who were rewarded with those who were held out, from the first time they were met."""
    met = rows.filter(
        pl.col("player").is_not_null(), pl.col("outcome").is_in([Outcome.DONE, Outcome.HELD_OUT])
    )
    first = (
        met.sort("at")
        .group_by("player", maintain_order=True)
        .agg(pl.col("at").first(), pl.col("event_id").first(), pl.col("outcome").unique())
    )
    # Who was moved from one group to the other, by another share held out, says nothing of either.
    pure = first.filter(pl.col("outcome").list.len() == 1).with_columns(pl.col("outcome").list.first())
    ended = ctx.clock.now().timestamp() - hoped.within_days * 86_400
    ripe = pure.filter(pl.col("at") <= ended)
    converted = _converted(ctx, ripe, hoped)
    groups = {
        outcome: Group(part.height, sum(player in converted for player in part["player"]))
        for outcome in (Outcome.DONE, Outcome.HELD_OUT)
        for part in (ripe.filter(pl.col("outcome") == outcome),)
    }
    found = uplift(groups[Outcome.DONE], groups[Outcome.HELD_OUT])
    return {
        "event": hoped.event,
        "fact": hoped.fact,
        "within_days": hoped.within_days,
        "treated": _group(groups[Outcome.DONE]),
        "held_out": _group(groups[Outcome.HELD_OUT]),
        "moved": first.height - pure.height,
        "too_early": pure.height - ripe.height,
        "result": None if found is None else _result(ctx, found, met, ripe),
    }


def _converted(ctx: Context, ripe: pl.DataFrame, hoped: Hoped) -> set[str]:
    if not ripe.height:
        return set()
    return _did(ctx, ripe, hoped) if hoped.event is not None else _grew(ctx, ripe, hoped)


def _did(ctx: Context, ripe: pl.DataFrame, hoped: Hoped) -> set[str]:
    """Return who has such an event in the days after the rule met them."""
    query = select(_LOG.c.player_id, _LOG.c.at).where(
        _LOG.c.tenant_id == ctx.tenant.id,
        _LOG.c.name == hoped.event,
        _LOG.c.player_id.is_not(None),
        *_while(_LOG.c.at, ripe, hoped),
    )
    first = dict(ripe.select("player", "at").rows())
    return {
        str(player)
        for player, at in ctx.connection.execute(query)
        if _is_within(first.get(str(player)), at, hoped)
    }


def _grew(ctx: Context, ripe: pl.DataFrame, hoped: Hoped) -> set[str]:
    """Return of whom the last that was recorded of a fact in those days is more than it was at first."""
    value = _JUDGEMENT.c.facts[hoped.fact].as_string()
    query = (
        select(_JUDGEMENT.c.id, _JUDGEMENT.c.player_id, _JUDGEMENT.c.at, value.label("value"))
        .where(
            _JUDGEMENT.c.tenant_id == ctx.tenant.id,
            _JUDGEMENT.c.player_id.is_not(None),
            *_while(_JUDGEMENT.c.at, ripe, hoped),
        )
        .order_by(_JUDGEMENT.c.at, _JUDGEMENT.c.id)
    )
    first = {
        player: (at, event_id) for player, at, event_id in ripe.select("player", "at", "event_id").rows()
    }
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    for row in ctx.connection.execute(query):
        player = str(row.player_id)
        met = first.get(player)
        if met is None:
            continue
        if str(row.id) == met[1]:
            before[player] = _number(row.value)
        elif _is_within(met[0], row.at, hoped):
            after[player] = _number(row.value)
    return {player for player, value in after.items() if value > before.get(player, 0.0)}


def _while(at: Any, ripe: pl.DataFrame, hoped: Hoped) -> tuple[Any, ...]:
    start = _moment(ripe["at"].min())
    end = _moment(ripe["at"].max()) + timedelta(days=hoped.within_days)
    # A second of grace, because a moment went through a float.
    return at >= start - timedelta(seconds=1), at <= end + timedelta(seconds=1)


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def _is_within(first: float | None, at: datetime, hoped: Hoped) -> bool:
    return first is not None and first < at.timestamp() <= first + hoped.within_days * 86_400


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _group(group: Group) -> dict[str, Any]:
    return {"players": group.players, "converted": group.converted, "rate": group.rate}


def _result(ctx: Context, found: Uplift, met: pl.DataFrame, ripe: pl.DataFrame) -> dict[str, Any]:
    said = {name: value for name, value in asdict(found).items() if name not in ("treated", "held_out")}
    paid = met.filter(pl.col("outcome") == Outcome.DONE, pl.col("player").is_in(ripe["player"].implode()))
    units: list[str] = paid["unit"].drop_nulls().to_list()
    unit = units[0] if units else None
    cost = int(paid.filter(pl.col("unit") == unit)["amount"].sum()) if unit else 0
    each = cost_per_gained(cost, found)
    return {
        **said,
        "gained": found.gained,
        "cost": amount_text(ctx, cost, unit),
        "cost_per_gained": None if each is None else amount_text(ctx, round(each), unit),
        "unit": unit,
    }
