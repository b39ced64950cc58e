"""Odds as they are written: exact decimals for programs, and the format that a player prefers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.identity import preferences_of
from pitboss.plugins.betting.odds import formats


def text(odds: Decimal) -> str:
    """Write odds exactly, with two decimals at least.

    >>> text(Decimal("1.8800"))
    '1.88'
    """
    return formats.show(odds, "decimal")


def odds_text_of(ctx: Context, player_id: UUID | None) -> Callable[[Decimal], str]:
    """Return what writes odds as a player prefers them; as decimals for anybody else."""
    if player_id is None:
        return text
    return partial(formats.show, to=preferences_of(ctx, player_id)["odds_format"])
