"""What is live for a tenant, compiled: cached in each process until the rulebook changes, or a day breaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import RootTransaction, and_, bindparam, select

from pitboss.core.contracts import Variable
from pitboss.core.errors import PitbossError
from pitboss.rules.book.agreement import IN_ONE_PASS
from pitboss.rules.book.schedule import is_in_effect, next_change
from pitboss.rules.book.tables import BookRow, RuleRow, State, VersionRow
from pitboss.rules.engine.catalogue import Catalogue, Facts
from pitboss.rules.engine.errors import RuleError
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import (
    Alert,
    AnyRule,
    FormulaRule,
    Limit,
    Reward,
    Segment,
    read_rule,
)
from pitboss.rules.vocabulary import THRESHOLD, make_catalogue

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel
    from pitboss.rules.engine.index.decision import Decision
    from pitboss.rules.engine.index.rows import Rows
    from pitboss.rules.engine.index.ruleset import Ruleset

GLANCE_SECONDS = 1.0
"""For so long a book is trusted where being late harms nobody: a new rule hears of events that much later."""
OFFERED = "offered"
"""The tag of an alert that players may subscribe to without a threshold."""
CHANGES_MAX = 8
"""So many changed rules are put into the index that is there; with more, it is made anew."""

log = structlog.get_logger(__name__)

_RULE, _VERSION, _BOOK = RuleRow.__table__, VersionRow.__table__, BookRow.__table__
_STATE = select(_BOOK.c.revision, _BOOK.c.is_stopped).where(_BOOK.c.tenant_id == bindparam("tenant"))
_LIVE = (
    select(_RULE.c.key, _VERSION.c.number, _VERSION.c.document, _RULE.c.row_path)
    .join(
        _VERSION,
        and_(
            _VERSION.c.tenant_id == _RULE.c.tenant_id,
            _VERSION.c.key == _RULE.c.key,
            _VERSION.c.number == _RULE.c.live,
        ),
    )
    .where(_RULE.c.tenant_id == bindparam("tenant"), _RULE.c.state == State.LIVE)
    .order_by(_RULE.c.key)
)


@dataclass(frozen=True, slots=True)
class LiveRule:
    """A version that is at work, with its meaning."""

    key: str
    version: int
    rule: AnyRule
    program: Program
    row_path: frozenset[str] = frozenset()
    """The backends of the engine that get it wrong, and are not asked about it."""


@dataclass(frozen=True)
class Group:
    """Rules of one kind that are judged together, with the same words."""

    rules: Mapping[str, LiveRule]
    words: Catalogue
    before: Group | None = field(default=None, repr=False, compare=False)
    """The same group at an earlier revision, whose index may serve."""

    def decide(self, facts: Facts) -> Decision:
        """Judge all the rules."""
        decision = self.ruleset.decide(facts)
        return decision if self._rows is None else self._rows.beside(decision, facts)

    @cached_property
    def ruleset(self) -> Ruleset:
        """The rules as one decision. Many of them answer at once, and faster once their index stands.

        A rule that it would get wrong is not among them: `decide` judges that one on the row path.
        """
        # Here, because whoever only asks what a reward is should not have to load NumPy.
        from pitboss.rules.engine.index.ruleset import FEW_MAX, Ruleset

        made = self._changed() or Ruleset([live.program for live in self._indexed.values()], self.words)
        object.__setattr__(self, "before", None)
        if len(made) > FEW_MAX:
            Thread(target=made.build, name="rules-index", daemon=True).start()
        return made

    @cached_property
    def offered(self) -> Mapping[str, LiveRule]:
        """The alerts that are told to those who subscribed, and to nobody else."""
        return {key: live for key, live in self.rules.items() if is_offered(live.program)}

    @cached_property
    def _indexed(self) -> Mapping[str, LiveRule]:
        return {key: live for key, live in self.rules.items() if not live.row_path & IN_ONE_PASS}

    @cached_property
    def _rows(self) -> Rows | None:
        apart = self.rules.keys() - self._indexed.keys()
        if not apart:
            return None
        from pitboss.rules.engine.index.rows import Rows

        return Rows(apart, [live.program for live in self.rules.values()])

    def _changed(self) -> Ruleset | None:
        """Return the earlier ruleset with the changes, where they are few and no rule is new."""
        before = self.before
        if before is None or "ruleset" not in before.__dict__:
            return None
        had, has = before._indexed, self._indexed
        if has.keys() - had.keys():
            return None
        gone = had.keys() - has.keys()
        changed = [live for key, live in has.items() if had[key] is not live]
        if len(gone) + len(changed) > CHANGES_MAX:
            return None
        made = before.ruleset
        for key in gone:
            made = made.without(key)
        for live in changed:
            made = made.replaced(live.program)
        return made

    def __bool__(self) -> bool:
        """Tell whether there is any rule."""
        return bool(self.rules)


@dataclass(frozen=True)
class OnEvent:
    """What is judged when one kind of event happens."""

    words: Catalogue
    rewards: Group
    alerts: Group
    computed: frozenset[str]
    """The variables that are computed in Python and that some rule here reads."""


class Words:
    """The catalogues of a tenant with one set of plugins, settings and formulas, each made once."""

    def __init__(self, ctx: Context, formulas: Mapping[str, FormulaRule]) -> None:
        self.view, self.currency, self.formulas = ctx.view, ctx.tenant.currency, formulas
        self.computed = frozenset(
            name
            for name, owned in ctx.view.terms.items()
            if isinstance(owned.item, Variable) and not owned.item.in_bulk
        )
        self._made: dict[tuple[str, ...], Catalogue] = {}

    def of(self, events: Sequence[str] = ()) -> Catalogue:
        """Return the words for a rule that listens to these events."""
        key = tuple(events)
        if key not in self._made:
            self._made[key] = make_catalogue(self.view, self.currency, events, self.formulas)
        return self._made[key]

    def serves(self, ctx: Context, formulas: Mapping[str, FormulaRule]) -> bool:
        """Tell whether nothing changed that these words depend on."""
        same = (self.view is ctx.view, self.currency == ctx.tenant.currency, self.formulas == formulas)
        return all(same)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A live version that has a schedule."""

    version: int
    rule: AnyRule


@dataclass(frozen=True)
class Book:
    """The live rules of a tenant at one revision."""

    revision: int
    is_stopped: bool
    words: Words
    tenant_version: int
    rules: Mapping[str, LiveRule]
    broken: Mapping[str, AnyRule]
    """Live rules that cannot be read with the words of today: they do nothing."""
    closed: frozenset[str]
    """The operations of limits that cannot be read: what protects players fails closed."""
    scheduled: Mapping[str, Scheduled]
    """The live rules that have a schedule, also those that it keeps from working today."""
    changes_at: datetime | None
    """When the schedule of a rule changes what is live."""
    before: Book | None = field(repr=False, compare=False)
    """The book that this one took the place of, as long as what it has compiled may serve."""
    _on: dict[str, OnEvent] = field(default_factory=dict)

    @property
    def formulas(self) -> Mapping[str, FormulaRule]:
        """The formulas that rules may call."""
        return self.words.formulas

    def why_broken(self) -> dict[str, str]:
        """Say why each of the broken rules cannot be read; a book is read in more than one language."""
        return {key: str(_unreadable(rule, self.words)) for key, rule in self.broken.items()}

    @cached_property
    def events(self) -> frozenset[str]:
        """The events that some live rule listens to."""
        return frozenset(event for live in self.rules.values() for event in live.rule.on)

    @cached_property
    def segments(self) -> Group:
        """All segments; they are judged on every event of a player."""
        before = self.before.__dict__.get("segments") if self.before is not None else None
        return Group({live.key: live for live in self.of(Segment)}, self.words.of(), before)

    @cached_property
    def bound(self) -> Mapping[str, frozenset[str]]:
        """The segments that are judged on some events only, and on which."""
        return {key: frozenset(live.rule.on) for key, live in self.segments.rules.items() if live.rule.on}

    @cached_property
    def limits(self) -> Mapping[str, Group]:
        """The limits of each operation."""
        by_operation: dict[str, dict[str, LiveRule]] = defaultdict(dict)
        for live in self.of(Limit):
            assert isinstance(live.rule, Limit)
            by_operation[live.rule.operation][live.key] = live
        return {name: Group(rules, self.words.of()) for name, rules in by_operation.items()}

    def of(self, kind: type[AnyRule]) -> Iterator[LiveRule]:
        """Yield the live rules of a kind."""
        return (live for live in self.rules.values() if isinstance(live.rule, kind))

    def on(self, event: str) -> OnEvent:
        """Return what is judged on an event."""
        found = self._on.get(event)
        if found is None:
            before = self.before._on.get(event) if self.before is not None else None
            words = self.words.of([event])
            rewards = self._group(Reward, event, words, before.rewards if before else None)
            alerts = self._group(Alert, event, words, before.alerts if before else None)
            read = _read_by((*rewards.rules.values(), *alerts.rules.values(), *self.of(Segment)))
            found = self._on[event] = OnEvent(words, rewards, alerts, read & self.words.computed)
        return found

    def _group(self, kind: type[AnyRule], event: str, words: Catalogue, before: Group | None) -> Group:
        known = before.rules if before is not None else {}
        rules = {}
        for live in self.of(kind):
            if event in live.rule.on:
                had = known.get(live.key)
                is_same = had is not None and _is_same(had, live.version, live.rule, live.row_path)
                rules[live.key] = had if is_same and had is not None else with_words(live, words)
        return Group(rules, words, before)


def with_words(live: LiveRule, words: Catalogue) -> LiveRule:
    """Return a rule, read with the words of one event: they are more than those that several events share."""
    if live.program.catalogue is words:
        return live
    return replace(live, program=Program(live.rule, words))


def _is_same(had: LiveRule, version: int, rule: AnyRule, row_path: frozenset[str]) -> bool:
    # A number alone can have been another document's, in a transaction that was rolled back.
    return (had.version, had.rule, had.row_path) == (version, rule, row_path)


def book_of(ctx: Context) -> Book:
    """Return the live rules as they are now; a transaction that asked before keeps what it was told."""
    held = _held.get(_transaction(ctx))
    if held is None or not _is_current(ctx, held, held.revision, held.is_stopped):
        held = _held[_transaction(ctx)] = _look(ctx)
    return held


def _transaction(ctx: Context) -> RootTransaction:
    transaction = ctx.connection.get_transaction()
    assert transaction is not None, "a unit of work runs in a transaction"
    return transaction


def _look(ctx: Context) -> Book:
    state = ctx.connection.execute(_STATE, {"tenant": ctx.tenant.id}).first()
    revision, is_stopped = (0, False) if state is None else (state.revision, state.is_stopped)
    kept = _kept(ctx.kernel)
    _, book = kept.get(ctx.tenant.id, (0.0, None))
    if book is None or not _is_current(ctx, book, revision, is_stopped):
        book = _read(ctx, revision, is_stopped, book)
    kept[ctx.tenant.id] = (monotonic() + GLANCE_SECONDS, book)
    return book


def glance(ctx: Context) -> Book:
    """Return the live rules as they were a moment ago, without asking the database each time."""
    until, book = _kept(ctx.kernel).get(ctx.tenant.id, (0.0, None))
    if book is not None and monotonic() < until and book.words.view is ctx.view:
        return book
    return book_of(ctx)


def changed(ctx: Context) -> None:
    """Have this process look again at once, because the rulebook is being changed."""
    _held.pop(_transaction(ctx), None)
    kept = _kept(ctx.kernel)
    _, book = kept.get(ctx.tenant.id, (0.0, None))
    if book is not None:
        kept[ctx.tenant.id] = (0.0, book)


_Kept: TypeAlias = dict[int, tuple[float, Book]]
_books: WeakKeyDictionary[Kernel, _Kept] = WeakKeyDictionary()
_held: WeakKeyDictionary[RootTransaction, Book] = WeakKeyDictionary()
"""What a transaction has seen: a pack of events is judged by one book, and asks for it once."""


def _kept(kernel: Kernel) -> _Kept:
    return _books.setdefault(kernel, {})


def _is_current(ctx: Context, book: Book, revision: int, is_stopped: bool) -> bool:
    return (
        (book.revision, book.is_stopped) == (revision, is_stopped)
        and (book.words.view is ctx.view and book.tenant_version == ctx.tenant.version)
        and (book.changes_at is None or ctx.clock.now() < book.changes_at)
    )


def _read(ctx: Context, revision: int, is_stopped: bool, before: Book | None) -> Book:
    rows = ctx.connection.execute(_LIVE, {"tenant": ctx.tenant.id}).all()
    read = [(row.number, read_rule(row.document), frozenset(row.row_path or ())) for row in rows]
    now, zone = ctx.clock.now(), ctx.tenant.zone
    present = [found for found in read if is_in_effect(found[1].effective, now, zone)]
    formulas = {rule.key: rule for _, rule, _ in present if isinstance(rule, FormulaRule)}
    if before is not None and not before.words.serves(ctx, formulas):
        before = None
    words = before.words if before is not None else Words(ctx, formulas)
    rules, broken = _compiled(present, words, before.rules if before is not None else {})
    if before is not None:
        # Books are not kept for ever: each holds the one before it, and no earlier one.
        object.__setattr__(before, "before", None)
    return Book(
        revision=revision,
        is_stopped=is_stopped,
        words=words,
        tenant_version=ctx.tenant.version,
        rules=rules,
        broken=broken,
        closed=frozenset(r.operation for _, r, _ in present if isinstance(r, Limit) and r.key in broken),
        scheduled={
            rule.key: Scheduled(number, rule) for number, rule, _ in read if rule.effective is not None
        },
        changes_at=next_change((rule.effective for _, rule, _ in read), now, zone),
        before=before,
    )


def _compiled(
    present: Iterable[tuple[int, AnyRule, frozenset[str]]], words: Words, known: Mapping[str, LiveRule]
) -> tuple[dict[str, LiveRule], dict[str, AnyRule]]:
    """Read each rule; one that lost a word, because a plugin was switched off, is set aside alone."""
    rules: dict[str, LiveRule] = {}
    broken: dict[str, AnyRule] = {}
    for number, rule, row_path in present:
        key, had = rule.key, known.get(rule.key)
        if had is not None and _is_same(had, number, rule, row_path):
            rules[key] = had
            continue
        try:
            rules[key] = LiveRule(key, number, rule, Program(rule, words.of(rule.on)).checked(), row_path)
        except (RuleError, PitbossError) as error:
            log.warning("live rule is set aside", rule=key, version=number, reason=str(error))
            broken[key] = rule
    return rules, broken


def _unreadable(rule: AnyRule, words: Words) -> Exception | None:
    """Return what is raised when a rule is read with these words."""
    try:
        Program(rule, words.of(rule.on)).checked()
    except (RuleError, PitbossError) as error:
        return error
    return None


def _read_by(rules: Iterable[LiveRule]) -> frozenset[str]:
    return frozenset(name for live in rules for name in live.program.facts())


def is_offered(program: Program) -> bool:
    """Tell whether players may subscribe to an alert: it reads their own threshold, or its tags say so."""
    return OFFERED in program.rule.tags or THRESHOLD in program.facts()
