"""Rules of kind limit: the one guard that refuses operations while their conditions hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import ANY, Guard
from pitboss.core.texts import marked, translated
from pitboss.rules.book.live import glance
from pitboss.rules.engine.rule import Limit
from pitboss.rules.runtime.facts import known_now
from pitboss.rules.vocabulary import judging

CLOSED = marked("this cannot be checked now, because a rule of the house has no value: ask the support")


def within_limits(ctx: Context, payload: Any) -> str | None:
    """Refuse an operation when a limit's condition holds of the player, or cannot be judged."""
    book = glance(ctx)
    if ctx.operation in book.closed:
        return translated(CLOSED)
    group = book.limits.get(ctx.operation)
    player_id = _player(ctx, payload)
    if not group or player_id is None:
        return None
    with judging(ctx):
        decision = group.decide(known_now(ctx, player_id, group.words))
    if decision.errors:
        return translated(CLOSED)
    refusing = [group.rules[key].rule for key, _ in decision.matches]
    messages = [rule.message for rule in refusing if isinstance(rule, Limit)]
    return "; ".join(messages) or None


def _player(ctx: Context, payload: Any) -> UUID | None:
    """Return whom an operation is about: what it says, or the subject of the unit of work."""
    parts = payload if isinstance(payload, Mapping) else {}
    if is_dataclass(payload) and not isinstance(payload, type):
        parts = asdict(payload)
    said = parts.get("player_id")
    return said if isinstance(said, UUID) else ctx.subject


GUARDS = (Guard(ANY, within_limits, order=50),)
