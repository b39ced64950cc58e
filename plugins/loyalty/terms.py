"""The words that the plugin adds to the vocabulary."""

from __future__ import annotations

from pitboss.core.contracts import Term

TERMS: tuple[Term, ...] = ()
