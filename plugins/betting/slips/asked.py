"""What a client asks for: a slip with its legs, the stake, and what may become of the price."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from pitboss.core.http import Body
from pitboss.plugins.betting.slips.tables import REFERENCE_LENGTH_MAX

Kind = Literal["single", "multiple", "system", "builder"]
PricePolicy = Literal["none", "higher_only", "any"]

ODDS_PATTERN = r"^[0-9]{1,8}(\.[0-9]{1,4})?$"
AMOUNT_LENGTH_MAX = 40
SYSTEM_LENGTH_MAX = 40

Odds = Annotated[str, Meta(pattern=ODDS_PATTERN, description='Decimal odds as exact text: "1.88".')]
Reference = Annotated[str, Meta(min_length=1, max_length=REFERENCE_LENGTH_MAX, pattern=r"^[!-~]+$")]


class Sum(Body, frozen=True):
    """An exact amount of a currency."""

    amount: Annotated[str, Meta(max_length=AMOUNT_LENGTH_MAX, description='Such as "10.00".')]
    currency: Annotated[str, Meta(min_length=3, max_length=8)]


class AskedLeg(Body, frozen=True):
    """A selection, at the price that the player was shown."""

    selection_id: UUID
    odds: Odds
    odds_version: Annotated[int, Meta(ge=0)]
    is_banker: bool = False


class AskedSlip(Body, frozen=True):
    """A slip; without a kind it is a single of one leg, or a multiple of several."""

    legs: list[AskedLeg]
    stake: Sum
    stake_of: Literal["line", "bet"] = "line"
    """Whether the stake is that of each line, or of all lines together."""
    kind: Kind | None = None
    system: Annotated[str, Meta(max_length=SYSTEM_LENGTH_MAX)] = ""
    """`trixie`, `lucky15`, or the sizes of its lines: `2/4`, `2-3/5`."""
    is_each_way: bool = False
    price_policy: PricePolicy | None = None
    free_bet_id: UUID | None = None


class AskedQuote(AskedSlip, frozen=True):
    """A slip that is only reckoned; an API key says for whom."""

    player_id: UUID | None = None


class AskedBet(AskedQuote, frozen=True, kw_only=True):
    """A slip that is to be placed; the same reference of the same player is the same bet."""

    reference: Reference


def kind_of(asked: AskedSlip) -> Kind:
    """Return the kind of a slip, as it was said or as its legs have it."""
    if asked.kind is not None:
        return asked.kind
    if asked.system:
        return "system"
    return "single" if len(asked.legs) == 1 else "multiple"


def fingerprint(asked: AskedBet) -> str:
    """Return what tells a request that was sent twice from another one under its reference."""
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()


class AskedOffer(Body, frozen=True):
    """An offer that was to be accepted, as a refusal keeps it."""

    bet_id: UUID
    reference: str
