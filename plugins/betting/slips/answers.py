"""The shapes of what the hot endpoints answer; the other endpoints show bets in the same shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pitboss.core.http import Reply


class SumShown(Reply, frozen=True):
    """An exact amount of a currency."""

    amount: str
    currency: str


class LegShown(Reply, frozen=True):
    """A leg with its prices as exact decimal text; `odds_text` is in the player's format."""

    number: int
    fixture_id: UUID
    market_id: UUID
    selection_id: UUID
    name: str
    sport: str
    competition: str
    odds: str
    shown_odds: str
    odds_text: str
    odds_version: int
    is_banker: bool
    is_in_play: bool
    score_from: str
    place_terms: dict[str, Any]
    closing_odds: str | None


class BetShown(Reply, frozen=True):
    """A bet as it stands: the receipt of its player."""

    id: UUID
    player_id: UUID
    reference: str
    kind: str
    system: dict[str, Any]
    is_each_way: bool
    is_free: bool
    state: str
    reason: str
    odds: str | None
    line_count: int
    unit_stake: SumShown
    stake: SumShown
    running_stake: SumShown
    potential: SumShown
    payout: SumShown
    free_bet_id: UUID | None
    price_policy: str
    legs: list[LegShown]
    placed_at: datetime
    accept_at: datetime | None
    accepted_at: datetime | None
    settled_at: datetime | None
    settlement_version: int
    is_repeated: bool
    """Whether it stood before this request."""


class LimitShown(Reply, frozen=True):
    """A limit that applies to a slip; in minor units."""

    measure: str
    scope: str
    subject: str
    limit: int
    used: int
    added: int
    fits: bool


class QuotedLeg(Reply, frozen=True):
    """A selection as it can be taken now."""

    number: int
    selection_id: UUID
    name: str
    shown_odds: str
    odds: str | None
    odds_text: str | None
    odds_version: int
    status: str
    is_in_play: bool


class Quote(Reply, frozen=True):
    """What a slip would be now: nothing is kept."""

    kind: str
    line_count: int | None
    unit_stake: SumShown | None
    stake: SumShown | None
    potential: SumShown | None
    odds: str | None
    legs: list[QuotedLeg]
    stake_max: SumShown | None
    """The highest stake that all limits would take now; null where none is set."""
    limits: list[LimitShown]
    problems: list[dict[str, Any]]
    """Why it would be refused now; empty when it would be taken."""
    delay_seconds: int
