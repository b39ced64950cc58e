"""Somebody else's sportsbook, for tests: its events, and an action that pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Cause, Event, Manifest, Term
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate


class Slip(Schema):
    """Payload of its events about bets."""

    slip = fields.String(required=True)
    stake = fields.Integer(load_default=0, metadata={"type": "money"})
    payout = fields.Raw(load_default=0)
    sport = fields.String(load_default="football")
    price = fields.String(load_default="1.85")


class Paid(Schema):
    """Payload of what it says of its payments; parameters of the action too."""

    amount = fields.Integer(load_default=0)


def pay(ctx: Context, amount: int) -> None:
    """Pay, by saying so."""
    ctx.emit("bookmaker.paid", {"amount": amount}, player_id=ctx.subject)


def take_back(ctx: Context, _cause: Cause) -> None:
    """Take it back, by saying so."""
    ctx.emit("bookmaker.taken_back", {}, player_id=ctx.subject)


def _event(noun: str, schema: type[Schema], **example: Any) -> Event:
    return Event(name=f"bookmaker.{noun}", title=noun, doc=f"It is {noun}.", schema=schema, example=example)


class Plugin:
    """The bookmaker's table of contents."""

    @hookimpl
    def plugin_manifest(self) -> Manifest:
        return Manifest(name="bookmaker", version="1", title="Bookmaker")

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        return [
            _event("bet_placed", Slip, slip="s-1", stake=500),
            _event("bet_settled", Slip, slip="s-1", stake=500, payout=0),
            _event("bet_voided", Slip, slip="s-1"),
            _event("paid", Paid, amount=500),
            _event("taken_back", Paid),
            Action(
                name="bookmaker.pay",
                title="Pay",
                doc="Pay the player.",
                example={"amount": 500},
                schema=Paid,
                run=pay,
                pays="money",
                undo=take_back,
            ),
        ]


CANDIDATE = Candidate("bookmaker", lambda: Plugin(), "pitboss-tests", "1")
