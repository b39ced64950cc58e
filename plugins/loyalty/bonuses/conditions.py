"""The terms of a bonus: what an action asks for over what the tenant has set, as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pitboss.core import events
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput
from pitboss.plugins.loyalty.bonuses import wagering

NAME = "loyalty"
DEPOSIT = "loyalty.deposit_made"


def kept(ctx: Context, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms of a bonus as plain JSON; what is not asked for is as the tenant has set."""
    settings = ctx.settings(NAME)
    terms = {
        "multiplier": _text(asked.get("wagering_requirement", 0)),
        "base": asked.get("base", "bonus"),
        "deposit": _minor(ctx, asked.get("deposit")) or 0,
        "contributions": {
            name: _text(share)
            for name, share in (settings["contributions"] | dict(asked.get("contributions") or {})).items()
        },
        "contribution_default": _text(settings["contribution_default"]),
        "bet_max": _or(_minor(ctx, asked.get("max_bet")), settings["bonus_bet_max"]),
        "odds_min": _text(asked.get("min_odds")),
        "eligible_games": asked.get("eligible_games"),
        "hours": _or(asked.get("expiry_hours"), settings["bonus_valid_hours"]) or None,
        "is_sticky": bool(asked.get("sticky", False)),
        "is_phantom": bool(asked.get("phantom", False)),
        "counts": asked.get("counts", "all"),
        "conversion_max": _minor(ctx, asked.get("max_conversion")),
        "conversion_multiple_max": _text(asked.get("max_conversion_multiple")),
        "breach_policy": asked.get("breach_policy") or settings["breach_policy"],
        "rounding": ctx.tenant.rounding,
    }
    if terms["base"] != "bonus" and not terms["deposit"]:
        terms["deposit"] = _deposit_behind(ctx)
    read(terms)
    return terms


def read(kept: Mapping[str, Any]) -> wagering.Terms:
    """Read terms that were kept."""
    games = kept["eligible_games"]
    return wagering.Terms(
        multiplier=Decimal(kept["multiplier"]),
        base=kept["base"],
        contributions={name: Decimal(share) for name, share in kept["contributions"].items()},
        contribution_default=Decimal(kept["contribution_default"]),
        bet_max=kept["bet_max"],
        odds_min=_decimal(kept["odds_min"]),
        eligible_games=frozenset(games) if games else None,
        is_sticky=kept["is_sticky"],
        is_phantom=kept["is_phantom"],
        counts=kept["counts"],
        conversion_max=kept["conversion_max"],
        conversion_multiple_max=_decimal(kept["conversion_multiple_max"]),
        breach_policy=kept["breach_policy"],
        rounding=kept["rounding"],
    )


def minor_of(ctx: Context, amount: Decimal) -> int:
    """Return an amount of a rule, which is in major units, in minor ones."""
    return ctx.tenant.currencies.parse(f"{amount:f}", ctx.tenant.currency).minor


def _deposit_behind(ctx: Context) -> int:
    """Return the deposit that the rule was judged on."""
    if ctx.cause is not None and ctx.cause.event_id is not None:
        event = events.find_event(ctx, ctx.cause.event_id)
        if event.name == DEPOSIT:
            return int(event.payload["amount"])
    raise InvalidInput(f"a bonus that counts the deposit needs one: give 'deposit', or listen to {DEPOSIT!r}")


def _minor(ctx: Context, amount: Decimal | None) -> int | None:
    return None if amount is None else minor_of(ctx, amount)


def _or(asked: Any, otherwise: Any) -> Any:
    return otherwise if asked is None else asked


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
