"""The blueprints of the rulebook, in lists for the table of contents."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.rules.api import (
    alerts,
    book,
    decisions,
    editor,
    evaluate,
    life,
    packs,
    rules,
    segments,
    simulations,
)

BOOK = tuple(Routes(blueprint=part.blueprint) for part in (rules, life, book, editor, packs))
HISTORY = tuple(Routes(blueprint=part.blueprint) for part in (simulations, decisions, evaluate))
PEOPLE = tuple(Routes(blueprint=part.blueprint) for part in (segments, alerts))
