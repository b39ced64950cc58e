"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from pitboss.core.contracts import Term
from pitboss.plugins.loyalty import facts_terms, happenings, point_terms, quest_terms, reward_terms

TERMS: tuple[Term, ...] = (
    *happenings.TERMS,
    *facts_terms.TERMS,
    *point_terms.TERMS,
    *reward_terms.TERMS,
    *quest_terms.TERMS,
)
