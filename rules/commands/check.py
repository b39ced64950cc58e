"""`pitboss rules check`: everything that is wrong or doubtful about rules, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitboss.rules.commands.group import (
    FAILED,
    UNUSABLE,
    catalogue_option,
    json_option,
    leave,
    paths_argument,
    write_json,
)
from pitboss.rules.commands.reading import Loaded, load
from pitboss.rules.engine.catalogue import Catalogue
from pitboss.rules.engine.program import Program

if TYPE_CHECKING:
    from pitboss.rules.engine.insight.analysis import Finding

_ROW_PATH = "compiled"


@click.command()
@paths_argument
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--backends", is_flag=True, help="Run each rule on its boundaries through every backend.")
@click.option("--notes", is_flag=True, help="Show notes beside errors and warnings.")
@catalogue_option
@json_option
def check(
    paths: tuple[Path, ...], strict: bool, backends: bool, notes: bool, catalogue: Catalogue, as_json: bool
) -> None:
    """Read rules, and say all that is refused, with file and place, and all that is doubtful.

    Exits 1 when a rule was refused or has an error, with --strict also when it has a warning.
    """
    from pitboss.rules.engine.insight.analysis import analyse

    loaded = load(paths, catalogue)
    findings = analyse(loaded.programs)
    if backends:
        findings += [finding for program in loaded.programs for finding in _disagreements(program)]
    if as_json:
        write_json(_report(loaded, findings))
    else:
        shown = ("error", "warning", "note") if notes else ("error", "warning")
        _tell(loaded, [finding for finding in findings if finding.severity in shown])
    if any(refusal.is_unreadable for refusal in loaded.refusals):
        leave(UNUSABLE)
    failing = {"error", "warning"} if strict else {"error"}
    if loaded.refusals or any(finding.severity in failing for finding in findings):
        leave(FAILED)


def _disagreements(program: Program) -> Iterator[Finding]:
    """Return where backends do not say the same of a rule, and where it keeps to the row path."""
    from pitboss.rules.engine.insight.analysis import Finding
    from pitboss.rules.engine.insight.selftest import selftest

    report = selftest(program)
    wrong = {found.backend: found for found in reversed(report.disagreements)}
    for backend, found in wrong.items():
        said = f"{backend} says {found.got} of {found.part}, where {found.expected} is right: our mistake"
        yield Finding(
            kind="backends_disagree",
            # Where another backend is wrong, the row path is taken; where that is wrong, nothing is left.
            severity="error" if backend == _ROW_PATH else "warning",
            rules=(program.key,),
            sentence=f"{said}, please report it",
            examples=(found.facts,),
        )
    for backend, reason in report.row_path_only.items():
        if backend not in wrong:
            said = f"{backend} leaves it to the row path, which is slower: {reason}"
            yield Finding(kind="row_path_only", severity="note", rules=(program.key,), sentence=said)


def _report(loaded: Loaded, findings: list[Finding]) -> dict[str, Any]:
    from pitboss.rules.engine.insight.explanation import as_json

    return {
        "rules": len(loaded.programs),
        "refusals": [refusal.as_json() for refusal in loaded.refusals],
        "findings": [{"file": _file(loaded, finding) or None, **as_json(finding)} for finding in findings],
    }


def _tell(loaded: Loaded, findings: list[Finding]) -> None:
    for refusal in loaded.refusals:
        click.echo(f"refused  {refusal}", err=True)
    for finding in findings:
        place = f"{_file(loaded, finding)}: {finding.rules[0]}: " if finding.rules else ""
        click.echo(f"{finding.severity:8} {place}{finding.sentence}", err=finding.severity == "error")
    counts = {word: sum(f.severity == word for f in findings) for word in ("error", "warning")}
    click.echo(
        f"{len(loaded.programs)} rules read, {len(loaded.refusals)} refused,"
        f" {counts['error']} errors, {counts['warning']} warnings"
    )


def _file(loaded: Loaded, finding: Finding) -> str:
    return str(loaded.file_of(finding.rules[0])) if finding.rules else ""
