"""A rule with its meaning: the envelope, checked against a catalogue, as typed trees.

Each part is read when it is first wanted, so that ten thousand rules load at once; `compile_rule` reads
all of them and refuses what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pitboss.rules.engine.catalogue import WHOLE_MAX, Catalogue, Type
from pitboss.rules.engine.errors import EvaluationError, Refused, WrongFact, article, near, nearest, shown
from pitboss.rules.engine.forms import Form, condition
from pitboss.rules.engine.language import expression
from pitboss.rules.engine.rule import Alert, AnyRule, FormulaRule, Limit, Reward, Table, read_rule
from pitboss.rules.engine.tables import Decided, decide_by, prove
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.tree import AllOf, Constant, Node, facts_read

_TRUE = AllOf(())
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_ACTION_KEYS = ("action", "formula", "amount", "max_amount")


@dataclass(frozen=True, slots=True)
class Action:
    """What a reward does, and how much of it."""

    name: str
    parameters: Mapping[str, Any]
    """All that is said of it, but for the amount."""
    amount: Node | None = None
    max_amount: float | None = None


class Program:
    """One rule, ready to be judged."""

    def __init__(self, rule: AnyRule, catalogue: Catalogue) -> None:
        self.rule = rule
        self.catalogue = catalogue
        self._table: Table | None = getattr(rule, "table", None)

    @property
    def key(self) -> str:
        """What the rule is called."""
        return self.rule.key

    @property
    def priority(self) -> int:
        """Higher is looked at first."""
        return self.rule.priority

    @property
    def stop(self) -> bool:
        """Whether a match ends the list."""
        return isinstance(self.rule, Reward) and self.rule.stop

    @property
    def form(self) -> Form | None:
        """The condition as JSON, where that is all of it."""
        return self.rule.when if self._table is None else None

    @cached_property
    def when(self) -> Node:
        """The condition; a table adds that one of its rows matches."""
        stated = condition(self.rule.when, self.catalogue) if self.rule.when != {} else _TRUE
        if self._decided is None or isinstance(self.rule, FormulaRule):
            return stated
        return self._decided.matches if stated == _TRUE else AllOf((stated, self._decided.matches))

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """What a reward does."""
        if not isinstance(self.rule, Reward):
            return ()
        return tuple(self._action(data, f"then[{n}]") for n, data in enumerate(self.rule.then))

    @cached_property
    def value(self) -> Node | None:
        """The value of a formula, or the number that an alert carries."""
        if isinstance(self.rule, Alert) and self.rule.value is not None:
            return self._expression(self.rule.value, "value", "number")
        if not isinstance(self.rule, FormulaRule):
            return None
        if self.rule.formula is not None and self.rule.table is not None:
            raise Refused(_("a formula has an expression under 'formula' or a 'table', not both"))
        if self.rule.formula is None and self.rule.table is None:
            raise Refused(_("a formula has an expression under 'formula' or a 'table', and this has neither"))
        if self.rule.formula is not None:
            return self._expression(self.rule.formula, "formula", None)
        return self._output("value")

    @property
    def amount(self) -> Node | None:
        """What the rule pays before its cap: that of the first action with an amount, or its number."""
        if self._paying is not None:
            return self._paying.amount
        return self.value if self.value is not None and self.value.type == "number" else None

    @property
    def formula(self) -> str | None:
        """The text of the amount, where one formula is all of it."""
        text = self._payment.get("formula")
        return text if isinstance(text, str) and self._table is None else None

    @property
    def max_amount(self) -> float | None:
        """The cap of what it pays."""
        # Read off the envelope: to ask ten thousand rules for their caps compiles no formula.
        return _cap(self._payment, "then")

    @property
    def _payment(self) -> Mapping[str, Any]:
        """The action that the amount is of, as it is written."""
        for action in self.rule.then if isinstance(self.rule, Reward) else ():
            if self._table is not None or "formula" in action or "amount" in action:
                return action
        return {}

    @cached_property
    def _paying(self) -> Action | None:
        return next((action for action in self.actions if action.amount is not None), None)

    @cached_property
    def _decided(self) -> Decided | None:
        return None if self._table is None else decide_by(self._table, self.catalogue, "table")

    def trees(self) -> Iterator[tuple[str, Node]]:
        """Yield each tree of the rule with its name: `when`, `then[0]`, `value`."""
        yield "when", self.when
        for n, action in enumerate(self.actions):
            if action.amount is not None:
                yield f"then[{n}]", action.amount
        if self.value is not None:
            yield "value", self.value

    def facts(self) -> frozenset[str]:
        """Return the facts that the rule reads."""
        return frozenset(name for _, tree in self.trees() for name in facts_read(tree))

    def checked(self) -> Program:
        """Read every part, and refuse what is wrong."""
        __ = (self.when, self.actions, self.value)
        if self._table is not None:
            prove(self._table, self.catalogue, "table", always=isinstance(self.rule, FormulaRule))
        if isinstance(self.rule, Alert | Limit):
            _check_message(self.rule.message, self.catalogue)
        for n, case in enumerate(self.rule.tests):
            _check_facts(case.facts, self.catalogue, f"tests[{n}].facts")
            _check_kind(case.expect.error, f"tests[{n}].expect.error")
        return self

    def _action(self, data: Mapping[str, Any], path: str) -> Action:
        name = data.get("action")
        if "action" in data and not isinstance(name, str):
            raise Refused(
                _("the name of an action is a text, and this is %(name)s", name=shown(name)),
                path=f"{path}.action",
            )
        if not isinstance(name, str) or not name:
            raise Refused(_unnamed(data), path=path)
        parameters = {key: value for key, value in data.items() if key not in _ACTION_KEYS}
        return Action(name, parameters, self._amount(data, path), _cap(data, path))

    def _amount(self, data: Mapping[str, Any], path: str) -> Node | None:
        if "formula" in data and "amount" in data:
            raise Refused(_("an action has a formula or an amount, not both"), path=path)
        if "formula" in data:
            return self._expression(data["formula"], f"{path}.formula", "number")
        if "amount" in data:
            return Constant(_positive(data["amount"], f"{path}.amount"), "number")
        return self._output("amount", "number") if self._decided is not None else None

    def _output(self, name: str, expect: Type | None = None) -> Node:
        assert self._decided is not None
        node = self._decided.outputs.get(name)
        if node is None:
            cause = _(
                "each row says %(name)s under 'then', and these say %(names)s",
                name=repr(name),
                names=", ".join(self._decided.outputs),
            )
            raise Refused(cause, path="table.rows")
        if expect is not None and node.type != expect:
            cause = _(
                "%(name)s is %(expect)s, and in this table %(type)s",
                name=name,
                expect=article(expect),
                type=article(node.type),
            )
            raise Refused(cause, path="table.rows")
        return node

    def _expression(self, text: Any, path: str, expect: Type | None) -> Node:
        try:
            return expression(text, self.catalogue, expect)
        except Refused as refusal:
            raise refusal.at(path) from None


def compile_rule(data: Any, catalogue: Catalogue) -> Program:
    """Read a rule from JSON, or refuse it with place, cause and cure."""
    return Program(read_rule(data), catalogue).checked()


def _unnamed(data: Mapping[str, Any]) -> str:
    """Say that an action has no name, and what was probably meant for it."""
    close = next((key for key in data if near("action", [key]) is not None), None)
    if close is None:
        return _("an action says which it is under 'action', such as loyalty.grant_bonus")
    return _("an action says which it is under 'action': is %(key)s meant?", key=repr(close))


def _cap(data: Mapping[str, Any], path: str) -> float | None:
    cap = data.get("max_amount")
    return None if cap is None else _positive(cap, f"{path}.max_amount")


def _positive(value: Any, path: str) -> float:
    if type(value) not in (int, float) or not 0 <= value <= WHOLE_MAX:
        raise Refused(
            _("%(value)s is not an amount: a number from 0 to %(most)s", value=shown(value), most=WHOLE_MAX),
            path=path,
        )
    return float(value)


def _check_message(message: str, catalogue: Catalogue) -> None:
    """Refuse a message with a fact in braces that there is not, or with a brace alone."""
    for name in _IN_BRACES.findall(message):
        try:
            catalogue.variable(name)
        except Refused as refusal:
            raise refusal.at("message") from None
    if set("{}") & set(_IN_BRACES.sub("", message)):
        raise Refused(_("braces hold the name of a fact, as in {net_loss}"), path="message")


def _check_kind(kind: str | None, path: str) -> None:
    """Refuse a kind of error that no evaluation has."""
    kinds = {error.kind for error in EvaluationError.__subclasses__()}
    if kind is not None and kind not in kinds:
        raise Refused(
            _("%(kind)s is no kind of error: %(cure)s", kind=repr(kind), cure=nearest(kind, kinds)), path=path
        )


def _check_facts(facts: Mapping[str, Any], catalogue: Catalogue, path: str) -> None:
    try:
        catalogue.admit(facts)
    except WrongFact as wrong:
        raise Refused(str(wrong), path=path) from None
    except Refused as refusal:
        raise refusal.at(path) from None
