"""Python's expression tree to the typed tree: each name found, each type fitted, all else refused."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Callable, Mapping
from typing import NoReturn, cast

from pitboss.rules.engine.catalogue import (
    LIST_ITEMS_MAX,
    NOW,
    TEXT_LENGTH_MAX,
    WHOLE_MAX,
    Catalogue,
    Function,
    Type,
    Variable,
    admit_value,
)
from pitboss.rules.engine.errors import Ambiguous, Refused, WrongFact, article, nearest, plural
from pitboss.rules.engine.functions import ARGUMENTS_MAX
from pitboss.rules.engine.grammar import GRAMMAR, dotted, miscounted
from pitboss.rules.engine.parse import column_of, parse
from pitboss.rules.engine.texts import gettext as _
from pitboss.rules.engine.texts import marked, translated
from pitboss.rules.engine.tree import (
    AllOf,
    Among,
    AnyOf,
    Arithmetic,
    ArithmeticOp,
    Call,
    Choose,
    Compare,
    CompareOp,
    Constant,
    Contains,
    Fact,
    Negate,
    Node,
    Not,
    walk,
)

EXPONENT_MAX = 16
COST_MAX = 5_000
"""What one expression may cost: a node costs 1, and a call what its function says."""

_ARITHMETIC: Mapping[type[ast.operator], ArithmeticOp] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
}
_COMPARE: Mapping[type[ast.cmpop], CompareOp] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ORDERED: frozenset[Type] = frozenset({"number", "instant", "duration"})
# What two operands give; `*` of a duration and a number is looked up in either order.
_RESULTS: Mapping[tuple[str, Type, Type], Type] = {
    **{(op, "number", "number"): "number" for op in _ARITHMETIC.values()},
    ("-", "instant", "instant"): "duration",
    ("+", "instant", "duration"): "instant",
    ("-", "instant", "duration"): "instant",
    ("+", "duration", "instant"): "instant",
    ("+", "duration", "duration"): "duration",
    ("-", "duration", "duration"): "duration",
    ("*", "duration", "number"): "duration",
    ("*", "number", "duration"): "duration",
    ("/", "duration", "number"): "duration",
    ("/", "duration", "duration"): "number",
}
_NOT_OURS: Mapping[type[ast.AST], str] = {
    ast.Lambda: "lambda",
    ast.ListComp: marked("a comprehension"),
    ast.GeneratorExp: marked("a comprehension"),
    ast.Subscript: marked("an index in brackets"),
    ast.Starred: "*",
    ast.Await: "await",
    ast.NamedExpr: ":=",
    ast.JoinedStr: marked("an f-string"),
    ast.List: marked("a list outside in"),
    ast.Tuple: marked("a list outside in"),
    ast.Attribute: marked("an attribute"),
}

_INSTEAD: Mapping[type[ast.AST], str] = {
    ast.ListComp: marked("nothing loops over a list"),
    ast.GeneratorExp: marked("nothing loops over a list"),
    ast.Subscript: marked("values have no parts"),
    ast.JoinedStr: marked("texts are not made here, only compared"),
    ast.List: marked("write x in ('a', 'b')"),
    ast.Tuple: marked("write x in ('a', 'b')"),
}


def check(text: str, catalogue: Catalogue, expect: Type | None = None) -> Node:
    """Return the typed tree of an expression, or refuse it with place, cause and cure."""
    return Checker(catalogue, text).whole(parse(text), expect)


class Checker:
    """Check one text against a catalogue."""

    def __init__(self, catalogue: Catalogue, text: str) -> None:
        self.catalogue = catalogue
        self.text = text

    def whole(self, body: ast.expr, expect: Type | None) -> Node:
        """Check a whole expression, and that it is of the type that its place wants."""
        node = self.node(body)
        if expect is not None and node.type != expect:
            self.refuse(body, _expected(expect, node))
        if cost(node) > COST_MAX:
            self.refuse(
                body,
                _(
                    "this costs %(cost)s, and an expression may cost %(most)s: split it",
                    cost=cost(node),
                    most=COST_MAX,
                ),
            )
        return node

    def refuse(self, where: ast.AST, cause: str) -> NoReturn:
        """Refuse the text because of one part of it."""
        raise Refused(cause, column=column_of(where, self.text), text=self.text)

    def node(self, part: ast.expr) -> Node:
        """Check one part."""
        handle = _HANDLERS.get(type(part))
        if handle is None:
            named = translated(_NOT_OURS.get(type(part), type(part).__name__))
            cause = _("%(what)s is not part of the language", what=named)
            instead = _INSTEAD.get(type(part))
            self.refuse(part, f"{cause}: {translated(instead)}" if instead else cause)
        return handle(self, part)

    def typed(self, part: ast.expr, *wanted: Type, why: str) -> Node:
        """Check one part, and that it is of one of the wanted types."""
        node = self.node(part)
        if node.type not in wanted:
            self.refuse(
                part,
                _(
                    "%(why)s, and %(part)s is %(type)s",
                    why=why,
                    part=ast.unparse(part),
                    type=article(node.type),
                ),
            )
        return node

    # -- literals and names --------------------------------------------------------------------

    def constant(self, part: ast.Constant) -> Node:
        """Check a literal."""
        value = part.value
        if value is None:
            self.refuse(part, _("there is no None: ask known(x), or take coalesce(x, 0)"))
        if isinstance(value, bool):
            return Constant(value, "boolean")
        if isinstance(value, int | float):
            return self.number(part, value)
        if not isinstance(value, str):
            self.refuse(part, _("%(part)s is not a number, a text or a truth", part=ast.unparse(part)))
        if len(value) > TEXT_LENGTH_MAX:
            self.refuse(part, _("a text has at most %(most)s characters", most=TEXT_LENGTH_MAX))
        return Constant(unicodedata.normalize("NFC", value), "text")

    def number(self, part: ast.AST, value: float) -> Constant:
        """Check a number: exact in float64, and finite."""
        if abs(value) > WHOLE_MAX:
            self.refuse(
                part, _("a number is at most %(most)s, so that it is exact everywhere", most=WHOLE_MAX)
            )
        return Constant(float(value), "number")

    def name(self, part: ast.Name | ast.Attribute) -> Node:
        """Check a name, with or without its plugin in front."""
        return Fact(self.variable(part))

    def variable(self, part: ast.expr) -> Variable:
        """Return the variable that a name stands for."""
        name = dotted(part)
        if name is None:
            self.refuse(part, _("%(part)s is not the name of a variable", part=ast.unparse(part)))
        if name in ("true", "false"):
            self.refuse(part, _("write %(name)s", name=name.capitalize()))
        try:
            return self.catalogue.variable(name)
        except Refused as refusal:
            if name in self.catalogue.functions or name in GRAMMAR:
                self.refuse(part, _("%(name)s is a function: call it, as in %(name)s(...)", name=name))
            self.refuse(part, refusal.cause)

    # -- arithmetic ----------------------------------------------------------------------------

    def unary(self, part: ast.UnaryOp) -> Node:
        """Check `not`, `-` and `+`."""
        if isinstance(part.op, ast.Not):
            return Not(self.typed(part.operand, "boolean", why=_("not needs a condition")))
        if isinstance(part.op, ast.Invert):
            self.refuse(part, _("~ is not part of the language: write not"))
        item = self.typed(part.operand, "number", "duration", why=_("a sign needs a number"))
        if isinstance(part.op, ast.UAdd):
            return item
        if isinstance(item, Constant):
            return Constant(-cast(float, item.value), item.type)
        return Negate(item)

    def binary(self, part: ast.BinOp) -> Node:
        """Check an arithmetic operation."""
        op = _ARITHMETIC.get(type(part.op))
        if op is None:
            self.refuse(part, _("bits are not part of the language: + - * / // %% ** are"))
        left, right = self.node(part.left), self.node(part.right)
        result = _RESULTS.get((op, left.type, right.type))
        if result is None:
            self.refuse(
                part,
                _(
                    "%(op)s cannot take %(left)s and %(right)s",
                    op=op,
                    left=article(left.type),
                    right=article(right.type),
                ),
            )
        if op == "**":
            self.exponent(part.right, right)
        return Arithmetic(op, left, right, result)

    def exponent(self, part: ast.expr, node: Node) -> None:
        """Check that an exponent is a small whole constant."""
        value = node.value if isinstance(node, Constant) else None
        if value not in range(EXPONENT_MAX + 1):
            cure = (
                _("use sqrt(x)")
                if value == 0.5
                else _("a whole number from 0 to %(most)s", most=EXPONENT_MAX)
            )
            self.refuse(part, _("an exponent is a constant: %(cure)s", cure=cure))

    # -- conditions ----------------------------------------------------------------------------

    def boolean(self, part: ast.BoolOp) -> Node:
        """Check `and` and `or`."""
        word = "and" if isinstance(part.op, ast.And) else "or"
        why = _("%(word)s joins conditions", word=word)
        items = tuple(self.typed(value, "boolean", why=why) for value in part.values)
        return AllOf(items) if word == "and" else AnyOf(items)

    def choose(self, part: ast.IfExp) -> Node:
        """Check `a if condition else b`."""
        test = self.typed(part.test, "boolean", why=_("if needs a condition"))
        then, otherwise = self.node(part.body), self.node(part.orelse)
        if then.type != otherwise.type:
            self.refuse(
                part,
                _(
                    "both sides of if/else are of one type, and these are %(then)s and %(otherwise)s",
                    then=article(then.type),
                    otherwise=article(otherwise.type),
                ),
            )
        return Choose(test, then, otherwise)

    def compare(self, part: ast.Compare) -> Node:
        """Check comparisons, also chained: `1 < x <= 5`."""
        pairs: list[Node] = []
        left = part.left
        for op, right in zip(part.ops, part.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                found = self.membership(left, right)
                pairs.append(Not(found) if isinstance(op, ast.NotIn) else found)
            else:
                pairs.append(self.comparison(part, op, left, right))
            left = right
        return pairs[0] if len(pairs) == 1 else AllOf(tuple(pairs))

    def comparison(self, part: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Node:
        """Check one comparison."""
        word = _COMPARE.get(type(op))
        if word is None:
            self.refuse(part, _("is compares objects: write == or !="))
        first, second = self.matched(left, self.node(left), self.node(right))
        second, first = self.matched(right, second, first)
        if first.type != second.type:
            self.refuse(part, _uncomparable(word, first, second))
        if word not in ("==", "!=") and first.type not in _ORDERED:
            self.refuse(part, _("%(type)s has no order: compare it with == or !=", type=article(first.type)))
        return Compare(word, first, second)

    def matched(self, where: ast.expr, node: Node, other: Node) -> tuple[Node, Node]:
        """Fit a literal to what it is compared with: a choice to its list, a text to an instant."""
        if isinstance(node, Constant) and isinstance(node.value, str) and isinstance(other, Fact):
            return self.literal(where, node, other.variable), other
        if isinstance(node, Constant) and isinstance(node.value, str) and other.type == "instant":
            return self.instant_of(where, node.value), other
        return node, other

    def literal(self, where: ast.AST, node: Constant, variable: Variable) -> Constant:
        """Fit a text literal to the variable that it is compared with."""
        value = cast(str, node.value)
        if variable.value_type == "instant":
            return self.instant_of(where, value)
        if variable.choices and value not in variable.choices:
            bare = variable.name.rpartition(".")[2]
            self.refuse(
                where,
                _(
                    "%(name)s is never %(value)s: %(cure)s",
                    name=bare,
                    value=repr(value),
                    cure=nearest(value, variable.choices),
                ),
            )
        return node

    def instant_of(self, where: ast.AST, text: str) -> Constant:
        """Read an instant that is written as text."""
        try:
            value = admit_value(Variable(name=NOW, type="instant"), text)
        except WrongFact:
            self.refuse(
                where,
                _(
                    "%(text)s is not an instant: write '2026-12-01T09:00:00Z', with its time zone",
                    text=repr(text),
                ),
            )
        return Constant(value, "instant")

    def membership(self, left: ast.expr, right: ast.expr) -> Node:
        """Check `x in ('a', 'b')` and `'a' in a_list`."""
        if isinstance(right, ast.Tuple | ast.List):
            return self.among(left, right)
        item, items = self.node(left), self.node(right)
        if items.type != "list":
            self.refuse(
                right,
                _(
                    "in needs a list such as ('a', 'b'), and %(right)s is %(type)s",
                    right=ast.unparse(right),
                    type=article(items.type),
                ),
            )
        if item.type != "text":
            self.refuse(
                left,
                _(
                    "a list holds texts, and %(left)s is %(type)s",
                    left=ast.unparse(left),
                    type=article(item.type),
                ),
            )
        return Contains(items, item)

    def among(self, left: ast.expr, right: ast.Tuple | ast.List) -> Among:
        """Check membership in a written list."""
        item = self.node(left)
        if len(right.elts) > LIST_ITEMS_MAX:
            self.refuse(right, _("a list has at most %(most)s items", most=LIST_ITEMS_MAX))
        if not right.elts:
            self.refuse(right, _("the list is empty, so nothing is in it"))
        if item.type not in ("number", "text"):
            self.refuse(
                left,
                _(
                    "in looks for a number or a text, and %(left)s is %(type)s",
                    left=ast.unparse(left),
                    type=article(item.type),
                ),
            )
        return Among(item, frozenset(self.option(part, item) for part in right.elts))  # type: ignore[arg-type]  # all alike

    def option(self, part: ast.expr, item: Node) -> float | str:
        """Check one item of a written list."""
        node = self.node(part)
        if not isinstance(node, Constant) or node.type != item.type:
            self.refuse(
                part,
                _(
                    "the list holds constants that are %(types)s, and %(part)s is not",
                    types=plural(item.type),
                    part=ast.unparse(part),
                ),
            )
        if isinstance(node.value, str) and isinstance(item, Fact):
            node = self.literal(part, node, item.variable)
        return cast("float | str", node.value)

    # -- calls ---------------------------------------------------------------------------------

    def call(self, part: ast.Call) -> Node:
        """Check a call of a function that is grammar, or of a registered one."""
        name = dotted(part.func)
        if name is None or part.keywords:
            self.refuse(
                part, _("only functions of the catalogue are called, and their arguments have no names")
            )
        if name in GRAMMAR:
            return GRAMMAR[name](self, part)
        try:
            function = self.catalogue.function(name)
        except Ambiguous as refusal:
            self.refuse(part, refusal.cause)
        except Refused:
            self.refuse(part, self.uncallable(name))
        return self.applied(part, function)

    def uncallable(self, name: str) -> str:
        """Say why nothing of that name is called."""
        if self.catalogue.knows(name):
            return _("%(name)s is a variable: it is not called", name=name)
        known = {*GRAMMAR, *(f.rpartition(".")[2] for f in self.catalogue.functions)}
        return _("unknown function %(name)s: %(cure)s", name=repr(name), cure=nearest(name, known))

    def applied(self, part: ast.Call, function: Function) -> Node:
        """Check the arguments of a registered function."""
        least, most = len(function.arguments) - function.optional, len(function.arguments)
        if function.repeats:
            most = ARGUMENTS_MAX
        if not least <= len(part.args) <= most:
            self.refuse(part, miscounted(function.name, least, most, len(part.args)))
        types = function.arguments + function.arguments[-1:] * (len(part.args) - len(function.arguments))
        arguments = [
            self.typed(
                arg, type_, why=_("%(name)s() takes %(type)s here", name=function.name, type=article(type_))
            )
            for arg, type_ in zip(part.args, types, strict=False)
        ]
        cause = function.check(tuple(arguments)) if function.check else None
        if cause is not None:
            self.refuse(part, cause)
        return function.inline(tuple(arguments)) if function.inline else Call(function, tuple(arguments))


_HANDLERS: Mapping[type[ast.expr], Callable[..., Node]] = {
    ast.Constant: Checker.constant,
    ast.Name: Checker.name,
    ast.Attribute: Checker.name,
    ast.UnaryOp: Checker.unary,
    ast.BinOp: Checker.binary,
    ast.BoolOp: Checker.boolean,
    ast.IfExp: Checker.choose,
    ast.Compare: Checker.compare,
    ast.Call: Checker.call,
}


def cost(node: Node) -> int:
    """Return what evaluating a tree costs at most, in additions."""
    return sum(part.function.cost if isinstance(part, Call) else 1 for part in walk(node))


def _expected(expect: Type, node: Node) -> str:
    if expect == "boolean":
        return _(
            "a condition is wanted here, and this is %(type)s: compare it, as in ... > 0",
            type=article(node.type),
        )
    return _(
        "%(expect)s is wanted here, and this is %(type)s", expect=article(expect), type=article(node.type)
    )


def _uncomparable(word: str, first: Node, second: Node) -> str:
    cause = _(
        "%(op)s cannot compare %(first)s with %(second)s",
        op=word,
        first=article(first.type),
        second=article(second.type),
    )
    if "boolean" in (first.type, second.type):
        return f"{cause}: {_('a condition stands by itself, or behind not')}"
    if {first.type, second.type} == {"number", "text"}:
        return f"{cause}: {_('numbers stand without quotes, and texts in them')}"
    return cause
