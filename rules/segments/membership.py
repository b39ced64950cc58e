"""Keep the segments of a player current when an event of theirs is judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pitboss.core.context import Context
from pitboss.core.contracts import Task
from pitboss.core.events import Event
from pitboss.rules.book.live import Book, book_of
from pitboss.rules.runtime.facts import gather
from pitboss.rules.segments.stays import begin_stay, end_stay, write_player
from pitboss.rules.vocabulary import SEGMENT, SEGMENTS, judging

RECHECK = "rules.recheck_segments"
ENTERED, LEFT = "rules.segment_entered", "rules.segment_left"

ROUNDS_MAX = 3
"""How often a player is judged again: two segments that exclude each other would change for ever."""

_NONE: frozenset[str] = frozenset()


def judged(
    ctx: Context, book: Book, event: Event, facts: Mapping[str, Any], *, rounds: int = ROUNDS_MAX
) -> Mapping[str, Any]:
    """Let the player into segments and out of them; return the facts that changed by it.

    Where something changed, the player is judged again in the background: by segments that read segments,
    and because who judges them at this very moment does not see it yet.
    """
    if event.player_id is None:
        return {}
    before: frozenset[str] = facts.get(SEGMENTS) or _NONE
    if not before and not book.segments:
        return {}
    after = segments_on(book, event.name, facts, before)
    if after == before:
        return {}
    if rounds:
        again = {"player_id": str(event.player_id), "event_id": str(event.id), "event": event.name}
        ctx.enqueue(RECHECK, again | {"rounds": rounds - 1})
    return _moved(ctx, book, event, event.player_id, before, after)


def segments_on(book: Book, event: str, facts: Mapping[str, Any], before: Collection[str]) -> frozenset[str]:
    """Return what a player is in after an event, in capitals; one that has no value lets nobody in."""
    kept = {name for name in before if not _is_judged(book, name.lower(), event)}
    if not book.segments:
        return frozenset(kept)
    matches = book.segments.decide(facts).matches
    return frozenset(kept.union(key.upper() for key, _ in matches if _is_judged(book, key, event)))


def _is_judged(book: Book, key: str, event: str) -> bool:
    """Tell whether a segment is judged on an event; one that cannot be read today stays as it is."""
    return key not in book.broken and (key not in book.bound or event in book.bound[key])


def _moved(
    ctx: Context,
    book: Book,
    event: Event,
    player_id: UUID,
    before: frozenset[str],
    after: frozenset[str],
) -> Mapping[str, Any]:
    entered: dict[str, int] = {}
    left: dict[str, int] = {}
    # One order everywhere, so that two workers on one player cannot wait for each other.
    for name in sorted(before ^ after):
        key = name.lower()
        if name in after and begin_stay(ctx, player_id, book.rules[key], event.id):
            entered[key] = book.rules[key].version
        elif name in before:
            version = end_stay(ctx, player_id, key, event.id)
            left |= {key: version} if version is not None else {}
    segments, first = write_player(ctx, book, player_id)
    for name, stays in ((LEFT, left), (ENTERED, entered)):
        for key, version in stays.items():
            ctx.emit(name, {"segment": key, "version": version}, player_id=player_id)
    return {SEGMENTS: segments, SEGMENT: first}


def recheck(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Judge the segments of a player once more, now that what two workers did at once is committed."""
    book = book_of(ctx)
    if book.is_stopped:
        return
    now, player_id = ctx.clock.now(), UUID(payload["player_id"])
    event = Event(UUID(payload["event_id"]), payload["event"], {}, now, player_id)
    with judging(ctx):
        computed = book.on(event.name).computed if event.name in ctx.view.terms else ()
        facts = gather(ctx, event, book.words.of(), computed)
        judged(ctx, book, event, facts, rounds=payload["rounds"])


TASKS = (Task(name=RECHECK, title="Judge a player's segments once more", run=recheck),)
