"""The tables of docs/rules.md that come from the code: `python -m pitboss.rules.docs` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pitboss.rules.engine import catalogue, check, forms, functions, grammar, parse, rule
from pitboss.rules.engine.catalogue import Function
from pitboss.rules.engine.errors import EvaluationError

PAGE = Path("docs/rules.md")

GRAMMAR: Mapping[str, tuple[str, str, str]] = {
    "known": ("known(fact)", "Whether the fact has a value.", "known(tier) and tier == 'GOLD'"),
    "coalesce": ("coalesce(fact, ..., value)", "The first that is known.", "coalesce(odds, opening_odds, 1)"),
    "between": ("between(x, low, high)", "From low to high, both included.", "between(net_loss, 100, 500)"),
    "instant": (
        "instant(text)",
        "An instant that is written out.",
        "kick_off_at > instant('2026-12-01T09:00:00Z')",
    ),
    **{
        unit: (f"{unit}(number)", f"A duration of so many {unit}.", f"kick_off_at - now <= {unit}(2)")
        for unit in grammar.SECONDS
    },
    **{
        f"{unit}_since": (
            f"{unit}_since(instant)",
            f"How many {unit} ago it was.",
            f"{unit}_since(kick_off_at) > 2",
        )
        for unit in grammar.SECONDS
    },
}
"""What is grammar and no function of the catalogue: how it is called, what it is, and an example."""

LIMITS: tuple[tuple[str, int, str], ...] = (
    ("characters of an expression", parse.LENGTH_MAX, "parse.LENGTH_MAX"),
    ("parts of an expression or a condition", parse.NODES_MAX, "parse.NODES_MAX"),
    ("levels of brackets and operators", parse.DEPTH_MAX, "parse.DEPTH_MAX"),
    ("what an expression may cost, in additions", check.COST_MAX, "check.COST_MAX"),
    ("the largest exponent", check.EXPONENT_MAX, "check.EXPONENT_MAX"),
    ("the largest number", catalogue.WHOLE_MAX, "catalogue.WHOLE_MAX"),
    ("characters of a text", catalogue.TEXT_LENGTH_MAX, "catalogue.TEXT_LENGTH_MAX"),
    ("items of a list", catalogue.LIST_ITEMS_MAX, "catalogue.LIST_ITEMS_MAX"),
    ("arguments of a function", functions.ARGUMENTS_MAX, "functions.ARGUMENTS_MAX"),
    ("levels of a JSON condition", forms.FORM_DEPTH_MAX, "forms.FORM_DEPTH_MAX"),
    ("outputs of a row of a table", rule.OUTPUTS_MAX, "rule.OUTPUTS_MAX"),
    ("bytes of a rule", rule.RULE_BYTES_MAX, "rule.RULE_BYTES_MAX"),
    ("bytes of a file of rules", rule.FILE_BYTES_MAX, "rule.FILE_BYTES_MAX"),
    ("actions of a reward", rule.ACTIONS_MAX, "rule.ACTIONS_MAX"),
    ("tests of a rule", rule.TESTS_MAX, "rule.TESTS_MAX"),
    ("events that a rule is judged on", rule.EVENTS_MAX, "rule.EVENTS_MAX"),
)
"""What is limited, to how much, and by which constant."""


def with_tables(page: str) -> str:
    """Return a page with each table between its markers as the code has it now."""
    for name, lines in {"functions": _functions(), "limits": _limits(), "errors": _errors()}.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        table = "\n".join([start, *lines, end])
        page = re.sub(f"{start}.*?{end}", lambda _, table=table: table, page, flags=re.DOTALL)  # type: ignore[misc]  # a default binds the loop's table
    return page


def _functions() -> Iterator[str]:
    yield "| written as | what it is | example |"
    yield "|---|---|---|"
    for call, doc, example in GRAMMAR.values():
        yield f"| `{call}` | {doc} | `{example}` |"
    for function in functions.SHIPPED:
        yield f"| `{_call(function)}` | {function.doc} | `{function.example}` |"


def _call(function: Function) -> str:
    required = len(function.arguments) - function.optional
    written = [type_ if n < required else f"[{type_}]" for n, type_ in enumerate(function.arguments)]
    return f"{function.name}({', '.join([*written, *(['...'] if function.repeats else [])])})"


def _limits() -> Iterator[str]:
    yield "| what | at most | constant |"
    yield "|---|---:|---|"
    for what, most, constant in LIMITS:
        yield f"| {what} | {most:,} | `{constant}` |"


def _errors() -> Iterator[str]:
    yield "| error | what happened |"
    yield "|---|---|"
    for error in EvaluationError.__subclasses__():
        if error.__module__ == EvaluationError.__module__:
            yield f"| `{error.kind}` | {(error.__doc__ or '').strip().splitlines()[0]} |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
