"""What a sportsbook or a casino has done by name: stakes, returns, withdrawals and free play."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Function
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty import freeplays, funding
from pitboss.plugins.loyalty.models import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.stakes import Shares, Withdrawal

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


class UseFreePlay(Schema):
    """Parameters of `loyalty.use_free_play`."""

    key = _key()
    kind = fields.String(required=True, validate=validate.OneOf(["bet", "spins"]))
    game = _name()
    odds = fields.Decimal(load_default=None, allow_none=True, as_string=True, validate=validate.Range(1))
    reward_id = fields.UUID(load_default=None, allow_none=True)


class SettleFreePlay(Schema):
    """Parameters of `loyalty.settle_free_play`: the multiple of a bet's stake, or what a spin won."""

    key = _key()
    multiplier = fields.Decimal(as_string=True, validate=validate.Range(0))
    winnings = fields.Integer(strict=True, validate=validate.Range(0))

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_options: Any) -> None:
        if ("multiplier" in data) == ("winnings" in data):
            raise ValidationError("Give either 'multiplier' or 'winnings'.")


def _player(ctx: Context) -> UUID:
    if ctx.subject is None:
        raise InvalidInput("whose money is it? name the player with ctx.of(player_id)")
    return ctx.subject


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


def use_free_play(
    ctx: Context, *, key: str, kind: freeplays.Kind, game: str, odds: Decimal | None, reward_id: UUID | None
) -> dict[str, Any]:
    """Use a free bet or a free spin; return what it stakes."""
    play = freeplays.use(ctx, _player(ctx), key=key, kind=kind, game=game, odds=odds, reward_id=reward_id)
    return {"reward_id": play.id, "stake": play.value, "left": play.left}


def settle_free_play(ctx: Context, *, key: str, multiplier: Decimal | None = None, winnings: int = 0) -> int:
    """Pay what free play won; return the amount."""
    exact = None if multiplier is None else Fraction(multiplier)
    return freeplays.settle(ctx, key, multiplier=exact, winnings=winnings)


def void_free_play(ctx: Context, *, key: str) -> None:
    """Give free play back."""
    freeplays.give_back(ctx, key)


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


PLAY_TERMS = (
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
    _action(
        "use_free_play",
        "Use free play",
        "Uses a free bet or one free spin for a bet or a round; once for its key.",
        UseFreePlay,
        use_free_play,
        key="bet:2",
        kind="bet",
        odds="2.5",
    ),
    _action(
        "settle_free_play",
        "Settle free play",
        "Pays what a free bet or a free spin won; the stake is not returned.",
        SettleFreePlay,
        settle_free_play,
        key="bet:2",
        multiplier="2.5",
    ),
    _action(
        "void_free_play",
        "Give free play back",
        "Gives a free bet or a spin back, because its bet or round was void.",
        OfKey,
        void_free_play,
        key="bet:2",
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
)
