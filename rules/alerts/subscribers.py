"""Judge an alert for those who subscribed to it, each at a threshold of their own.

On an event of a player only that player's subscriptions are judged. On another event everybody's are: in
the background, in pages, each in a few statements for all that are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select

from pitboss.core import facts as kept
from pitboss.core.context import Context
from pitboss.core.contracts import Task, Variable
from pitboss.core.events import Event, find_event
from pitboss.rules.alerts.messages import facts_told
from pitboss.rules.alerts.states import subjects_on, switch_off, switch_on
from pitboss.rules.alerts.subjects import about_of, subscribed
from pitboss.rules.alerts.tables import SubscriptionRow
from pitboss.rules.alerts.telling import Firing, tell
from pitboss.rules.book.live import LiveRule, book_of
from pitboss.rules.engine.catalogue import NOW
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.runtime.facts import gather, in_major_units, with_derived
from pitboss.rules.segments.formulas import stored_facts
from pitboss.rules.vocabulary import EVENT_PREFIX, THRESHOLD, judging

TELL = "rules.tell_subscribers"
PAGE_SUBSCRIPTIONS = 1_000

_SUBSCRIPTION = SubscriptionRow.__table__


def judged(ctx: Context, offered: Mapping[str, LiveRule], event: Event, facts: Mapping[str, Any]) -> None:
    """Judge alerts for those who subscribed to them: now for the event's player, soon for everybody."""
    if event.player_id is None:
        for key in _subscribed_to(ctx, sorted(offered)):
            ctx.enqueue(TELL, {"event_id": str(event.id), "rule": key}, key=f"{event.id}:{key}")
        return
    about = about_of(ctx, event)
    query = _query(ctx, about).where(_SUBSCRIPTION.c.player_id == event.player_id)
    found = ctx.connection.execute(query.where(_SUBSCRIPTION.c.rule.in_(sorted(offered)))).all()
    for live in (offered[key] for key in sorted({row.rule for row in found})):
        _judge(ctx, live, event, about, [(row, facts) for row in found if row.rule == live.key])


def run(ctx: Context, payload: Mapping[str, Any]) -> None:
    """Judge one alert on one event for everybody who subscribed, a page at a time."""
    event, book = find_event(ctx, UUID(payload["event_id"])), book_of(ctx)
    live = book.on(event.name).alerts.offered.get(payload["rule"])
    if live is None or book.is_stopped:
        return
    about = about_of(ctx, event)
    saved = ctx.job.saved if ctx.job is not None else {}
    after = UUID(saved["after"]) if "after" in saved else UUID(int=0)
    with judging(ctx):
        facts = gather(ctx, event, live.program.catalogue)
        while page := _page(ctx, live.key, about, after):
            _judge(ctx, live, event, about, _known(ctx, live, facts, page))
            after = page[-1].id
            if ctx.job is not None:
                ctx.job.checkpoint({"after": str(after)})


def _subscribed_to(ctx: Context, keys: Sequence[str]) -> list[str]:
    """Return the alerts that anybody subscribed to, in one SELECT."""
    mine = _SUBSCRIPTION.c.tenant_id == ctx.tenant.id
    asked = [exists().where(mine, _SUBSCRIPTION.c.rule == key).label(f"k{n}") for n, key in enumerate(keys)]
    row = ctx.connection.execute(select(*asked)).one()
    return [key for key, is_one in zip(keys, row, strict=True) if is_one]


def _query(ctx: Context, about: str) -> Any:
    of_this = _SUBSCRIPTION.c.about.in_(sorted({"", about}))
    return select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.tenant_id == ctx.tenant.id, of_this)


def _page(ctx: Context, rule: str, about: str, after: UUID) -> Sequence[Row[Any]]:
    query = _query(ctx, about).where(_SUBSCRIPTION.c.rule == rule, _SUBSCRIPTION.c.id > after)
    return ctx.connection.execute(query.order_by(_SUBSCRIPTION.c.id).limit(PAGE_SUBSCRIPTIONS)).all()


def _known(
    ctx: Context, live: LiveRule, facts: Mapping[str, Any], page: Sequence[Row[Any]]
) -> list[tuple[Row[Any], Mapping[str, Any]]]:
    """Give each subscription the facts of its player, read for the whole page, where the rule reads any."""
    every = stored_facts(ctx, live.program, facts_told(live))
    names = [n for n in every if n != THRESHOLD and not n.startswith(EVENT_PREFIX)]
    names = [name for name in names if ctx.view.term(name, Variable).is_stored]
    if not names:
        return [(row, facts) for row in page]
    read, words = kept.read_many(ctx, [row.player_id for row in page], names), live.program.catalogue
    shared = {n: value for n, value in facts.items() if n == NOW or n.startswith(EVENT_PREFIX)}
    found: list[tuple[Row[Any], Mapping[str, Any]]] = []
    for n, row in enumerate(page):
        theirs = {name: values[n] for name, values in read.values.items()}
        admitted = words.admit(dict(in_major_units(ctx, theirs, words)))
        found.append((row, with_derived(ctx, words, admitted | shared)))
    return found


def _judge(
    ctx: Context,
    live: LiveRule,
    event: Event,
    about: str,
    page: Sequence[tuple[Row[Any], Mapping[str, Any]]],
) -> None:
    """Judge an alert for a page of subscriptions; fire it for those for whom it became true."""
    subjects = {subscribed(row.id, about): (row, facts) for row, facts in page}
    holds = _Holds(live)
    holding = {subject for subject, (row, facts) in subjects.items() if holds(row.threshold, facts)}
    on = subjects_on(ctx, live.key, subjects)
    switch_off(ctx, live.key, on - holding)
    fired = switch_on(ctx, live, holding - on)
    tell(ctx, [_firing(live, event, about, *subjects[subject]) for subject in sorted(fired)])


class _Holds:
    """Whether a condition holds at a threshold: evaluated once for all who share it and the facts."""

    def __init__(self, live: LiveRule) -> None:
        self._holds: Callable[[Mapping[str, Any]], Any] = compile_value(live.program.when)
        self._known: dict[tuple[float | None, int], bool] = {}

    def __call__(self, threshold: float | None, facts: Mapping[str, Any]) -> bool:
        key = (threshold, id(facts))
        if key not in self._known:
            self._known[key] = self._evaluated({**facts, THRESHOLD: threshold})
        return self._known[key]

    def _evaluated(self, facts: Mapping[str, Any]) -> bool:
        try:
            return self._holds(facts) is True
        except EvaluationError:
            return False


def _firing(live: LiveRule, event: Event, about: str, row: Row[Any], facts: Mapping[str, Any]) -> Firing:
    return Firing(
        live=live,
        event=event,
        facts={**facts, THRESHOLD: row.threshold},
        about=about,
        player_id=row.player_id,
        channels=row.channels,
        subscription_id=row.id,
    )


TASKS = (Task(name=TELL, title="Tell those who subscribed to an alert", run=run),)
