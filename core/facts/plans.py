"""Turn variables into one SELECT: a column for each, over any set of players."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Table,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from pitboss.core.contracts import Variable, Window
from pitboss.core.database import Instant
from pitboss.core.facts.tables import LIFETIME, FactBucket, Quantity
from pitboss.core.facts.windows import window_start
from pitboss.core.facts.writing import fact_table

PLANS_MAX = 1024
"""Prepared statements that a process keeps: one for each distinct set of variables that is read."""

_BUCKET = FactBucket.__table__
_EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Plan:
    """A prepared read of some variables; its columns are the player's id, then each variable."""

    variables: tuple[Variable, ...]
    statement: Select[Any]
    windows: Mapping[str, Window]
    """The windows by the name of the bind parameter that says where each begins."""

    def parameters(self, tenant_id: int, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
        """Return what the statement binds, but for the players."""
        starts = {name: window_start(w, now, zone) for name, w in self.windows.items()}
        parameters: dict[str, Any] = {"tenant": tenant_id, **starts}
        if starts:
            parameters[_EARLIEST] = min(starts.values())
        return parameters

    def values(self, row: Sequence[Any]) -> list[Any]:
        """Return a row's values, with the defaults of what is not known."""
        found = zip(self.variables, row[1:], strict=True)
        return [default_of(v) if value is None else value for v, value in found]


def default_of(variable: Variable) -> Any:
    """Return what a variable is for a player without a row: no values sum and count to 0."""
    window = variable.window
    if variable.default is None and window is not None and window.aggregate in ("sum", "count"):
        return 0
    return variable.default


Restrict = Callable[[ColumnElement[Any]], ColumnElement[bool]]


def plan_one(variables: Sequence[Variable]) -> Plan:
    """Prepare a read for one player, bound as `player`."""
    player = bindparam("player", type_=Uuid())
    players = select(player.label("player_id")).subquery("players")
    return _kept("one", variables, lambda: _plan(variables, players, lambda c: c == player))


def plan_many(variables: Sequence[Variable], population: Callable[[], Select[Any]], kind: str) -> Plan:
    """Prepare a read for the players that a SELECT of `player_id` finds."""

    def make() -> Plan:
        players = population().subquery("players")
        return _plan(variables, players, lambda c: c.in_(select(players.c.player_id)))

    return _kept(kind, variables, make)


_plans: LRUCache[Any, Plan] = LRUCache(PLANS_MAX)


def _kept(kind: str, variables: Sequence[Variable], make: Callable[[], Plan]) -> Plan:
    # Building costs a hundred times a look-up. The plan holds its variables, so ids stay theirs.
    key = (kind, tuple(map(id, variables)))
    plan = _plans.get(key)
    if plan is None:
        plan = _plans[key] = make()
    return plan


def _plan(variables: Sequence[Variable], players: Subquery, restrict: Restrict) -> Plan:
    source: FromClause = players
    columns: dict[int, ColumnElement[Any]] = {}
    tables: dict[Table, None] = {}
    for n, variable in enumerate(variables):
        if variable.column is not None:
            columns[n] = _column(variable)
            tables[columns[n].table] = None
    for table in tables:
        fact_table(table)
        is_theirs = and_(table.c.tenant_id == bindparam("tenant"), table.c.player_id == players.c.player_id)
        source = source.outerjoin(table, is_theirs)
    windows = {n: v.window for n, v in enumerate(variables) if v.window is not None}
    summed = {n: w for n, w in windows.items() if w.aggregate != "last"}
    if summed:
        sums = _sums(summed, restrict).subquery("windows")
        source = source.outerjoin(sums, sums.c.player_id == players.c.player_id)
        columns |= {n: sums.c[f"v{n}"] for n in summed}
    for n, window in windows.items():
        if window.aggregate == "last":
            columns[n] = _last(window, players)
    labelled = [columns[n].label(f"v{n}") for n in range(len(variables))]
    statement = select(players.c.player_id, *labelled).select_from(source)
    starts = {_start_name(w): w for w in windows.values()}
    return Plan(tuple(variables), statement, starts)


def _sums(windows: Mapping[int, Window], restrict: Restrict) -> Select[Any]:
    """Aggregate every window in one pass over the buckets."""
    b = _BUCKET.c
    kinds: dict[str, Callable[[], ColumnElement[Any]]] = {
        "sum": lambda: func.sum(b.total, type_=Quantity),
        "count": lambda: func.sum(b.entries),
        "min": lambda: func.min(b.lowest, type_=Quantity),
        "max": lambda: func.max(b.highest, type_=Quantity),
    }
    aggregates = [
        kinds[window.aggregate]().filter(_inside(b, window)).label(f"v{n}") for n, window in windows.items()
    ]
    is_lifetime = [w.unit == "lifetime" for w in windows.values()]
    whole = b.bucket_start == LIFETIME
    # `earliest` is the lifetime's bucket when any window is a lifetime, and then bounds nothing.
    hours = b.bucket_start >= bindparam(_EARLIEST, type_=Instant)
    return (
        select(b.player_id, *aggregates)
        .where(
            b.tenant_id == bindparam("tenant"),
            restrict(b.player_id),
            b.metric.in_(sorted({w.metric for w in windows.values()})),
            whole if all(is_lifetime) else or_(whole, hours),
        )
        .group_by(b.player_id)
    )


def _last(window: Window, players: Subquery) -> ColumnElement[Any]:
    b = _BUCKET.alias().c
    return (
        select(b.last)
        .where(
            b.tenant_id == bindparam("tenant"),
            b.player_id == players.c.player_id,
            b.last_at.is_not(None),
            _inside(b, window),
        )
        .order_by(b.bucket_start.desc())
        .limit(1)
        .scalar_subquery()
    )


def _inside(buckets: Any, window: Window) -> ColumnElement[bool]:
    start = bindparam(_start_name(window), type_=Instant)
    when = buckets.bucket_start == start if window.unit == "lifetime" else buckets.bucket_start >= start
    return and_(buckets.metric == window.metric, when)


def _start_name(window: Window) -> str:
    return "start_lifetime" if window.unit == "lifetime" else f"start_{window.length}_{window.unit}"


def _column(variable: Variable) -> ColumnElement[Any]:
    column = variable.column
    if isinstance(column, InstrumentedAttribute):
        found: ColumnElement[Any] = column.property.columns[0]
        return found
    assert column is not None
    return column
