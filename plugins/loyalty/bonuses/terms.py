"""What a sportsbook or a casino has done by name: stakes, what they return, and withdrawals."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Event, Function, Term, Variable, Window
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.bonuses import funding
from pitboss.plugins.loyalty.bonuses.book import METRIC
from pitboss.plugins.loyalty.bonuses.stakes import Shares, Withdrawal
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX

_ID = "0195f2d0-0000-7000-8000-000000000001"
KEY_LENGTH_MAX = 128


def _key() -> fields.Field[Any]:
    return fields.String(required=True, validate=validate.Length(1, KEY_LENGTH_MAX))


def _amount(least: int = 1) -> fields.Field[Any]:
    return fields.Integer(required=True, strict=True, validate=validate.Range(least))


def _name() -> fields.Field[Any]:
    return fields.String(load_default="", validate=validate.Length(max=CODE_LENGTH_MAX))


class PayStake(Schema):
    """Parameters of `loyalty.pay_stake`; amounts in minor units."""

    key = _key()
    amount = _amount()
    game = _name()
    category = _name()


class PayReturn(Schema):
    """Parameters of `loyalty.pay_return`."""

    key = _key()
    amount = _amount(0)


class OfKey(Schema):
    """The key of a bet or a round."""

    key = _key()


class Withdraw(Schema):
    """Parameters of `loyalty.withdraw`."""

    key = _key()
    amount = _amount()


class BonusCompleted(Schema):
    """Payload of `loyalty.bonus_completed`."""

    reward_id = fields.UUID(required=True)
    amount = fields.Integer(required=True, metadata={"type": "money"})
    converted = fields.Integer(required=True, metadata={"type": "money"})


def pay_stake(ctx: Context, *, key: str, amount: int, game: str, category: str) -> dict[str, Any]:
    """Pay a stake from purses and cash; return what each paid."""
    return _shown(funding.stake(ctx, _player(ctx), amount, key=key, game=game, category=category))


def pay_return(ctx: Context, *, key: str, amount: int) -> dict[str, Any]:
    """Divide what a stake returns; return what each gets."""
    return _shown(funding.pay_return(ctx, key, amount))


def void_stake(ctx: Context, *, key: str) -> dict[str, Any]:
    """Give a stake back."""
    return _shown(funding.void(ctx, key))


def withdraw(ctx: Context, *, key: str, amount: int) -> dict[str, Any]:
    """Pay a withdrawal out of cash."""
    return _cost(funding.withdrawal(ctx, _player(ctx), amount, key=key))


def preview(ctx: Context, amount: int) -> dict[str, Any]:
    """Say what a withdrawal would cost."""
    return _cost(funding.preview_withdrawal(ctx, _player(ctx), int(amount)))


def stakeable(ctx: Context) -> dict[str, Any]:
    """Return what the player could stake now."""
    held = funding.funds(ctx, _player(ctx))
    return {
        "cash": held.cash,
        "bonuses": {purse.id: purse.balance for purse in held.purses},
        "total": held.total,
    }


def _player(ctx: Context) -> UUID:
    if ctx.subject is None:
        raise InvalidInput("whose money is it? name the player with ctx.of(player_id)")
    return ctx.subject


def _shown(shares: Shares) -> dict[str, Any]:
    return {"cash": shares.cash, "bonuses": dict(shares.bonuses), "forfeited": shares.forfeited}


def _cost(withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "paid": withdrawal.paid,
        "deducted": dict(withdrawal.deducted),
        "forfeited": dict(withdrawal.forfeited),
    }


def _action(noun: str, title: str, doc: str, schema: type[Schema], run: Any, **example: Any) -> Action:
    return Action(name=f"loyalty.{noun}", title=title, doc=doc, schema=schema, run=run, example=example)


TERMS: tuple[Term, ...] = (
    _action(
        "pay_stake",
        "Pay a stake",
        "Takes a stake from sticky bonuses, cash and other bonuses, in this order; once for its key.",
        PayStake,
        pay_stake,
        key="bet:1",
        amount=5000,
        game="football",
    ),
    _action(
        "pay_return",
        "Pay what a stake returns",
        "Divides a return as the stake was paid; 0 where it was lost.",
        PayReturn,
        pay_return,
        key="bet:1",
        amount=8000,
    ),
    _action(
        "void_stake",
        "Give a stake back",
        "Gives each purse back what it paid.",
        OfKey,
        void_stake,
        key="bet:1",
    ),
    _action(
        "withdraw",
        "Pay a withdrawal",
        "Takes cash out; bonuses that are not wagered are forfeited.",
        Withdraw,
        withdraw,
        key="w:1",
        amount=2000,
    ),
    Function(
        name="loyalty.stakeable",
        title="What can be staked",
        doc="A player's cash and bonus purses in the order in which they pay, in minor units.",
        example=(),
        returns="any",
        call=stakeable,
    ),
    Function(
        name="loyalty.withdrawal",
        title="What a withdrawal costs",
        doc="What a withdrawal of an amount would pay, and which bonuses it would forfeit, in minor units.",
        example=(2000,),
        arguments={"amount": "number"},
        returns="any",
        call=preview,
    ),
    Event(
        name="loyalty.bonus_completed",
        title="Bonus completed",
        doc="A bonus was wagered in full, and became cash.",
        schema=BonusCompleted,
        example={"reward_id": _ID, "amount": 1000, "converted": 1000},
    ),
    Variable(
        name="loyalty.bonus_received",
        title="Bonus received, ever",
        doc="What the player was ever given as bonus, without what was taken back.",
        example=50,
        type="money",
        window=Window(METRIC, "sum"),
    ),
)
