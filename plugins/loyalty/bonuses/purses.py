"""The purse of each bonus: its row, what it holds, and every posting that fills or empties it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from pitboss.core import ledger
from pitboss.core.context import Context
from pitboss.plugins.loyalty.bonuses import conditions, wagering
from pitboss.plugins.loyalty.bonuses.tables import BonusRow
from pitboss.plugins.loyalty.bonuses.wagering import Bonus, Conversion

COSTS = {"cashback": "cashback_cost"}
COST = "bonus_cost"
SHORTFALL: Any = "receivable"

_BONUS = BonusRow.__table__


# -- rows ------------------------------------------------------------------------------------------


def open_purse(ctx: Context, reward: Row[Any], bonus: Bonus, terms: dict[str, Any]) -> Row[Any]:
    """Write a new bonus down, and pay its amount into its own purse."""
    values = {
        "tenant_id": ctx.tenant.id,
        "id": reward.id,
        "player_id": reward.player_id,
        "amount": bonus.amount,
        "requirement": bonus.requirement,
        "counted": "0",
        "terms": terms | {"cost": COSTS.get(reward.type, COST)},
        "state": bonus.state,
        "ends": [],
        "granted_at": bonus.granted_at,
        "expires_at": bonus.expires_at,
    }
    row = ctx.connection.execute(insert(_BONUS).values(values).returning(_BONUS)).one()
    leg = ledger.Leg(cost_of(ctx, row), account_of(ctx, row), bonus.amount)
    ledger.post(ctx.connection, key=grant_key(row.id), op="loyalty.grant", legs=[leg])
    return row


def find(ctx: Context, bonus_id: UUID) -> Row[Any]:
    """Return a bonus as it stands."""
    return ctx.connection.execute(_mine(ctx).where(_BONUS.c.id == bonus_id)).one()


def find_many(ctx: Context, bonus_ids: Sequence[UUID]) -> list[Row[Any]]:
    """Return several bonuses."""
    if not bonus_ids:
        return []
    return list(ctx.connection.execute(_mine(ctx).where(_BONUS.c.id.in_(bonus_ids))))


def active_of(ctx: Context, player_id: UUID) -> list[Row[Any]]:
    """Return a player's active bonuses in their order of use."""
    query = _mine(ctx).where(_BONUS.c.player_id == player_id, _BONUS.c.state == "active")
    rows = {str(row.id): row for row in ctx.connection.execute(query)}
    return [rows[bonus.id] for bonus in wagering.in_order(map(bonus_of, rows.values()))]


def bonus_of(row: Row[Any]) -> Bonus:
    """Return a bonus as the arithmetic knows it."""
    return Bonus(
        id=str(row.id),
        terms=conditions.read(row.terms),
        amount=row.amount,
        requirement=row.requirement,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        counted=Fraction(row.counted),
        breaches=row.breaches,
        deducted=row.deducted,
        state=row.state,
    )


def save(ctx: Context, bonus: Bonus) -> Row[Any]:
    """Keep what the arithmetic changed."""
    return change(
        ctx,
        UUID(bonus.id),
        counted=str(bonus.counted),
        breaches=bonus.breaches,
        deducted=bonus.deducted,
        state=bonus.state,
    )


def change(ctx: Context, bonus_id: UUID, **values: Any) -> Row[Any]:
    """Change a bonus, and return it."""
    changed = (
        update(_BONUS)
        .where(_BONUS.c.tenant_id == ctx.tenant.id, _BONUS.c.id == bonus_id)
        .values(**values)
        .returning(_BONUS)
    )
    return ctx.connection.execute(changed).one()


# -- money -----------------------------------------------------------------------------------------


def grant_key(reward_id: UUID) -> str:
    """Return the key of the posting that paid a reward."""
    return f"reward:{reward_id}:grant"


def account_of(ctx: Context, row: Row[Any]) -> ledger.Account:
    """Name the purse of a bonus."""
    return ledger.player(row.player_id, f"bonus:{row.id}", ctx.tenant.currency)


def cost_of(ctx: Context, row: Row[Any]) -> ledger.Account:
    """Name the account of the house that pays for a bonus."""
    return ledger.house(row.terms["cost"], ctx.tenant.currency)


def held(ctx: Context, row: Row[Any]) -> int:
    """Return what a purse holds."""
    return ledger.balance(ctx.connection, account_of(ctx, row))


def convert(ctx: Context, row: Row[Any]) -> Conversion:
    """Turn what a complete bonus holds into cash, up to its cap; the rest goes back to the house.

    What comes back into the purse later is converted with what was: one cap holds for all of it.
    """
    balance = held(ctx, row)
    before = Conversion(converted=row.converted, forfeited=row.withheld)
    total = before.converted + before.forfeited + balance
    converted = wagering.conversion(bonus_of(row), balance=total).converted - before.converted
    done = Conversion(converted=converted, forfeited=balance - converted)
    if balance:
        wallet = account_of(ctx, row).sibling("wallet")
        parts = ((wallet, done.converted), (cost_of(ctx, row), done.forfeited))
        row = _empty(ctx, row, "convert", [(account, amount) for account, amount in parts if amount])
    change(
        ctx,
        row.id,
        converted=before.converted + done.converted,
        withheld=before.forfeited + done.forfeited,
    )
    return done


def forfeit(ctx: Context, row: Row[Any]) -> int:
    """Give all that a purse holds back to the house; return how much that was."""
    balance = held(ctx, row)
    if balance:
        _empty(ctx, row, "forfeit", [(cost_of(ctx, row), balance)])
    return balance


def refill(ctx: Context, row: Row[Any]) -> Row[Any]:
    """Reverse what converted or forfeited a bonus; what was spent of it meanwhile is owed."""
    for key in reversed(row.ends):
        ledger.reverse(ctx.connection, key=key, shortfall=SHORTFALL)
    return change(ctx, row.id, ends=[], converted=0, withheld=0)


def take_back(ctx: Context, row: Row[Any]) -> None:
    """Take a bonus back as if it had never been given: what is not there any more is owed."""
    row = refill(ctx, row)
    if row.deducted:
        # A withdrawal has paid this part back already.
        leg = ledger.Leg(cost_of(ctx, row), account_of(ctx, row), row.deducted)
        ledger.post(ctx.connection, key=f"bonus:{row.id}:lent", op="loyalty.grant", legs=[leg])
    owed = max(0, row.amount - held(ctx, row))
    ledger.reverse(ctx.connection, key=grant_key(row.id), shortfall=SHORTFALL)
    forfeit(ctx, row)
    change(ctx, row.id, terms=row.terms | {"owed": owed})


def _empty(ctx: Context, row: Row[Any], what: str, payees: Sequence[tuple[ledger.Account, int]]) -> Row[Any]:
    number = row.end_count + 1
    key = f"bonus:{row.id}:{what}" + (f":{number}" if number > 1 else "")
    legs = [ledger.Leg(account_of(ctx, row), payee, amount) for payee, amount in payees]
    ledger.post(ctx.connection, key=key, op=f"loyalty.{what}", legs=legs)
    return change(ctx, row.id, ends=[*row.ends, key], end_count=number)


def _mine(ctx: Context) -> Any:
    return select(_BONUS).where(_BONUS.c.tenant_id == ctx.tenant.id)
