"""What rules and other plugins have done to slips: free bets given, players limited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action
from pitboss.core.errors import InvalidInput
from pitboss.plugins.betting.markets.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from pitboss.plugins.betting.slips import building, freebets, limitbook
from pitboss.plugins.betting.slips.limiting import MEASURES
from pitboss.plugins.betting.slips.settings import MONEY_MAX
from pitboss.plugins.betting.slips.tables import REFERENCE_LENGTH_MAX

HOURS_MAX = 87_600
ODDS_MAX = 1_000
GOALS_MAX = 50
SPORTS_MAX = 50
PLAYER_MEASURES = tuple(sorted(name for name, scopes in MEASURES.items() if "player" in scopes))


class GrantFreeBet(Schema):
    """Parameters of `betting.grant_free_bet`."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, MONEY_MAX))
    min_odds = fields.Decimal(places=4, as_string=True, validate=validate.Range(1, ODDS_MAX))
    sport_codes = fields.List(
        fields.String(validate=validate.Length(1, CODE_LENGTH_MAX)),
        load_default=list,
        validate=validate.Length(max=SPORTS_MAX),
    )
    expiry_hours = fields.Integer(validate=validate.Range(1, HOURS_MAX))
    key = fields.String(validate=validate.Length(1, REFERENCE_LENGTH_MAX))
    """The business identity, where no rule is the cause: the same key gives once."""


class SetPlayerLimit(Schema):
    """Parameters of `betting.set_player_limit`; the amount in minor units."""

    measure = fields.String(required=True, validate=validate.OneOf(PLAYER_MEASURES))
    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, MONEY_MAX))
    reason = fields.String(load_default="A rule set it.", validate=validate.Length(1, 500))


class SetJointModel(Schema):
    """Parameters of `betting.set_joint_model`: the probability of each score of a match, as text."""

    fixture_id = fields.UUID(required=True)
    grid = fields.List(
        fields.List(
            fields.Decimal(as_string=True, validate=validate.Range(0, 1)),
            validate=validate.Length(1, GOALS_MAX),
        ),
        required=True,
        validate=validate.Length(1, GOALS_MAX),
    )
    """A row for each number of home goals, from 0 on; in it the away goals."""
    book_sum = fields.Decimal(
        places=4, as_string=True, load_default=building.BOOK_SUM_DEFAULT, validate=validate.Range(1, 2)
    )
    source = fields.String(required=True, validate=validate.Length(1, NAME_LENGTH_MAX))
    """The model or the trader that it comes from."""


def grant_free_bet(
    ctx: Context,
    *,
    amount: int,
    sport_codes: list[str],
    min_odds: Decimal | None = None,
    expiry_hours: int | None = None,
    key: str | None = None,
) -> UUID | None:
    """Give the player a free bet, once for a decision or key; nothing for an amount of 0."""
    player_id = _player(ctx)
    if amount == 0:
        return None
    if ctx.cause is None and key is None:
        raise InvalidInput("a free bet needs a key: name why it is given, so that it is given once")
    cause = f"key:{key}" if ctx.cause is None else freebets.cause_of(ctx.cause)
    return freebets.grant(
        ctx,
        player_id,
        amount=amount,
        cause=cause,
        odds_min=min_odds,
        sport_codes=sport_codes,
        expiry_hours=expiry_hours,
    )


def set_player_limit(ctx: Context, *, measure: str, amount: int, reason: str) -> UUID:
    """Limit the player's bets."""
    row = limitbook.put(
        ctx, scope="player", subject=str(_player(ctx)), measure=measure, amount=amount, reason=reason
    )
    limit_id: UUID = row.id
    return limit_id


def set_joint_model(
    ctx: Context, *, fixture_id: UUID, grid: list[list[Decimal]], book_sum: Decimal, source: str
) -> int:
    """Give a match the model that its bet builders are priced from; return its version."""
    row = building.set_model(ctx, fixture_id, grid=grid, book_sum=book_sum, source=source)
    version: int = row.version
    return version


def _player(ctx: Context) -> UUID:
    if ctx.subject is None:
        raise InvalidInput("whom is it for? name the player with ctx.of(player_id)")
    return ctx.subject


_EXAMPLE: dict[str, Any] = {
    "amount": 500,
    "min_odds": "1.5",
    "sport_codes": ["football"],
    "expiry_hours": 168,
}
ACTIONS = (
    Action(
        name="betting.grant_free_bet",
        title="Give a free bet",
        doc="A stake that the house puts up, and keeps; the player gets what it wins.",
        example=_EXAMPLE,
        schema=GrantFreeBet,
        run=grant_free_bet,
        pays="money",
        undo=freebets.undo,
    ),
    Action(
        name="betting.set_player_limit",
        title="Limit a player's bets",
        doc="The highest stake, payout or stakes of a day of one player; the tightest limit binds.",
        example={"measure": "stake_max", "amount": 5000, "reason": "Bets against the model."},
        schema=SetPlayerLimit,
        run=set_player_limit,
    ),
    Action(
        name="betting.set_joint_model",
        title="Give a match its joint model",
        doc="How likely each score is: what bet builders of the match are priced from.",
        example={
            "fixture_id": "0190b5a2-6c1e-7c31-9d0e-1a2b3c4d5e6f",
            "grid": [["0.30", "0.20"], ["0.35", "0.15"]],
            "source": "model goals-3",
        },
        schema=SetJointModel,
        run=set_joint_model,
    ),
)
