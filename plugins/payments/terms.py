"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.payments import actions, facts_terms, flow, happenings, messages

TERMS: tuple[Term, ...] = (
    *happenings.TERMS,
    *facts_terms.TERMS,
    *actions.TERMS,
    *flow.TERMS,
    *messages.TERMS,
)
