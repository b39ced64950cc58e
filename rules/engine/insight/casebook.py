"""The tests that are kept with a rule, run.

A case states the facts that it is about. What it leaves out is taken as fulfilled: each condition at the
top of the rule that reads none of the case's facts gets facts that fulfil it, and the outcome says which
conditions these were. So `{"net_loss": 6200, "segment": "LOSING"}` tests what a rule does with losses, and
need not repeat how recently a player came by.

A condition that reads a fact of the case, and all of an `any` or `none` that does, is judged as it
stands: what it reads besides is unknown, or has its default. A case that wants a fact to be missing says
null. A value that an amount reads comes from the case or from a default, never from what was taken as
fulfilled: nobody could say what it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pitboss.rules.engine.catalogue import WHOLE_MAX, Catalogue
from pitboss.rules.engine.insight.explain import explain
from pitboss.rules.engine.insight.explanation import Amount, Explanation
from pitboss.rules.engine.insight.witness import witness
from pitboss.rules.engine.insight.wording import bare_names, facts_json, listed, plain, rounded, written
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Case, Expectation
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import AllOf, Node, facts_read

VALUE_TOLERANCE = 1e-9
"""How far a value that is no amount may be from what is expected, as a share of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went."""

    name: str
    passed: bool
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    """What came out, for all that is expected."""
    taken_as_fulfilled: tuple[str, ...] = ()
    """The conditions that the case is not about."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The facts that the rule was run on."""
    sentence: str = ""
    """Why it failed; empty where it passed."""


def run_cases(program: Program) -> list[Outcome]:
    """Run the tests of a rule, in their order."""
    return [run_case(program, case, number) for number, case in enumerate(program.rule.tests, 1)]


def run_case(program: Program, case: Case, number: int = 1) -> Outcome:
    """Run one test of a rule."""
    catalogue = program.catalogue
    stated = {catalogue.variable(name).name: value for name, value in case.facts.items()}
    taken = [item for item in _conjuncts(program.when) if _is_left_out(item, stated)]
    invented = _fulfilling(taken, catalogue)
    admitted = catalogue.admit(case.facts)
    given = {name: admitted[name] for name, value in stated.items() if value is not None}
    facts = {**(invented or {}), **given}
    explanation = explain(program, facts)
    expected = _expected(case.expect)
    got = {word: _GOT[word](explanation) for word in expected}
    why = _impossible(taken, invented, program) or _unsaid(program, expected, invented or {}, stated)
    passed = not why and all(_ALIKE[word](expected[word], got[word]) for word in expected)
    naming = bare_names(catalogue)
    return Outcome(
        name=case.name or _("case %(number)s", number=number),
        passed=passed,
        expected=expected,
        got={word: _plain(value) for word, value in got.items()},
        taken_as_fulfilled=tuple(text_of(item, naming) for item in taken),
        facts=facts_json(facts, catalogue),
        sentence="" if passed else why or _told(expected, got, explanation),
    )


def taken_sentence(outcome: Outcome) -> str:
    """Say what a case was not about; empty where it was about everything."""
    taken = outcome.taken_as_fulfilled
    return _("taken as fulfilled: %(conditions)s", conditions=listed(taken)) if taken else ""


def _conjuncts(node: Node) -> Iterable[Node]:
    """Yield the conditions that all have to hold."""
    if isinstance(node, AllOf):
        for item in node.items:
            yield from _conjuncts(item)
    else:
        yield node


def _is_left_out(condition: Node, stated: Mapping[str, Any]) -> bool:
    read = facts_read(condition)
    return bool(read) and not read & stated.keys()


def _fulfilling(conditions: list[Node], catalogue: Catalogue) -> dict[str, Any] | None:
    return witness(AllOf(tuple(conditions)), catalogue) if conditions else {}


def _impossible(taken: list[Node], invented: Mapping[str, Any] | None, program: Program) -> str:
    if invented is not None:
        return ""
    naming = bare_names(program.catalogue)
    unfulfilled = " and ".join(text_of(item, naming) for item in taken)
    return _(
        "no facts were found that fulfil %(conditions)s: give the facts that it reads in the case",
        conditions=unfulfilled,
    )


def _unsaid(
    program: Program, expected: Mapping[str, Any], invented: Mapping[str, Any], stated: Mapping[str, Any]
) -> str:
    """Refuse to compare an amount that was made of invented facts."""
    if program.amount is None or not expected.keys() & {"amount", "value"}:
        return ""
    naming = bare_names(program.catalogue)
    unsaid = sorted((facts_read(program.amount) & invented.keys()) - stated.keys())
    if not unsaid:
        return ""
    names = listed([naming(name) for name in unsaid], _(" and "))
    return _("the amount reads %(names)s, which the case does not give: add it to its facts", names=names)


# -- what is expected, and what came out -----------------------------------------------------------


def _expected(expect: Expectation) -> dict[str, Any]:
    words = {word: getattr(expect, word) for word in ("match", "amount", "value", "error")}
    return {word: value for word, value in words.items() if value is not None}


def _amount_of(explanation: Explanation) -> Amount | None:
    return explanation.amounts[0] if explanation.amounts else None


def _paid(explanation: Explanation) -> Decimal | None:
    """Return what is paid: nothing if the rule does not match, and None if it cannot be said."""
    amount = _amount_of(explanation)
    if explanation.condition.verdict == "failed":
        return rounded(Decimal(0))
    if not explanation.fires or amount is None:
        return None
    paid = amount.value if amount.paid is None else amount.paid
    return rounded(paid) if isinstance(paid, Decimal) else None


def _value(explanation: Explanation) -> Any:
    amount = _amount_of(explanation)
    return None if amount is None or not explanation.fires else amount.value


def _error(explanation: Explanation) -> str | None:
    """Return the kind of error that the rule ends in; an amount is computed only if it matched."""
    if explanation.condition.fault is not None:
        return explanation.condition.fault.kind
    faults = [amount.fault for amount in explanation.amounts if amount.fault] if explanation.matched else []
    return faults[0].kind if faults else None


_GOT: Mapping[str, Callable[[Explanation], Any]] = {
    "match": lambda explanation: explanation.matched,
    "amount": _paid,
    "value": _value,
    "error": _error,
}


def _same_amount(expected: float, got: Decimal | None) -> bool:
    # What is larger than any amount has too many digits to be rounded.
    if got is None or abs(expected) > WHOLE_MAX:
        return False
    return rounded(Decimal(repr(expected))) == got


def _same_value(expected: Any, got: Any) -> bool:
    if not isinstance(got, Decimal) or isinstance(expected, bool | str):
        return type(expected) is type(got) and bool(expected == got)
    wanted = Decimal(repr(expected))
    return abs(wanted - got) <= abs(wanted) * Decimal(repr(VALUE_TOLERANCE))


_ALIKE: Mapping[str, Callable[[Any, Any], bool]] = {
    "match": lambda expected, got: expected is got,
    "amount": _same_amount,
    "value": _same_value,
    "error": lambda expected, got: expected == got,
}


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _told(expected: Mapping[str, Any], got: Mapping[str, Any], explanation: Explanation) -> str:
    wrong = [word for word in expected if not _ALIKE[word](expected[word], got[word])]
    told = "; ".join(
        _(
            "%(word)s %(wanted)s was expected, and %(got)s came out",
            word=word,
            wanted=_said(expected[word]),
            got=_said(got[word]),
        )
        for word in wrong
    )
    return f"{told}. {explanation.sentence}"


def _said(value: Any) -> str:
    if value is None:
        return _("nothing")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return written(str(_plain(value)))
    return plain(value, "text")
