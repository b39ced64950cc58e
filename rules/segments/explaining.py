"""Why a player is in a segment or not, now or in a stay of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.errors import NotFound
from pitboss.core.identity.players import find_player
from pitboss.core.texts import marked, translated
from pitboss.rules.book import store
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import read_rule
from pitboss.rules.replay.decided import look_up_judgement
from pitboss.rules.replay.explaining import explained, live_at
from pitboss.rules.runtime.facts import known_now
from pitboss.rules.segments.members import Stay, find_stay
from pitboss.rules.segments.refresh import check_known
from pitboss.rules.vocabulary import catalogue, judging

BY_REFRESH = marked("a refresh of all players did this: it keeps no facts of each")
BY_NOBODY = marked("it has not ended")


@dataclass(frozen=True, slots=True)
class Now:
    """Whether a player is in a segment, and why its condition holds or not at this moment."""

    key: str
    version: int
    is_live: bool
    stay: Stay | None
    explanation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Why:
    """The trace of one end of a stay, or why there is none."""

    explanation: Mapping[str, Any] | None
    missing: str | None


@dataclass(frozen=True, slots=True)
class Then:
    """A stay of the past, with what began it and what ended it."""

    stay: Stay
    entered: Why
    left: Why


def explain_now(ctx: Context, key: str, player_id: UUID) -> Now:
    """Explain a segment for a player by the facts of this moment.

    One that is not live is explained by its newest version.
    """
    check_known(ctx, key)
    find_player(ctx, player_id)
    live = book_of(ctx).segments.rules.get(key)
    version = live.version if live is not None else store.find(ctx, key).head
    program = live.program if live is not None else _read(ctx, key, version)
    with judging(ctx):
        found = explain(program, known_now(ctx, player_id, program.catalogue))
    return Now(key, version, live is not None, _open_stay(ctx, key, player_id), as_json(found))


def explain_then(ctx: Context, key: str, player_id: UUID, at: datetime) -> Then:
    """Explain the stay of a player that was going on at an instant, by the facts that were recorded."""
    stay = find_stay(ctx, key, player_id, at)
    entered = _why(ctx, key, stay.version, stay.event_id)
    if stay.left_at is None:
        return Then(stay, entered, Why(None, translated(BY_NOBODY)))
    version = live_at(ctx, stay.left_at, [key]).get(key, stay.version)
    return Then(stay, entered, _why(ctx, key, version, stay.left_event_id))


def _why(ctx: Context, key: str, version: int, event_id: UUID | None) -> Why:
    if event_id is None:
        return Why(None, translated(BY_REFRESH))
    found = explained(ctx, key, version, look_up_judgement(ctx, event_id))
    return Why(found.explanation, found.missing)


def _read(ctx: Context, key: str, version: int) -> Program:
    rule = read_rule(store.version(ctx, key, version).document)
    return Program(rule, catalogue(ctx))


def _open_stay(ctx: Context, key: str, player_id: UUID) -> Stay | None:
    try:
        stay = find_stay(ctx, key, player_id)
    except NotFound:
        return None
    return stay if stay.left_at is None else None
