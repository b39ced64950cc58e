"""Free bets and free spins as tokens: given, used once by the key of the bet, given back, expired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, InsufficientFunds, KeyReused, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.loyalty import players
from pitboss.plugins.loyalty.bonuses import conditions as bonusterms
from pitboss.plugins.loyalty.bonuses.purses import COST, SHORTFALL
from pitboss.plugins.loyalty.expiry import is_over, order_of_use
from pitboss.plugins.loyalty.freeplay import law
from pitboss.plugins.loyalty.freeplay.law import FreeBet
from pitboss.plugins.loyalty.freeplay.tables import FreePlayRow, FreeUseRow
from pitboss.plugins.loyalty.rewards import book as rewardbook

Kind = Literal["bet", "spins"]

_PLAY = FreePlayRow.__table__
_USE = FreeUseRow.__table__


# -- given and taken back --------------------------------------------------------------------------


def prepare(ctx: Context, terms: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms that free play is kept with."""
    value, odds, payout = terms.get("value"), terms.get("min_odds"), terms.get("max_payout")
    return {
        "hours": terms.get("expiry_hours"),
        "eligible_games": terms.get("eligible_games"),
        "odds_min": None if odds is None else str(odds),
        "payout_max": None if payout is None else bonusterms.minor_of(ctx, payout),
        "value": 0 if value is None else bonusterms.minor_of(ctx, value),
    }


def deliver(ctx: Context, reward: Row[Any]) -> None:
    """Hand out a free bet, or free spins."""
    is_bet, terms = reward.type == "free_bet", reward.detail["terms"]
    values = {
        "tenant_id": ctx.tenant.id,
        "id": reward.id,
        "player_id": reward.player_id,
        "kind": "bet" if is_bet else "spins",
        "value": reward.amount if is_bet else terms["value"],
        "left": 1 if is_bet else reward.amount,
        "terms": terms,
        "granted_at": ctx.clock.now(),
        "expires_at": reward.expires_at,
    }
    ctx.connection.execute(insert(_PLAY), values)


def expire(ctx: Context, reward: Row[Any]) -> None:
    """End free play whose time is over, with what is left of it."""
    _set_left(ctx, reward.id, 0)
    rewardbook.end(ctx, reward, "expired", marked("its time is over"))


def revoke(ctx: Context, reward: Row[Any], reason: str) -> None:
    """Cancel what is left of free play."""
    _set_left(ctx, reward.id, 0)
    rewardbook.end(ctx, reward, "cancelled", reason)


def take_back(ctx: Context, reward: Row[Any]) -> None:
    """Take free play back, with what was won by it; what was spent of that is owed."""
    _set_left(ctx, reward.id, 0)
    for use in _uses_of(ctx, reward.id):
        if use.paid:
            ledger.reverse(ctx.connection, key=pay_key(use.key), shortfall=SHORTFALL)
        _move(ctx, use.key, state="voided", paid=0)


# -- used ------------------------------------------------------------------------------------------


def use(
    ctx: Context,
    player_id: UUID,
    *,
    key: str,
    kind: Kind,
    game: str = "",
    odds: Decimal | None = None,
    reward_id: UUID | None = None,
) -> Row[Any]:
    """Use a free bet or one spin for the bet or round of a key; the same key uses the same one."""
    players.lock(ctx, player_id)
    known = _find_use(ctx, key)
    if known is not None:
        if known.player_id != player_id or known.state == "voided":
            raise KeyReused(f"the key {key!r} belongs to another player's free play, or to one given back")
        return find(ctx, known.free_play_id)
    play = _choose(ctx, player_id, kind, game=game, odds=odds, reward_id=reward_id)
    left = _set_left(ctx, play.id, play.left - 1)
    row = {
        "tenant_id": ctx.tenant.id,
        "key": key,
        "free_play_id": play.id,
        "player_id": player_id,
        "state": "used",
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_USE), row)
    if not left.left:
        rewardbook.end(ctx, rewardbook.find(ctx, play.id), "completed")
    return left


def give_back(ctx: Context, key: str) -> None:
    """Give back what a bet or round used, because it was void or rolled back; once."""
    used = _locked_use(ctx, key)
    if used.state == "voided":
        return
    if used.paid:
        ledger.reverse(ctx.connection, key=pay_key(key), shortfall=SHORTFALL)
    _move(ctx, key, state="voided", paid=0)
    reward = rewardbook.find(ctx, used.free_play_id)
    if reward.status not in ("active", "completed"):
        return
    _set_left(ctx, reward.id, find(ctx, reward.id).left + 1)
    if reward.status == "completed":
        rewardbook.reopen(ctx, reward.id)


def settle(ctx: Context, key: str, *, multiplier: Fraction | None = None, winnings: int = 0) -> int:
    """Pay what a free bet won at a multiple of its stake, or what a spin won; return the amount.

    The stake of a free bet is not returned.
    """
    used = _locked_use(ctx, key)
    if used.state == "settled":
        return int(used.paid)
    if used.state == "voided":
        raise Conflict(f"the free play of {key!r} was given back: use it again before it is settled")
    play = find(ctx, used.free_play_id)
    pays = winnings
    if play.kind == "bet" and multiplier is not None:
        pays = law.settle(_bet_of(play), multiplier, rounding=ctx.tenant.rounding).pays
    if pays:
        unit = ctx.tenant.currency
        leg = ledger.Leg(ledger.house(COST, unit), ledger.player(used.player_id, "wallet", unit), pays)
        ledger.post(ctx.connection, key=pay_key(key), op="loyalty.free_play", legs=[leg])
    _move(ctx, key, state="settled", paid=pays)
    return pays


def usable_by(ctx: Context, player_id: UUID) -> list[Row[Any]]:
    """Return what a player can play for free now, what expires first first."""
    query = select(_PLAY).where(
        _PLAY.c.tenant_id == ctx.tenant.id, _PLAY.c.player_id == player_id, _PLAY.c.left > 0
    )
    now = ctx.clock.now()
    rows = [row for row in ctx.connection.execute(query) if not is_over(row.expires_at, now)]
    return sorted(rows, key=lambda row: order_of_use(row.expires_at, row.granted_at, str(row.id)))


def find(ctx: Context, free_play_id: UUID) -> Row[Any]:
    """Return free play as it stands."""
    query = select(_PLAY).where(_PLAY.c.tenant_id == ctx.tenant.id, _PLAY.c.id == free_play_id)
    return ctx.connection.execute(query).one()


def find_many(ctx: Context, ids: Sequence[UUID]) -> list[Row[Any]]:
    """Return free play of several rewards."""
    if not ids:
        return []
    query = select(_PLAY).where(_PLAY.c.tenant_id == ctx.tenant.id, _PLAY.c.id.in_(ids))
    return list(ctx.connection.execute(query))


def pay_key(key: str) -> str:
    """Return the key of the posting that paid what free play won."""
    return f"free:{key}:pay"


# -- helpers ---------------------------------------------------------------------------------------


def _choose(
    ctx: Context, player_id: UUID, kind: Kind, *, game: str, odds: Decimal | None, reward_id: UUID | None
) -> Row[Any]:
    fitting = [row for row in usable_by(ctx, player_id) if row.kind == kind]
    if reward_id is not None:
        fitting = [row for row in fitting if row.id == reward_id]
        if fitting and odds is not None:
            law.check_use(_bet_of(fitting[0]), at=ctx.clock.now(), odds=odds)
    for row in fitting:
        if _fits(row, game, odds):
            return row
    what = marked("free bet") if kind == "bet" else marked("free spin")
    at_odds = marked(f" at odds of {odds}") if odds else ""
    raise InsufficientFunds(f"no {what} is left for {game or marked('any game')!r}{at_odds}")


def _fits(row: Row[Any], game: str, odds: Decimal | None) -> bool:
    games, least = row.terms["eligible_games"], row.terms["odds_min"]
    is_eligible = not games or game in games
    return is_eligible and (least is None or (odds is not None and odds >= Decimal(least)))


def _bet_of(row: Row[Any]) -> FreeBet:
    odds = row.terms["odds_min"]
    return FreeBet(
        id=str(row.id),
        stake=row.value,
        expires_at=row.expires_at,
        odds_min=None if odds is None else Decimal(odds),
        payout_max=row.terms["payout_max"],
    )


def _set_left(ctx: Context, free_play_id: UUID, left: int) -> Row[Any]:
    changed = (
        update(_PLAY)
        .where(_PLAY.c.tenant_id == ctx.tenant.id, _PLAY.c.id == free_play_id)
        .values(left=left)
        .returning(_PLAY)
    )
    return ctx.connection.execute(changed).one()


def _find_use(ctx: Context, key: str) -> Row[Any] | None:
    query = select(_USE).where(_USE.c.tenant_id == ctx.tenant.id, _USE.c.key == key)
    return ctx.connection.execute(query).first()


def _locked_use(ctx: Context, key: str) -> Row[Any]:
    found = _find_use(ctx, key)
    if found is None:
        raise NotFound(f"no free play was used under the key {key!r}")
    players.lock(ctx, found.player_id)
    locked = _find_use(ctx, key)
    assert locked is not None, "uses are never deleted"
    return locked


def _uses_of(ctx: Context, free_play_id: UUID) -> list[Row[Any]]:
    query = select(_USE).where(_USE.c.tenant_id == ctx.tenant.id, _USE.c.free_play_id == free_play_id)
    return list(ctx.connection.execute(query.order_by(_USE.c.key)))


def _move(ctx: Context, key: str, **values: Any) -> None:
    moved = update(_USE).where(_USE.c.tenant_id == ctx.tenant.id, _USE.c.key == key)
    ctx.connection.execute(moved.values(**values))
