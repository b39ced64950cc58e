"""The words of slips."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.betting.slips import actions, happenings

TERMS: tuple[Term, ...] = (*happenings.EVENTS, *actions.ACTIONS)
