"""What is doubtful about one rule, found without running it on players."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from pitboss.rules.engine.bounds import bounds
from pitboss.rules.engine.boxes import Box
from pitboss.rules.engine.catalogue import NOW, WHOLE_MAX, Catalogue, Facts
from pitboss.rules.engine.errors import EvaluationError, WrongFact
from pitboss.rules.engine.insight.explain import named
from pitboss.rules.engine.insight.pairs import possible
from pitboss.rules.engine.insight.sums import Place, bounds_at, branches, may_be_zero_at, parts, truth_at
from pitboss.rules.engine.insight.witness import boxes_of, holds, witness
from pitboss.rules.engine.insight.wording import bare_names, facts_json, plain
from pitboss.rules.engine.language import function_of
from pitboss.rules.engine.program import Action, Program
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import grouped, marked
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    Compare,
    Constant,
    Fact,
    Node,
    Not,
    facts_read,
    walk,
)

if TYPE_CHECKING:
    pass

CONJUNCTS_MAX = 40
"""Of how many conditions each two are compared, to say which of them contradict each other."""
UNKNOWN_SHARE_MIN = 0.01
"""From what share of players on an unknown fact is worth a note."""

Severity = Literal["error", "warning", "note"]

_DIVISIONS = frozenset({"/", "//", "%"})
_CAN_BE_NEGATIVE = marked(
    "%(formula)s can be negative, and then pays nothing: ask for more in the condition, or write "
    "max(%(formula)s, 0)"
)
_IS_NEGATIVE = marked(
    "%(formula)s can be negative, as for %(percent)s of the %(count)s sample players that it matches, and "
    "then pays nothing: ask for more in the condition, or write max(%(formula)s, 0)"
)
_WAS_NEVER_NEGATIVE = marked(
    "%(formula)s can be negative, though for none of %(count)s sample players, and then pays nothing: ask "
    "for more in the condition, or write max(%(formula)s, 0)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is doubtful about some rules."""

    kind: str
    severity: Severity
    rules: tuple[str, ...]
    sentence: str
    """The cause, and the cure."""
    facts: tuple[str, ...] = ()
    examples: tuple[Mapping[str, Any], ...] = ()
    """Facts that show it."""
    count: int = 0
    """How many other rules are concerned, where not all of them are named."""
    share: float | None = None
    """Of the sample players whom it concerns, where samples were given."""


def examine(program: Program, samples: Sequence[Facts] = ()) -> list[Finding]:
    """Return what is doubtful about one rule; `samples` are the facts of some players."""
    examined = _Examined(program, [named(facts, program.catalogue) for facts in samples])
    if never_holds(program.when, program.catalogue):
        return [examined.impossible()]
    return [
        *examined.condition(),
        *examined.amounts(),
        *examined.divisions(),
        *examined.comparisons(),
        *examined.sampled(),
    ]


class _Examined:
    """One rule under examination."""

    def __init__(self, program: Program, samples: Sequence[Mapping[str, Any]]) -> None:
        self.program = program
        self.catalogue = program.catalogue
        self.samples = samples
        self.naming = bare_names(program.catalogue)

    def finding(self, kind: str, severity: Severity, sentence: str, **more: Any) -> Finding:
        """Return a finding about this rule."""
        return Finding(kind=kind, severity=severity, rules=(self.program.key,), sentence=sentence, **more)

    def text(self, node: Node) -> str:
        """Write a node with bare names."""
        return text_of(node, self.naming)

    def example(self, given: tuple[Node, ...], test: Node) -> tuple[Mapping[str, Any], ...]:
        """Return facts for which a test holds where others do, as findings show them."""
        within = [Box(box.predicates, (*box.residual, test)) for box in boxes_of(AllOf(given))]
        found = witness(AllOf((*given, test)), self.catalogue, within=within)
        return () if found is None else (facts_json(found, self.catalogue),)

    # -- conditions ------------------------------------------------------------------------------

    def condition(self) -> Iterator[Finding]:
        """Look for parts of the condition that decide nothing."""
        when = self.program.when
        if when == AllOf(()):
            yield self.finding("always_matches", "note", _("it has no condition, and matches every player"))
            return
        yield from self.needless(when)

    def impossible(self) -> Finding:
        """Return that the rule can never match; what else is wrong with it then does not matter."""
        cause = self.contradiction(self.program.when)
        sentence = _("it can never match, since %(cause)s: mend or remove that", cause=cause)
        return self.finding("never_matches", "error", sentence)

    def contradiction(self, when: Node) -> str:
        """Say which conditions contradict each other."""
        conjuncts = list(_conjuncts(when))[:CONJUNCTS_MAX]
        for one in conjuncts:
            if never_holds(one, self.catalogue):
                return _("%(condition)s never holds", condition=self.text(one))
        for pair in combinations(conjuncts, 2):
            if never_holds(AllOf(pair), self.catalogue):
                first, second = map(self.text, pair)
                return _("%(one)s and %(other)s never hold together", one=first, other=second)
        return _("its conditions never hold together")

    def needless(self, node: Node) -> Iterator[Finding]:
        """Look for parts that decide nothing: always true, or never."""
        if not isinstance(node, AllOf | AnyOf):
            if not _is_threshold(node) and never_holds(Not(node), self.catalogue):
                yield self.tautology(node)
            return
        for item in node.items:
            if not _is_threshold(item) and never_holds(item, self.catalogue):
                said = _("%(condition)s never holds: remove it, or mend it", condition=self.text(item))
                yield self.finding("never_holds", "warning", said)
            else:
                yield from self.needless(item)
        if isinstance(node, AnyOf) and never_holds(Not(node), self.catalogue):
            yield self.tautology(node)

    def tautology(self, node: Node) -> Finding:
        """Return that a condition is never false, and what it asks nevertheless."""
        unsure = [n for n in sorted(facts_read(node)) if self.catalogue.variables[n].default is None]
        known = " and ".join(f"known({self.naming(name)})" for name in unsure)
        text = marked("%(condition)s is never false: remove it, or mend it")
        if known:
            text = marked(
                "%(condition)s is never false: it only asks that facts are known, so write %(known)s"
            )
        sentence = _(text, condition=self.text(node), known=known)
        return self.finding("always_holds", "warning", sentence)

    def comparisons(self) -> Iterator[Finding]:
        """Look for comparisons that read otherwise than they work."""
        for node in walk(self.program.when):
            match node:
                case Compare("==" | "!=", left, right):
                    yield from self.equality(node, left, right)
                case Among(Fact() as fact, options):
                    yield from self.numeral(fact, sorted(o for o in options if isinstance(o, str)))

    def equality(self, node: Node, left: Node, right: Node) -> Iterator[Finding]:
        """Look at one test for equality."""
        if isinstance(left, Constant):
            left, right = right, left
        if isinstance(left, Fact) and isinstance(right, Constant) and isinstance(right.value, str):
            yield from self.numeral(left, [right.value])
        if isinstance(left, Arithmetic) and left.type == "number" and not bounds(left).is_whole:
            said = _(
                "%(condition)s compares a computed number exactly, and 0.1 + 0.2 is not 0.3: test for a "
                "range around %(value)s",
                condition=self.text(node),
                value=self.text(right),
            )
            yield self.finding("exact_equality", "note", said)

    def numeral(self, fact: Fact, texts: Iterable[str]) -> Iterator[Finding]:
        """Look for a text that is compared with what looks like a number."""
        text = next(filter(_is_numeral, texts), None)
        if text is None or fact.variable.choices:
            return
        said = _(
            "%(fact)s is a text, and as a text '%(value)s' is not '%(value)s.0': if it counts something, its "
            "variable should be a number",
            fact=self.naming(fact.name),
            value=text,
        )
        yield self.finding("text_as_number", "note", said, facts=(fact.name,))

    # -- amounts ---------------------------------------------------------------------------------

    def amounts(self) -> Iterator[Finding]:
        """Look for amounts that can be negative, or have nothing to do with their caps."""
        for action in self.program.actions:
            if action.amount is not None:
                yield from self.amount(action, action.amount)

    def amount(self, action: Action, amount: Node) -> Iterator[Finding]:
        """Look at the amount of one action."""
        ends = [bounds_at(place) for place in branches(amount, (self.program.when,))]
        reached = [limits for limits in ends if limits is not None]
        if not reached:
            return
        low, high = min(limits.low for limits in reached), max(limits.high for limits in reached)
        if high <= 0:
            said = _("%(formula)s is never more than 0, so that it never pays", formula=self.text(amount))
            yield self.finding("never_pays", "error", said)
        elif low < 0:
            yield self.negative(amount)
        if action.max_amount is not None:
            yield from self.capped(amount, action.max_amount, low, high)

    def negative(self, amount: Node) -> Finding:
        """Return that an amount can be negative, and for how many."""
        is_negative = Compare("<", amount, Constant(0.0, "number"))
        text = self.text(amount)
        count, negative = self.share(is_negative)
        share = negative / count if count else None
        sentence = _CAN_BE_NEGATIVE if share is None else _IS_NEGATIVE if share else _WAS_NEVER_NEGATIVE
        return self.finding(
            "can_go_negative",
            "note" if share == 0 else "warning",
            _(sentence, formula=text, count=count, percent=_percent(share or 0.0)),
            examples=self.example((self.program.when,), is_negative),
            share=share,
        )

    def share(self, test: Node) -> tuple[int, int]:
        """Return how many sample players the rule matches, and for how many of them a test holds."""
        matching = [facts for facts in self.samples if holds(self.program.when, facts, self.catalogue)]
        return len(matching), sum(holds(test, facts, self.catalogue) for facts in matching)

    def capped(self, amount: Node, cap: float, low: float, high: float) -> Iterator[Finding]:
        """Look at what a cap does."""
        text, said = self.text(amount), plain(cap, "number")
        if high <= cap:
            sentence = _(
                "%(formula)s is at most %(high)s, so that the cap of %(cap)s is never reached: it may go",
                formula=text,
                high=plain(high, "number"),
                cap=said,
            )
            yield self.finding("cap_never_reached", "note", sentence)
        elif low >= cap:
            sentence = _(
                "%(formula)s is at least %(low)s, so that it always pays the cap of %(cap)s: write the "
                "amount, or raise the cap",
                formula=text,
                low=plain(low, "number"),
                cap=said,
            )
            yield self.finding("cap_always_reached", "note", sentence)

    def divisions(self) -> Iterator[Finding]:
        """Look for divisions by what can be zero."""
        when = self.program.when
        formulas = [action.amount for action in self.program.actions] or [self.program.value]
        places = [*parts(when), *(p for f in formulas if f is not None for p in parts(f, (when,)))]
        # What is no division is left out first: to compare places costs as much as they are large.
        divided = [p for p in places if isinstance(p.node, Arithmetic) and p.node.op in _DIVISIONS]
        for place in dict.fromkeys(divided):
            node = place.node
            assert isinstance(node, Arithmetic)
            if may_be_zero_at(Place(node.right, place.given)):
                yield self.division(node, place)

    def division(self, node: Arithmetic, place: Place) -> Finding:
        """Return that a division has no value where its divisor is zero."""
        zero = Constant(0.0, node.right.type)
        divisor = self.text(node.right)
        return self.finding(
            "can_divide_by_zero",
            "warning",
            _(
                "a division has no value where %(divisor)s is 0, and the rule does not fire then: test that "
                "before, as in `a / b if b > 0 else 0`",
                divisor=divisor,
            ),
            examples=self.example(place.given, Compare("==", node.right, zero)),
        )

    # -- samples ---------------------------------------------------------------------------------

    def sampled(self) -> Iterator[Finding]:
        """Look for facts that sample players do not have, or not as their variables say."""
        if not self.samples:
            return
        nodes = [self.program.when, *(a.amount for a in self.program.actions if a.amount is not None)]
        for name in sorted({name for node in nodes for name in facts_read(node)} - {NOW}):
            yield from self.sampled_fact(Fact(self.catalogue.variables[name]))

    def sampled_fact(self, fact: Fact) -> Iterator[Finding]:
        """Look at one fact of the sample players."""
        wrong, unknown = 0, 0
        cause = ""
        for facts in self.samples:
            try:
                function_of(fact, self.catalogue)(facts)
            except WrongFact as error:
                wrong, cause = wrong + 1, str(error)
            except EvaluationError:
                unknown += 1
        count, name = len(self.samples), self.naming(fact.name)
        if wrong:
            yield self.finding(
                "wrong_fact",
                "warning",
                _(
                    "for %(wrong)s of %(count)s sample players %(cause)s: mend where the fact comes from",
                    wrong=wrong,
                    count=count,
                    cause=cause,
                ),
                facts=(fact.name,),
                share=wrong / count,
            )
        if unknown >= UNKNOWN_SHARE_MIN * count:
            yield self.finding(
                "often_unknown",
                "note",
                _(
                    "%(fact)s is unknown for %(percent)s of %(count)s sample players, whom the rule never "
                    "matches where it reads it: give %(fact)s a default, or write coalesce(%(fact)s, ...)",
                    fact=name,
                    percent=_percent(unknown / count),
                    count=count,
                ),
                facts=(fact.name,),
                share=unknown / count,
            )


def never_holds(node: Node, catalogue: Catalogue) -> bool:
    """Tell whether it is proved that a condition never holds."""
    return all(is_impossible(box, catalogue) for box in boxes_of(node))


def is_impossible(box: Box, catalogue: Catalogue) -> bool:
    """Tell whether it is proved that no facts are in a box."""
    variables = catalogue.variables
    if not all(possible(predicate, variables.get(name)) for name, predicate in box.predicates.items()):
        return True
    return any(truth_at(node, box) is False for node in _conjuncts(AllOf(box.residual)))


def _is_threshold(node: Node) -> bool:
    """Tell at a glance that a condition holds for some facts and not for others."""
    match node:
        case Compare(_, Fact(), Constant(float() as limit)):
            return abs(limit) < WHOLE_MAX
    return False


def _conjuncts(node: Node) -> Iterator[Node]:
    if isinstance(node, AllOf):
        for item in node.items:
            yield from _conjuncts(item)
    else:
        yield node


def _is_numeral(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).removeprefix("-").isdigit()


def _percent(share: float) -> str:
    return f"{grouped(f'{share:.1%}'.removesuffix('%').removesuffix('.0'))} %"
