"""Bets that were placed: found by filters, page by page, and summed up for a period."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, select

from pitboss.core.context import Context
from pitboss.core.money import Money
from pitboss.core.texts import marked
from pitboss.plugins.betting.slips import storing
from pitboss.plugins.betting.slips.showing import odds_of
from pitboss.plugins.betting.slips.storing import BET, LEG

STATES = ("pending", "rejected", "accepted", "settled", "cashed_out", "voided")
KINDS = ("single", "multiple", "system", "builder")
PRODUCTS = ("pre_match", "in_play", "free_bet", "each_way")
STATEMENT_CHUNK = 500
"""Bets of a statement that are held in memory at a time."""
STATEMENT_COLUMNS = (
    *("placed_at", "settled_at", "bet_id", "kind", "selections", "odds", "currency", "stake", "paid_by"),
    *("returned", "profit", "state"),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_EQUAL = ("state", "kind", "reference", "player_id")
_OF_LEGS = ("sport", "competition", "fixture_id", "market_id")


def search(
    ctx: Context, wanted: Mapping[str, Any], *, before: UUID | None = None, limit: int = 50
) -> list[Row[Any]]:
    """Return the bets that fit, the newest first."""
    query = select(BET).where(BET.c.tenant_id == ctx.tenant.id, *_conditions(ctx, wanted))
    if before is not None:
        query = query.where(BET.c.id < before)
    return list(ctx.connection.execute(query.order_by(BET.c.id.desc()).limit(limit)))


def summary(ctx: Context, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Return what the bets that fit came to, in minor units: own stakes, returns, and what is open."""
    own = case((BET.c.free_bet_id.is_(None), BET.c.stake), else_=0)
    running = case((BET.c.free_bet_id.is_(None), BET.c.running_stake), else_=0)
    is_open = BET.c.state.in_(("pending", "accepted"))
    columns = (
        func.count().label("bet_count"),
        func.coalesce(func.sum(own), 0).label("staked"),
        func.coalesce(func.sum(BET.c.payout), 0).label("returned"),
        func.coalesce(func.sum(case((is_open, running), else_=0)), 0).label("open_stake"),
    )
    stands = BET.c.state.not_in(("rejected", "voided"))
    query = select(*columns).where(BET.c.tenant_id == ctx.tenant.id, stands, *_conditions(ctx, wanted))
    row = ctx.connection.execute(query).one()
    found = {name: int(value) for name, value in storing.plain(row).items()}
    return found | {"profit": found["returned"] - (found["staked"] - found["open_stake"])}


def statement(ctx: Context, player_id: UUID, *, since: datetime, until: datetime) -> Iterator[str]:
    """Yield the lines of a player's statement as CSV, the newest bet first; no cell starts a formula."""
    yield _line(STATEMENT_COLUMNS)
    wanted = {"player_id": player_id, "since": since, "until": until}
    before: UUID | None = None
    while rows := search(ctx, wanted, before=before, limit=STATEMENT_CHUNK):
        legs = storing.legs_of(ctx, [row.id for row in rows])
        for row in rows:
            yield _line(_cells(ctx, storing.plain(row), storing.plain_all(legs[row.id])))
        before = rows[-1].id


def _conditions(ctx: Context, wanted: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = [BET.c[name] == wanted[name] for name in _EQUAL if name in wanted]
    if "player_ids" in wanted:
        found.append(BET.c.player_id.in_(wanted["player_ids"]))
    if "since" in wanted:
        found.append(BET.c.placed_at >= wanted["since"])
    if "until" in wanted:
        found.append(BET.c.placed_at < wanted["until"])
    if "stake_min" in wanted:
        found.append(BET.c.stake >= wanted["stake_min"])
    of_legs = [LEG.c[name] == wanted[name] for name in _OF_LEGS if name in wanted]
    if of_legs:
        found.append(_has_leg(ctx, *of_legs))
    return found + _product(ctx, wanted.get("product"))


def _product(ctx: Context, product: str | None) -> list[Any]:
    if product == "free_bet":
        return [BET.c.free_bet_id.is_not(None)]
    if product == "each_way":
        return [BET.c.is_each_way.is_(True)]
    if product == "in_play":
        return [_has_leg(ctx, LEG.c.is_in_play.is_(True))]
    if product == "pre_match":
        return [~_has_leg(ctx, LEG.c.is_in_play.is_(True))]
    return []


def _has_leg(ctx: Context, *conditions: Any) -> Any:
    of_bet = (LEG.c.tenant_id == ctx.tenant.id, LEG.c.bet_id == BET.c.id)
    return select(LEG.c.bet_id).where(*of_bet, *conditions).exists()


def _cells(ctx: Context, row: Mapping[str, Any], legs: Sequence[Mapping[str, Any]]) -> list[str]:
    unit, is_free = row["currency"], row["free_bet_id"] is not None
    is_over = row["state"] in ("settled", "cashed_out", "voided", "rejected")
    own = 0 if is_free or row["state"] in ("rejected",) else row["stake"]
    zone = ctx.tenant.zone
    settled_at = row["settled_at"]

    def text(minor: int) -> str:
        return ctx.tenant.currencies.text(Money(minor, unit))

    return [
        row["placed_at"].astimezone(zone).isoformat(),
        "" if settled_at is None else settled_at.astimezone(zone).isoformat(),
        str(row["id"]),
        row["kind"],
        " | ".join(leg["name"] for leg in legs),
        odds_of(row, legs) or "",
        unit,
        text(row["stake"]),
        marked("free bet") if is_free else "cash",
        text(row["payout"]),
        text(row["payout"] - own) if is_over else "",
        row["state"],
    ]


def _line(cells: Sequence[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerow([_plain(cell) for cell in cells])
    return buffer.getvalue()


def _plain(cell: str) -> str:
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) and not is_number else cell
