"""The events of markets: what others may listen to, and players may follow."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from pitboss.core.contracts import Event
from pitboss.core.texts import marked

EXAMPLE_ID = "0195f2d0-0000-7000-8000-000000000001"
MARKET: dict[str, Any] = {
    "market_id": EXAMPLE_ID,
    "fixture_id": "0195f2d0-0000-7000-8000-000000000002",
    "template": "match_result",
    "sport": "football",
}


class MarketNamed(Schema):
    """Which market."""

    market_id = fields.UUID(required=True)
    fixture_id = fields.UUID(required=True)
    template = fields.String(required=True)
    sport = fields.String(required=True)


class MarketOpened(MarketNamed):
    """Payload of `betting.market_opened`."""

    odds_version = fields.Integer(required=True)


class MarketSuspended(MarketNamed):
    """Payload of `betting.market_suspended`."""

    cause = fields.String(required=True)
    causes = fields.List(fields.String(), required=True)
    """All that hold now."""
    reason = fields.String(load_default="")


class MarketResumed(MarketNamed):
    """Payload of `betting.market_resumed`."""

    causes = fields.List(fields.String(), required=True)
    """What was lifted."""
    odds_version = fields.Integer(required=True)


class StartPriceSchema(Schema):
    """The last price before the start; null: none was offered."""

    selection_id = fields.UUID(required=True)
    odds = fields.String(required=True, allow_none=True)


class MarketInPlay(MarketNamed):
    """Payload of `betting.market_in_play`."""

    prices = fields.List(fields.Nested(StartPriceSchema()), required=True)


class MarketClosed(MarketNamed):
    """Payload of `betting.market_closed`."""


class PriceSchema(Schema):
    """One price as it became; null: none is offered."""

    selection_id = fields.UUID(required=True)
    code = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    odds = fields.String(required=True, allow_none=True)


class PriceMoved(MarketNamed):
    """Payload of `betting.price_moved`."""

    odds_version = fields.Integer(required=True)
    cause = fields.String(required=True)
    prices = fields.List(fields.Nested(PriceSchema()), required=True)


def _event(noun: str, title: str, doc: str, schema: type[Schema], **more: Any) -> Event:
    name = f"betting.{noun}"
    example = {**MARKET, **more}
    return Event(name=name, title=title, doc=doc, schema=schema, is_public=True, example=example)


EVENTS = (
    _event("market_opened", "Market opened", "A market takes bets.", MarketOpened, odds_version=1),
    _event(
        "market_suspended",
        "Market suspended",
        "A market takes no bets for now, and says why.",
        MarketSuspended,
        cause="feed",
        causes=["feed"],
        reason=marked("the feed is silent"),
    ),
    _event(
        "market_resumed",
        "Market resumed",
        "A suspended market takes bets again.",
        MarketResumed,
        causes=["feed"],
        odds_version=4,
    ),
    _event(
        "market_in_play",
        "Market in play",
        "The fixture has begun, and its market goes on.",
        MarketInPlay,
        prices=[{"selection_id": EXAMPLE_ID, "odds": "1.95"}],
    ),
    _event("market_closed", "Market closed", "A market takes no more bets.", MarketClosed),
    _event(
        "price_moved",
        "Price moved",
        "Prices of a market are others than before.",
        PriceMoved,
        odds_version=4,
        cause="trader",
        prices=[{"selection_id": EXAMPLE_ID, "code": "home", "before": "1.95", "odds": "1.88"}],
    ),
)
