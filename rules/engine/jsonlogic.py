"""Import of JsonLogic: what means the same here becomes a typed tree, and all else is refused.

JsonLogic compares a number with a text, takes 0 and "" for false, and null for what is missing. Here
types never mix, a condition is true or false, and an unknown fact ends the evaluation. Where this would
change what a rule says, it is refused, with the operator, its place in the JSON and what to write
instead. What JsonLogic gives as Infinity, NaN or null is an error here, and then the rule does not fire.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from pitboss.rules.engine.catalogue import LIST_ITEMS_MAX, Catalogue, Type, Variable
from pitboss.rules.engine.check import Checker
from pitboss.rules.engine.errors import Refused, article, nearest, shown
from pitboss.rules.engine.forms import FORM_DEPTH_MAX, form_of
from pitboss.rules.engine.jsonoperators import MISSING, OPERATORS, REFUSED, Logic, operator_of
from pitboss.rules.engine.parse import DEPTH_MAX, NODES_MAX
from pitboss.rules.engine.text import Naming, text_of
from pitboss.rules.engine.tree import Node, children


def from_jsonlogic(
    logic: Logic, catalogue: Catalogue, expect: Type | None = None, path: str = "logic"
) -> Node:
    """Return the typed tree that means what the JsonLogic means, or refuse it."""
    reader = Reader(catalogue)
    wants_truth = expect == "boolean" or operator_of(logic) in MISSING
    node = reader.truth(logic, path, 1) if wants_truth else reader.value(logic, path, 1)
    if expect is not None and node.type != expect:
        raise Refused(f"{article(expect)} is wanted here, and this is {article(node.type)}", path=path)
    return node


def rule_from_jsonlogic(
    logic: Logic, catalogue: Catalogue, *, key: str, name: str = "", naming: Naming = str
) -> dict[str, Any]:
    """Return a rule as JSON: a segment from a condition, a formula from a number or a text."""
    node = from_jsonlogic(logic, catalogue)
    named = {"name": name} if name else {}
    if node.type == "boolean":
        return {"kind": "segment", "key": key, **named, "when": form_of(node, naming, catalogue)}
    return {"kind": "formula", "key": key, **named, "formula": text_of(node, naming)}


def _check_size(node: Node, path: str) -> None:
    """Refuse a tree that the text of an expression could not hold."""
    stack = [(node, 1)]
    count = 0
    while stack:
        part, depth = stack.pop()
        count += 1
        if count > NODES_MAX:
            raise Refused(f"this becomes more than {NODES_MAX} parts: split it", path=path)
        if depth > DEPTH_MAX:
            raise Refused(f"this becomes more than {DEPTH_MAX} deep: split it", path=path)
        stack += [(child, depth + 1) for child in children(part)]


# -- reading -----------------------------------------------------------------------------------


class Reader(Checker):
    """Reads operations one by one, each checked as if it were written in the language."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue, "")

    def value(self, logic: Logic, path: str, depth: int) -> Node:
        """Read anything that has a value."""
        if depth > FORM_DEPTH_MAX:
            raise Refused(f"operations nest at most {FORM_DEPTH_MAX} deep", path=path)
        if isinstance(logic, dict):
            return self.operation(logic, path, depth)
        if isinstance(logic, list):
            raise Refused(
                "a list stands on the right of in, and nowhere else: lists are no values", path=path
            )
        if logic is None:
            raise Refused(
                'there is no null: compare with == or != null, or write {"var": ["x", 0]}', path=path
            )
        if isinstance(logic, float) and not isfinite(logic):
            raise Refused("a number is finite", path=path)
        return self.at(path, lambda: self.constant(ast.Constant(logic)))

    def operation(self, logic: Mapping[str, Any], path: str, depth: int) -> Node:
        """Read an object: one operator and its operands."""
        if len(logic) != 1:
            raise Refused(
                f"an operation is an object with one operator, and this has {len(logic)}", path=path
            )
        ((operator, operands),) = logic.items()
        here = f"{path}.{operator}"
        items = operands if isinstance(operands, list) else [operands]
        if len(items) > LIST_ITEMS_MAX:
            raise Refused(f"an operation has at most {LIST_ITEMS_MAX} operands", path=here)
        if operator in REFUSED:
            raise Refused(f"{operator} has no equal here: {REFUSED[operator]}", path=here)
        if operator in MISSING:
            cause = f"{operator} gives a list, and stands only where a condition is wanted: in !, and, or, if"
            raise Refused(cause, path=here)
        read = OPERATORS.get(operator)
        if read is None:
            known = nearest(operator, (*OPERATORS, "missing", "missing_some"))
            raise Refused(f"unknown operator {shown(operator)}: {known}", path=path)
        node = read(self, operator, items, here, depth + 1)
        # At each step, because % writes its operand three times.
        _check_size(node, here)
        return node

    def values(self, items: Sequence[Logic], path: str, depth: int) -> list[Node]:
        """Read operands."""
        return [self.value(item, f"{path}[{n}]", depth) for n, item in enumerate(items)]

    def truth(self, logic: Logic, path: str, depth: int) -> Node:
        """Read what JsonLogic asks only whether it is truthy: it must be true or false by itself."""
        operator = operator_of(logic)
        if operator in MISSING:
            return MISSING[operator](self, logic[operator], f"{path}.{operator}")
        node = self.value(logic, path, depth)
        if node.type != "boolean":
            cause = f"JsonLogic would ask whether {article(node.type)} is truthy: {_asked(node)}"
            raise Refused(cause, path=path)
        return node

    def at(self, path: str, check: Callable[[], Node]) -> Node:
        """Check something as the language does, and say where it stands in the JSON."""
        try:
            return check()
        except Refused as refusal:
            raise Refused(refusal.cause, path=path) from None

    def node(self, part: ast.expr) -> Node:
        """Return the tree of a part: one that is read already, or a literal."""
        read = getattr(part, "read", None)
        return super().node(part) if read is None else read

    def variable_at(self, name: Any, path: str) -> Variable:
        """Return the variable that a var or a missing names."""
        if name == "" or name is None:
            raise Refused("var without a name is all the data: name one fact", path=path)
        if not isinstance(name, str):
            cause = "an index into a list" if isinstance(name, int | float) else "a name that is computed"
            raise Refused(f"var takes the name of a fact, not {cause}", path=path)
        try:
            return self.catalogue.variable(name)
        except Refused as refusal:
            inside = ", and facts have no parts: write the fact's own name" if "." in name else ""
            raise Refused(f"{refusal.cause}{inside}", path=path) from None


def _asked(node: Node) -> str:
    """Say what to write instead of a value that is asked whether it is truthy."""
    text = '{"var": "..."}'
    match node.type:
        case "number" | "duration":
            return f'write {{"!=": [{text}, 0]}}'
        case "text":
            return f'write {{"!=": [{text}, ""]}}'
        case "list":
            return f'write {{"in": ["...", {text}]}}'
    return f'write {{"!=": [{text}, null]}}'
