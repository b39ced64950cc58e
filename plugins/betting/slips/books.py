"""The books of markets: what open bets would cost, changed and checked under one lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, literal, select, update

from pitboss.plugins.betting.markets.tables import Market, Selection

_MARKET, _SELECTION = Market.__table__, Selection.__table__

Entry = Sequence[Any]
"""As a bet keeps it: [market id, selection id, liability, staked, refund]; ids as text, minor units."""


class Exposure(NamedTuple):
    """What a bet adds to the book of one market, by one selection."""

    market_id: UUID
    selection_id: UUID
    liability: int
    """What the selection would return."""
    staked: int
    """What the market takes in whatever the answer; negative where it only pays."""
    refund: int = 0
    """What the market would return if its line was hit, or it was void."""

    @property
    def loss(self) -> int:
        """Return what it costs if the selection is right; below zero it gains."""
        return self.liability - self.staked

    @property
    def loss_if_void(self) -> int:
        """Return what it costs if the market is void, or its line is hit."""
        return self.refund - self.staked

    def entry(self) -> list[Any]:
        """Return it as a bet keeps it."""
        return [str(self.market_id), str(self.selection_id), self.liability, self.staked, self.refund]


class Taken(NamedTuple):
    """What a market has taken in, and what it would return if its line was hit."""

    staked: int
    refund: int


def _of(table: Any) -> Any:
    return (table.c.tenant_id == bindparam("of_tenant")) & (table.c.id == bindparam("of_id"))


_BOOK = (
    update(_MARKET)
    .where(_of(_MARKET), _MARKET.c.status == "open", _MARKET.c.odds_version == bindparam("seen_version"))
    .values(staked=_MARKET.c.staked + bindparam("more"), refund=_MARKET.c.refund + bindparam("back"))
    .returning(_MARKET.c.staked, _MARKET.c.refund)
)
_CARRY = (
    update(_SELECTION)
    .where(_of(_SELECTION), _SELECTION.c.status == "active")
    .values(liability=_SELECTION.c.liability + bindparam("more"))
    .returning(_SELECTION.c.liability)
)
# On PostgreSQL both in one round trip: the selection follows once the market was open.
_STAKE = (
    _BOOK.where(
        select(_SELECTION.c.id)
        .where(
            _SELECTION.c.tenant_id == bindparam("of_tenant"),
            _SELECTION.c.id == bindparam("of_selection"),
            _SELECTION.c.status == "active",
        )
        .exists()
    )
).cte("market")
_OWED = (
    update(_SELECTION)
    .where(
        _SELECTION.c.tenant_id == bindparam("of_tenant"),
        _SELECTION.c.id == bindparam("of_selection"),
        select(_STAKE.c.staked).exists(),
    )
    .values(liability=_SELECTION.c.liability + bindparam("owed"))
    .returning(_SELECTION.c.liability)
    .cte("selection")
)
_BOTH = select(_STAKE.c.staked, _STAKE.c.refund, _OWED.c.liability).select_from(
    _STAKE.join(_OWED, literal(True))
)
_UNBOOK = (
    update(_MARKET)
    .where(_of(_MARKET))
    .values(staked=_MARKET.c.staked + bindparam("more"), refund=_MARKET.c.refund + bindparam("back"))
)
_UNCARRY = (
    update(_SELECTION).where(_of(_SELECTION)).values(liability=_SELECTION.c.liability + bindparam("more"))
)
_LIABILITIES = select(_SELECTION.c.id, _SELECTION.c.liability).where(
    _SELECTION.c.tenant_id == bindparam("tenant"), _SELECTION.c.market_id == bindparam("market")
)
_LOCK = (
    select(_MARKET.c.id)
    .where(
        _MARKET.c.tenant_id == bindparam("tenant"),
        _MARKET.c.fixture_id.in_(bindparam("fixtures", expanding=True))
        | _MARKET.c.id.in_(bindparam("markets", expanding=True)),
    )
    .order_by(_MARKET.c.id)
    .with_for_update()
)
_OF_FIXTURE = (
    select(_MARKET.c.id, _MARKET.c.staked, _MARKET.c.refund, _MARKET.c.winners, _SELECTION.c.liability)
    .join(
        _SELECTION,
        (_SELECTION.c.tenant_id == _MARKET.c.tenant_id) & (_SELECTION.c.market_id == _MARKET.c.id),
    )
    .where(_MARKET.c.tenant_id == bindparam("tenant"), _MARKET.c.fixture_id == bindparam("fixture"))
)


def stake_on(connection: Connection, tenant_id: int, exposure: Exposure, odds_version: int) -> Taken | None:
    """Add a stake to a market that is open at that version of its prices; return what it has with it.

    None when it is not open, or its prices have moved: lock and check are one statement. Call it in
    ascending order of markets, so that no two bets lock crosswise.
    """
    at = {"of_tenant": tenant_id, "of_id": exposure.market_id, "seen_version": odds_version}
    row = connection.execute(_BOOK, at | {"more": exposure.staked, "back": exposure.refund}).first()
    return None if row is None else Taken(*row)


def carry(connection: Connection, tenant_id: int, exposure: Exposure) -> int | None:
    """Add to what a selection would return; return all of it, or None when it is withdrawn."""
    at = {"of_tenant": tenant_id, "of_id": exposure.selection_id}
    owed: int | None = connection.scalar(_CARRY, at | {"more": exposure.liability})
    return owed


def stake_and_carry(
    connection: Connection, tenant_id: int, exposure: Exposure, odds_version: int
) -> tuple[Taken, int] | None:
    """Do `stake_on` and `carry` for the one market of a slip; None when nothing was changed."""
    if connection.dialect.name == "postgresql":
        at = {"of_tenant": tenant_id, "of_id": exposure.market_id, "of_selection": exposure.selection_id}
        more = {"more": exposure.staked, "back": exposure.refund, "owed": exposure.liability}
        row = connection.execute(_BOTH, at | more | {"seen_version": odds_version}).first()
        return None if row is None else (Taken(row[0], row[1]), row[2])
    taken = stake_on(connection, tenant_id, exposure, odds_version)
    if taken is None:
        return None
    owed = carry(connection, tenant_id, exposure)
    if owed is None:
        take_off(connection, tenant_id, [[exposure._replace(liability=0).entry()]])
        return None
    return taken, owed


def liabilities(connection: Connection, tenant_id: int, market_id: UUID) -> dict[UUID, int]:
    """Return what each selection of a market would return."""
    rows = connection.execute(_LIABILITIES, {"tenant": tenant_id, "market": market_id})
    return {row.id: row.liability for row in rows}


def lock_fixtures(
    connection: Connection, tenant_id: int, fixture_ids: Iterable[UUID], market_ids: Iterable[UUID]
) -> None:
    """Lock all markets of fixtures whose exposures are limited together, and those of a slip with them.

    All in one ascending order, so that no two bets lock crosswise.
    """
    at = {"fixtures": sorted(fixture_ids), "markets": sorted(market_ids)}
    connection.execute(_LOCK, at | {"tenant": tenant_id}).all()


def fixture_exposure(connection: Connection, tenant_id: int, fixture_id: UUID) -> int:
    """Return what the worst answers of all markets of a fixture would cost, added up."""
    found: dict[UUID, tuple[Any, list[int]]] = {}
    for row in connection.execute(_OF_FIXTURE, {"tenant": tenant_id, "fixture": fixture_id}):
        found.setdefault(row.id, (row, []))[1].append(row.liability)
    return sum(max(0, worst(owed, m.winners) - m.staked, m.refund - m.staked) for m, owed in found.values())


def worst(liabilities: Sequence[int], winners: int) -> int:
    """Return the most that answers which can be right together would return; 0 winners: any number.

    >>> worst([100, 300, 200], 2)
    500
    """
    highest = sorted(liabilities, reverse=True)
    return sum(highest[:winners] if winners else highest)


def worst_with(liabilities: dict[UUID, int], selection_id: UUID, winners: int) -> int:
    """Return the same for the answers among which a selection is."""
    others = [owed for id_, owed in liabilities.items() if id_ != selection_id]
    if winners == 1:
        return liabilities[selection_id]
    return liabilities[selection_id] + worst(others, winners - 1 if winners else 0)


def take_off(connection: Connection, tenant_id: int, exposures: Iterable[Sequence[Entry]]) -> None:
    """Take what ended bets added off the books: markets first, both in ascending order."""
    markets: dict[str, tuple[int, int]] = {}
    selections: dict[str, int] = {}
    for entries in exposures:
        for market, selection, liability, staked, refund in entries:
            more, back = markets.get(market, (0, 0))
            markets[market] = (more - staked, back - refund)
            selections[selection] = selections.get(selection, 0) - liability
    # Ids are in the same order as text.
    of_markets = [
        {"of_id": UUID(id_), "more": m, "back": b} for id_, (m, b) in sorted(markets.items()) if m or b
    ]
    of_selections = [{"of_id": UUID(id_), "more": more} for id_, more in sorted(selections.items()) if more]
    for statement, rows in ((_UNBOOK, of_markets), (_UNCARRY, of_selections)):
        if rows:
            connection.execute(statement, [{**row, "of_tenant": tenant_id} for row in rows])


def scaled(entries: Sequence[Entry], part: Fraction) -> list[list[Any]]:
    """Return a part of what a bet added to the books, in whole minor units: no less than that part."""
    return [
        [*ids, ceil(liability * part), floor(staked * part), ceil(refund * part)]
        for *ids, liability, staked, refund in entries
    ]


def less(entries: Sequence[Entry], others: Sequence[Entry]) -> list[list[Any]]:
    """Return entries of the same places less others."""
    return [
        [*one[:2], *(a - b for a, b in zip(one[2:], other[2:], strict=True))]
        for one, other in zip(entries, others, strict=True)
    ]
