"""Why a decision came to what it did: re-derived from the version that decided and the recorded facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select

from pitboss.core.context import Context
from pitboss.core.errors import NotFound, TermMissing
from pitboss.core.texts import gettext as _
from pitboss.core.texts import grouped, marked, number, told
from pitboss.rules.book import store
from pitboss.rules.book.live import Book, LiveRule, book_of, with_words
from pitboss.rules.book.schedule import is_in_effect
from pitboss.rules.book.tables import RuleRow, StepRow, VersionRow
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.insight.explain import explain, explain_all, nearest, why_not
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Alert, Reward, Segment, read_rule
from pitboss.rules.replay.decided import Decision, Filter, Judgement, decisions, latest_judgement
from pitboss.rules.runtime.facts import known_now
from pitboss.rules.runtime.holdout import BUCKETS, bucket
from pitboss.rules.runtime.periods import times
from pitboss.rules.runtime.tables import Outcome
from pitboss.rules.vocabulary import EVENT_PREFIX, judging

_STEP, _RULE, _VERSION = StepRow.__table__, RuleRow.__table__, VersionRow.__table__
KEYS_MAX = 1_000
"""So many rules are read in one query."""
_BEGINS = ("published", "rolled_back", "resumed")
_ENDS = ("paused", "retired")
_PICKED = {
    "best": marked("of the group %(group)s, the best is taken"),
    "first": marked("of the group %(group)s, the first is taken"),
    "sum_capped": marked("of the group %(group)s, all are taken up to a cap"),
}
_BUDGETS = {
    "hour": marked("%(amount)s an hour in all"),
    "day": marked("%(amount)s a day in all"),
    "week": marked("%(amount)s a week in all"),
    "month": marked("%(amount)s a month in all"),
    "lifetime": marked("%(amount)s in all"),
}
_ORDER = {
    Outcome.EXCLUDED: "exclusive",
    Outcome.NOTHING: "amount",
    Outcome.CAPPED: "per_player",
    Outcome.HELD_OUT: "holdout",
    Outcome.OUT_OF_BUDGET: "budget",
    Outcome.REFUSED: "guards",
}
"""What is asked of a rule that matched, in order, and the outcome when that says no."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A trace, or why there is none."""

    explanation: Mapping[str, Any] | None
    missing: str | None = None


def explained(ctx: Context, key: str, version: int, judged: Judgement | None) -> Explained:
    """Return why a version matched what was recorded."""
    if judged is None:
        return Explained(None, _("the facts that it was judged on are no longer kept"))
    try:
        program = _program(ctx, key, version, judged.event)
    except (Refused, NotFound, TermMissing) as error:
        return Explained(
            None,
            _(
                "version %(version)s of rule %(key)s can no longer be read: %(error)s",
                version=version,
                key=repr(key),
                error=error,
            ),
        )
    return Explained(_explain(ctx, program, judged.facts))


def checks_of(ctx: Context, found: Decision) -> list[dict[str, Any]]:
    """Return what was asked of a rule that matched, in order, and what was said."""
    try:
        rule = read_rule(store.version(ctx, found.rule, found.version).document)
    except (Refused, NotFound):
        return []
    asked = list(_asked(rule, found)) if isinstance(rule, Reward) else []
    ended = _ORDER.get(Outcome(found.outcome))
    names = list(_ORDER.values())
    return [
        {
            "check": name,
            "says": said,
            "answer": _answer(names.index(name), None if ended is None else names.index(ended)),
            "reason": found.reason if name == ended else None,
        }
        for name, said in asked
    ]


def _answer(place: int, ended: int | None) -> str:
    if ended is None or place < ended:
        return "passed"
    return "refused" if place == ended else "not_asked"


def _asked(rule: Reward, found: Decision) -> Iterator[tuple[str, str]]:
    if rule.exclusive is not None:
        yield "exclusive", _(_PICKED[rule.exclusive.pick], group=repr(rule.exclusive.group))
    yield "amount", _("it pays more than nothing")
    per_player, budget = (rule.limits.per_player, rule.limits.budget) if rule.limits else (None, None)
    if per_player is not None:
        text = marked("%(times)s for each player")
        if per_player.cool_down:
            text = marked("%(times)s for each player, %(apart)s apart")
        yield "per_player", _(text, times=told(times(per_player)), apart=per_player.cool_down)
    if rule.holdout_percent and found.player_id is not None:
        place = bucket(rule.key, found.player_id)
        yield (
            "holdout",
            _(
                "%(percent)s %% are held out; the player is number %(place)s of %(count)s",
                percent=grouped(format(rule.holdout_percent, "g")),
                place=number(place),
                count=number(BUCKETS),
            ),
        )
    if budget is not None:
        yield (
            "budget",
            _(_BUDGETS[budget.period], amount=grouped(f"{budget.amount:f}".rstrip("0").rstrip("."))),
        )
    yield "guards", _("no guard of a plugin refuses")


# -- an event ------------------------------------------------------------------------------------


def others_of(ctx: Context, judged: Judgement, *, most: int | None = None) -> list[dict[str, Any]]:
    """Return why each rule that was live then did not match, the nearest first; of many, some."""
    decided = {one.rule for one in decisions(ctx, Filter(event_id=judged.id))}
    rules, unreadable = _live_then(ctx, judged, most)
    rules = sorted((one for one in rules if one.key not in decided), key=lambda one: -one.priority)
    programs = []
    for one in rules[:most]:
        try:
            programs.append(one.checked())
        except (Refused, TermMissing) as error:
            unreadable.append({"key": one.key, "version": None, "missing": str(error)})
    unreadable = [one for one in unreadable if one["key"] not in decided]
    if not programs:
        return unreadable
    facts = _known(judged.facts, programs[0].catalogue)
    with judging(ctx):
        return [as_json(one) for one in why_not(programs, facts)] + unreadable


def _live_then(
    ctx: Context, judged: Judgement, most: int | None
) -> tuple[list[Program], list[dict[str, Any]]]:
    """Return the rules that an event was judged on by key, and what can no longer be read of them.

    Most did not change since, and are compiled as they are at work today; of those that did, the `most`
    that changed last are read again.
    """
    book, words = book_of(ctx), book_of(ctx).words
    changed = _changed_since(ctx, judged.at)
    again = {*changed, *book.broken}
    found = {key: live.program for key, live in _at_work(ctx, judged.event).items() if key not in again}
    then = {key: (one.version, one.rule) for key, one in book.scheduled.items() if key not in again}
    unreadable = []
    versions = live_at(ctx, judged.at, {*changed[:most], *book.broken})
    for key, document in _documents(ctx, versions).items():
        try:
            then[key] = versions[key], read_rule(document)
        except Refused as error:
            unreadable.append({"key": key, "version": versions[key], "missing": str(error)})
    catalogue = words.of([judged.event] if judged.event in ctx.view.terms else [])
    for key, (__, rule) in then.items():
        is_judged = judged.event in rule.on and isinstance(rule, Reward | Alert)
        if is_judged and is_in_effect(rule.effective, judged.at, ctx.tenant.zone):
            found[key] = Program(rule, catalogue)
    return [found[key] for key in sorted(found)], unreadable


def _at_work(ctx: Context, event: str) -> Mapping[str, LiveRule]:
    """Return the rules that an event is judged on today, but those with a schedule."""
    if event not in ctx.view.terms:
        return {}
    book = book_of(ctx)
    on = book.on(event)
    groups = (on.rewards, on.alerts)
    return {key: one for group in groups for key, one in group.rules.items() if key not in book.scheduled}


def _changed_since(ctx: Context, moment: datetime) -> list[str]:
    query = select(_RULE.c.key).where(_RULE.c.tenant_id == ctx.tenant.id, _RULE.c.changed_at > moment)
    return list(ctx.connection.scalars(query.order_by(_RULE.c.changed_at.desc())))


def _documents(ctx: Context, versions: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Return what these versions of rules say, in one query for a page of them."""
    found: dict[str, dict[str, Any]] = {}
    for keys in _slices(versions):
        query = select(_VERSION.c.key, _VERSION.c.number, _VERSION.c.document)
        query = query.where(_VERSION.c.tenant_id == ctx.tenant.id, _VERSION.c.key.in_(keys))
        rows = ctx.connection.execute(query)
        found |= {row.key: row.document for row in rows if versions[row.key] == row.number}
    return found


def _slices(keys: Collection[str]) -> Iterator[list[str]]:
    every = sorted(keys)
    yield from (every[start : start + KEYS_MAX] for start in range(0, len(every), KEYS_MAX))


def live_at(ctx: Context, moment: datetime, keys: Collection[str]) -> dict[str, int]:
    """Return which version of each of these rules was live at a moment, as its steps tell."""
    live: dict[str, int] = {}
    for some in _slices(keys):
        query = select(_STEP.c.key, _STEP.c.number, _STEP.c.step).where(
            _STEP.c.tenant_id == ctx.tenant.id,
            _STEP.c.key.in_(some),
            _STEP.c.step.in_((*_BEGINS, *_ENDS)),
            _STEP.c.at <= moment,
        )
        for row in ctx.connection.execute(query.order_by(_STEP.c.id)):
            if row.step in _BEGINS:
                live[row.key] = row.number
            else:
                live.pop(row.key, None)
    return live


# -- a player now ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Why:
    """What the live rules say of a player at this moment."""

    event: str | None
    event_id: UUID | None
    """The player's latest such event, of which the event's own facts are taken."""
    matches: Sequence[Mapping[str, Any]]
    nearest: Sequence[Mapping[str, Any]]
    """Those that do not match: the nearest first."""


def why(ctx: Context, player_id: UUID, event: str | None, *, most: int | None = None) -> Why:
    """Judge every live rule on a player as they are now; of one event, or all that need no event.

    Of many rules the `most` important are judged, and as many of those that fire.
    """
    book = book_of(ctx)
    words = book.words.of([event] if event else [])
    latest = latest_judgement(ctx, player_id, event) if event else None
    facts = known_now(ctx, player_id, words)
    if latest is not None:
        facts |= {n: v for n, v in _known(latest.facts, words).items() if n.startswith(EVENT_PREFIX)}
    rules = sorted(book.rules.values(), key=lambda live: -live.program.priority)
    with judging(ctx):
        if most is not None:
            firing = _firing(book, event, facts)
            rules.sort(key=lambda live: live.key not in firing)
            most += min(most, len(firing))
        programs = list(islice(_readable(rules, words, event), most))
        explained = explain_all(programs, facts)
    return Why(
        event,
        latest.id if latest is not None else None,
        [as_json(one) for one in explained if one.fires],
        [as_json(one) for one in nearest(explained, programs)],
    )


def _firing(book: Book, event: str | None, facts: Mapping[str, Any]) -> set[str]:
    """Return the rules that fire, as the whole book decides: far quicker than rule by rule."""
    on = book.on(event) if event else None
    groups = (book.segments, *((on.rewards, on.alerts) if on else ()))
    return {key for group in groups for key, _ in group.decide(facts).matches}


def _readable(rules: Iterable[LiveRule], words: Catalogue, event: str | None) -> Iterator[Program]:
    """Yield the live rules that can be judged with these words."""
    for live in rules:
        is_wanted = isinstance(live.rule, Segment) or (
            isinstance(live.rule, Reward | Alert) and (event is None or event in live.rule.on)
        )
        if is_wanted:
            try:
                yield with_words(live, words).program.checked()
            except Refused:
                continue  # it reads fields of an event that was not named


# -- helpers -------------------------------------------------------------------------------------


def _program(ctx: Context, key: str, version: int, event: str) -> Program:
    rule = read_rule(store.version(ctx, key, version).document)
    return Program(rule, book_of(ctx).words.of([event])).checked()


def _explain(ctx: Context, program: Program, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    with judging(ctx):
        found: Mapping[str, Any] = as_json(explain(program, _known(facts, program.catalogue)))
        return found


def _known(facts: Mapping[str, Any], words: Catalogue) -> dict[str, Any]:
    """Return the recorded facts that there are still words for."""
    return {name: value for name, value in facts.items() if name in words.variables}
