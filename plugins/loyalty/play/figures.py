"""Figures that are worked out of others: days since, averages and ratios."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

from pitboss.core.context import Context

_DAY = timedelta(days=1)


def days_since(name: str) -> Callable[[Context], float | None]:
    """Return how to compute the days since an instant of the player; None when it never was."""

    def compute(ctx: Context) -> float | None:
        at = ctx.value(name)
        return None if at is None else float((ctx.clock.now() - at) / _DAY)

    return compute


def ratio(of: str, to: str) -> Callable[[Context], float | None]:
    """Return how to compute one figure divided by another; None when there is nothing to divide by."""

    def compute(ctx: Context) -> float | None:
        below = ctx.value(to)
        return float(ctx.value(of) / below) if below else None

    return compute


def average(of: str, count: str) -> Callable[[Context], int | None]:
    """Return how to compute an average amount, in whole minor units."""

    def compute(ctx: Context) -> int | None:
        n = ctx.value(count)
        return round(ctx.value(of) / n) if n else None

    return compute


def pnl(ctx: Context) -> int:
    """Return what the player won less what was wagered, in minor units."""
    return int(ctx.value("loyalty.total_won") - ctx.value("loyalty.total_wagered"))


def volatility(ctx: Context) -> float | None:
    """Return the standard deviation of the stakes as a share of the average stake.

    0 for who always stakes the same; None before the first stake.
    """
    bets, wagered = ctx.value("loyalty.total_bets"), ctx.value("loyalty.total_wagered")
    if not bets or not wagered:
        return None
    squares = ctx.value("loyalty.stake_squares")
    return math.sqrt(max(0.0, bets * squares / wagered**2 - 1))
