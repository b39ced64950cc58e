"""Why a rule matched or did not: condition by condition, with the values that were there.

Each condition is judged as the rule does, from left to right. One that the rule did not come to is
judged on its own, and marked as not reached: what it would have said helps whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pitboss.rules.engine.catalogue import Catalogue, Facts, Variable, admit_value
from pitboss.rules.engine.errors import EvaluationError, UnknownFact, WrongFact
from pitboss.rules.engine.exact import exact_amount
from pitboss.rules.engine.insight.explanation import (
    Amount,
    Condition,
    Explanation,
    Fault,
    Group,
    Reading,
    Verdict,
    fault_of,
)
from pitboss.rules.engine.insight.nearness import FAR, distance, nearness
from pitboss.rules.engine.insight.sentence import sentence
from pitboss.rules.engine.insight.witness import COMPARE
from pitboss.rules.engine.insight.wording import (
    bare_names,
    gap_words,
    jsonable,
    listed,
    plain,
    shown,
)
from pitboss.rules.engine.language import function_of
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Reward
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Known,
    Node,
    Not,
    Value,
    facts_read,
    walk,
)


def explain(program: Program, facts: Facts) -> Explanation:
    """Return why a rule matches these facts, or why it does not."""
    return explain_all([program], facts)[0]


def explain_all(programs: Iterable[Program], facts: Facts) -> list[Explanation]:
    """Return the same for each of some rules; what their words make of the facts is asked once."""
    judges: dict[int, _Judge] = {}
    explained = []
    for program in programs:
        words = program.catalogue
        if id(words) not in judges:
            judges[id(words)] = _Judge(words, named(facts, words))
        explained.append(_explained(program, judges[id(words)]))
    return explained


def _explained(program: Program, judge: _Judge) -> Explanation:
    condition = judge.condition(program.when)
    amounts = judge.amounts(program)
    matched = condition.verdict == "held"
    return Explanation(
        key=program.key,
        name=program.rule.name,
        matched=matched,
        fires=matched and not any(amount.fault for amount in amounts),
        condition=condition,
        amounts=amounts,
        nearness=nearness(condition),
        sentence=sentence(program.rule.name or program.key, condition, amounts),
    )


def why_not(programs: Sequence[Program], facts: Facts) -> list[Explanation]:
    """Return why rules do not fire for these facts: the nearest first, those that fire not at all."""
    return nearest(explain_all(programs, facts), programs)


def nearest(explained: Sequence[Explanation], programs: Sequence[Program]) -> list[Explanation]:
    """Return those of the explanations of rules that do not fire, the nearest first."""
    silent = [(e, p.priority) for e, p in zip(explained, programs, strict=True) if not e.fires]
    silent.sort(key=lambda pair: (pair[0].nearness, -pair[1], pair[0].key))
    return [explanation for explanation, _ in silent]


def named(facts: Facts, catalogue: Catalogue) -> dict[str, Any]:
    """Return what is known by full names; a value of a wrong type stays, and hurts only who reads it."""
    full = {catalogue.variable(name).name: value for name, value in facts.items() if value is not None}
    return {name: _tried(catalogue.variables[name], value) for name, value in full.items()}


def _tried(variable: Variable, value: Any) -> Any:
    try:
        return admit_value(variable, value)
    except WrongFact:
        return value


# -- judging -------------------------------------------------------------------------------------


class _Judge:
    """The facts of one player, and how conditions fare with them."""

    def __init__(self, catalogue: Catalogue, facts: Mapping[str, Any]) -> None:
        self.catalogue = catalogue
        self.facts = facts
        self.naming = bare_names(catalogue)

    @cached_property
    def known(self) -> dict[str, Any]:
        """The facts, with the defaults of those that are missing."""
        return {**self.catalogue.defaults, **self.facts}

    def condition(self, node: Node, *, wanted: bool = True, reached: bool = True) -> Condition:
        """Judge a condition and all within it."""
        match node:
            case AllOf(items) if items:
                return self.group(node, "all", items, wanted, reached)
            case AnyOf(items) if items:
                return self.group(node, "any", items, wanted, reached)
            case Not(AnyOf(items)) if items:
                return self.group(node, "none", items, wanted, reached)
            case Not(AllOf(items) as inner) if items:
                return self.group(node, "none", (inner,), wanted, reached)
        return self.leaf(node, wanted, reached)

    def group(self, node: Node, word: Group, items: Sequence[Node], wanted: bool, reached: bool) -> Condition:
        """Judge a group as the rule does: until one of its items decides."""
        goes_on: Verdict = "held" if word == "all" else "failed"
        verdict = goes_on
        judged = []
        for item in items:
            one = self.condition(
                item, wanted=wanted != (word == "none"), reached=reached and verdict == goes_on
            )
            verdict = one.verdict if verdict == goes_on else verdict
            judged.append(one)
        fault = next((i.fault for i in judged if i.fault and i.verdict == verdict), None)
        if word == "none":
            verdict = _opposite(verdict)
        return Condition(
            text_of(node, self.naming),
            word,
            verdict,
            wanted,
            reached,
            fault=fault if verdict == "unjudged" else None,
            items=tuple(judged),
        )

    def leaf(self, node: Node, wanted: bool, reached: bool) -> Condition:
        """Judge a condition that has no others within it."""
        value, fault = self.value(node)
        verdict: Verdict = "unjudged" if fault else "held" if value else "failed"
        plainly = Condition(
            text_of(node, self.naming), "", verdict, wanted, reached, self.readings(node), _as_fault(fault)
        )
        return plainly if plainly.is_fulfilled else self.missed(plainly, node, fault)

    def missed(self, found: Condition, node: Node, fault: EvaluationError | None) -> Condition:
        """Add what stands in the way of a condition."""
        wanted = found.wanted
        while isinstance(node, Not):
            node, wanted = node.item, not wanted
        miss = self.miss(node, wanted, fault)
        return Condition(
            found.text,
            "",
            found.verdict,
            found.wanted,
            found.reached,
            found.readings,
            found.fault,
            miss.reason,
            miss.missed_by,
            miss.distance,
        )

    def value(self, node: Node) -> tuple[Value | None, EvaluationError | None]:
        """Return the value of a tree, or why it has none."""
        try:
            return self.evaluated(node), None
        except EvaluationError as error:
            return None, error

    def evaluated(self, node: Node) -> Value:
        """Evaluate a tree; the most common ones without compiling them first."""
        match node:
            case Constant(value):
                return value
            case Fact(variable):
                return self.read(variable)
            case Compare(op, Fact() as left, Constant() as right):
                return COMPARE[op](self.read(left.variable), right.value)
            case Among(Fact() as item, options):
                return self.read(item.variable) in options
        return function_of(node, self.catalogue)(self.facts)

    def read(self, variable: Variable) -> Value:
        """Return a fact, or say that it is unknown."""
        value = self.known.get(variable.name)
        if value is None:
            raise UnknownFact(variable.name)
        return admit_value(variable, value)  # type: ignore[no-any-return]  # of the variable's type

    def readings(self, node: Node) -> tuple[Reading, ...]:
        """Return the facts that a condition reads, in the order in which it names them."""
        read = {part.name: part.variable for part in walk(node) if isinstance(part, Fact)}
        return tuple(self.reading(variable) for variable in read.values())

    def reading(self, variable: Variable) -> Reading:
        """Return what one fact was."""
        name = variable.name
        value = self.known.get(name)
        source: Literal["given", "default", "unknown"] = (
            "given" if name in self.facts else "unknown" if value is None else "default"
        )
        try:
            admitted = None if value is None else admit_value(variable, value)
        except WrongFact:
            return Reading(self.naming(name), repr(value), repr(value), source)
        said = plain(admitted, variable.value_type, variable)
        return Reading(self.naming(name), jsonable(admitted, variable.value_type), said, source)

    # -- what stands in the way --------------------------------------------------------------------

    def miss(self, node: Node, wanted: bool, fault: EvaluationError | None) -> _Miss:
        """Return what stands in the way of a condition, and how far away it is."""
        if isinstance(node, Compare):
            return self.missed_comparison(node, wanted, fault)
        if fault is not None:
            return _Miss(self.faulted(fault))
        match node:
            case Among(item, options):
                return self.missed_option(item, options, wanted)
            case Contains(items, item):
                lacks = marked("%(list)s does not hold %(item)s")
                holds = marked("%(list)s holds %(item)s")
                said = _(lacks if wanted else holds, list=self.text(items), item=self.said(item))
                return _Miss(f"{said} ({self.said(items)})")
            case Known(fact):
                text = marked("%(fact)s is unknown") if wanted else marked("%(fact)s is known")
                return _Miss(_(text, fact=self.text(fact)))
            case Fact():
                return _Miss(
                    _wanting(self.text(node), plain(not wanted, "boolean"), plain(wanted, "boolean"))
                )
        return _Miss(self.unfulfilled(node, wanted))

    def unfulfilled(self, node: Node, wanted: bool) -> str:
        """Say of a condition that no other sentence fits what the facts were."""
        text = marked("%(condition)s does not hold") if wanted else marked("%(condition)s holds")
        said = _(text, condition=self.text(node))
        read = ", ".join(_(_IS, fact=r.fact, value=r.shown) for r in self.readings(node))
        return f"{said} ({read})" if read else said

    def missed_comparison(self, node: Compare, wanted: bool, fault: EvaluationError | None) -> _Miss:
        """Return how a comparison was missed."""
        op, left, right = node.op if wanted else _NEGATED[node.op], node.left, node.right
        if isinstance(left, Constant):
            op, left, right = _MIRRORED[op], right, left
        demand = self.demand(op, left, right)
        if fault is not None:
            return _Miss(_("%(what)s, and %(demand)s is wanted", what=self.faulted(fault), demand=demand))
        reason = _wanting(self.text(left), self.said(left), demand)
        actual, limit = self.evaluated(left), self.evaluated(right)
        if op == "!=" or not isinstance(actual, float) or not isinstance(limit, float):
            return _Miss(reason)
        gap = abs(Decimal(repr(actual)) - Decimal(repr(limit)))
        described = left if isinstance(left, Fact) or not isinstance(right, Fact) else right
        return _Miss(reason, gap_words(gap, described) if gap else "", distance(float(gap), limit, left.type))

    def missed_option(self, item: Node, options: Iterable[float | str], wanted: bool) -> _Miss:
        """Return how membership was missed."""
        some = sorted(options)
        said = listed([shown(option, item) for option in some])
        one_of = marked("one of %(value)s") if len(some) > 1 else "%(value)s"
        demand = _(one_of if wanted else marked("anything but %(value)s"), value=said)
        reason = _wanting(self.text(item), self.said(item), demand)
        actual = self.evaluated(item)
        if not wanted or not isinstance(actual, float):
            return _Miss(reason)
        nearest = min((o for o in some if isinstance(o, float)), key=lambda option: abs(option - actual))
        gap = abs(Decimal(repr(actual)) - Decimal(repr(nearest)))
        return _Miss(reason, gap_words(gap, item), distance(float(gap), nearest, item.type))

    def demand(self, op: CompareOp, left: Node, right: Node) -> str:
        """Return what a comparison wants of its left side."""
        limit = self.said(right, like=left)
        if not isinstance(right, Constant):
            limit = f"{limit} ({self.text(right)})"
        return _((_INSTANT_WORDS if left.type == "instant" else _WORDS)[op], value=limit)

    def text(self, node: Node) -> str:
        """Write a node with bare names."""
        return text_of(node, self.naming)

    def said(self, node: Node, like: Node | None = None) -> str:
        """Write the value of a node."""
        value, fault = self.value(node)
        described = like if like is not None and isinstance(node, Constant) else node
        return _("unknown") if fault else shown(value, described)

    def faulted(self, fault: EvaluationError) -> str:
        """Say what went wrong, with the bare name of the fact."""
        if isinstance(fault, UnknownFact):
            return _("%(fact)s is unknown", fact=self.naming(fault.name))
        return str(fault)

    # -- amounts -----------------------------------------------------------------------------------

    def amounts(self, program: Program) -> tuple[Amount, ...]:
        """Return what each action of a rule pays, or what the rule yields."""
        if isinstance(program.rule, Reward):
            paying = [action for action in program.actions if action.amount is not None]
            return tuple(self.paid(a.name, a.amount, a.max_amount) for a in paying if a.amount is not None)
        return () if program.value is None else (self.yielded(program.value),)

    def paid(self, action: str, node: Node, cap: float | None) -> Amount:
        """Return what an action pays: no more than its cap, and never less than nothing."""
        value, fault = self.exactly(node)
        formula = self.text(node)
        if value is None:
            return Amount(action, formula, None, cap, fault=fault)
        limit = None if cap is None else Decimal(repr(cap))
        is_capped = limit is not None and value > limit
        kept = limit if is_capped and limit is not None else max(value, Decimal(0))
        return Amount(action, formula, value, cap, is_capped, value < 0, kept)

    def yielded(self, node: Node) -> Amount:
        """Return the value of a formula or of an alert."""
        if node.type == "number":
            value, fault = self.exactly(node)
            return Amount("", self.text(node), value, fault=fault)
        result, error = self.value(node)
        said = result if isinstance(result, str | bool) or result is None else shown(result, node)
        return Amount("", self.text(node), said, fault=_as_fault(error))

    def exactly(self, node: Node) -> tuple[Decimal | None, Fault | None]:
        """Return a formula's value in decimals; it has none where the rule's own sums have none."""
        read = facts_read(node)
        try:
            function_of(node, self.catalogue)(self.facts)
            return exact_amount(
                node, {n: v for n, v in self.facts.items() if n in read}, self.catalogue
            ), None
        except EvaluationError as error:
            return None, fault_of(error)


@dataclass(frozen=True, slots=True)
class _Miss:
    reason: str
    missed_by: str = ""
    distance: float = FAR


def _wanting(fact: str, value: str, demand: str) -> str:
    return _("%(fact)s is %(value)s, and %(demand)s is wanted", fact=fact, value=value, demand=demand)


def _as_fault(error: EvaluationError | None) -> Fault | None:
    return None if error is None else fault_of(error)


def _opposite(verdict: Verdict) -> Verdict:
    return {"held": "failed", "failed": "held"}.get(verdict, verdict)  # type: ignore[return-value]  # verdicts


_NEGATED: Mapping[CompareOp, CompareOp] = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED: Mapping[CompareOp, CompareOp] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    ">": "<",
    "<=": ">=",
    ">=": "<=",
}
_IS = marked("%(fact)s is %(value)s")
_WORDS: Mapping[CompareOp, str] = {
    "==": "%(value)s",
    "!=": marked("anything but %(value)s"),
    "<": marked("less than %(value)s"),
    "<=": marked("at most %(value)s"),
    ">": marked("more than %(value)s"),
    ">=": marked("at least %(value)s"),
}
_INSTANT_WORDS: Mapping[CompareOp, str] = {
    **_WORDS,
    "<": marked("earlier than %(value)s"),
    "<=": marked("no later than %(value)s"),
    ">": marked("later than %(value)s"),
    ">=": marked("no earlier than %(value)s"),
}
