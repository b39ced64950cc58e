"""The peers of the rules engine: each gets the rules in its own dialect, and answers an event.

Their amounts have a cap, as ours have; that ours are never negative and have their facts checked is our
own expense.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tests.bench.workload import NUMBERS, TEXTS, Envelope, Player, payment, tests_of

Rival: TypeAlias = Callable[[Player], list[tuple[int, float]]]
"""Answers an event with the numbers of the rules that match, and what each pays."""


def python_condition(envelope: Envelope) -> str:
    """Write a condition in the language of RestrictedPython, of simpleeval, and of ours."""
    written = [
        "(" + " or ".join(f"{name} == {option!r}" for option in value) + ")"
        if operator == "in"
        else f"{name} {operator} {value!r}"
        for name, operator, value in tests_of(envelope["when"])
    ]
    return " and ".join(written)


# -- RestrictedPython ----------------------------------------------------------------------------


def restricted_python(envelopes: Sequence[Envelope]) -> Rival:
    """Compile each condition and formula with RestrictedPython."""
    rules = []
    for number, envelope in enumerate(envelopes):
        formula, cap = payment(envelope)
        rules.append((number, restricted_value(python_condition(envelope)), restricted_value(formula), cap))

    def answer(player: Player) -> list[tuple[int, float]]:
        found = []
        for number, when, amount, cap in rules:
            if when(player):
                value = amount(player)
                found.append((number, value if value < cap else cap))
        return found

    return answer


def restricted_value(text: str) -> Callable[[Player], Any]:
    """Compile one expression with RestrictedPython."""
    from RestrictedPython import compile_restricted, safe_globals

    code, names = compile_restricted(text, "<rule>", "eval"), dict(safe_globals)
    return lambda player: eval(code, names, player)  # how RestrictedPython is used


# -- CLIPS ---------------------------------------------------------------------------------------

_CLIPS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def clips(envelopes: Sequence[Envelope]) -> Rival:
    """Build a Rete of all rules in CLIPS; each event is a fact that comes and goes."""
    import clips as engine

    environment = engine.Environment()
    found: list[tuple[int, float]] = []
    environment.define_function(lambda number, amount: found.append((number, amount)), name="fire")
    environment.build(f"(deftemplate player {' '.join(f'(slot {name})' for name in (*TEXTS, *NUMBERS))})")
    for number, envelope in enumerate(envelopes):
        environment.build(_clips_rule(number, envelope))
    template = environment.find_template("player")

    def answer(player: Player) -> list[tuple[int, float]]:
        found.clear()
        fact = template.assert_fact(**player)
        environment.run()
        fact.retract()
        return sorted(found)

    return answer


def _clips_rule(number: int, envelope: Envelope) -> str:
    formula, cap = payment(envelope)
    tree = ast.parse(formula, mode="eval").body
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    asked: dict[str, list[tuple[str, Any]]] = {}
    for name, operator, value in tests_of(envelope["when"]):
        asked.setdefault(name, []).append((operator, value))
    slots = [
        _clips_slot(name, asked.get(name, [])) for name in (*TEXTS, *NUMBERS) if name in asked or name in read
    ]
    pays = f"(min {_clips_formula(tree)} {cap})"
    return f"(defrule r{number} (player {' '.join(slots)}) => (fire {number} {pays}))"


def _clips_slot(name: str, tests: list[tuple[str, Any]]) -> str:
    if name in TEXTS:
        ((_, value),) = tests
        options = value if isinstance(value, list) else [value]
        written = "|".join(f'"{option}"' for option in options)
        return f"({name} {written})"
    return f"({name} ?{name}{''.join(f'&:({operator} ?{name} {value!r})' for operator, value in tests)})"


def _clips_formula(node: ast.expr) -> str:
    match node:
        case ast.BinOp(left, operator, right):
            return f"({_CLIPS[type(operator)]} {_clips_formula(left)} {_clips_formula(right)})"
        case ast.Name(name):
            return f"?{name}"
        case ast.Constant(value):
            return repr(float(value))  # type: ignore[arg-type]  # formulas have numbers alone
    raise TypeError(ast.dump(node))


# -- zen -----------------------------------------------------------------------------------------


def zen_expressions(envelopes: Sequence[Envelope]) -> list[Any]:
    """Compile each condition and formula in GoRules' expression language."""
    import zen

    texts = [text for one in envelopes for text in (_zen_condition(one), payment(one)[0])]
    return [zen.compile_expression(text) for text in texts]


def zen_value(text: str, facts: Player) -> Any:
    """Evaluate a text at once in GoRules' expression language."""
    import zen

    return zen.evaluate_expression(text, facts)


def _zen_condition(envelope: Envelope) -> str:
    written = [
        f"{name} in {value!r}" if operator == "in" else f"{name} {operator} {value!r}"
        for name, operator, value in tests_of(envelope["when"])
    ]
    return " and ".join(written)
