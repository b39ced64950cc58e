"""Stakes that purses and cash pay in the declared order, and what comes back of them to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.core.errors import Conflict, KeyReused, NotFound
from pitboss.core.texts import marked
from pitboss.plugins.loyalty.amounts import minor
from pitboss.plugins.loyalty.bonuses import book, purses, stakes
from pitboss.plugins.loyalty.bonuses.stakes import Shares, Withdrawal
from pitboss.plugins.loyalty.bonuses.tables import StakeRow
from pitboss.plugins.loyalty.players import lock
from pitboss.plugins.loyalty.rewards.expiring import expire_of

STAKES = "stakes"
"""The account of the house that takes stakes, and pays what they return."""
PAID_OUT = "clearing"
RECEIVABLE = "receivable"

_STAKE = StakeRow.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What a player could stake now."""

    cash: int
    owed: int = 0
    """Of the cash, what cannot be withdrawn."""
    purses: tuple[stakes.Purse, ...] = ()

    @property
    def total(self) -> int:
        """Return the highest stake."""
        return self.cash + sum(purse.balance for purse in self.purses)


def funds(ctx: Context, player_id: UUID) -> Funds:
    """Return a player's cash and purses, in the order in which they pay."""
    balances = ledger.balances(ctx.connection, f"player:{player_id}")
    rows = purses.active_of(ctx, player_id)
    wallet = ledger.player(player_id, "wallet", ctx.tenant.currency)
    return Funds(
        cash=balances.get(wallet, 0),
        owed=-balances.get(wallet.sibling(RECEIVABLE), 0),
        purses=tuple(
            stakes.purse_of(purses.bonus_of(row), balance=balances.get(purses.account_of(ctx, row), 0))
            for row in rows
        ),
    )


# -- stakes ----------------------------------------------------------------------------------------


def stake(
    ctx: Context, player_id: UUID, amount: int, *, key: str, game: str = "", category: str = ""
) -> Shares:
    """Pay a stake: sticky bonuses first, then cash, then the other bonuses; once for its key.

    Only bonuses that may be played on the game pay for it.
    """
    lock(ctx, player_id)
    known = _find(ctx, key)
    if known is not None:
        return _same_stake(known, player_id, amount)
    expire_of(ctx, player_id)
    held = funds(ctx, player_id)
    playable = _playable(ctx, player_id, held, {game, category} - {""})
    shares = stakes.pay(minor(amount, "a stake"), cash=held.cash, purses=playable)
    legs = [
        ledger.Leg(account, ledger.house(STAKES, ctx.tenant.currency), part)
        for account, part in _parts(ctx, player_id, shares)
    ]
    ledger.post(ctx.connection, key=f"stake:{key}", op="loyalty.stake", legs=legs)
    _open(ctx, player_id, key, shares)
    return shares


def pay_return(ctx: Context, key: str, amount: int) -> Shares:
    """Divide what a stake returns as it was paid, and settle it; 0 where it was lost.

    The part of a bonus that is cash meanwhile becomes cash, within its cap; the part of one that has
    ended otherwise stays with the house. A bonus of which nothing is left, and nothing is in play, is lost.
    """
    row = _locked(ctx, key)
    paid = _shares_of(row)
    divided = stakes.divide_return(paid, minor(amount, "a return"))
    if row.state == "settled":
        if row.returned != amount:
            raise KeyReused(f"stake {key!r} returned {row.returned} already, not {amount}")
        return divided
    owners = {str(one.id): one for one in purses.find_many(ctx, [UUID(id) for id in paid.bonuses])}
    landed = stakes.land(
        divided, closed=[id for id, one in owners.items() if one.state not in ("active", "completed")]
    )
    house = ledger.house(STAKES, ctx.tenant.currency)
    parts = _parts(ctx, row.player_id, landed) + _towards_debt(ctx, divided, owners)
    legs = [ledger.Leg(house, account, part) for account, part in parts]
    if legs:
        ledger.post(ctx.connection, key=f"stake:{key}:return", op="loyalty.return", legs=legs)
    _change(ctx, key, returned=amount, state="settled")
    _settle_bonuses(ctx, row.player_id, owners)
    return landed


def void(ctx: Context, key: str) -> Shares:
    """Give a stake back to the purses that paid it."""
    return pay_return(ctx, key, _shares_of(_locked(ctx, key)).total)


# -- withdrawals -----------------------------------------------------------------------------------


def preview_withdrawal(ctx: Context, player_id: UUID, amount: int) -> Withdrawal:
    """Say what a withdrawal pays, and what it costs the player's bonuses; nothing moves."""
    held = funds(ctx, player_id)
    return stakes.withdraw(amount, cash=max(0, held.cash - held.owed), purses=held.purses)


def withdrawal(ctx: Context, player_id: UUID, amount: int, *, key: str) -> Withdrawal:
    """Pay a withdrawal out of cash; bonuses that are not wagered yet are forfeited, what was lent is kept."""
    lock(ctx, player_id)
    expire_of(ctx, player_id)
    journal = f"withdrawal:{key}"
    if _is_posted(ctx, journal):
        raise Conflict(f"the withdrawal {key!r} is paid already")
    preview = preview_withdrawal(ctx, player_id, amount)
    unit = ctx.tenant.currency
    wallet = ledger.player(player_id, "wallet", unit)
    rows = {str(row.id): row for row in purses.active_of(ctx, player_id)}
    legs = [ledger.Leg(wallet, ledger.house(PAID_OUT, unit), preview.paid)]
    legs += [ledger.Leg(wallet, purses.cost_of(ctx, rows[id]), lent) for id, lent in preview.deducted.items()]
    ledger.post(ctx.connection, key=journal, op="loyalty.withdrawal", legs=legs)
    for id, lent in preview.deducted.items():
        purses.change(ctx, rows[id].id, deducted=rows[id].deducted + lent)
    for id in preview.forfeited:
        book.close(ctx, rows[id], "forfeited", marked("cash was withdrawn before it was wagered"))
    return preview


# -- helpers ---------------------------------------------------------------------------------------


def _playable(ctx: Context, player_id: UUID, held: Funds, names: set[str]) -> Sequence[stakes.Purse]:
    if not names or not held.purses:
        return held.purses
    games = {str(row.id): row.terms["eligible_games"] for row in purses.active_of(ctx, player_id)}
    return [purse for purse in held.purses if not games[purse.id] or names.intersection(games[purse.id])]


def _parts(ctx: Context, player_id: UUID, shares: Shares) -> list[tuple[ledger.Account, int]]:
    wallet = ledger.player(player_id, "wallet", ctx.tenant.currency)
    parts = [(wallet, shares.cash)]
    parts += [(wallet.sibling(f"bonus:{id}"), part) for id, part in shares.bonuses.items()]
    return [(account, part) for account, part in parts if part]


def _towards_debt(
    ctx: Context, divided: Shares, owners: Mapping[str, Row[Any]]
) -> list[tuple[ledger.Account, int]]:
    """Let what comes back of a bonus that was taken back pay what is owed for it."""
    parts = []
    for id, part in divided.bonuses.items():
        row = owners[id]
        paid = min(part, row.terms.get("owed", 0))
        if paid:
            purses.change(ctx, row.id, terms=row.terms | {"owed": row.terms["owed"] - paid})
            parts.append((purses.account_of(ctx, row).sibling(RECEIVABLE), paid))
    return parts


def _settle_bonuses(ctx: Context, player_id: UUID, owners: Mapping[str, Row[Any]]) -> None:
    in_play = {id for row in _open_of(ctx, player_id) for id, _ in row.bonuses} if owners else set()
    for id, row in owners.items():
        if row.state == "completed":
            purses.convert(ctx, row)
        elif row.state == "active" and id not in in_play and not purses.held(ctx, row):
            book.close(ctx, row, "lost", book.LOST)


def _open(ctx: Context, player_id: UUID, key: str, shares: Shares) -> None:
    row = {
        "tenant_id": ctx.tenant.id,
        "key": key,
        "player_id": player_id,
        "cash": shares.cash,
        "bonuses": [list(part) for part in shares.bonuses.items()],
        "state": "open",
        "at": ctx.clock.now(),
    }
    ctx.connection.execute(insert(_STAKE), row)


def _same_stake(row: Row[Any], player_id: UUID, amount: int) -> Shares:
    shares = _shares_of(row)
    if (row.player_id, shares.total) != (player_id, amount):
        raise KeyReused(f"the key {row.key!r} belongs to another stake: use another key")
    return shares


def _shares_of(row: Row[Any]) -> Shares:
    return Shares(cash=row.cash, bonuses=dict(row.bonuses))


def _find(ctx: Context, key: str) -> Row[Any] | None:
    query = select(_STAKE).where(_STAKE.c.tenant_id == ctx.tenant.id, _STAKE.c.key == key)
    return ctx.connection.execute(query).first()


def _locked(ctx: Context, key: str) -> Row[Any]:
    found = _find(ctx, key)
    if found is None:
        raise NotFound(f"no stake has the key {key!r}")
    lock(ctx, found.player_id)
    locked = _find(ctx, key)
    assert locked is not None, "stakes are never deleted"
    return locked


def _open_of(ctx: Context, player_id: UUID) -> list[Row[Any]]:
    query = select(_STAKE).where(
        _STAKE.c.tenant_id == ctx.tenant.id, _STAKE.c.player_id == player_id, _STAKE.c.state == "open"
    )
    return list(ctx.connection.execute(query))


def _change(ctx: Context, key: str, **values: Any) -> None:
    changed = update(_STAKE).where(_STAKE.c.tenant_id == ctx.tenant.id, _STAKE.c.key == key)
    ctx.connection.execute(changed.values(**values))


def _is_posted(ctx: Context, key: str) -> bool:
    try:
        ledger.find_journal(ctx.connection, key)
    except NotFound:
        return False
    return True
