"""Turn variables into one SELECT: a column for each, over any set of players."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cachetools import LRUCache
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
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


def plan_one(variables: Sequence[Variable]) -> Plan:
    """Prepare a read for one player, bound as `player`."""
    return _kept("one", variables, lambda: select(bindparam("player", type_=Uuid()).label("player_id")))


def plan_many(variables: Sequence[Variable], population: Callable[[], Select[Any]]) -> Plan:
    """Prepare a read for the players that a SELECT of `player_id` finds, in the order of their ids."""
    return _kept(population.__name__, variables, population)


_plans: LRUCache[Any, Plan] = LRUCache(PLANS_MAX)


def _kept(kind: str, variables: Sequence[Variable], population: Callable[[], Select[Any]]) -> Plan:
    # Building costs a hundred times a look-up. The plan holds its variables, so ids stay theirs.
    key = (kind, tuple(map(id, variables)))
    plan = _plans.get(key)
    if plan is None:
        plan = _plans[key] = _plan(variables, population().subquery("players"))
    return plan


def _plan(variables: Sequence[Variable], players: Subquery) -> Plan:
    columns: dict[int, ColumnElement[Any]] = {}
    windows = {n: v.window for n, v in enumerate(variables) if v.window is not None}
    summed = {n: w for n, w in windows.items() if w.aggregate != "last"}
    if summed:
        # The sums take the players' place, so that no planner can sum once for each player.
        players = _sums(summed, players).subquery("windows")
        columns |= {n: players.c[f"v{n}"] for n in summed}
    for n, window in windows.items():
        if window.aggregate == "last":
            columns[n] = _last(window, players)
    columns |= {n: _column(v) for n, v in enumerate(variables) if v.column is not None}
    labelled = [columns[n].label(f"v{n}") for n in range(len(variables))]
    statement = (
        select(players.c.player_id, *labelled)
        .select_from(_with_tables(variables, players))
        .order_by(players.c.player_id)
    )
    return Plan(tuple(variables), statement, {_start_name(w): w for w in windows.values()})


def _with_tables(variables: Sequence[Variable], players: Subquery) -> FromClause:
    """Join the fact tables, each once; a player without a row stays."""
    source: FromClause = players
    for table in dict.fromkeys(_column(v).table for v in variables if v.column is not None):
        fact_table(table)
        is_theirs = and_(table.c.tenant_id == bindparam("tenant"), table.c.player_id == players.c.player_id)
        source = source.outerjoin(table, is_theirs)
    return source


def _sums(windows: Mapping[int, Window], players: Subquery) -> Select[Any]:
    """Aggregate every window in one pass over the buckets; a player without buckets stays."""
    b = _BUCKET.c
    kinds: dict[str, Callable[[], Any]] = {
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
    is_theirs = and_(
        b.tenant_id == bindparam("tenant"),
        b.player_id == players.c.player_id,
        b.metric.in_(sorted({w.metric for w in windows.values()})),
        whole if all(is_lifetime) else or_(whole, hours),
    )
    return (
        select(players.c.player_id, *aggregates)
        .select_from(players.outerjoin(_BUCKET, is_theirs))
        .group_by(players.c.player_id)
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


def _column(variable: Variable) -> Column[Any]:
    column = variable.column
    if isinstance(column, InstrumentedAttribute):
        found: Column[Any] = column.property.columns[0]
        return found
    assert column is not None
    return column
