"""Facts from outside, judged by the live rules: only looked at, or done as if the event had happened here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from pitboss.core import contracts
from pitboss.core.clock import uuid7
from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, TermMissing, nearest
from pitboss.core.events import Event
from pitboss.core.identity.players import find_player
from pitboss.core.texts import gettext as _
from pitboss.core.texts import told
from pitboss.rules.book.live import Book, Group, LiveRule, book_of
from pitboss.rules.engine.catalogue import NOW, Catalogue, admit_value
from pitboss.rules.engine.compiled import compile_value
from pitboss.rules.engine.errors import EvaluationError, Refused, WrongFact
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Reward
from pitboss.rules.replay.decided import Filter, decisions
from pitboss.rules.runtime.facts import in_major_units, of_player, with_derived
from pitboss.rules.runtime.groups import settle_groups
from pitboss.rules.runtime.judge import judge_facts
from pitboss.rules.runtime.payments import Claim, claim
from pitboss.rules.runtime.tables import Outcome
from pitboss.rules.vocabulary import judging

ITEMS_MAX = 500
KEYS_MAX = 200
GROUPS_MAX = 256
"""Sets of rules that were asked for by name, kept compiled for each book."""

_NAMESPACE = UUID("8c8f5f0e-6a0e-5f8e-9d55-2f3b6f0f6b1d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: facts, and which rules."""

    facts: Mapping[str, Any]
    event: str | None = None
    rules: tuple[str, ...] = ()
    player_id: UUID | None = None
    id: str | None = None
    """What makes it the same question when it comes again."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matches, and what it pays or yields."""

    rule: str
    version: int
    kind: str
    outcome: str | None = None
    amount: str | None = None
    unit: str | None = None
    value: float | str | bool | None = None
    reason: str | None = None
    trace: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A rule that has no value for these facts."""

    rule: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer to one question."""

    matches: Sequence[Match]
    errors: Sequence[Failed] = ()
    event_id: UUID | None = None
    """Under which it was recorded, where it was."""
    is_duplicate: bool = False
    others: Sequence[Mapping[str, Any]] = ()
    """Why the other rules do not match, where that was asked."""


# -- looking -------------------------------------------------------------------------------------


def look(ctx: Context, asked: Sequence[Question], *, with_trace: bool = False) -> list[Judged]:
    """Judge facts, and do nothing."""
    book = book_of(ctx)
    ready = _admitted(ctx, book, asked)
    with judging(ctx):
        return [_look(ctx, group, facts, with_trace) for group, facts in ready]


def _look(ctx: Context, group: Group, facts: dict[str, Any], with_trace: bool) -> Judged:
    decision = group.decide(facts)
    errors = [Failed(key, error.kind, str(error)) for key, error in decision.errors]
    found: list[Match] = []
    claims: list[Claim] = []
    for key, __ in decision.matches:
        live = group.rules[key]
        try:
            if isinstance(live.rule, Reward):
                claims.append(claim(ctx, live, facts))
            else:
                found.append(Match(key, live.version, live.rule.kind, value=_value(live, facts)))
        except EvaluationError as error:
            errors.append(Failed(key, error.kind, str(error)))
    found += [_of_claim(ctx, one) for one in settle_groups(ctx, claims)]
    if not with_trace:
        return Judged(found, errors)
    traces = {key: as_json(explain(live.program, facts)) for key, live in group.rules.items()}
    named = {one.rule for one in found}
    return Judged(
        [_with_trace(one, traces[one.rule]) for one in found],
        errors,
        others=[trace for key, trace in traces.items() if key not in named],
    )


def _value(live: LiveRule, facts: Mapping[str, Any]) -> Any:
    return None if live.program.value is None else compile_value(live.program.value)(facts)


def _of_claim(ctx: Context, one: Claim) -> Match:
    amount = one.amount
    return Match(
        one.live.key,
        one.live.version,
        one.rule.kind,
        outcome=None if one.outcome is Outcome.DONE else str(one.outcome),
        amount=None if amount is None else ctx.tenant.currencies.text(amount),
        unit=None if amount is None else amount.currency,
        reason=told(one.reason) or None,
    )


def _with_trace(one: Match, trace: Mapping[str, Any]) -> Match:
    return Match(
        one.rule, one.version, one.kind, one.outcome, one.amount, one.unit, one.value, one.reason, trace
    )


# -- doing ---------------------------------------------------------------------------------------


def do(ctx: Context, asked: Sequence[Question], *, with_trace: bool = False) -> list[Judged]:
    """Judge facts as if their events had happened: record them, and do what rules say, each once."""
    book = book_of(ctx)
    for place, one in enumerate(asked):
        _check_can_be_done(ctx, one, place if len(asked) > 1 else None)
    ready = _admitted(ctx, book, asked)
    return [
        _do(ctx, book, one, group, facts, with_trace)
        for one, (group, facts) in zip(asked, ready, strict=True)
    ]


def _do(
    ctx: Context, book: Book, one: Question, group: Group, facts: dict[str, Any], with_trace: bool
) -> Judged:
    assert one.event is not None
    assert one.player_id is not None
    event = Event(_event_id(ctx, one), one.event, {}, ctx.clock.now(), one.player_id)
    subject, ctx.subject = ctx.subject, one.player_id
    try:
        with judging(ctx):
            is_new = judge_facts(ctx, book, event, dict(facts))
            looked = _look(ctx, group, facts, with_trace) if with_trace or is_new else Judged(())
    finally:
        ctx.subject = subject
    traces = {match.rule: match.trace for match in looked.matches}
    done = [
        Match(
            row.rule,
            row.version,
            "reward",
            row.outcome,
            row.amount,
            row.unit,
            reason=row.reason,
            trace=traces.get(row.rule),
        )
        for row in reversed(decisions(ctx, Filter(event_id=event.id)))
    ]
    return Judged(done, looked.errors, event.id, not is_new, looked.others)


def _check_can_be_done(ctx: Context, one: Question, place: int | None) -> None:
    missing = [name for name in ("event", "player_id") if getattr(one, name) is None]
    wrong = {name: [_("Needed when something is done.")] for name in missing}
    if one.rules:
        wrong["rules"] = [_("All rules that listen to the event are judged when something is done.")]
    if wrong:
        raise InvalidInput(
            _("this can only be looked at: set dry_run, or give what is missing"), _at(place, wrong)
        )
    assert one.player_id is not None
    find_player(ctx, one.player_id)


def _event_id(ctx: Context, one: Question) -> UUID:
    if one.id is None:
        return uuid7()
    return uuid5(_NAMESPACE, f"{ctx.tenant.id}:{ctx.actor.kind}:{ctx.actor.id}:{one.id}")


# -- facts ---------------------------------------------------------------------------------------


def _admitted(ctx: Context, book: Book, asked: Sequence[Question]) -> list[tuple[Group, dict[str, Any]]]:
    """Return the rules and the facts of each question; all are checked before anything is done."""
    ready: list[tuple[Group, dict[str, Any]]] = []
    wrong: dict[str, Any] = {}
    for place, one in enumerate(asked):
        try:
            group = _group(ctx, book, one)
            ready.append((group, _facts(ctx, book, one, group.words)))
        except InvalidInput as error:
            if len(asked) == 1:
                raise
            wrong[str(place)] = error.fields
    if wrong:
        raise InvalidInput(
            _(
                "%(count)s of %(total)s items do not fit: nothing was done",
                count=len(wrong),
                total=len(asked),
            ),
            {"items": wrong},
        )
    return ready


def _facts(ctx: Context, book: Book, one: Question, words: Catalogue) -> dict[str, Any]:
    given: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for name, value in one.facts.items():
        try:
            variable = words.variable(name)
            given[variable.name] = None if value is None else admit_value(variable, value)
        except (Refused, WrongFact) as error:
            wrong[name] = [str(error)]
    if wrong:
        raise InvalidInput(_("%(count)s facts do not fit", count=len(wrong)), {"facts": wrong})
    known: dict[str, Any] = {NOW: ctx.clock.now()}
    if one.player_id is not None:
        computed = book.on(one.event).computed if one.event is not None else ()
        known |= of_player(ctx, one.player_id, computed)
    admitted = words.admit(dict(in_major_units(ctx, known, words)))
    # What is said outweighs what is kept; null says that it is not known.
    for name, value in given.items():
        admitted.pop(name, None)
        if value is not None:
            admitted[name] = value
    return with_derived(ctx, words, admitted)


# -- rules ---------------------------------------------------------------------------------------

_groups: WeakKeyDictionary[Any, LRUCache[Any, tuple[Book, Group]]] = WeakKeyDictionary()


def _group(ctx: Context, book: Book, one: Question) -> Group:
    """Return the rules that are asked: those of the event, or those that are named."""
    if one.event is not None:
        _check_event(ctx, one.event)
    if not one.rules:
        if one.event is None:
            cause = _("which rules? say the event, or name rules")
            raise InvalidInput(cause, {"event": [_("Needed, unless rules are named.")]})
        return book.on(one.event).rewards
    kept = _groups.setdefault(ctx.kernel, LRUCache(GROUPS_MAX))
    key = (id(book), one.event, one.rules)
    found = kept.get(key)
    if found is None or found[0] is not book:
        # The book is kept beside, so that no other one is ever made at its address.
        found = kept[key] = (book, _named(book, one))
    return found[1]


def _check_event(ctx: Context, name: str) -> None:
    try:
        ctx.view.term(name, contracts.Event)
    except TermMissing as error:
        raise InvalidInput(str(error), {"event": [str(error)]}) from None


def _named(book: Book, one: Question) -> Group:
    unknown = [key for key in one.rules if key not in book.rules]
    if unknown:
        known = sorted(book.rules)
        raise InvalidInput(
            _("not live: %(unknown)s", unknown=", ".join(unknown)),
            {
                "rules": [
                    _("no live rule %(key)s: %(cure)s", key=repr(key), cure=nearest(key, known))
                    for key in unknown
                ]
            },
        )
    events = [one.event] if one.event is not None else _shared(book, one.rules)
    words = book.words.of(events)
    rules = dict(_with_words(book, one.rules, words))
    return Group(rules, words)


def _shared(book: Book, keys: Sequence[str]) -> list[str]:
    """Return the events of the rules: facts of theirs may be given that all of them have."""
    return sorted({event for key in keys for event in book.rules[key].rule.on})


def _with_words(book: Book, keys: Sequence[str], words: Catalogue) -> Iterator[tuple[str, LiveRule]]:
    for key in keys:
        live = book.rules[key]
        try:
            program = Program(live.rule, words).checked()
        except Refused as refusal:
            raise InvalidInput(
                _(
                    "rule %(key)s reads what the event does not say: %(refusal)s",
                    key=repr(key),
                    refusal=refusal,
                ),
                {"rules": [str(refusal)]},
            ) from None
        yield key, replace(live, program=program)


def _at(place: int | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    return dict(fields) if place is None else {"items": {str(place): dict(fields)}}
