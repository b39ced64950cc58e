"""`pitboss rules test` and `eval`: what rules and expressions come to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.core.clock import SystemClock
from pitboss.rules.commands.group import (
    FAILED,
    UNUSABLE,
    catalogue_option,
    facts_option,
    json_option,
    leave,
    paths_argument,
    write_json,
)
from pitboss.rules.commands.reading import Loaded, load
from pitboss.rules.engine.catalogue import NOW, Catalogue, Type
from pitboss.rules.engine.errors import EvaluationError
from pitboss.rules.engine.language import expression, function_of
from pitboss.rules.engine.text import instant_text, number_text, short_duration

if TYPE_CHECKING:
    from pitboss.rules.engine.insight.casebook import Outcome


@click.command("eval")
@click.argument("text", metavar="EXPRESSION")
@facts_option
@catalogue_option
@json_option
def evaluate(text: str, facts: dict[str, Any], catalogue: Catalogue, as_json: bool) -> None:
    """Compute an expression: `pitboss rules eval 'net_loss * 0.10' --facts '{"net_loss": 620}'`.

    Exits 1 when the expression has no value for these facts, 2 when it is refused.
    """
    node = expression(text, catalogue)
    try:
        value = function_of(node, catalogue)(catalogue.admit(with_now(facts)))
    except EvaluationError as error:
        if as_json:
            write_json({"value": None, "type": node.type, "error": error.kind, "message": str(error)})
        else:
            click.echo(f"Error: {error}", err=True)
        leave(FAILED)
    if as_json:
        plain = sorted(value) if isinstance(value, frozenset) else value
        write_json({"value": plain, "type": node.type, "error": None, "message": None})
    else:
        click.echo(said(value, node.type))


def with_now(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts, judged at the present where they do not say when."""
    return facts if NOW in facts else {NOW: SystemClock().now(), **facts}


def said(value: Any, type_: Type) -> str:
    """Write a value for people."""
    match type_:
        case "number":
            return number_text(value)
        case "instant":
            return instant_text(value)
        case "duration":
            return short_duration(value)
        case "boolean":
            return "true" if value else "false"
        case "list":
            return ", ".join(sorted(value)) or "an empty list"
    return str(value)


@click.command()
@paths_argument
@catalogue_option
@json_option
def test(paths: tuple[Path, ...], catalogue: Catalogue, as_json: bool) -> None:
    """Run the tests inside rule files: each rule, whether it passed, and why not.

    Exits 1 when a test failed or a rule was refused.
    """
    from pitboss.rules.engine.insight.casebook import run_cases

    loaded = load(paths, catalogue)
    tried = [
        Tried(str(file), program.key, program.rule.kind, tuple(run_cases(program)))
        for file, program in zip(loaded.files, loaded.programs, strict=True)
    ]
    if as_json:
        write_json(_report(tried, loaded))
    else:
        _tell(tried, loaded)
    if any(refusal.is_unreadable for refusal in loaded.refusals):
        leave(UNUSABLE)
    if loaded.refusals or any(rule.failures for rule in tried):
        leave(FAILED)


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule whose tests were run."""

    file: str
    key: str
    kind: str
    cases: tuple[Outcome, ...]

    @property
    def failures(self) -> list[Outcome]:
        """The tests that did not come out as expected."""
        return [case for case in self.cases if not case.passed]


def _report(tried: list[Tried], loaded: Loaded) -> dict[str, Any]:
    from pitboss.rules.engine.insight.explanation import as_json

    return {
        "rules": [
            {
                "file": rule.file,
                "key": rule.key,
                "kind": rule.kind,
                "passed": not rule.failures,
                "cases": as_json(rule.cases),
            }
            for rule in tried
        ],
        "refusals": [refusal.as_json() for refusal in loaded.refusals],
        "cases": sum(len(rule.cases) for rule in tried),
        "failed": sum(len(rule.failures) for rule in tried),
    }


def _tell(tried: list[Tried], loaded: Loaded) -> None:
    for rule in tried:
        click.echo(f"{_mark(rule)}  {rule.key:32} {_counted(rule)}")
        for case in rule.failures:
            click.echo(f"        {case.name}: {case.sentence}")
    for refusal in loaded.refusals:
        click.echo(f"refused {refusal}", err=True)
    cases = sum(len(rule.cases) for rule in tried)
    failed = sum(len(rule.failures) for rule in tried)
    untested = sum(not rule.cases for rule in tried)
    click.echo(
        f"\n{len(tried)} rules, {cases} tests: {cases - failed} passed, {failed} failed"
        + (f"; {untested} rules have no test" if untested else "")
        + (f"; {len(loaded.refusals)} refused" if loaded.refusals else "")
    )


def _mark(rule: Tried) -> str:
    return "FAILED" if rule.failures else "passed" if rule.cases else "no test"


def _counted(rule: Tried) -> str:
    if not rule.cases:
        return ""
    passed = len(rule.cases) - len(rule.failures)
    return f"{passed} of {len(rule.cases)}" if rule.failures else f"{passed} tests"
