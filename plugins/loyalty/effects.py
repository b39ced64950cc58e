"""What a transaction sets off, in one order for all: and taken back in the reverse one."""

from __future__ import annotations

from typing import Protocol

from pitboss.core.context import Context
from pitboss.plugins.loyalty.bonuses import book as bonuses
from pitboss.plugins.loyalty.play import history
from pitboss.plugins.loyalty.play.tables import Transaction
from pitboss.plugins.loyalty.points import book as pointbook
from pitboss.plugins.loyalty.quests import counting as quests


class Effect(Protocol):
    """A module that keeps something current when players deposit, bet and win."""

    def taken(self, ctx: Context, tx: Transaction) -> None:
        """Follow a transaction that was taken."""

    def rolled_back(self, ctx: Context, tx: Transaction) -> None:
        """Undo what following it did."""


EFFECTS: tuple[Effect, ...] = (history, bonuses, pointbook, quests)
"""History is the first: it touches the player's row, the lock, before any account."""
