"""Free bets: stakes that the house puts up. Given once for a cause, used once, expired or taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pitboss.core import audit
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.contracts import Cause
from pitboss.core.errors import Conflict
from pitboss.core.identity.players import target_of
from pitboss.core.texts import marked
from pitboss.plugins.betting.slips.problems import Problem, error_of
from pitboss.plugins.betting.slips.tables import FreeBet

if TYPE_CHECKING:
    from pitboss.plugins.betting.slips.judging import StruckLeg
    from pitboss.plugins.betting.slips.pricing import Priced

EXPIRED_ROWS_MAX = 1_000
"""Free bets that one run of the task ends; the next run takes the rest."""

_FREE = FreeBet.__table__
_MINE = (
    (_FREE.c.tenant_id == bindparam("of_tenant"))
    & (_FREE.c.player_id == bindparam("of_player"))
    & (_FREE.c.id == bindparam("of_id"))
)
_FIND = select(_FREE).where(_MINE)
_USE = (
    update(_FREE)
    .where(_MINE, _FREE.c.state == "open", _FREE.c.expires_at > bindparam("now"))
    .values(state="used", bet_id=bindparam("by_bet"))
    .returning(_FREE.c.id)
)

_TAKE_BACK = (
    update(_FREE).where(_MINE, _FREE.c.state == "open").values(state="cancelled").returning(_FREE.c.amount)
)


@dataclass(frozen=True, slots=True)
class Usable:
    """A free bet that may pay a stake now."""

    id: UUID
    amount: int
    odds_min: Decimal | None
    sport_codes: Sequence[str]


def usable(ctx: Context, player_id: UUID, free_bet_id: UUID) -> Usable:
    """Return a player's free bet, or refuse it when it is not theirs, used or over."""
    at = {"of_tenant": ctx.tenant.id, "of_player": player_id, "of_id": free_bet_id}
    row = ctx.connection.execute(_FIND, at).first()
    if row is None:
        message = marked(f"there is no free bet {free_bet_id}: see the list of your free bets")
        raise error_of([Problem("free_bet", "free_bet_id", message, "invalid")])
    if row.state != "open" or row.expires_at <= ctx.clock.now():
        state = "expired" if row.state == "open" else row.state
        message = marked(f"the free bet {free_bet_id} is {state}: choose another, or stake cash")
        raise error_of([Problem("free_bet", "free_bet_id", message)])
    return Usable(row.id, row.amount, row.odds_min, row.sport_codes)


def misfits(
    free: Usable, priced: Priced, legs: Sequence[StruckLeg], text: Callable[[int], str]
) -> list[Problem]:
    """Return what keeps a free bet from paying for a slip."""
    problems = []
    if free.amount != priced.stake:
        message = marked(
            f"the free bet is of {text(free.amount)} and the stake {text(priced.stake)}: stake all of it"
        )
        problems.append(Problem("free_bet", "stake", message, "invalid"))
    if free.odds_min is not None and priced.odds < free.odds_min:
        message = marked(
            f"the free bet needs odds of at least {free.odds_min}, and the slip has {priced.odds}"
        )
        problems.append(Problem("free_bet", "free_bet_id", message))
    for leg in legs:
        if free.sport_codes and leg.offered.sport not in free.sport_codes:
            known = ", ".join(free.sport_codes)
            message = marked(f"the free bet is for {known}, and leg {leg.number + 1} is {leg.offered.sport}")
            problems.append(Problem("free_bet", f"legs/{leg.number}/selection_id", message))
    return problems


def use(ctx: Context, player_id: UUID, free_bet_id: UUID, *, bet_id: UUID) -> None:
    """Use a free bet for a bet: lock and check are one statement."""
    at = {"of_tenant": ctx.tenant.id, "of_player": player_id, "of_id": free_bet_id}
    used = ctx.connection.scalar(_USE, at | {"now": ctx.clock.now(), "by_bet": bet_id})
    if used is None:
        message = marked(
            f"the free bet {free_bet_id} was used or ended meanwhile: choose another, or stake cash"
        )
        raise error_of([Problem("free_bet", "free_bet_id", message)])
    payload = {"free_bet_id": str(free_bet_id), "bet_id": str(bet_id)}
    ctx.emit("betting.free_bet_used", payload, player_id=player_id)


def grant(
    ctx: Context,
    player_id: UUID,
    *,
    amount: int,
    cause: str,
    odds_min: Decimal | None = None,
    sport_codes: Sequence[str] = (),
    expiry_hours: int | None = None,
) -> UUID:
    """Give a free bet once for a cause; return its id, the first one's when it was given before."""
    now, hours = ctx.clock.now(), expiry_hours or ctx.settings("betting")["free_bet_valid_hours"]
    row = {
        "tenant_id": ctx.tenant.id,
        "id": uuid7(),
        "player_id": player_id,
        "cause": cause,
        "amount": amount,
        "currency": ctx.tenant.currency,
        "odds_min": odds_min,
        "sport_codes": list(sport_codes),
        "state": "open",
        "granted_at": now,
        "expires_at": now + timedelta(hours=hours),
    }
    insert = sqlite_insert if ctx.connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(_FREE).on_conflict_do_nothing().returning(_FREE.c.id)
    given: UUID | None = ctx.connection.execute(statement, row).scalar()
    if given is None:
        return _of_cause(ctx, player_id, cause).id  # type: ignore[no-any-return]  # a row has no types
    _tell(ctx, "betting.free_bet_granted", row)
    return given


def undo(ctx: Context, cause: Cause) -> None:
    """Take back what a decision gave, unless it was used."""
    taken = (
        update(_FREE)
        .where(_FREE.c.tenant_id == ctx.tenant.id, _FREE.c.cause == cause_of(cause), _FREE.c.state == "open")
        .values(state="cancelled")
    )
    ctx.connection.execute(taken)


def take_back(ctx: Context, player_id: UUID, free_bet_id: UUID, *, reason: str) -> None:
    """Take back a free bet that is open, for a reason; lock and check are one statement."""
    of_free_bet = {"of_tenant": ctx.tenant.id, "of_player": player_id, "of_id": free_bet_id}
    amount = ctx.connection.scalar(_TAKE_BACK, of_free_bet)
    if amount is None:
        raise Conflict(f"the free bet {free_bet_id} is not open any more: it cannot be taken back")
    old, new = {"state": "open", "amount": amount}, {"state": "cancelled"}
    audit.record(ctx, "betting.free_bet_taken_back", target_of(player_id), old=old, new=new, reason=reason)


def cause_of(cause: Cause) -> str:
    """Return the business identity of what a decision gives."""
    return f"decision:{cause.id}"


def give_back(ctx: Context, free_bet_ids: Iterable[UUID]) -> None:
    """Open free bets again whose bets were void; those whose time is over expire at the next run."""
    ids = sorted(free_bet_ids)
    if ids:
        opened = (
            update(_FREE)
            .where(_FREE.c.tenant_id == ctx.tenant.id, _FREE.c.id.in_(ids), _FREE.c.state == "used")
            .values(state="open", bet_id=None)
        )
        ctx.connection.execute(opened)


def expire(ctx: Context, _payload: Mapping[str, Any]) -> int:
    """End the free bets whose time is over; return how many."""
    now = ctx.clock.now()
    over = (
        select(_FREE.c.id)
        .where(_FREE.c.tenant_id == ctx.tenant.id, _FREE.c.state == "open", _FREE.c.expires_at <= now)
        .order_by(_FREE.c.id)
        .limit(EXPIRED_ROWS_MAX)
    )
    ended = (
        update(_FREE)
        .where(_FREE.c.tenant_id == ctx.tenant.id, _FREE.c.id.in_(over), _FREE.c.state == "open")
        .values(state="expired")
        .returning(_FREE)
    )
    rows = ctx.connection.execute(ended).all()
    for row in rows:
        _tell(ctx, "betting.free_bet_expired", row._asdict())
    return len(rows)


def of_player(ctx: Context, player_id: UUID, *, state: str | None = None) -> list[Row[Any]]:
    """Return a player's free bets, the newest first."""
    query = select(_FREE).where(_FREE.c.tenant_id == ctx.tenant.id, _FREE.c.player_id == player_id)
    if state is not None:
        query = query.where(_FREE.c.state == state)
    return list(ctx.connection.execute(query.order_by(_FREE.c.id.desc())))


def _of_cause(ctx: Context, player_id: UUID, cause: str) -> Row[Any]:
    query = select(_FREE).where(
        _FREE.c.tenant_id == ctx.tenant.id, _FREE.c.player_id == player_id, _FREE.c.cause == cause
    )
    return ctx.connection.execute(query).one()


def _tell(ctx: Context, event: str, row: Mapping[str, Any]) -> None:
    expires_at: datetime = row["expires_at"]
    payload = {
        "free_bet_id": str(row["id"]),
        "amount": row["amount"],
        "currency": row["currency"],
        "expires_at": expires_at.isoformat(),
    }
    ctx.emit(event, payload, player_id=row["player_id"])
