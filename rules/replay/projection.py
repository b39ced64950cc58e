"""What the next days will cost, and how sure that is: a bootstrap over the days that were replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAYS = 30
"""For how many days costs are projected."""
RESAMPLES = 4_000
SEED = 20_261_127
"""Fixed, so that one history always gives one projection."""
DAYS_MIN = 7
"""With fewer days than a week an interval says little."""
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True)
class Projection:
    """The expected cost of the next days, and the interval that holds it in 95 of 100 cases."""

    cost: float
    low: float
    high: float


def project(daily: Sequence[float], days: int = DAYS) -> Projection | None:
    """Project daily costs; None where less than two days were replayed: one tells not how days differ.

    Each resample is as many days as are projected, drawn from those that were, with replacement: so the
    interval holds how days differ, and also how uncertain their mean is, since that of a second draw is
    added: the mean of as many days as were replayed.
    """
    if len(daily) < 2:
        return None
    costs = np.asarray(daily, np.float64)
    draw = np.random.default_rng(SEED)
    ahead = draw.choice(costs, (RESAMPLES, days)).sum(axis=1)
    means = draw.choice(costs, (RESAMPLES, len(costs))).mean(axis=1)
    totals = ahead + days * (means - costs.mean())
    low, high = np.percentile(totals, (_LOW, _HIGH))
    return Projection(float(costs.mean() * days), max(0.0, float(low)), float(high))
