"""Judge an event: the one listener that all rules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import bindparam, insert, select

from pitboss.core.context import Context
from pitboss.core.contracts import ANY, Listener
from pitboss.core.database.rows import Piece, insert_rows
from pitboss.core.events import Event
from pitboss.core.texts import speaking
from pitboss.rules.alerts import firing
from pitboss.rules.book.live import Book, OnEvent, book_of, glance
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.runtime.facts import gather, recorded
from pitboss.rules.runtime.groups import settle_groups
from pitboss.rules.runtime.payments import Claim, claim
from pitboss.rules.runtime.settle import settle
from pitboss.rules.runtime.tables import DecisionRow, JudgementRow
from pitboss.rules.segments import membership
from pitboss.rules.vocabulary import judging

log = structlog.get_logger(__name__)

_JUDGEMENT = JudgementRow.__table__
_JUDGED, _DECIDED = insert(_JUDGEMENT), insert(DecisionRow.__table__)
_KNOWN = select(_JUDGEMENT.c.id).where(
    _JUDGEMENT.c.tenant_id == bindparam("tenant"), _JUDGEMENT.c.id == bindparam("event")
)


def wants(ctx: Context, event: Event) -> bool:
    """Tell whether an event is judged: rules listen to it, or it belongs to a player's history."""
    owner = ctx.view.terms[event.name].owner
    is_history = event.player_id is not None and not ctx.kernel.registry.is_always_on(owner)
    return is_history or event.name in glance(ctx).events


def judge(ctx: Context, event: Event) -> None:
    """Judge every live rule on an event, do what those that match say, and keep what was known."""
    book = book_of(ctx)
    on = book.on(event.name)
    with judging(ctx):
        judge_facts(ctx, book, event, gather(ctx, event, on.words, on.computed))


def judge_facts(ctx: Context, book: Book, event: Event, facts: dict[str, Any]) -> bool:
    """Judge an event on facts that are gathered; tell whether it was not judged before.

    What is kept and told of it is no answer to this request, whose language nobody else may read.
    """
    with speaking():
        return _judge_facts(ctx, book, event, facts)


def _judge_facts(ctx: Context, book: Book, event: Event, facts: dict[str, Any]) -> bool:
    on = book.on(event.name)
    if ctx.connection.scalar(_KNOWN, {"tenant": ctx.tenant.id, "event": event.id}) is not None:
        return False
    if book.is_stopped:
        _remember(ctx, _judgement(ctx, event, book, on, facts), [])
        return True
    facts |= membership.judged(ctx, book, event, facts)
    # After the segments moved, because rewards are judged on what they are now.
    judgement = _judgement(ctx, event, book, on, facts)
    _remember(ctx, judgement, _reward(ctx, on, event, facts))
    firing.judged(ctx, on.alerts, event, facts)
    return True


def _remember(ctx: Context, judgement: Mapping[str, Any], decisions: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was known and decided; of two who judge an event at the same moment, one fails here."""
    insert_rows(ctx.connection, Piece(_JUDGED, [judgement]), Piece(_DECIDED, decisions))


def _judgement(
    ctx: Context, event: Event, book: Book, on: OnEvent, facts: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "tenant_id": ctx.tenant.id,
        "id": event.id,
        "event": event.name,
        "player_id": event.player_id,
        "revision": book.revision,
        "facts": recorded(facts, on.words),
        "at": event.at,
    }


def _reward(ctx: Context, on: OnEvent, event: Event, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Do what the rewards that match say; return what was decided of each, to be kept."""
    if not on.rewards:
        return []
    decision = on.rewards.decide(facts)
    for key, error in decision.errors:
        log.warning("rule has no value", rule=key, kind=error.kind, reason=str(error))
    claims = settle_groups(ctx, _claims(ctx, on, decision.matches, facts))
    return [settle(ctx, event, facts, one) for one in claims]


def _claims(
    ctx: Context, on: OnEvent, matches: tuple[tuple[str, float | None], ...], facts: Mapping[str, Any]
) -> list[Claim]:
    claims = []
    for key, _ in matches:
        try:
            claims.append(claim(ctx, on.rewards.rules[key], facts))
        except EvaluationError as error:
            # One of several actions has no amount: a reward is done whole, or not at all.
            log.warning("rule has no amount", rule=key, kind=error.kind, reason=str(error))
    return claims


LISTENERS = (Listener(ANY, judge, name="judge", wants=wants),)
