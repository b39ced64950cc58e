"""`pitboss rules explain`: why rules match these facts, or why they do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.rules.commands.group import (
    Unusable,
    catalogue_option,
    facts_option,
    json_option,
    paths_argument,
    write_json,
)
from pitboss.rules.commands.reading import Loaded, load
from pitboss.rules.commands.trial import with_now
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.errors import nearest
from pitboss.rules.engine.program import Program
from pitboss.rules.engine.rule import Reward

if TYPE_CHECKING:
    from pitboss.rules.engine.insight.explanation import Amount, Condition, Explanation

_MARKS = {True: "ok ", False: "NO "}


@click.command()
@paths_argument
@click.option("--rule", "key", help="The key of the rule; without it each rule is explained in a sentence.")
@facts_option
@catalogue_option
@json_option
def explain(
    paths: tuple[Path, ...], key: str | None, facts: dict[str, Any], catalogue: Catalogue, as_json: bool
) -> None:
    """Say why rules match these facts or do not, condition by condition, with the values."""
    from pitboss.rules.engine.insight.explain import explain as explained
    from pitboss.rules.engine.insight.explanation import as_json as plain

    loaded = load(paths, catalogue)
    programs = _wanted(loaded, key)
    known = with_now(facts)
    found = [explained(program, known) for program in programs]
    if as_json:
        write_json(plain(found if key is None else found[0]))
        return
    for explanation, program in zip(found, programs, strict=True):
        click.echo(explanation.sentence)
        for line in _details(explanation, program) if key is not None else ():
            click.echo(line)


def _wanted(loaded: Loaded, key: str | None) -> list[Program]:
    """Return the rules that are asked for; one that was refused cannot be explained."""
    refusal = next((r for r in loaded.refusals if key is None or not r.key or r.key == key), None)
    chosen = [program for program in loaded.programs if key in (None, program.key)]
    if refusal is not None and (key is None or not chosen):
        raise Unusable(str(refusal))
    if not chosen:
        raise Unusable(f"there is no rule {key!r}: {nearest(key or '', [p.key for p in loaded.programs])}")
    return chosen


def _details(explanation: Explanation, program: Program) -> Iterator[str]:
    yield from _conditions(explanation.condition, "  ")
    for amount in explanation.amounts:
        yield f"  {_amount(amount, _verb(explanation, program))}"


def _conditions(condition: Condition, indent: str) -> Iterator[str]:
    if not condition.items:
        if condition.text != "True":
            yield f"{indent}{_MARKS[condition.is_fulfilled]} {condition.text}{_said(condition)}"
        return
    yield f"{indent}{_MARKS[condition.is_fulfilled]} {condition.group}{_reached(condition)}"
    for item in condition.items:
        yield from _conditions(item, f"{indent}  ")


def _said(condition: Condition) -> str:
    if condition.reason:
        missed = f", missed by {condition.missed_by}" if condition.missed_by else ""
        return f"   {condition.reason}{missed}{_reached(condition)}"
    values = ", ".join(
        f"{reading.fact} is {reading.shown}{' by default' if reading.source == 'default' else ''}"
        for reading in condition.readings
    )
    return f"   {values}{_reached(condition)}" if values else _reached(condition)


def _reached(condition: Condition) -> str:
    return "" if condition.reached else "   (not reached)"


def _verb(explanation: Explanation, program: Program) -> str:
    if not isinstance(program.rule, Reward):
        return "="
    return "pays" if explanation.fires else "would pay"


def _amount(amount: Amount, verb: str) -> str:
    what = amount.action or "value"
    if amount.fault is not None:
        return f"{what}: {amount.formula} has no value: {amount.fault.message}"
    if verb == "=":
        return f"{what}: {amount.formula} = {_shown(amount.value)}"
    capped = f" (at most {_shown(amount.max_amount)}; the formula says {_shown(amount.value)})"
    negative = " (a negative amount pays nothing)"
    why = capped if amount.is_capped else negative if amount.is_negative else ""
    return f"{what}: {amount.formula} {verb} {_shown(amount.paid)}{why}"


def _shown(value: Any) -> str:
    if isinstance(value, bool | str):
        return str(value)
    text = f"{value:f}" if hasattr(value, "as_tuple") else repr(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
