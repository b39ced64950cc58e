"""What is doubtful about a rule that is right: on its own, and beside the rules that are live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from pitboss.core import contracts
from pitboss.core.errors import nearest
from pitboss.core.texts import gettext as _
from pitboss.core.texts import language
from pitboss.rules.book import store
from pitboss.rules.book.checks import Checked, Checks, live_formulas
from pitboss.rules.book.live import book_of
from pitboss.rules.engine.catalogue import Catalogue, Variable, catalogue_of
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.insight.analysis import Finding, Portfolio, examine
from pitboss.rules.engine.insight.explanation import as_json
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Alert, AnyRule, Limit, Reward
from pitboss.rules.engine.tree import Among, Constant, Fact, Node, children, walk
from pitboss.rules.vocabulary import SEGMENT, event_variables, make_catalogue, segments_asked

if TYPE_CHECKING:
    from pitboss.core.context import Context
    from pitboss.core.kernel import Kernel

PORTFOLIOS_MAX = 32
"""Of so many tenants the live rules are kept ready to be compared."""

Found = dict[str, Any]
BETWEEN = frozenset(("duplicate", "shadowed", "overlap"))
"""What is found between rules, not in one of them."""

_portfolios: WeakKeyDictionary[Kernel, LRUCache[Any, _Compared]] = WeakKeyDictionary()


class _Compared:
    """The live rules of one revision, ready to be compared with one more."""

    def __init__(self, portfolio: Portfolio) -> None:
        self.portfolio = portfolio
        self._grave: dict[str, list[Found]] = {}

    def grave(self) -> list[Found]:
        """Say which are the same or never pay; each language keeps its sentences."""
        spoken = language()
        if spoken not in self._grave:
            self._grave[spoken] = [as_json(one) for one in self.portfolio.grave()]
        return self._grave[spoken]


def findings(ctx: Context, checked: Checked) -> list[Found]:
    """Return what is doubtful about a rule that passed the checks, as data."""
    if checked.rule is None or checked.program is None or checked.problems:
        return []
    found = [*examine(checked.program), *_beside(ctx, checked.program), *_own(ctx, checked)]
    return [as_json(finding) for finding in found]


def doubts_now(ctx: Context, document: Any) -> list[Found]:
    """Return what is wrong and doubtful about a stored version today, but for how it stands to other rules.

    To compare it with a large rulebook takes seconds after each change: too long for who opens a page.
    """
    checked = Checks(ctx).of(document, has_callers_checked=False)
    if checked.rule is None or checked.program is None or checked.problems:
        return [{"kind": "broken", "severity": "error", "sentence": str(one)} for one in checked.problems]
    return [as_json(finding) for finding in (*examine(checked.program), *_own(ctx, checked))]


def conflicts_of(ctx: Context, start: int, limit: int) -> tuple[list[Found], int | None]:
    """Return how the live rules stand to each other, the worst first, from a place on; and the next place.

    What pays together is found for what is shown alone: in a large book most rules meet some others.
    """
    compared = _compared(ctx)
    grave = compared.grave()
    found, rest = grave[start : start + limit], start + limit
    if rest < len(grave):
        return found, rest
    for place, finding in compared.portfolio.overlaps(max(0, start - len(grave))):
        if len(found) == limit:
            return found, len(grave) + place
        found.append(as_json(finding))
    return found, None


def _beside(ctx: Context, program: Program) -> list[Finding]:
    portfolio = _compared(ctx).portfolio
    if not portfolio.programs or not _fits(program, portfolio.catalogue):
        return []
    return [f for f in portfolio.against(program) if f.rules != (program.key,)]


def _compared(ctx: Context) -> _Compared:
    row = store.book_row(ctx)
    key = (ctx.tenant.id, row.revision if row is not None else 0, ctx.view.enabled)
    kept = _portfolios.setdefault(ctx.kernel, LRUCache(PORTFOLIOS_MAX))
    found = kept.get(key)
    if found is None:
        words = _wide(ctx)
        programs = (program for program in _live(ctx) if _fits(program, words))
        found = kept[key] = _Compared(Portfolio(programs, words))
    return found


def _live(ctx: Context) -> Iterator[Program]:
    """Yield the live rules that can be read, also those that their schedule keeps from working today."""
    book = book_of(ctx)
    yield from (live.program for live in book.rules.values())
    for key, waiting in book.scheduled.items():
        if key not in book.rules:
            with suppress(Refused):
                yield Program(waiting.rule, book.words.of(waiting.rule.on)).checked()


def _fits(program: Program, words: Catalogue) -> bool:
    """Tell whether what a rule reads means the same to all: two events may have a field of one name."""
    own = program.catalogue.variables
    return all(own[name].type == words.variables[name].type for name in program.facts())


def _wide(ctx: Context) -> Catalogue:
    """Return the words of all events at once: rules can only be compared with one meaning of each."""
    fields: dict[str, Variable] = {}
    for __, owned in sorted(ctx.view.terms.items()):
        if isinstance(owned.item, contracts.Event):
            for variable in event_variables([owned.item], ctx.tenant.currency):
                fields.setdefault(variable.name, variable)
    words = make_catalogue(ctx.view, ctx.tenant.currency, (), live_formulas(ctx))
    shipped = catalogue_of(()).functions
    functions = [function for name, function in words.functions.items() if name not in shipped]
    return catalogue_of((*words.variables.values(), *fields.values()), functions)


# -- what only the rulebook knows ------------------------------------------------------------------


def _own(ctx: Context, checked: Checked) -> Iterator[Finding]:
    rule = checked.rule
    assert rule is not None
    for problem in checked.unavailable:
        yield _warning(rule, "plugin_off", str(problem))
    if isinstance(rule, Reward | Alert) and not rule.on:
        yield _warning(rule, "no_event", _("no event is named under 'on', so that nothing makes it judge"))
    if not rule.tests:
        yield _warning(rule, "untested", _("it has no tests: add a case that matches, and one that does not"))
    yield from _unbounded(ctx, rule)
    yield from _unknown_segments(ctx, checked)
    yield from _unknown_values(ctx, checked)
    if isinstance(rule, Limit) and rule.operation.partition(".")[0] not in ctx.view.enabled:
        owner = rule.operation.partition(".")[0]
        yield _warning(
            rule,
            "plugin_off",
            _("operation: the tenant has no plugin %(owner)s switched on", owner=repr(owner)),
        )


def _unbounded(ctx: Context, rule: AnyRule) -> Iterator[Finding]:
    """Doubt a reward that pays money with each event, for as long as it is live."""
    if not isinstance(rule, Reward) or (rule.limits and (rule.limits.per_player or rule.limits.budget)):
        return
    named = (ctx.view.terms.get(str(action.get("action"))) for action in rule.then)
    if any(term and isinstance(term.item, contracts.Action) and term.item.pays == "money" for term in named):
        said = _("nothing bounds what it pays: set a limit for each player, or a budget")
        yield _warning(rule, "unbounded", said)


def _unknown_segments(ctx: Context, checked: Checked) -> Iterator[Finding]:
    assert checked.rule is not None
    assert checked.program is not None
    asked = {name for _, tree in checked.program.trees() for name in segments_asked(tree)}
    if not asked:
        return
    known = [key.upper() for key in store.live_documents(ctx, kind="segment")]
    for name in sorted(asked - {*known, checked.rule.key.upper()}):
        cure = nearest(name, known) if known else _("write and publish it")
        yield _warning(
            checked.rule,
            "unknown_segment",
            _("no segment %(name)s is live, so nobody is in it: %(cure)s", name=repr(name), cure=cure),
        )


def _unknown_values(ctx: Context, checked: Checked) -> Iterator[Finding]:
    """Doubt a comparison with a text that the fact never is in this tenant, such as another tier."""
    assert checked.rule is not None
    assert checked.program is not None
    nodes = (node for _, tree in checked.program.trees() for node in walk(tree))
    for fact, value in sorted({pair for node in nodes for pair in _texts_asked(node)}):
        owned = ctx.view.terms.get(fact)
        suggests = getattr(owned.item, "suggests", None) if owned is not None and fact != SEGMENT else None
        known = list(suggests(ctx)) if suggests else []
        if known and value not in known:
            noun, cure = fact.rpartition(".")[2], nearest(value, known)
            said = _("%(fact)s is never %(value)s here: %(cure)s", fact=noun, value=repr(value), cure=cure)
            yield _warning(checked.rule, "unknown_value", said)


def _texts_asked(node: Node) -> Iterator[tuple[str, str]]:
    parts = children(node)
    facts = [part.name for part in parts if isinstance(part, Fact) and part.type == "text"]
    options = [*(node.options if isinstance(node, Among) else ())]
    values = [*options, *(part.value for part in parts if isinstance(part, Constant))]
    yield from ((fact, value) for fact in facts for value in values if isinstance(value, str))


def _warning(rule: AnyRule, kind: str, sentence: str) -> Finding:
    return Finding(kind=kind, severity="warning", rules=(rule.key,), sentence=sentence)
