"""What a transaction sets off, in one order for all: and taken back in the reverse one."""

from __future__ import annotations

from typing import Protocol

from pitboss.core.context import Context
from pitboss.plugins.loyalty import bonuses, history, pointbook, quests
from pitboss.plugins.loyalty.models import Transaction


class Effect(Protocol):
    """A module that keeps something current when players deposit, bet and win."""

    def taken(self, ctx: Context, tx: Transaction) -> None:
        """Follow a transaction that was taken."""

    def rolled_back(self, ctx: Context, tx: Transaction) -> None:
        """Undo what following it did."""


EFFECTS: tuple[Effect, ...] = (history, bonuses, pointbook, quests)
"""History is the first: it touches the player's row, the lock, before any account."""
