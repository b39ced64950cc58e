"""Settings of a tenant, and what events, actions and answers carry."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class CardSettings(Schema):
    """Settings of each tenant."""

    cards_per_day_max = fields.Integer(load_default=5, validate=validate.Range(0, 1000))
    prize_points = fields.Integer(load_default=100, validate=validate.Range(1, 1_000_000))
    days_until_expiry = fields.Integer(load_default=30, validate=validate.Range(1, 3650))


class CardScratched(Schema):
    """Payload of `acme_sample.card_scratched`."""

    card_id = fields.UUID(required=True)
    points = fields.Integer(required=True)
    nth = fields.Integer(required=True)
    """How many cards the player has scratched with this one."""


class GiveCard(Schema):
    """Parameters of `acme_sample.give_card`."""

    key = fields.String(required=True, validate=validate.Length(1, 120))
    reason = fields.String(load_default="gift", validate=validate.Length(1, 80))


class Milestone(Schema):
    """A rule that gives a card to who scratched so many."""

    after = fields.Integer(required=True, validate=validate.Range(1, 1_000_000))


class CardAnswer(Schema):
    """A card as the API shows it."""

    id = fields.UUID(dump_only=True)
    state = fields.String(dump_only=True)
    reason = fields.String(dump_only=True)
    points = fields.Integer(dump_only=True, allow_none=True)


class CardsAnswer(Schema):
    """A player's cards."""

    items = fields.List(fields.Nested(CardAnswer()), dump_only=True)
