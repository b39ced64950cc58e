"""What is offered now: the markets and selections of a slip, read in one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from pitboss.plugins.betting.markets.tables import Market, Selection
from pitboss.plugins.betting.slips import limitbook
from pitboss.plugins.betting.slips.limiting import Bound

_MARKET, _SELECTION = Market.__table__, Selection.__table__


class Offered(NamedTuple):
    """A selection with its market, as they stand."""

    selection_id: UUID
    market_id: UUID
    code: str
    selection_name: str
    selection_status: str
    odds: Decimal | None
    liability: int
    fixture_id: UUID
    fixture_name: str
    sport: str
    competition: str
    template: str
    market_name: str
    market_status: str
    suspensions: Sequence[str]
    is_in_play: bool
    starts_at: datetime
    closes_at: datetime | None
    odds_version: int
    priced_at: datetime | None
    rules_id: UUID
    staked: int
    refund: int
    winners: int
    moves_by: str
    line: str

    @property
    def name(self) -> str:
        """Return fixture, market and selection as a player reads them."""
        return f"{self.fixture_name}: {self.market_name}: {self.selection_name}"

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Return whose limits bind: scopes with their subjects, the widest first."""
        return (
            ("platform", ""),
            ("sport", self.sport),
            ("competition", self.competition),
            ("template", self.template),
            ("fixture", str(self.fixture_id)),
            ("market", str(self.market_id)),
        )


def _read(condition: Any, *more: Any) -> Any:
    s, m = _SELECTION.c, _MARKET.c
    columns = (
        *(s.id, s.market_id, s.code, s.name, s.status, s.odds, s.liability),
        *(m.fixture_id, m.fixture_name, m.sport, m.competition, m.template, m.name, m.status, m.suspensions),
        *(m.is_in_play, m.starts_at, m.closes_at, m.odds_version, m.priced_at, m.rules_id),
        *(m.staked, m.refund, m.winners, m.moves_by, m.line),
    )
    joined = _SELECTION.join(_MARKET, (m.tenant_id == s.tenant_id) & (m.id == s.market_id))
    return select(*columns, *more).select_from(joined).where(s.tenant_id == bindparam("tenant"), condition)


# Built once: assembling a statement costs more than running it.
_IS_ONE = _SELECTION.c.id == bindparam("selection")
_IS_AMONG = _SELECTION.c.id.in_(bindparam("selections", expanding=True))
_ONE, _MANY = _read(_IS_ONE), _read(_IS_AMONG)
_ONE_LIMITED, _MANY_LIMITED = _read(_IS_ONE, limitbook.WITH_MARKET), _read(_IS_AMONG, limitbook.WITH_MARKET)


def read(connection: Connection, tenant_id: int, selection_ids: Iterable[UUID]) -> dict[UUID, Offered]:
    """Return the selections that there are, by id."""
    statement, at = _chosen(_ONE, _MANY, tenant_id, selection_ids)
    return {row[0]: Offered(*row) for row in connection.execute(statement, at)}


def read_limited(
    connection: Connection, tenant_id: int, selection_ids: Iterable[UUID], player_id: UUID
) -> tuple[dict[UUID, Offered], list[Bound]]:
    """Return the selections that there are, and the limits of their places and of a player."""
    if connection.dialect.name != "postgresql":
        found = read(connection, tenant_id, selection_ids)
        places = {place for offer in found.values() for place in offer.places}
        return found, limitbook.read(connection, tenant_id, places | {("player", str(player_id))})
    statement, at = _chosen(_ONE_LIMITED, _MANY_LIMITED, tenant_id, selection_ids)
    rows = connection.execute(statement, at | {"limited_player": str(player_id)}).all()
    bounds = {Bound(*limit) for row in rows for limit in row[-1]}
    return {row[0]: Offered(*row[:-1]) for row in rows}, list(bounds)


def _chosen(one: Any, many: Any, tenant_id: int, selection_ids: Iterable[UUID]) -> tuple[Any, dict[str, Any]]:
    wanted = sorted(set(selection_ids))
    if len(wanted) == 1:
        return one, {"tenant": tenant_id, "selection": wanted[0]}
    return many, {"tenant": tenant_id, "selections": wanted}
