"""What a sportsbook or a casino has done with free bets and free spins."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Term
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.freeplay import tokens
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX

KEY_LENGTH_MAX = 128


def _key() -> fields.Field[Any]:
    return fields.String(required=True, validate=validate.Length(1, KEY_LENGTH_MAX))


def _name() -> fields.Field[Any]:
    return fields.String(load_default="", validate=validate.Length(max=CODE_LENGTH_MAX))


class OfKey(Schema):
    """The key of a bet or a round."""

    key = _key()


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


def use_free_play(
    ctx: Context, *, key: str, kind: tokens.Kind, game: str, odds: Decimal | None, reward_id: UUID | None
) -> dict[str, Any]:
    """Use a free bet or a free spin; return what it stakes."""
    play = tokens.use(ctx, _player(ctx), key=key, kind=kind, game=game, odds=odds, reward_id=reward_id)
    return {"reward_id": play.id, "stake": play.value, "left": play.left}


def settle_free_play(ctx: Context, *, key: str, multiplier: Decimal | None = None, winnings: int = 0) -> int:
    """Pay what free play won; return the amount."""
    exact = None if multiplier is None else Fraction(multiplier)
    return tokens.settle(ctx, key, multiplier=exact, winnings=winnings)


def void_free_play(ctx: Context, *, key: str) -> None:
    """Give free play back."""
    tokens.give_back(ctx, key)


def _player(ctx: Context) -> UUID:
    if ctx.subject is None:
        raise InvalidInput("whose free play is it? name the player with ctx.of(player_id)")
    return ctx.subject


def _action(noun: str, title: str, doc: str, schema: type[Schema], run: Any, **example: Any) -> Action:
    return Action(name=f"loyalty.{noun}", title=title, doc=doc, schema=schema, run=run, example=example)


TERMS: tuple[Term, ...] = (
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
)
