"""The words about markets: events, functions and actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Function, Term
from pitboss.core.errors import InvalidInput, NotFound
from pitboss.plugins.betting.markets import documents, reading, states
from pitboss.plugins.betting.markets.happenings import EVENTS, EXAMPLE_ID


class SuspendMarket(Schema):
    """Parameters of `betting.suspend_market`."""

    market_id = fields.UUID(required=True, metadata={"title": "Market"})
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=states.REASON_CHARACTERS_MAX),
        metadata={"title": "Reason"},
    )


def suspend_market(ctx: Context, *, market_id: UUID, reason: str) -> None:
    """Take no bets on a market until a trader looked at it."""
    states.suspend(ctx, reading.find(ctx, market_id, is_locked=True), "rule", reason=reason)


def read_market(ctx: Context, market_id: str) -> dict[str, Any] | None:
    """Return a market with its selections, or None."""
    try:
        return documents.spoken(reading.find(ctx, _id(market_id)))
    except NotFound:
        return None


def read_odds(ctx: Context, selection_id: str) -> Decimal | None:
    """Return the present decimal odds of a selection, or None."""
    try:
        book = reading.market_of_selection(ctx, _id(selection_id))
    except NotFound:
        return None
    odds: Decimal | None = next(one.odds for one in book.selections if one.id == _id(selection_id))
    return odds


def read_fixture_markets(ctx: Context, fixture_id: str) -> list[dict[str, Any]]:
    """Return every market of a fixture with its selections."""
    return [documents.spoken(book) for book in reading.of_fixtures(ctx, [_id(fixture_id)])]


def _id(text: str) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInput(f"{text!r} is no id: give the id of a market, selection or fixture") from None


FUNCTIONS = (
    Function(
        name="betting.market",
        title="Market",
        doc="A market with its selections and their prices; nothing when there is none.",
        arguments={"market": "text"},
        returns="any",
        call=read_market,
        example=(EXAMPLE_ID,),
    ),
    Function(
        name="betting.odds",
        title="Odds",
        doc="The present decimal odds of a selection.",
        arguments={"selection": "text"},
        returns="number",
        call=read_odds,
        example=(EXAMPLE_ID,),
    ),
    Function(
        name="betting.fixture_markets",
        title="Markets of a fixture",
        doc="Every market of a fixture with its selections and their prices.",
        arguments={"fixture": "text"},
        returns="any",
        call=read_fixture_markets,
        example=(EXAMPLE_ID,),
    ),
)
ACTIONS = (
    Action(
        name="betting.suspend_market",
        title="Suspend a market",
        doc="Takes no bets on a market until a trader resumes it.",
        schema=SuspendMarket,
        run=suspend_market,
        example={"market_id": EXAMPLE_ID, "reason": "unusual betting"},
    ),
)
TERMS: tuple[Term, ...] = (*EVENTS, *FUNCTIONS, *ACTIONS)
