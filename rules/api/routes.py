"""The blueprints of the book, in one list for the table of contents."""

from __future__ import annotations

from pitboss.core.contracts import Routes
from pitboss.rules.api import book, editor, life, packs, rules

BOOK = tuple(Routes(blueprint=part.blueprint) for part in (rules, life, book, editor, packs))
