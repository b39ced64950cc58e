"""All that can be said of a document while somebody is writing it; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pitboss.rules.book.checks import Checked, check
from pitboss.rules.book.findings import Found, findings
from pitboss.rules.book.problems import Problem, pointer_of
from pitboss.rules.engine.errors import Refused
from pitboss.rules.engine.forms import form_of
from pitboss.rules.engine.insight.casebook import Outcome, run_cases
from pitboss.rules.engine.insight.wording import bare_names
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.text import text_of
from pitboss.rules.engine.tree import AllOf, Fact, Node, walk

if TYPE_CHECKING:
    from pitboss.core.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found about a document."""

    is_right: bool
    errors: list[dict[str, Any]]
    warnings: list[Found]
    document: Any
    types: dict[str, str]
    facts: list[dict[str, str]]
    expression: str | None
    form: Any
    cases: list[Outcome]


def look(ctx: Context, document: Any) -> Look:
    """Return what is wrong and doubtful about a document, what it means, and how its tests go."""
    checked = check(ctx, document)
    program = checked.program
    trees = dict(_trees(program)) if program is not None else {}
    when = trees.get("when")
    naming = bare_names(program.catalogue) if program is not None else str
    is_asked = when is not None and when != AllOf(())
    return Look(
        is_right=checked.is_right,
        errors=[_error(problem, document) for problem in checked.problems],
        warnings=findings(ctx, checked),
        document=checked.document if checked.is_right else None,
        types={path: tree.type for path, tree in trees.items()},
        facts=_facts(trees.values()),
        expression=text_of(when, naming) if is_asked and when is not None else None,
        form=form_of(when, naming) if is_asked and when is not None else None,
        cases=cases_of(checked),
    )


def cases_of(checked: Checked) -> list[Outcome]:
    """Return how the tests of a document go; while something is wrong with it, none is run."""
    return run_cases(checked.program) if checked.program is not None and checked.is_right else []


def _trees(program: Program) -> Iterator[tuple[str, Node]]:
    """Yield the parts of a rule that could be read, by their places."""
    with suppress(Refused):
        yield "when", program.when
    with suppress(Refused):
        if program.value is not None:
            yield ("formula" if program.rule.kind == "formula" else "value"), program.value
    with suppress(Refused):
        for n, action in enumerate(program.actions):
            if action.amount is not None:
                yield f"then[{n}].formula", action.amount


def _facts(trees: Any) -> list[dict[str, str]]:
    read = {node.name: node.variable for tree in trees for node in walk(tree) if isinstance(node, Fact)}
    return [
        {"name": v.name, "type": v.type, "title": v.title, "unit": v.unit} for _, v in sorted(read.items())
    ]


def _error(problem: Problem, document: Any) -> dict[str, Any]:
    return {
        "pointer": pointer_of(problem.path, document),
        "path": problem.path,
        "column": problem.column,
        "cause": problem.cause,
    }
