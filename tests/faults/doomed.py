"""The casino of tests, whose cashier stops between match and payout: at a random point, waiting to be killed.

A worker with this plugin says `stopped` when it got there; what it had begun is neither committed nor
rolled back until it dies.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Action, Term
from pitboss.core.hooks import hookimpl
from pitboss.core.registry import Candidate
from tests.rules import casino
from tests.workers.child import say

POINTS_MAX = 80
"""The cashier stops at one of so many points: each payment has two, before and after."""

_points = count(1)
_last = random.randint(1, POINTS_MAX)
_line = threading.Lock()


def pay(ctx: Context, amount: int, wagering_requirement: int) -> UUID:
    """Pay, unless the end comes first."""
    _come_to_a_point()
    paid = casino.pay(ctx, amount, wagering_requirement)
    _come_to_a_point()
    return paid


def _come_to_a_point() -> None:
    with _line:
        is_last = next(_points) == _last
    if is_last:
        say("stopped")
        threading.Event().wait()


class Plugin(casino.Plugin):
    """The casino's table of contents, with another cashier."""

    @hookimpl
    def register_terms(self) -> Sequence[Term]:
        terms = super().register_terms()
        return [replace(t, run=pay) if isinstance(t, Action) and t.run is casino.pay else t for t in terms]


CANDIDATE = Candidate("casino", lambda: Plugin(), "pitboss-tests", "1")
