"""How often rules matched of late, day by day, and what they paid: a few figures of many rules at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, literal, or_, select

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Task
from pitboss.core.texts import grouped
from pitboss.rules.book.store import Stored
from pitboss.rules.replay.decided import amount_text
from pitboss.rules.runtime.periods import period_start
from pitboss.rules.runtime.tables import BudgetRow, DayRow, DecisionRow, Outcome

DAYS = 14
"""So many days are counted, today among them."""

_DECISION, _BUDGET, _DAY = DecisionRow.__table__, BudgetRow.__table__, DayRow.__table__
_DAY_COLUMNS = ("tenant_id", "rule", "day", "unit", "hits", "given", "refused", "paid")
_IS_DONE = _DECISION.c.outcome == Outcome.DONE
_UNIT = func.coalesce(_DECISION.c.unit, "").label("unit")
_SUMS = (
    func.count().label("hits"),
    func.count().filter(_IS_DONE).label("given"),
    func.count().filter(_DECISION.c.outcome == Outcome.REFUSED).label("refused"),
    func.coalesce(func.sum(_DECISION.c.amount).filter(_IS_DONE), 0).label("paid"),
)


@dataclass(slots=True)
class Figures:
    """What became of one rule in the last days."""

    days: list[int] = field(default_factory=lambda: [0] * DAYS)
    """How often it matched, day by day; the last is today."""
    given: int = 0
    """How often its actions were done."""
    refused: int = 0
    """How often a guard said no."""
    costs: dict[str, str] = field(default_factory=dict)
    """What it paid, by unit."""

    @property
    def hits(self) -> int:
        """How often it matched in all."""
        return sum(self.days)


@dataclass(frozen=True, slots=True)
class Budget:
    """What of a rule's budget is spent in the present period."""

    total: str
    spent: str
    unit: str
    period: str
    percent: int


def figures_of(ctx: Context, keys: Sequence[str]) -> dict[str, Figures]:
    """Return the figures of rules by key; one that nothing was decided of has none.

    Days that are over are summed already; what is not is counted here.
    """
    found: dict[str, Figures] = {}
    paid: Counter[tuple[str, str]] = Counter()
    for row in _rows(ctx, keys) if keys else ():
        one = found.setdefault(row.rule, Figures())
        one.days[row.place] += row.hits
        one.given += row.given
        one.refused += row.refused
        paid[row.rule, row.unit] += int(row.paid)  # PostgreSQL sums whole numbers to decimals
    for (key, unit), minor in paid.items():
        text = amount_text(ctx, minor, unit) if minor and unit else None
        if text is not None:
            found[key].costs[unit] = text
    return found


def day_starts(ctx: Context, days: int = DAYS) -> list[datetime]:
    """Return at which midnights of the tenant the last days began."""
    return [datetime.combine(day, time(), ctx.tenant.zone) for day in last_days(ctx, days)]


def last_days(ctx: Context, days: int = DAYS) -> list[date]:
    """Return the last days on the calendar of the tenant; the last is today."""
    today = ctx.clock.now().astimezone(ctx.tenant.zone).date()
    return [today - timedelta(days=ago) for ago in reversed(range(days))]


def sum_days(ctx: Context, _payload: Mapping[str, Any]) -> None:
    """Sum the days that are over; again, because what was done may have been taken back since."""
    starts = day_starts(ctx)
    for day, start, end in zip(last_days(ctx), starts, starts[1:], strict=False):
        ctx.connection.execute(delete(_DAY).where(_DAY.c.tenant_id == ctx.tenant.id, _DAY.c.day == day))
        summed = [literal(ctx.tenant.id), _DECISION.c.rule, literal(day), _UNIT, *_SUMS]
        within = (_DECISION.c.tenant_id == ctx.tenant.id, _DECISION.c.at >= start, _DECISION.c.at < end)
        rows = select(*summed).where(*within).group_by(_DECISION.c.rule, _UNIT)
        ctx.connection.execute(insert(_DAY).from_select(_DAY_COLUMNS, rows))
        mark = {"tenant_id": ctx.tenant.id, "rule": "", "day": day, "unit": ""}
        nothing = dict.fromkeys(("hits", "given", "refused", "paid"), 0)
        ctx.connection.execute(insert(_DAY).values(**mark, **nothing))


def _rows(ctx: Context, keys: Sequence[str]) -> Iterator[Any]:
    """Yield what became of rules, each day by its place: today, and what is not summed, by counting."""
    days, c = last_days(ctx), _DAY.c
    of_span = (c.tenant_id == ctx.tenant.id, c.day.in_(days))
    summed = set(ctx.connection.scalars(select(c.day).where(*of_span, c.rule == "")))
    place = case({day: n for n, day in enumerate(days)}, value=c.day).label("place")
    figures = (c.hits, c.given, c.refused, c.paid)
    yield from ctx.connection.execute(
        select(c.rule, c.unit, place, *figures).where(*of_span, c.rule.in_(keys))
    )
    for n, (day, start) in enumerate(zip(days, day_starts(ctx), strict=True)):
        if day not in summed:
            end = datetime.combine(day + timedelta(days=1), time(), ctx.tenant.zone)
            columns = (_DECISION.c.rule, _UNIT, literal(n).label("place"), *_SUMS)
            within = (_DECISION.c.at >= start, _DECISION.c.at < end, _DECISION.c.rule.in_(keys))
            query = select(*columns).where(_DECISION.c.tenant_id == ctx.tenant.id, *within)
            yield from ctx.connection.execute(query.group_by(_DECISION.c.rule, _UNIT))


# -- budgets ---------------------------------------------------------------------------------------


def budgets_of(
    ctx: Context, rules: Sequence[Stored], documents: Mapping[str, Mapping[str, Any]]
) -> dict[str, Budget]:
    """Return what is spent of the budgets of these rules in their present periods, by key."""
    said = {rule.key: (documents[rule.key].get("limits") or {}).get("budget") for rule in rules}
    limited = {key: budget for key, budget in said.items() if budget}
    rows = _spent(ctx, limited)
    return {key: _budget(ctx, documents[key], one, rows.get(f"rule:{key}")) for key, one in limited.items()}


def _spent(ctx: Context, limited: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    now, zone = ctx.clock.now(), ctx.tenant.zone
    is_theirs = [
        and_(
            _BUDGET.c.owner == f"rule:{key}",
            _BUDGET.c.period_start == period_start(budget["period"], now, zone),
        )
        for key, budget in limited.items()
    ]
    if not is_theirs:
        return {}
    query = select(_BUDGET).where(_BUDGET.c.tenant_id == ctx.tenant.id, or_(*is_theirs))
    return {row.owner: row for row in ctx.connection.execute(query)}


def _budget(ctx: Context, document: Mapping[str, Any], said: Mapping[str, Any], row: Any) -> Budget:
    unit, total = unit_of(ctx, document), grouped(f"{said['amount']:.10f}".rstrip("0").rstrip("."))
    if row is None:
        return Budget(total, "0", unit, said["period"], 0)
    spent = amount_text(ctx, row.spent, unit) or "0"
    return Budget(total, spent, unit, said["period"], 100 * row.spent // max(row.total, 1))


def unit_of(ctx: Context, document: Mapping[str, Any]) -> str:
    """Return the unit in which a reward pays: that of its first action that pays at all."""
    for action in document.get("then", ()):
        owned = ctx.view.terms.get(str(action.get("action")))
        if owned is not None and isinstance(owned.item, Action) and owned.item.pays:
            return ctx.tenant.currency if owned.item.pays == "money" else owned.item.pays
    return ctx.tenant.currency


TASKS = (Task(name="rules.sum_days", title="Sum the decisions of past days", run=sum_days, cron="7 * * * *"),)
