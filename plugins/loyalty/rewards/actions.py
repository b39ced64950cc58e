"""What rules and other plugins have done for players: rewards of each type, each with its undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from pitboss.core import events
from pitboss.core.context import Context
from pitboss.core.contracts import Action
from pitboss.core.errors import InvalidInput, Refused
from pitboss.core.ledger.wallet import TICKETS
from pitboss.plugins.loyalty.lengths import CODE_LENGTH_MAX
from pitboss.plugins.loyalty.referrals.tables import ReferralRow
from pitboss.plugins.loyalty.rewards import lifecycle

SPINS = "SPN"
KEY_LENGTH_MAX = 160
HOURS_MAX = 24 * 3650
GAMES_MAX = 500
MULTIPLIER_MAX = 1_000
SPINS_MAX = 10_000

_REFERRAL = ReferralRow.__table__


def _rate(**options: Any) -> fields.Field[Any]:
    limit = options.pop("max", None)
    return fields.Decimal(validate=validate.Range(0, limit), as_string=True, **options)


def _hours() -> fields.Field[Any]:
    return fields.Integer(validate=validate.Range(1, HOURS_MAX))


def _games() -> fields.Field[Any]:
    name = fields.String(validate=validate.Length(1, CODE_LENGTH_MAX))
    return fields.List(name, validate=validate.Length(1, GAMES_MAX))


def _amount() -> fields.Field[Any]:
    return fields.Integer(required=True, strict=True, validate=validate.Range(0))


class Grant(Schema):
    """What every grant may say."""

    to = fields.String(load_default="self", validate=validate.OneOf(["self", "referrer", "referred"]))
    key = fields.String(validate=validate.Length(1, KEY_LENGTH_MAX))
    """The business identity, where no rule is the cause: the same key gives once."""
    campaign = fields.String(validate=validate.Length(1, CODE_LENGTH_MAX))
    claimable = fields.Boolean(load_default=False)
    """Whether it waits until the player claims it."""
    claim_hours = _hours()


class GrantBonus(Grant):
    """Parameters of `loyalty.grant_bonus`; money but the amount in major units."""

    amount = _amount()
    type = fields.String(load_default="BONUS_BALANCE", validate=validate.OneOf(["BONUS_BALANCE", "CASHBACK"]))
    wagering_requirement = _rate(load_default=0, max=MULTIPLIER_MAX)
    base = fields.String(load_default="bonus", validate=validate.OneOf(["bonus", "bonus_and_deposit"]))
    deposit = _rate()
    contributions = fields.Dict(
        keys=fields.String(validate=validate.Length(1, CODE_LENGTH_MAX)), values=_rate(max=1)
    )
    max_bet = _rate()
    min_odds = _rate()
    eligible_games = _games()
    expiry_hours = _hours()
    sticky = fields.Boolean(load_default=False)
    phantom = fields.Boolean(load_default=False)
    counts = fields.String(load_default="all", validate=validate.OneOf(["all", "bonus", "cash"]))
    max_conversion = _rate()
    max_conversion_multiple = _rate()
    breach_policy = fields.String(validate=validate.OneOf(["flag", "forfeit"]))


class GrantCash(Grant):
    """Parameters of `loyalty.grant_cash`."""

    amount = _amount()
    type = fields.String(load_default="CASH", validate=validate.OneOf(["CASH", "CASHBACK"]))


class GrantFreeBet(Grant):
    """Parameters of `loyalty.grant_free_bet`."""

    amount = _amount()
    type = fields.String(load_default="FREE_PLAY", validate=validate.Equal("FREE_PLAY"))
    expiry_hours = _hours()
    min_odds = _rate()
    max_payout = _rate()
    eligible_games = _games()


class GrantSpins(Grant):
    """Parameters of `loyalty.grant_spins`; the amount is how many."""

    amount = fields.Integer(required=True, strict=True, validate=validate.Range(0, SPINS_MAX))
    type = fields.String(load_default="FREE_PLAY", validate=validate.Equal("FREE_PLAY"))
    value = _rate(load_default=0)
    """What one spin stakes."""
    expiry_hours = _hours()
    eligible_games = _games()


class GrantTickets(Grant):
    """Parameters of `loyalty.grant_tickets`; the amount is how many."""

    amount = _amount()
    type = fields.String(load_default="TICKETS", validate=validate.Equal("TICKETS"))


class GrantPerk(Grant):
    """Parameters of `loyalty.grant_perk`."""

    perk = fields.String(required=True, validate=validate.Length(1, CODE_LENGTH_MAX))
    type = fields.String(load_default="VIP_PERKS", validate=validate.Equal("VIP_PERKS"))
    expiry_hours = _hours()


# -- done ------------------------------------------------------------------------------------------


def grant_bonus(ctx: Context, *, amount: int, type: str, **more: Any) -> UUID | None:
    """Give a bonus, in its own purse; return the reward's id."""
    return give(ctx, "cashback" if type == "CASHBACK" else "bonus", amount, **more)


def grant_cash(ctx: Context, *, amount: int, type: str, **more: Any) -> UUID | None:
    """Pay cash into the wallet; return the reward's id."""
    payer = "cashback_cost" if type == "CASHBACK" else None
    return give(ctx, "cash", amount, payer=payer, **more)


def grant_free_bet(ctx: Context, *, amount: int, type: str, **more: Any) -> UUID | None:  # noqa: ARG001 - as rules write it
    """Give a free bet; return the reward's id."""
    return give(ctx, "free_bet", amount, **more)


def grant_spins(ctx: Context, *, amount: int, type: str, **more: Any) -> UUID | None:  # noqa: ARG001 - as rules write it
    """Give free spins; return the reward's id."""
    return give(ctx, "free_spins", amount, unit=SPINS, **more)


def grant_tickets(ctx: Context, *, amount: int, type: str, **more: Any) -> UUID | None:  # noqa: ARG001 - as rules write it
    """Give raffle tickets; return the reward's id."""
    return give(ctx, "tickets", amount, unit=TICKETS, **more)


def grant_perk(ctx: Context, *, type: str, **more: Any) -> UUID | None:  # noqa: ARG001 - as rules write it
    """Give a perk; return the reward's id."""
    return give(ctx, "perk", None, **more)


def give(
    ctx: Context,
    type: str,
    amount: int | None,
    *,
    to: str,
    claimable: bool,
    unit: str | None = None,
    key: str | None = None,
    campaign: str | None = None,
    claim_hours: int | None = None,
    **terms: Any,
) -> UUID | None:
    """Give whom an action means a reward of a type; nothing for an amount of 0."""
    if amount == 0:
        return None
    row = lifecycle.give(
        ctx,
        player_id=_recipient(ctx, to),
        type=type,
        amount=amount or 0,
        unit=unit,
        key=key,
        terms=terms,
        status="claimable" if claimable else "active",
        claim_hours=claim_hours,
        campaign=campaign,
    )
    reward_id: UUID = row.id
    return reward_id


def _recipient(ctx: Context, to: str) -> UUID:
    """Return who gets it: the player whom the rule is about, or one side of their referral."""
    if ctx.subject is None and (ctx.cause is None or ctx.cause.event_id is None):
        raise InvalidInput("who gets the reward? name the player with ctx.of(player_id)")
    subject = _player_of_cause(ctx)
    if to == "self":
        return subject
    referrer = ctx.connection.scalar(
        select(_REFERRAL.c.referrer_id).where(
            _REFERRAL.c.tenant_id == ctx.tenant.id, _REFERRAL.c.friend_id == subject
        )
    )
    if referrer is None:
        raise Refused(lifecycle.GIVE, ["nobody referred this player"])
    return referrer if to == "referrer" else subject


def _player_of_cause(ctx: Context) -> UUID:
    if ctx.subject is not None:
        return ctx.subject
    assert ctx.cause is not None
    assert ctx.cause.event_id is not None
    player_id = events.find_event(ctx, ctx.cause.event_id).player_id
    if player_id is None:
        raise InvalidInput("the event is about no player: a reward needs one")
    return player_id


ACTIONS = (
    Action(
        name="loyalty.grant_bonus",
        title="Give a bonus",
        doc="Bonus money in a purse of its own, to be wagered before it is cash.",
        example={"amount": 50000, "wagering_requirement": "10", "expiry_hours": 48},
        schema=GrantBonus,
        run=grant_bonus,
        pays="money",
        undo=lifecycle.undo,
    ),
    Action(
        name="loyalty.grant_cash",
        title="Pay cash",
        doc="Cash into the player's wallet, at once.",
        example={"amount": 750, "type": "CASHBACK"},
        schema=GrantCash,
        run=grant_cash,
        pays="money",
        undo=lifecycle.undo,
    ),
    Action(
        name="loyalty.grant_free_bet",
        title="Give a free bet",
        doc="A stake that the house puts up, and keeps; the player gets what it wins.",
        example={"amount": 500, "expiry_hours": 168, "min_odds": "1.5"},
        schema=GrantFreeBet,
        run=grant_free_bet,
        pays="money",
        undo=lifecycle.undo,
    ),
    Action(
        name="loyalty.grant_spins",
        title="Give free spins",
        doc="Spins that stake a fixed value each, until they expire.",
        example={"amount": 20, "value": "0.20", "expiry_hours": 24},
        schema=GrantSpins,
        run=grant_spins,
        pays=SPINS,
        undo=lifecycle.undo,
    ),
    Action(
        name="loyalty.grant_tickets",
        title="Give raffle tickets",
        doc="Tickets for raffles, into the player's wallet.",
        example={"amount": 3},
        schema=GrantTickets,
        run=grant_tickets,
        pays=TICKETS,
        undo=lifecycle.undo,
    ),
    Action(
        name="loyalty.grant_perk",
        title="Give a perk",
        doc="Something that costs no money, such as a personal host; it is written down and shown.",
        example={"perk": "personal-host"},
        schema=GrantPerk,
        run=grant_perk,
        undo=lifecycle.undo,
    ),
)
