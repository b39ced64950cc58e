"""Read matches of the past in bulk, as columns: for ratings, backtests and simulations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, Select, select, tuple_

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.sports.sources.tables import HistoricalRow

if TYPE_CHECKING:
    import polars

ROWS_MAX = 1_000_000
EXTRA_COLUMNS_MAX = 100
PLAIN = (
    "id",
    "competition",
    "country",
    "season",
    "played_on",
    "starts_at",
    "home",
    "away",
    "home_score",
    "away_score",
)
"""Columns that are always there."""

_HISTORY = HistoricalRow.__table__


def read_columns(
    ctx: Context,
    sport: str,
    *,
    competitions: Sequence[str] = (),
    from_day: date | None = None,
    before_day: date | None = None,
    figures: Sequence[str] = (),
    prices: Sequence[str] = (),
) -> polars.DataFrame:
    """Return matches in the order in which they were played, one column for each thing asked.

    A figure such as `corners` becomes `corners_home` and `corners_away`. A price such as `PSCH` becomes
    a column of that name, as a float: for arithmetic on many matches, and for no bet. What was not known
    is null. Before a day means before: nothing of that day or later is read.
    """
    import polars

    if len(figures) + len(prices) > EXTRA_COLUMNS_MAX:
        raise InvalidInput(f"columns: {len(figures) + len(prices)} asked for; at most {EXTRA_COLUMNS_MAX}")
    extra = [_HISTORY.c.figures] * bool(figures) + [_HISTORY.c.prices] * bool(prices)
    query = _matches(ctx, [*(_HISTORY.c[name] for name in PLAIN), *extra], sport, competitions)
    if from_day is not None:
        query = query.where(_HISTORY.c.played_on >= from_day)
    if before_day is not None:
        query = query.where(_HISTORY.c.played_on < before_day)
    rows = ctx.connection.execute(query.order_by(_HISTORY.c.played_on, _HISTORY.c.id).limit(ROWS_MAX)).all()
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in PLAIN}
    columns["id"] = [str(one) for one in columns["id"]]
    for name in figures:
        pairs = [row.figures.get(name) or (None, None) for row in rows]
        columns[f"{name}_home"] = [pair[0] for pair in pairs]
        columns[f"{name}_away"] = [pair[1] for pair in pairs]
    for code in prices:
        columns[code] = [None if (text := row.prices.get(code)) is None else float(text) for row in rows]
    return polars.DataFrame(columns, schema_overrides=_types(figures, prices), strict=False)


def list_matches(
    ctx: Context,
    *,
    sport: str | None = None,
    competition: str | None = None,
    before: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[Row[Any]]:
    """Return matches of the past, the latest first."""
    query = select(_HISTORY).where(_HISTORY.c.tenant_id == ctx.tenant.id)
    if sport is not None:
        query = query.where(_HISTORY.c.sport == sport)
    if competition is not None:
        query = query.where(_HISTORY.c.competition == competition)
    if before is not None:
        query = query.where(tuple_(_HISTORY.c.played_on, _HISTORY.c.id) < tuple_(*before))
    latest = query.order_by(_HISTORY.c.played_on.desc(), _HISTORY.c.id.desc())
    return list(ctx.connection.execute(latest.limit(limit)))


def _matches(ctx: Context, columns: Sequence[Any], sport: str, competitions: Sequence[str]) -> Select[Any]:
    query = select(*columns).where(_HISTORY.c.tenant_id == ctx.tenant.id, _HISTORY.c.sport == sport)
    return query.where(_HISTORY.c.competition.in_(competitions)) if competitions else query


def _types(figures: Sequence[str], prices: Sequence[str]) -> dict[str, Any]:
    """Return the types of columns, which would be guessed wrong where all of one is null."""
    import polars

    instant = polars.Datetime("us", "UTC")
    return {
        "starts_at": instant,
        **{f"{name}_{side}": polars.Int64 for name in figures for side in ("home", "away")},
        **dict.fromkeys(prices, polars.Float64),
    }
